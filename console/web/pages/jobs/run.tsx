// A job as it runs: its state, what it waits for, its tasks, the loss, and what each party does, live.
import { memo, useReducer } from 'react'
import { useParams } from 'wouter'
import type { Failure, JobProgress, Wait } from '#console/api/job-progress.ts'
import { jobCalls } from '#console/api/jobs.ts'
import { useSession } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { Digest, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Loading, Note, State } from '../../components/state.tsx'
import { useLive } from '../../events.ts'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { CancelJob } from './cancel-job.tsx'
import { isOver, roleWords, STATE_TONES, stateWords } from './job-words.ts'
import { LossCurves } from './loss-curves.tsx'
import { NOTHING_SEEN, seen } from './run-view.ts'
import { PartyTable } from './run-parties.tsx'
import { RunTasks } from './run-tasks.tsx'
import './jobs.css'

const words = dictionary({
  title: ['Job', '作业'],
  back: ['Jobs', '作业'],
  loading: ['Asking where the job stands …', '正在查询作业状态…'],
  result: ['Open the result', '查看结果'],
  again: ['New job from this one', '以此新建作业'],
  coordinatorAway: ['The coordinator does not answer', '协调方没有响应'],
  coordinatorAwayMend: [
    'What you see is from before. The job goes on as soon as it is back; nothing has to be done here.',
    '当前显示的是此前的状态。协调方恢复后作业会继续，此处无需处理。',
  ],
  waits: ['It waits', '正在等待'],
  waitApproval: ['{party} has to approve: {roles}', '等待 {party} 批准：{roles}'],
  waitConnection: ['the agent of {party} has to connect', '等待 {party} 的代理上线'],
  waitAnswer: ['the agent of {party} looks at the job', '{party} 的代理正在审查作业'],
  doApproval: [
    'These people find the request in the inbox of their own console.',
    '以上人员可在各自控制台的待办中处理该请求。',
  ],
  doConnection: ['Ask its operator to start it.', '请其运维人员启动代理。'],
  since: ['since', '始于'],
  until: ['; the job ends if nothing has happened by', '；逾期作业将终止，期限'],
  failed: ['It failed at {party}', '失败于 {party}'],
  refused: ['{party} refused it', '{party} 已拒绝'],
  failedHere: ['It failed at the coordinator', '失败于协调方'],
  todo: ['What to do', '处理办法'],
  acts: ['Who must act', '由谁处理'],
  facts: ['Facts', '具体情况'],
  code: ['Code', '代码'],
  number: ['Number', '编号'],
  guest: ['Submitted by', '发起方'],
  submitted: ['Submitted', '提交时间'],
  started: ['Started', '开始时间'],
  ended: ['Ended', '结束时间'],
  tasks: ['Tasks', '任务'],
  loss: ['Loss', '损失'],
  parties: ['Parties', '参与方'],
  modeler: ['the modeler', '建模人员'],
  'data partner': ['the data partner', '数据提供方'],
  operator: ['the operator', '运维人员'],
  developer: ['the developers', '开发人员'],
  nobody: ['nobody', '无需处理'],
})

export default function RunPage() {
  const { job } = useParams<{ job: string }>()
  return <Run key={job} job={job} />
}

function Run({ job: id }: { readonly job: string }) {
  const t = useWords(words)
  const [{ job, curves, isAway }, tell] = useReducer(seen, NOTHING_SEEN)
  const { error } = useLive(jobCalls.watchJob, { params: { job: id } }, tell)
  const isModeler = useSession().data?.person.role === 'modeler'
  return (
    <Page
      title={job?.name ?? t('title')}
      back={{ to: '/jobs', title: t('back') }}
      actions={job === undefined ? undefined : <Actions job={job} isModeler={isModeler} />}
    >
      {error === undefined ? null : <ProblemNote error={error} />}
      {isAway ? (
        <Note tone="wait" title={t('coordinatorAway')}>
          {t('coordinatorAwayMend')}
        </Note>
      ) : null}
      {job === undefined ? (
        error === undefined && !isAway ? (
          <Loading what={t('loading')} />
        ) : null
      ) : (
        <>
          <Head job={job} />
          {job.waits.length === 0 ? null : <Waits waits={job.waits} />}
          {job.failure === undefined ? null : (
            <FailureNote failure={job.failure} isRefused={job.state === 'rejected'} />
          )}
          <Section title={t('tasks')} tour="tasks">
            <RunTasks tasks={job.tasks} at={job.at} secondsLeft={job.secondsLeft} isOver={isOver(job.state)} />
          </Section>
          {curves.length === 0 ? null : (
            <Section title={t('loss')}>
              <LossCurves curves={curves} />
            </Section>
          )}
          <Section title={t('parties')}>
            <PartyTable parties={job.parties} guest={job.guest} />
          </Section>
        </>
      )}
    </Page>
  )
}

