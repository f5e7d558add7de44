// Who of this party read what, when, as what and what for; and, in a second tab, who signed in.
import { useState } from 'react'
import { recordCalls } from '#console/api/record.ts'
import type { AccessLine } from '#console/api/record-shapes.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Select, TextField } from '../../components/fields.tsx'
import { countText, Digest, Time } from '../../components/format.tsx'
import { Page, Tabs } from '../../components/layout.tsx'
import { Answer, Empty, Note, State } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { SignInList } from '../account/sign-in-list.tsx'
import { objectWords, roleWords } from './record-words.ts'
import './record.css'

const words = dictionary({
  title: ['Who read what', '访问记录'],
  lead: [
    'Each reading of what your party keeps is signed by the person before they see it, and chained to the one before. Looking at this page is one too.',
    '本方保存内容的每次读取，都在显示之前由本人签名，并与上一条相连。查看本页也会留下一条。',
  ],
  reads: ['Readings', '读取'],
  signIns: ['Sign-ins', '登录'],
  checked: [
    'Chain checked: {n} {n|record|records}, each signed by a person of this party and none missing.',
    '链已核对：{n} 条记录，均由本方人员签名，无缺漏。',
  ],
  actor: ['Name contains', '姓名包含'],
  job: ['Job number', '作业编号'],
  object: ['What', '内容'],
  decision: ['Decision', '决定'],
  all: ['all', '全部'],
  allowed: ['allowed', '允许'],
  refused: ['refused', '拒绝'],
  from: ['From day (UTC)', '起始日（UTC）'],
  to: ['To day (UTC)', '截止日（UTC）'],
  number: ['No.', '编号'],
  time: ['Time', '时间'],
  who: ['Who', '何人'],
  purpose: ['Purpose', '用途'],
  taken: ['took evidence of {n} records, root', '导出 {n} 条记录的证据，根'],
  none: ['Nobody has read anything like this', '没有符合条件的读取'],
  noJob: ['no one job', '不限作业'],
})

const calls = clientOf(recordCalls)

export default function AccessPage() {
  const t = useWords(words)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Tabs
        label={t('title')}
        tabs={[
          { id: 'reads', title: t('reads'), body: () => <Reads /> },
          { id: 'sign-ins', title: t('signIns'), body: () => <SignInList /> },
        ]}
      />
    </Page>
  )
}

type Decision = 'all' | 'allowed' | 'refused'
interface Filter {
  readonly actor: string
  readonly job: string
  readonly object: string
  readonly decision: Decision
  readonly from: string
  readonly to: string
}

function queryOf({ actor, job, object, decision, from, to }: Filter) {
  const isDay = (day: string) => /^\d{4}-\d{2}-\d{2}$/.test(day)
  return {
    ...(actor === '' ? {} : { actor }),
    ...(/^job-[0-9a-f]{20}$/.test(job) ? { job } : {}),
    ...(object === 'all' ? {} : { object }),
    ...(decision === 'all' ? {} : { decision }),
    ...(isDay(from) ? { from } : {}),
    ...(isDay(to) ? { to } : {}),
  }
}

function Reads() {
  const t = useWords(words)
  const named = useWords(objectWords)
  const none = { actor: '', job: '', object: 'all', decision: 'all', from: '', to: '' } as const
  const [filter, setFilter] = useState<Filter>(none)
  const set = (name: keyof Filter) => (value: string) => setFilter({ ...filter, [name]: value })
  const query = queryOf(filter)
  const [checked, setChecked] = useState<number>()
  const reads = usePaged(['record', 'access', query], async (after, signal) => {
    const asked = { query: { ...query, ...(after === undefined ? {} : { after }) } }
    const page = await calls.accessRecords(asked, { signal })
    setChecked(page.checked)
    return page
  })
  const objects = [
    { id: 'all', title: t('all') },
    ...Object.keys(objectWords).map((id) => ({ id, title: named(id as keyof typeof objectWords) })),
  ]
  const decisions = (['all', 'allowed', 'refused'] as const).map((id) => ({ id, title: t(id) }))
  return (
    <>
      {checked === undefined ? null : (
        <Note tone="good">
          <p>{t('checked', { n: checked })}</p>
        </Note>
      )}
      <div className="filters" data-tour="access">
        <TextField label={t('actor')} value={filter.actor} onChange={set('actor')} type="search" maxLength={120} />
        <TextField label={t('job')} value={filter.job} onChange={set('job')} maxLength={24} placeholder="job-…" />
        <Select label={t('object')} options={objects} value={filter.object} onChange={set('object')} />
        <Select label={t('decision')} options={decisions} value={filter.decision} onChange={set('decision')} />
        <TextField label={t('from')} value={filter.from} onChange={set('from')} type="date" />
        <TextField label={t('to')} value={filter.to} onChange={set('to')} type="date" />
      </div>
      <Answer of={reads} empty={<Empty title={t('none')} />}>
        {(rows) => <ReadsTable rows={rows} more={reads.more} />}
      </Answer>
    </>
  )
}

function ReadsTable({ rows, more }: { rows: readonly AccessLine[]; more: ReturnType<typeof usePaged>['more'] }) {
  const t = useWords(words)
  const named = useWords(objectWords)
  const roles = useWords(roleWords)
  const columns: Column<AccessLine>[] = [
    {
      id: 'seq',
      title: t('number'),
      align: 'end',
      cell: ({ seq }) => <span className="numeric">{countText(seq)}</span>,
    },
    { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} /> },
    {
      id: 'who',
      title: t('who'),
      isRowHeader: true,
      cell: ({ actor, role }) => (
        <>
          {actor} {role === undefined ? null : <span className="muted">{roles(role as keyof typeof roleWords)}</span>}
        </>
      ),
    },
    {
      id: 'object',
      title: t('object'),
      cell: ({ object, size, root }) =>
        object === undefined ? (
          <>
            {t('taken', { n: size ?? 0 })} <Digest value={root ?? ''} />
          </>
        ) : (
          named(object as keyof typeof objectWords)
        ),
    },
    {
      id: 'job',
      title: t('job'),
      cell: ({ job }) =>
        job === '' ? (
          <span className="muted">{t('noJob')}</span>
        ) : (
          <PageLink to={`/record/runs/${job}`}>{job.slice(0, 12)}…</PageLink>
        ),
    },
    { id: 'purpose', title: t('purpose'), cell: ({ purpose = '' }) => purpose },
    {
      id: 'decision',
      title: t('decision'),
      cell: ({ decision = 'allowed' }) => (
        <State tone={decision === 'refused' ? 'bad' : 'good'}>
          {t(decision === 'refused' ? 'refused' : 'allowed')}
        </State>
      ),
    },
  ]
  const mark = ({ decision }: AccessLine) => (decision === 'refused' ? 'bad' : undefined)
  return <Table label={t('reads')} columns={columns} rows={rows} rowId={({ seq }) => seq} more={more} mark={mark} />
}
