// One job as the coordinator sees it: tasks and rounds, what each party is doing, how many bytes went where. Live.
import { useState } from 'react'
import { useParams } from 'wouter'
import { coordinatorCalls, type JobDetail } from '#console/api/coordinator.ts'
import { useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Bytes, bytesText, Count, countText, Party, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Gauge, Note, Progress, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useLive } from '../../events.ts'
import { dictionary, useWords } from '../../words.ts'
import { coordinator } from './coordinator-client.ts'
import { Connection, JobState, TaskState, useCourseWords } from './states.tsx'

const words = dictionary({
  job: ['Job', '作业'],
  back: ['All jobs', '全部作业'],
  state: ['State', '状态'],
  id: ['Id', '编号'],
  guest: ['Asked for by', '发起方'],
  submitted: ['Submitted', '提交时间'],
  started: ['Started', '开始时间'],
  ended: ['Ended', '结束时间'],
  log: ['Round log', '轮次日志'],
  failed: ['The job ended with {code}', '作业以 {code} 结束'],
  at: [
    'It happened at {party}. The details are at the agents of its parties.',
    '发生于 {party}。详情见各参与方的代理。',
  ],
  atCoordinator: [
    'The coordinator found it. The details are at the agents of its parties.',
    '由协调方发现。详情见各参与方的代理。',
  ],
  tasks: ['Tasks', '任务'],
  task: ['Task', '任务'],
  protocol: ['Protocol', '协议'],
  round: ['Round', '轮次'],
  rounds: ['round {n} of {most}', '第 {n} / {most} 轮'],
  parties: ['Parties', '参与方'],
  party: ['Party', '参与方'],
  connection: ['Connection', '连接'],
  doing: ['Doing', '当前进展'],
  nothing: ['nothing reported', '无进展报告'],
  unanswered: ['has not answered yet', '尚未应答'],
  closed: ['Open round', '当前轮次'],
  done: ['finished', '已完成'],
  working: ['working', '进行中'],
  sent: ['Sent', '已发送'],
  received: ['Received', '已接收'],
  traffic: ['Traffic through the relay', '经转发的流量'],
  noTraffic: ['Nothing was relayed yet.', '尚无转发流量。'],
  from: ['From', '发送方'],
  to: ['To', '接收方'],
  bytes: ['Bytes', '字节'],
  chunks: ['Chunks', '分块数'],
  quota: ['Of the quota of a job', '占单作业限额'],
  of: ['{part} of {all}', '{part} / {all}'],
})

