// The last jobs, for the first page.
import { jobCalls } from '#console/api/jobs.ts'
import { clientOf, useAsked, useSession } from '../../client.ts'
import { ButtonLink, PageLink } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Answer, State } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { STATE_TONES, stateWords } from './job-words.ts'
import './jobs.css'

const words = dictionary({
  none: ['No jobs yet', '暂无作业'],
  newJob: ['New job', '新建作业'],
  all: ['All jobs', '全部作业'],
})

const calls = clientOf(jobCalls)
const SHOWN = 5

export default function JobsCard() {
  const t = useWords(words)
  const said = useWords(stateWords)
  const jobs = useAsked(['jobs', 'last'], (signal) => calls.jobs({ query: { limit: SHOWN } }, { signal }), {
    every: 5000,
  })
  const isModeler = useSession().data?.person.role === 'modeler'
  return (
    <>
      <Answer of={jobs} empty={<p className="muted">{t('none')}</p>}>
        {({ items }) => (
          <ul className="last-jobs">
            {items.map(({ job, name, state, submitted }) => (
              <li key={job}>
                <PageLink to={`/jobs/${job}`}>{name}</PageLink> <State tone={STATE_TONES[state]}>{said(state)}</State>{' '}
                <span className="muted">
                  <Time at={submitted} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <div className="actions">
        {isModeler ? (
          <ButtonLink to="/jobs/new" look="primary">
            {t('newJob')}
          </ButtonLink>
        ) : null}
        <ButtonLink to="/jobs">{t('all')}</ButtonLink>
      </div>
    </>
  )
}
