// What waits for people of this party: jobs that ask, approvals that lack a signature, approvals that end soon.
import { type ApprovalRow, approvalCalls, type RequestRow } from '#console/api/approvals.ts'
import { clientOf, useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Count, Party, Time } from '../../components/format.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Badge, Empty, Note, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { ApprovalState, WhoSigns } from './approval-state.tsx'
import { approvalWords } from './approval-words.ts'
import './owner.css'

const words = dictionary({
  title: ['Inbox', '待办'],
  lead: [
    'Jobs that ask for data of this party wait here until a data steward and a compliance officer have signed, or one of them refused.',
    '申请使用本方数据的作业在此等待，直至数据管理员与合规官均已签署，或其中一人拒绝。',
  ],
  off: ['People are not asked here', '此处不经人员批准'],
  offWhy: [
    'The configuration says “approvals: off”: the policy alone decides. A party with real data should not do that.',
    '配置为“approvals: off”：仅由策略决定。持有真实数据的一方不应如此设置。',
  ],
  empty: ['Nothing waits for you.', '没有待办事项。'],
  emptyWhy: [
    'A job that asks for data of this party appears here by itself, within seconds.',
    '有作业申请使用本方数据时，会在数秒内自动出现在这里。',
  ],
  requests: ['Jobs that wait for an approval', '等待批准的作业'],
  unsigned: ['Approvals that wait for a signature', '等待签署的批准书'],
  ending: ['Approvals that end soon', '即将到期的批准书'],
  job: ['job', '作业'],
  asks: ['who asks', '发起方'],
  purpose: ['purpose', '用途'],
  data: ['data', '数据'],
  columns: ['{n} {n|column|columns}', '{n} 列'],
  answerBy: ['answer by', '答复期限'],
  state: ['state', '状态'],
  bins: ['would join bins of {n} {n|column|columns}', '拟合并 {n} 列的分箱'],
  approval: ['approval', '批准书'],
  until: ['valid until', '有效至'],
  runs: ['runs left', '剩余次数'],
})
const client = clientOf(approvalCalls)

export default function InboxPage() {
  const t = useWords(words)
  const inbox = useAsked(['inbox'], (signal) => client.inbox({}, { signal }), { every: 5_000 })
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer of={inbox}>
        {({ approvals, requests, unsigned, ending }) => (
          <>
            {approvals === 'off' ? (
              <Note tone="wait" title={t('off')}>
                <p>{t('offWhy')}</p>
              </Note>
            ) : null}
            {requests.length + unsigned.length + ending.length === 0 ? (
              <Empty title={t('empty')}>
                <p>{t('emptyWhy')}</p>
              </Empty>
            ) : null}
            {requests.length === 0 ? null : <Requests rows={requests} />}
            {unsigned.length === 0 ? null : <Approvals title={t('unsigned')} rows={unsigned} />}
            {ending.length === 0 ? null : <Approvals title={t('ending')} rows={ending} />}
          </>
        )}
      </Answer>
    </Page>
  )
}

function Requests({ rows }: { readonly rows: readonly RequestRow[] }) {
  const t = useWords(words)
  return (
    <Section title={t('requests')} tour="inbox-requests">
      <Table
        label={t('requests')}
        rows={rows}
        rowId={({ job }) => job}
        mark={() => 'wait'}
        columns={[
          { id: 'job', title: t('job'), cell: ({ job, name }) => <PageLink to={`/requests/${job}`}>{name}</PageLink> },
          { id: 'asks', title: t('asks'), cell: ({ guest }) => <Party name={guest} />, order: ({ guest }) => guest },
          { id: 'purpose', title: t('purpose'), cell: ({ purpose }) => purpose },
          {
            id: 'data',
            title: t('data'),
            cell: ({ dataset, columns, merges }) => (
              <>
                {dataset}, {t('columns', { n: columns })}
                {merges === 0 ? null : <Badge>{t('bins', { n: merges })}</Badge>}
              </>
            ),
          },
          {
            id: 'answerBy',
            title: t('answerBy'),
            cell: ({ answerBy }) => (answerBy === undefined ? '—' : <Time at={answerBy} />),
            order: ({ answerBy = '' }) => answerBy,
          },
          {
            id: 'state',
            title: t('state'),
            cell: ({ needs }) => (
              <span className="owner-says">
                <State tone="wait">
                  <WhoSigns needs={needs} />
                </State>
              </span>
            ),
          },
        ]}
      />
    </Section>
  )
}

function Approvals({ title, rows }: { readonly title: string; readonly rows: readonly ApprovalRow[] }) {
  const t = useWords(words)
  const name = useWords(approvalWords)
  return (
    <Section title={title}>
      <Table
        label={title}
        rows={rows}
        rowId={({ id }) => id}
        columns={[
          { id: 'approval', title: t('approval'), cell: ({ id }) => <PageLink to={`/approvals/${id}`}>{id}</PageLink> },
          { id: 'asks', title: t('asks'), cell: ({ guest = '' }) => <Party name={guest} /> },
          { id: 'data', title: t('data'), cell: ({ dataset = '' }) => dataset },
          {
            id: 'until',
            title: t('until'),
            cell: ({ validTo }) => (validTo === undefined ? '' : <Time at={validTo} />),
          },
          {
            id: 'runs',
            title: t('runs'),
            align: 'end',
            cell: ({ runsLeft }) => <Count value={runsLeft} />,
            order: ({ runsLeft }) => runsLeft,
          },
          {
            id: 'state',
            title: t('state'),
            cell: ({ state, needs }) => (
              <>
                <ApprovalState state={state} /> {needs.length === 1 ? name('needs', { role: name(needs[0]!) }) : null}
              </>
            ),
          },
        ]}
      />
    </Section>
  )
}
