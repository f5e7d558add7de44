// The jobs that this party takes part in, the newest first.
import { useState } from 'react'
import { JOB_STATES, type JobState, type JobSummary } from '#console/api/job-progress.ts'
import { jobCalls } from '#console/api/jobs.ts'
import { clientOf, usePaged, useSession } from '../../client.ts'
import { ButtonLink, PageLink } from '../../components/button.tsx'
import { Select } from '../../components/fields.tsx'
import { Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { STATE_TONES, stateWords, taskWords } from './job-words.ts'
import './jobs.css'

const words = dictionary({
  title: ['Jobs', '作业'],
  newJob: ['New job', '新建作业'],
  state: ['State', '状态'],
  all: ['all states', '全部状态'],
  name: ['Name', '名称'],
  guest: ['Submitted by', '发起方'],
  partners: ['Partners', '合作方'],
  submitted: ['Submitted', '提交时间'],
  at: ['Where it is', '进度'],
  round: ['{task}, round {round} of {rounds}', '{task}，第 {round}/{rounds} 轮'],
  none: ['No jobs yet', '暂无作业'],
  noneOfState: ['No job is in this state', '没有处于该状态的作业'],
  first: ['A template takes you to the first one in three clicks.', '从模板开始，三次点击即可提交第一个作业。'],
  label: ['Jobs of your party', '本方的作业'],
})

const calls = clientOf(jobCalls)
const REFRESH_MS = 5000

export default function JobsPage() {
  const t = useWords(words)
  const said = useWords(stateWords)
  const [state, setState] = useState<JobState | 'all'>('all')
  const jobs = usePaged(
    ['jobs', 'list', state],
    (after, signal) => {
      const query = { ...(after === undefined ? {} : { after }), ...(state === 'all' ? {} : { state }) }
      return calls.jobs({ query }, { signal })
    },
    { every: REFRESH_MS },
  )
  const isModeler = useSession().data?.person.role === 'modeler'
  const start = isModeler ? (
    <ButtonLink to="/jobs/new" look="primary">
      {t('newJob')}
    </ButtonLink>
  ) : undefined
  const states = [{ id: 'all' as const, title: t('all') }, ...JOB_STATES.map((id) => ({ id, title: said(id) }))]
  return (
    <Page title={t('title')} actions={start}>
      <div className="narrow" data-tour="jobs">
        <Select label={t('state')} options={states} value={state} onChange={setState} />
      </div>
      <Answer
        of={jobs}
        empty={
          <Empty title={t(state === 'all' ? 'none' : 'noneOfState')}>
            {state === 'all' && isModeler ? (
              <>
                <p>{t('first')}</p>
                {start}
              </>
            ) : null}
          </Empty>
        }
      >
        {(rows) => <Jobs rows={rows} more={jobs.more} />}
      </Answer>
    </Page>
  )
}

function Jobs({
  rows,
  more,
}: {
  readonly rows: readonly JobSummary[]
  readonly more: ReturnType<typeof usePaged>['more']
}) {
  const t = useWords(words)
  const said = useWords(stateWords)
  const task = useWords(taskWords)
  const columns: Column<JobSummary>[] = [
    {
      id: 'name',
      title: t('name'),
      cell: ({ job, name }) => <PageLink to={`/jobs/${job}`}>{name}</PageLink>,
      order: ({ name }) => name,
    },
    {
      id: 'state',
      title: t('state'),
      cell: ({ state, failure }) => (
        <>
          <State tone={STATE_TONES[state]}>{said(state)}</State>
          {failure === undefined ? null : <code className="muted"> {failure}</code>}
        </>
      ),
      order: ({ state }) => state,
    },
    {
      id: 'at',
      title: t('at'),
      cell: ({ at }) =>
        at === undefined ? '—' : t('round', { task: task(at.task as 'train'), round: at.round, rounds: at.rounds }),
    },
    { id: 'guest', title: t('guest'), cell: ({ guest }) => guest, order: ({ guest }) => guest },
    { id: 'partners', title: t('partners'), cell: ({ hosts }) => hosts.join(', ') },
    {
      id: 'submitted',
      title: t('submitted'),
      cell: ({ submitted }) => <Time at={submitted} />,
      order: ({ submitted }) => submitted,
    },
  ]
  const mark = ({ state }: JobSummary) => {
    if (state === 'inviting' || state === 'submitted') return 'wait' as const
    return state === 'failed' || state === 'rejected' ? ('bad' as const) : undefined
  }
  return <Table label={t('label')} columns={columns} rows={rows} rowId={({ job }) => job} more={more} mark={mark} />
}
