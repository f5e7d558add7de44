// Bins of this party that modelers proposed to join, what was decided about it, and how that is decided.
import { type BinProposal, ledgerCalls } from '#console/api/ledger.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty, Note, State, type Tone } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import './owner.css'

const words = dictionary({
  title: ['Bins', '分箱'],
  lead: [
    'A modeler sees the bins of your columns by number only, never the cut points, and may propose to join some.',
    '建模人员只能看到各列分箱的编号，看不到切点，可以提议合并其中若干。',
  ],
  how: ['How it is decided', '如何决定'],
  howWhy: [
    'A proposal is part of a job. There is no signature for it alone: who approves the job accepts it, who refuses the job refuses it. Bins of values are joined only with neighbours, and the agent refuses a join whose difference to earlier bins would single out a few rows.',
    '提议是作业的一部分，不单独签署：批准作业即接受，拒绝作业即拒绝。数值分箱只能与相邻者合并；若与此前分箱之差会凸显少数行，则拒绝合并。',
  ],
  none: ['Nobody proposed to join bins of this party.', '尚无人提议合并本方的分箱。'],
  noneWhy: ['Proposals come with jobs, under “bin.merges”.', '提议随作业提出，位于“bin.merges”。'],
  column: ['column', '列'],
  alias: ['the modeler calls it', '建模人员所见名称'],
  groups: ['bins that become one', '合并的分箱'],
  job: ['job', '作业'],
  guest: ['who proposes', '提议方'],
  outcome: ['outcome', '结果'],
  time: ['proposed', '提议时间'],
  waiting: ['waits for the approval of the job', '等待作业获批'],
  accepted: ['accepted with the job, which runs', '随作业接受，作业运行中'],
  joined: ['joined', '已合并'],
  refused: ['refused', '已拒绝'],
  'not-reached': ['the job ended before', '作业未进行到此即结束'],
})
const client = clientOf(ledgerCalls)
const TONES: Readonly<Record<BinProposal['outcome'], Tone>> = {
  waiting: 'wait',
  accepted: 'busy',
  joined: 'good',
  refused: 'bad',
  'not-reached': 'plain',
}

export default function BinsPage() {
  const t = useWords(words)
  const list = usePaged(['bins'], (after, signal) =>
    client.bins({ query: after === undefined ? {} : { after } }, { signal }),
  )
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Note title={t('how')}>
        <p>{t('howWhy')}</p>
      </Note>
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
            rowId={({ job, alias }) => `${job}/${alias}`}
            more={list.more}
            columns={[
              { id: 'column', title: t('column'), cell: ({ column = '' }) => <code>{column}</code> },
              { id: 'alias', title: t('alias'), cell: ({ alias }) => <code>{alias}</code> },
              {
                id: 'groups',
                title: t('groups'),
                cell: ({ groups }) => groups.map((one) => one.join(' + ')).join(', '),
              },
              {
                id: 'job',
                title: t('job'),
                cell: ({ job, name, outcome }) => (
                  <PageLink to={outcome === 'waiting' ? `/requests/${job}` : `/left/${job}`}>{name}</PageLink>
                ),
              },
              { id: 'guest', title: t('guest'), cell: ({ guest }) => guest },
              {
                id: 'outcome',
                title: t('outcome'),
                cell: ({ outcome, code }) => (
                  <>
                    <State tone={TONES[outcome]}>{t(outcome)}</State> {code === undefined ? null : <code>{code}</code>}
                  </>
                ),
              },
              { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} />, order: ({ time }) => time },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}
