// The round logs of the federation: one for each set of parties that works together.
import type { LogLine } from '#console/api/coordinator.ts'
import { usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Count } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { coordinator, from, LOOK_AGAIN_MS } from './coordinator-client.ts'

const words = dictionary({
  title: ['Round logs', '轮次日志'],
  lead: [
    'What the parties state, in one order that none of them can change afterwards: the coordinator signs a checkpoint over it, and every party cosigns.',
    '各方的声明按统一顺序记录，事后任何一方都无法更改：协调方签署检查点，各方联署。',
  ],
  none: ['No log has been opened yet: the first job opens one.', '尚无日志：第一个作业会开启日志。'],
  log: ['Log', '日志'],
  parties: ['Parties', '参与方'],
  records: ['Records', '记录数'],
  head: ['Under a checkpoint', '检查点覆盖'],
  sealed: ['Cosigned by all', '各方均已联署'],
  state: ['State', '状态'],
  whole: ['all records are cosigned', '全部记录已联署'],
  waits: ['waits for {names}', '等待 {names}'],
  gathers: ['next checkpoint gathers records', '正在汇集下一检查点的记录'],
})

export default function Logs() {
  const t = useWords(words)
  const list = usePaged(
    ['coordinator', 'logs'],
    (after, signal) => coordinator.logs({ query: from(after) }, { signal }),
    { every: LOOK_AGAIN_MS },
  )
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer of={list} empty={<Empty title={t('none')} />}>
        {(rows) => (
          <Table
            label={t('title')}
            rows={rows}
            rowId={({ collaboration }) => collaboration}
            more={list.more}
            columns={[
              {
                id: 'log',
                title: t('log'),
                cell: ({ collaboration }) => <PageLink to={`/logs/${collaboration}`}>{collaboration}</PageLink>,
              },
              {
                id: 'parties',
                title: t('parties'),
                cell: ({ parties }) => parties.join(', '),
              },
              { id: 'state', title: t('state'), cell: (row) => <LogState of={row} /> },
              {
                id: 'records',
                title: t('records'),
                align: 'end',
                cell: (row) => <Count value={row.size} />,
                order: (row) => row.size,
              },
              { id: 'head', title: t('head'), align: 'end', cell: (row) => <Count value={row.headSize} /> },
              { id: 'sealed', title: t('sealed'), align: 'end', cell: (row) => <Count value={row.sealedSize} /> },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}

/** Whether all that is in the log is cosigned, or who is waited for. */
export function LogState({ of }: { readonly of: LogLine }) {
  const t = useWords(words)
  const owing = of.cosigners.filter(({ size, waitedFor }) => waitedFor && size < of.headSize).map(({ party }) => party)
  if (of.sealedSize === of.size) return <State tone="good">{t('whole')}</State>
  if (owing.length > 0) return <State tone="wait">{t('waits', { names: owing.join(', ') })}</State>
  return <State tone="busy">{t('gathers')}</State>
}
