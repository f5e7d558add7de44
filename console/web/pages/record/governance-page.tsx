// What was allowed, used, withdrawn, refused or strange across jobs, and what left each party by job and class.
import { useState } from 'react'
import { recordCalls } from '#console/api/record.ts'
import { type DisclosureSum, GOVERNANCE_KINDS, type GovernanceLine } from '#console/api/record-shapes.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Select, TextField } from '../../components/fields.tsx'
import { Time } from '../../components/format.tsx'
import { Page, Tabs } from '../../components/layout.tsx'
import { Answer, Badge, Empty } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useWords } from '../../words.ts'
import { kindWords, sentenceOf } from './record-words.ts'
import { useSumColumns } from './sum-columns.tsx'
import './record.css'

const words = dictionary({
  title: ['Decisions and disclosures', '决定与外发'],
  lead: [
    'Across all jobs: what all parties have signed in their common log, and what your party alone has kept beside it.',
    '汇总全部作业：各方在共同日志中签署的内容，以及本方单独保存的内容。',
  ],
  decisions: ['Approvals, refusals, anomalies', '批准书、拒绝与异常'],
  disclosures: ['What left each party', '各方外发'],
  kind: ['What', '内容'],
  all: ['everything', '全部'],
  party: ['Party', '一方'],
  job: ['Job number', '作业编号'],
  from: ['From day (UTC)', '起始日（UTC）'],
  to: ['To day (UTC)', '截止日（UTC）'],
  time: ['Time', '时间'],
  says: ['Says', '内容说明'],
  source: ['Where it stands', '出处'],
  log: ['common log', '共同日志'],
  own: ['your party’s own file', '本方文件'],
  record: ['record {number}', '第 {number} 条记录'],
  approval: ['the approval', '该批准书'],
  none: ['Nothing like this', '没有符合条件的内容'],
  last: ['Last', '最近一次'],
})

const calls = clientOf(recordCalls)

interface Filter {
  readonly party: string
  readonly job: string
  readonly from: string
  readonly to: string
}

export default function GovernancePage() {
  const t = useWords(words)
  const [filter, setFilter] = useState<Filter>({ party: '', job: '', from: '', to: '' })
  const set = (name: keyof Filter) => (value: string) => setFilter({ ...filter, [name]: value.trim() })
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="filters" data-tour="decisions">
        <TextField label={t('party')} value={filter.party} onChange={set('party')} maxLength={32} />
        <TextField label={t('job')} value={filter.job} onChange={set('job')} maxLength={24} placeholder="job-…" />
        <TextField label={t('from')} value={filter.from} onChange={set('from')} type="date" />
        <TextField label={t('to')} value={filter.to} onChange={set('to')} type="date" />
      </div>
      <Tabs
        label={t('title')}
        tabs={[
          { id: 'decisions', title: t('decisions'), body: () => <Decisions filter={filter} /> },
          { id: 'disclosures', title: t('disclosures'), body: () => <Disclosures filter={filter} /> },
        ]}
      />
    </Page>
  )
}

/** What is whole: a name or day that is being typed is not asked for. */
function queryOf({ party, job, from, to }: Filter, after: string | undefined) {
  const isDay = (day: string) => /^\d{4}-\d{2}-\d{2}$/.test(day)
  return {
    ...(/^[a-z][a-z0-9-]{0,31}$/.test(party) ? { party } : {}),
    ...(/^job-[0-9a-f]{20}$/.test(job) ? { job } : {}),
    ...(isDay(from) ? { from } : {}),
    ...(isDay(to) ? { to } : {}),
    ...(after === undefined ? {} : { after }),
  }
}

function JobLink({ job }: { readonly job: string }) {
  if (job === '') return '—'
  return <PageLink to={`/record/runs/${job}`}>{job.slice(0, 12)}…</PageLink>
}

function Decisions({ filter }: { readonly filter: Filter }) {
  const t = useWords(words)
  const named = useWords(kindWords)
  const { about } = useVisitor()
  const [kind, setKind] = useState<(typeof GOVERNANCE_KINDS)[number] | 'all'>('all')
  const query = queryOf(filter, undefined)
  const lines = usePaged(['record', 'governance', kind, query], (after, signal) =>
    calls.governance({ query: { ...queryOf(filter, after), ...(kind === 'all' ? {} : { kind }) } }, { signal }),
  )
  const kinds = [{ id: 'all' as const, title: t('all') }, ...GOVERNANCE_KINDS.map((id) => ({ id, title: named(id) }))]
  const columns: Column<GovernanceLine>[] = [
    { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} /> },
    { id: 'kind', title: t('kind'), isRowHeader: true, cell: (line) => named(line.kind) },
    { id: 'party', title: t('party'), cell: ({ party }) => party },
    { id: 'says', title: t('says'), cell: ({ kind: what, gist }) => sentenceOf(what, gist) },
    { id: 'job', title: t('job'), cell: ({ job }) => <JobLink job={job} /> },
    { id: 'source', title: t('source'), cell: (line) => <Source line={line} party={about.party} /> },
  ]
  return (
    <>
      <div className="filters">
        <Select label={t('kind')} options={kinds} value={kind} onChange={setKind} />
      </div>
      <Answer of={lines} empty={<Empty title={t('none')} />}>
        {(rows) => (
          <Table
            label={t('decisions')}
            columns={columns}
            rows={rows}
            rowId={({ id }) => id}
            more={lines.more}
            mark={markOf}
          />
        )}
      </Answer>
    </>
  )
}

function markOf({ kind }: GovernanceLine): 'bad' | 'wait' | undefined {
  if (kind === 'policy.refused' || kind === 'anomaly' || kind === 'log.incident') return 'bad'
  return kind === 'approval.granted' || kind === 'approval.used' ? undefined : 'wait'
}

function Source({ line, party }: { readonly line: GovernanceLine; readonly party: string }) {
  const t = useWords(words)
  const { collaboration, number, approval } = line
  return (
    <>
      <Badge>{t(line.source === 'log' ? 'log' : 'own')}</Badge>{' '}
      {collaboration === undefined || number === undefined ? null : (
        <PageLink to={`/record/logs/${collaboration}/${number}`}>{t('record', { number })}</PageLink>
      )}{' '}
      {approval === undefined || line.party !== party ? null : (
        <PageLink to={`/approvals/${approval}`}>{t('approval')}</PageLink>
      )}
    </>
  )
}

function Disclosures({ filter }: { readonly filter: Filter }) {
  const t = useWords(words)
  const sums = usePaged(['record', 'disclosures', queryOf(filter, undefined)], (after, signal) =>
    calls.disclosureSums({ query: queryOf(filter, after) }, { signal }),
  )
  const columns: Column<DisclosureSum>[] = [
    {
      id: 'job',
      title: t('job'),
      cell: ({ job, name }) => <PageLink to={`/record/runs/${job}`}>{name || job}</PageLink>,
      order: ({ name }) => name,
    },
    ...useSumColumns(),
    { id: 'last', title: t('last'), cell: ({ last }) => <Time at={last} />, order: ({ last }) => last },
  ]
  return (
    <Answer of={sums} empty={<Empty title={t('none')} />}>
      {(rows) => (
        <Table
          label={t('disclosures')}
          columns={columns}
          rows={rows}
          rowId={(sum) => `${sum.job} ${sum.party} ${sum.class}`}
          more={sums.more}
        />
      )}
    </Answer>
  )
}
