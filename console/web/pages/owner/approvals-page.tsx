// All approvals of this party, the newest first.
import { approvalCalls } from '#console/api/approvals.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Party, Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { ApprovalState } from './approval-state.tsx'
import { approvalWords } from './approval-words.ts'
import './owner.css'

const words = dictionary({
  title: ['Approvals', '批准书'],
  lead: [
    'What people of this party signed that jobs may do with its data. Nothing else is let in.',
    '本方人员所签署的、作业可对本方数据进行的操作。除此之外一律不准。',
  ],
  none: ['No approval was ever signed here.', '尚未签署过批准书。'],
  noneWhy: [
    'The first one begins with a job that asks: it will be in the inbox.',
    '首份批准书始于某个作业的申请：届时见待办。',
  ],
  id: ['approval', '批准书'],
  until: ['valid until', '有效至'],
  runs: ['runs left', '剩余次数'],
  state: ['state', '状态'],
})
const client = clientOf(approvalCalls)

export default function ApprovalsPage() {
  const t = useWords(words)
  const name = useWords(approvalWords)
  const list = usePaged(['approvals'], (after, signal) =>
    client.approvals({ query: after === undefined ? {} : { after } }, { signal }),
  )
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer
        of={list}
        empty={
          <Empty title={t('none')}>
            <p>{t('noneWhy')}</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label={t('title')}
            rows={rows}
            rowId={({ id }) => id}
            more={list.more}
            columns={[
              { id: 'id', title: t('id'), cell: ({ id }) => <PageLink to={`/approvals/${id}`}>{id}</PageLink> },
              {
                id: 'guest',
                title: name('guest'),
                cell: ({ guest = '' }) => <Party name={guest} />,
                order: ({ guest = '' }) => guest,
              },
              {
                id: 'dataset',
                title: name('dataset'),
                cell: ({ dataset = '' }) => dataset,
                order: ({ dataset = '' }) => dataset,
              },
              { id: 'purpose', title: name('purpose'), cell: ({ purpose = '' }) => purpose },
              {
                id: 'until',
                title: t('until'),
                cell: ({ validTo }) => (validTo === undefined ? '' : <Time at={validTo} />),
                order: ({ validTo = '' }) => validTo,
              },
              {
                id: 'runs',
                title: t('runs'),
                align: 'end',
                cell: ({ runsLeft, runs }) => (
                  <span className="numeric">{name('runsLeft', { n: runsLeft, of: runs })}</span>
                ),
                order: ({ runsLeft }) => runsLeft,
              },
              {
                id: 'signed',
                title: name('signedBy'),
                cell: ({ signatures }) => signatures.map((one) => one.name).join(', '),
              },
              {
                id: 'state',
                title: t('state'),
                cell: ({ state }) => <ApprovalState state={state} />,
                order: ({ state }) => state,
              },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}