export default function QueuedJob() {
  const t = useWords(words)
  const { job = '' } = useParams()
  const [now, setNow] = useState<JobDetail>()
  // a stream that is refused says no more than that it is closed: the job itself is asked for first
  const asked = useAsked(['coordinator', 'job', job], (signal) => coordinator.job({ params: { job } }, { signal }))
  useLive(coordinatorCalls.jobEvents, { params: { job } }, setNow, { isOff: asked.data === undefined })
  const shown = now?.job === job ? now : asked.data
  return (
    <Page title={shown?.name ?? t('job')} back={{ to: '/queue', title: t('back') }}>
      <Answer of={{ data: shown, error: asked.error }}>
        {(detail) => (
          <>
            <Heading of={detail} />
            <Tasks of={detail} />
            <Parties of={detail} />
            <Traffic of={detail} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Heading({ of }: { readonly of: JobDetail }) {
  const t = useWords(words)
  const { failure } = of
  const time = (at: string) => (at === '' ? undefined : <Time at={at} both />)
  return (
    <Section title={t('job')}>
      {failure === undefined ? null : (
        <Note tone="bad" title={t('failed', { code: failure.code })}>
          <p>{failure.party === '' ? t('atCoordinator') : t('at', { party: failure.party })}</p>
        </Note>
      )}
      <Facts
        of={[
          [t('state'), <JobState key="state" state={of.state} />],
          [t('id'), <code key="id">{of.job}</code>],
          [t('guest'), <Party key="guest" name={of.guest} />],
          [t('submitted'), time(of.submittedAt)],
          [t('started'), time(of.startedAt)],
          [t('ended'), time(of.endedAt)],
          [
            t('log'),
            <PageLink key="log" to={`/logs/${of.collaboration}`}>
              {of.collaboration}
            </PageLink>,
          ],
        ]}
      />
    </Section>
  )
}

function Tasks({ of: { tasks } }: { readonly of: JobDetail }) {
  const t = useWords(words)
  const course = useCourseWords()
  return (
    <Section title={t('tasks')}>
      <Table
        label={t('tasks')}
        rows={tasks}
        rowId={({ task }) => task}
        columns={[
          { id: 'task', title: t('task'), cell: ({ task }) => course.task(task) },
          { id: 'protocol', title: t('protocol'), cell: ({ protocol }) => protocol },
          { id: 'state', title: t('state'), cell: ({ state }) => <TaskState state={state} /> },
          {
            id: 'round',
            title: t('round'),
            cell: ({ task, state, round, maxRounds }) =>
              state === 'running' ? (
                <Progress
                  label={course.task(task)}
                  done={maxRounds === 0 ? undefined : Math.min(1, round / maxRounds)}
                  words={t('rounds', { n: countText(round), most: countText(maxRounds) })}
                />
              ) : (
                t('rounds', { n: countText(round), most: countText(maxRounds) })
              ),
          },
          {
            id: 'started',
            title: t('started'),
            cell: ({ startedAt }) => (startedAt === '' ? '–' : <Time at={startedAt} />),
          },
          { id: 'ended', title: t('ended'), cell: ({ endedAt }) => (endedAt === '' ? '–' : <Time at={endedAt} />) },
        ]}
      />
    </Section>
  )
}

type PartyLine = JobDetail['parties'][number]

function Parties({ of: { parties, state } }: { readonly of: JobDetail }) {
  const t = useWords(words)
  const isRunning = state === 'running'
  return (
    <Section title={t('parties')}>
      <Table
        label={t('parties')}
        rows={parties}
        rowId={({ party }) => party}
        columns={[
          {
            id: 'party',
            title: t('party'),
            cell: ({ party, group }) => (group === '' ? <Party name={party} /> : <Party name={party} role={group} />),
          },
          { id: 'connection', title: t('connection'), cell: ({ connected }) => <Connection isConnected={connected} /> },
          { id: 'doing', title: t('doing'), cell: (row) => <Doing of={row} isInvited={state === 'inviting'} /> },
          {
            id: 'closed',
            title: t('closed'),
            cell: ({ closedRound }) =>
              isRunning ? (
                <State tone={closedRound ? 'good' : 'busy'}>{t(closedRound ? 'done' : 'working')}</State>
              ) : (
                '–'
              ),
          },
          { id: 'sent', title: t('sent'), align: 'end', cell: ({ sentBytes }) => <Bytes value={sentBytes} /> },
          {
            id: 'received',
            title: t('received'),
            align: 'end',
            cell: ({ receivedBytes }) => <Bytes value={receivedBytes} />,
          },
        ]}
      />
    </Section>
  )
}

function Doing({ of, isInvited }: { readonly of: PartyLine; readonly isInvited: boolean }) {
  const t = useWords(words)
  const course = useCourseWords()
  const { done, total, answer } = of
  const phase = of.phase === '' ? '' : course.phase(of.phase)
  const unit = of.unit === '' ? '' : course.unit(of.unit)
  if (isInvited && answer === 'waiting' && phase === '') return t('unanswered')
  if (phase === '') return <span className="muted">{t('nothing')}</span>
  if (total === 0) return unit === '' ? phase : `${phase} (${unit})`
  return (
    <Progress
      label={phase}
      done={Math.min(1, done / total)}
      words={`${t('of', { part: countText(done), all: countText(total) })} ${unit}`}
    />
  )
}

function Traffic({ of: { traffic, quotaBytes } }: { readonly of: JobDetail }) {
  const t = useWords(words)
  const all = traffic.reduce((sum, { bytes }) => sum + bytes, 0)
  return (
    <Section title={t('traffic')}>
      <Gauge
        label={t('quota')}
        value={all}
        most={quotaBytes}
        words={t('of', { part: bytesText(all), all: bytesText(quotaBytes) })}
      />
      <Table
        label={t('traffic')}
        rows={traffic}
        rowId={({ from, to }) => `${from} ${to}`}
        empty={<p className="muted">{t('noTraffic')}</p>}
        columns={[
          { id: 'from', title: t('from'), cell: ({ from }) => <Party name={from} />, order: ({ from }) => from },
          { id: 'to', title: t('to'), cell: ({ to }) => <Party name={to} />, order: ({ to }) => to },
          {
            id: 'bytes',
            title: t('bytes'),
            align: 'end',
            cell: ({ bytes }) => <Bytes value={bytes} />,
            order: ({ bytes }) => bytes,
          },
          { id: 'chunks', title: t('chunks'), align: 'end', cell: ({ chunks }) => <Count value={chunks} /> },
        ]}
      />
    </Section>
  )
}
