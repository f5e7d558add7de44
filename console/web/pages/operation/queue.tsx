// All jobs of the federation, newest first, with their state, round and traffic; renewed as they change.
import { useEffect, useState } from 'react'
import { coordinatorCalls, JOB_STATES, type JobLine } from '#console/api/coordinator.ts'
import { askAgain, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Select } from '../../components/fields.tsx'
import { Bytes, countText, Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useLive } from '../../events.ts'
import { dictionary, useWords } from '../../words.ts'
import { coordinator, from } from './coordinator-client.ts'
import { JobState, useCourseWords, useJobStateWord } from './states.tsx'

const words = dictionary({
  title: ['Jobs', '作业'],
  lead: [
    'Course and traffic only: what a job computes on, who approved it and what came out is at the agents of its parties.',
    '仅显示进程与流量：作业使用的数据、审批与结果均在各参与方的代理上。',
  ],
  state: ['State', '状态'],
  all: ['all states', '全部状态'],
  none: ['No job fits.', '没有符合条件的作业。'],
  job: ['Job', '作业'],
  parties: ['Parties', '参与方'],
  task: ['Task and round', '任务与轮次'],
  at: ['{task}, round {round} of {most}', '{task}，第 {round} / {most} 轮'],
  submitted: ['Submitted', '提交时间'],
  ended: ['Ended', '结束时间'],
  code: ['Code', '代码'],
  bytes: ['Relayed', '已转发'],
})

const ALL = 'all'
type Chosen = (typeof JOB_STATES)[number] | typeof ALL

export default function Queue() {
  const t = useWords(words)
  const stateWord = useJobStateWord()
  const [chosen, setChosen] = useState<Chosen>(ALL)
  const [changes, setChanges] = useState(0)
  useLive(coordinatorCalls.overviewEvents, {}, (overview) => setChanges(overview.changes))
  useEffect(() => void askAgain('coordinator', 'queue'), [changes])
  const list = usePaged(['coordinator', 'queue', chosen], (after, signal) =>
    coordinator.queue({ query: { ...from(after), ...(chosen === ALL ? {} : { state: chosen }) } }, { signal }),
  )
  const options = [
    { id: ALL as Chosen, title: t('all') },
    ...JOB_STATES.map((id) => ({ id: id as Chosen, title: stateWord(id) })),
  ]
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={<Select label={t('state')} options={options} value={chosen} onChange={setChosen} />}
    >
      <Answer of={list} empty={<Empty title={t('none')} />}>
        {(rows) => (
          <Table
            label={t('title')}
            rows={rows}
            rowId={({ job }) => job}
            more={list.more}
            mark={({ state }) => (state === 'failed' ? 'bad' : undefined)}
            columns={[
              { id: 'job', title: t('job'), cell: (row) => <PageLink to={`/queue/${row.job}`}>{row.name}</PageLink> },
              { id: 'state', title: t('state'), cell: (row) => <JobState state={row.state} /> },
              {
                id: 'parties',
                title: t('parties'),
                cell: (row) => [row.guest, ...row.hosts].join(', '),
              },
              { id: 'task', title: t('task'), cell: (row) => <TaskWords of={row} /> },
              {
                id: 'code',
                title: t('code'),
                cell: ({ failure }) => (failure === undefined ? '–' : <code>{failure.code}</code>),
              },
              { id: 'bytes', title: t('bytes'), align: 'end', cell: (row) => <Bytes value={row.relayedBytes} /> },
              { id: 'submitted', title: t('submitted'), cell: (row) => <Time at={row.submittedAt} /> },
              { id: 'ended', title: t('ended'), cell: (row) => (row.endedAt === '' ? '–' : <Time at={row.endedAt} />) },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}

function TaskWords({ of: { task } }: { readonly of: JobLine }) {
  const t = useWords(words)
  const course = useCourseWords()
  if (task === undefined) return '–'
  return t('at', { task: course.task(task.task), round: countText(task.round), most: countText(task.maxRounds) })
}