function Actions({ job, isModeler }: { readonly job: JobProgress; readonly isModeler: boolean }) {
  const t = useWords(words)
  return (
    <>
      {job.state === 'succeeded' ? (
        <ButtonLink to={`/results/${job.job}`} look="primary">
          {t('result')}
        </ButtonLink>
      ) : null}
      {isModeler && job.isOwn ? <ButtonLink to={`/jobs/new/${job.job}`}>{t('again')}</ButtonLink> : null}
      {isModeler && job.isOwn && !isOver(job.state) ? <CancelJob job={job.job} name={job.name} /> : null}
    </>
  )
}

function Head({ job }: { readonly job: JobProgress }) {
  const t = useWords(words)
  const said = useWords(stateWords)
  return (
    <>
      <p role="status">
        <State tone={STATE_TONES[job.state]}>{said(job.state)}</State>
      </p>
      <Facts
        of={[
          [t('number'), <Digest key="number" value={job.job} digits={14} />],
          [t('guest'), job.guest],
          [t('submitted'), <Time key="submitted" at={job.submitted} />],
          [t('started'), job.started === undefined ? undefined : <Time key="started" at={job.started} />],
          [t('ended'), job.ended === undefined ? undefined : <Time key="ended" at={job.ended} />],
        ]}
      />
    </>
  )
}

const Waits = memo(function Waits({ waits }: { readonly waits: readonly Wait[] }) {
  const t = useWords(words)
  const role = useWords(roleWords)
  const [first] = waits
  const isOneSpan = waits.every(({ since, until }) => since === first?.since && until === first?.until)
  const text = ({ for: what, party, roles }: Wait) => {
    if (what === 'approval')
      return t('waitApproval', { party, roles: roles.map((each) => role(each as 'steward')).join(', ') })
    return t(what === 'connection' ? 'waitConnection' : 'waitAnswer', { party })
  }
  return (
    <Note tone="wait" title={t('waits')}>
      <ul className="waits">
        {waits.map((wait) => (
          <li key={`${wait.party} ${wait.for}`}>
            {text(wait)}
            {isOneSpan ? null : <Span wait={wait} />}
            {wait.for === 'connection' ? <span> {t('doConnection')}</span> : null}
          </li>
        ))}
      </ul>
      {waits.some((wait) => wait.for === 'approval') ? <p>{t('doApproval')}</p> : null}
      {isOneSpan && first !== undefined ? (
        <p>
          <Span wait={first} />
        </p>
      ) : null}
    </Note>
  )
})

/** Since when, and what happens when nobody acts. */
function Span({ wait: { since, until } }: { readonly wait: Wait }) {
  const t = useWords(words)
  if (since === undefined) return null
  return (
    <span className="muted">
      {' '}
      {t('since')} <Time at={since} />
      {until === undefined ? null : (
        <>
          {t('until')} <Time at={until} />
        </>
      )}
    </span>
  )
}

function FailureNote({ failure, isRefused }: { readonly failure: Failure; readonly isRefused: boolean }) {
  const t = useWords(words)
  const said = useSaid()
  const { code, party, detail, who, summary, mend } = failure
  const facts = Object.entries(detail)
  return (
    <Note tone="bad" title={party === '' ? t('failedHere') : t(isRefused ? 'refused' : 'failed', { party })}>
      <p>{said(summary)}</p>
      <dl className="facts facts-tight">
        <dt>{t('todo')}</dt>
        <dd>{said(mend)}</dd>
        <dt>{t('acts')}</dt>
        <dd>{who in words ? t(who as 'modeler') : who}</dd>
        {facts.length === 0 ? null : (
          <>
            <dt>{t('facts')}</dt>
            <dd>
              {facts.map(([name, value]) => (
                <div key={name}>
                  {name}: {value}
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>{t('code')}</dt>
        <dd>
          <code>{code}</code>
        </dd>
      </dl>
    </Note>
  )
}
