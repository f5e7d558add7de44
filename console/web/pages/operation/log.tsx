// One round log: its checkpoint, who cosigned, and its records as digests with the fields that tell of the course.
import { useState } from 'react'
import { useParams } from 'wouter'
import type { LogDetail, RecordLine } from '#console/api/coordinator.ts'
import { useAsked, usePaged } from '../../client.ts'
import { CopyButton, PageLink } from '../../components/button.tsx'
import { Select, TextField } from '../../components/fields.tsx'
import { Count, Digest, Party, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { coordinator, from, LOOK_AGAIN_MS } from './coordinator-client.ts'
import { LogState } from './logs.tsx'

const words = dictionary({
  title: ['Round log', '轮次日志'],
  back: ['All round logs', '全部轮次日志'],
  head: ['Checkpoint', '检查点'],
  state: ['State', '状态'],
  records: ['Records', '记录'],
  covered: ['Under the checkpoint', '检查点覆盖'],
  root: ['Root of the tree', '树根'],
  tiles: ['Tiles of the tree', '树的分块'],
  text: ['The checkpoint as it was signed (C2SP signed note)', '已签署的检查点（C2SP signed note）'],
  noHead: ['There is no checkpoint yet.', '尚无检查点。'],
  cosigners: ['Cosignatures', '联署'],
  party: ['Party', '参与方'],
  size: ['Last cosigned at', '最近联署位置'],
  time: ['At', '时间'],
  owed: ['cosigned', '已联署'],
  owes: ['is waited for', '等待中'],
  excused: ['is not waited for now', '当前无需等待'],
  recordsLead: [
    'Newest first. Shown is what tells of the course. Specifications, approvals and released values are with the participants, who verify the log with their own copy.',
    '最新在前。仅显示反映进程的内容；作业说明、审批与发布值由参与方保存，并用各自的副本核验日志。',
  ],
  kind: ['Kind', '类型'],
  every: ['all kinds', '全部类型'],
  job: ['Job', '作业'],
  jobHint: ['Id of a job, or empty', '作业编号，可留空'],
  number: ['Number', '序号'],
  author: ['Stated by', '声明方'],
  facts: ['Facts', '内容'],
  leaf: ['Leaf', '叶子'],
  none: ['No record fits.', '没有符合条件的记录。'],
})

const KINDS = [
  'job.proposed',
  'job.accepted',
  'job.closed',
  'round.opened',
  'round.closed',
  'msg.sent',
  'msg.received',
  'model.digest',
  'policy.refused',
  'anomaly',
  'access',
  'export.made',
] as const
const EVERY = 'every'
type Kind = (typeof KINDS)[number] | typeof EVERY
const JOB_ID = /^[!-~]{1,64}$/

export default function Log() {
  const t = useWords(words)
  const { collaboration = '' } = useParams()
  const detail = useAsked(
    ['coordinator', 'log', collaboration],
    (signal) => coordinator.log({ params: { collaboration } }, { signal }),
    { every: LOOK_AGAIN_MS },
  )
  return (
    <Page title={t('title')} lead={<code>{collaboration}</code>} back={{ to: '/logs', title: t('back') }}>
      <Answer of={detail}>{(log) => <Head of={log} />}</Answer>
      <Records collaboration={collaboration} />
    </Page>
  )
}

function Head({ of }: { readonly of: LogDetail }) {
  const t = useWords(words)
  return (
    <>
      <Section title={t('head')}>
        <Facts
          of={[
            [t('state'), <LogState key="state" of={of} />],
            [t('records'), <Count key="records" value={of.size} />],
            [t('covered'), <Count key="covered" value={of.headSize} />],
            [t('root'), <Digest key="root" value={of.root} />],
            [t('tiles'), <Count key="tiles" value={of.tiles} />],
          ]}
        />
        {of.checkpoint === '' ? (
          <p className="muted">{t('noHead')}</p>
        ) : (
          <details>
            <summary>{t('text')}</summary>
            <pre className="block">{of.checkpoint}</pre>
            <CopyButton text={of.checkpoint} />
          </details>
        )}
      </Section>
      <Section title={t('cosigners')}>
        <Table
          label={t('cosigners')}
          rows={of.cosigners}
          rowId={({ party }) => party}
          columns={[
            { id: 'party', title: t('party'), cell: ({ party }) => <Party name={party} /> },
            { id: 'state', title: t('state'), cell: (row) => <Cosigned of={row} head={of.headSize} /> },
            { id: 'size', title: t('size'), align: 'end', cell: ({ size }) => <Count value={size} /> },
            { id: 'time', title: t('time'), cell: ({ time }) => (time === '' ? '–' : <Time at={time} />) },
          ]}
        />
      </Section>
    </>
  )
}

function Cosigned({ of, head }: { readonly of: LogDetail['cosigners'][number]; readonly head: number }) {
  const t = useWords(words)
  if (of.size >= head) return <State tone="good">{t('owed')}</State>
  return of.waitedFor ? <State tone="wait">{t('owes')}</State> : <State>{t('excused')}</State>
}

function Records({ collaboration }: { readonly collaboration: string }) {
  const t = useWords(words)
  const [kind, setKind] = useState<Kind>(EVERY)
  const [job, setJob] = useState('')
  const isJob = JOB_ID.test(job)
  const filter = { ...(kind === EVERY ? {} : { kind }), ...(isJob ? { job } : {}) }
  const list = usePaged(['coordinator', 'records', collaboration, filter], (after, signal) =>
    coordinator.records({ params: { collaboration }, query: { ...from(after), ...filter } }, { signal }),
  )
  const kinds = [{ id: EVERY as Kind, title: t('every') }, ...KINDS.map((id) => ({ id: id as Kind, title: id }))]
  return (
    <Section
      title={t('records')}
      lead={t('recordsLead')}
      actions={
        <>
          <Select label={t('kind')} options={kinds} value={kind} onChange={setKind} />
          <TextField label={t('job')} hint={t('jobHint')} value={job} onChange={setJob} type="search" maxLength={64} />
        </>
      }
    >
      <Answer of={list}>
        {(rows) => (
          <Table
            label={t('records')}
            rows={rows}
            rowId={({ number }) => number}
            more={list.more}
            empty={list.more === undefined ? <Empty title={t('none')} /> : undefined}
            columns={[
              { id: 'number', title: t('number'), align: 'end', cell: (row) => <Count value={row.number} /> },
              { id: 'kind', title: t('kind'), cell: (row) => <code>{row.kind}</code>, isRowHeader: true },
              { id: 'author', title: t('author'), cell: (row) => <Party name={row.author} /> },
              { id: 'time', title: t('time'), cell: (row) => <Time at={row.time} /> },
              {
                id: 'job',
                title: t('job'),
                cell: (row) => (row.job === '' ? '–' : <JobLink job={row.job} />),
              },
              { id: 'facts', title: t('facts'), cell: (row) => <RecordFacts of={row} /> },
              { id: 'leaf', title: t('leaf'), cell: (row) => <Digest value={row.leaf} digits={10} /> },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

/** All ids of jobs begin alike; what comes after tells them apart. */
function JobLink({ job }: { readonly job: string }) {
  return (
    <PageLink to={`/queue/${job}`}>
      <code className="numeric">{job.replace(/^job-/, '').slice(0, 10)}…</code>
    </PageLink>
  )
}

function RecordFacts({ of: { facts } }: { readonly of: RecordLine }) {
  const short = (value: string | number) =>
    typeof value === 'string' && value.length > 24 ? `${value.slice(0, 12)}…` : value
  const entries = Object.entries(facts)
  return entries.length === 0 ? '–' : entries.map(([name, value]) => `${name} ${short(value)}`).join(' · ')
}
