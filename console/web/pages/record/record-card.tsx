// The last runs with the status of their log, for the first page of who audits.
import { recordCalls } from '#console/api/record.ts'
import { clientOf, useAsked } from '../../client.ts'
import { ButtonLink, PageLink } from '../../components/button.tsx'
import { Answer } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { LogState, RunState } from './run-status.tsx'
import './record.css'

const words = dictionary({
  none: ['No run has left a record yet', '尚无运行记录'],
  all: ['All runs', '全部运行'],
  verify: ['Verify evidence', '核验证据'],
})

const calls = clientOf(recordCalls)
const SHOWN = 5

export default function RecordCard() {
  const t = useWords(words)
  const runs = useAsked(['record', 'last'], (signal) => calls.loggedRuns({ query: { limit: SHOWN } }, { signal }))
  return (
    <>
      <Answer of={runs} empty={<p className="muted">{t('none')}</p>}>
        {({ items }) => (
          <ul className="plain-list">
            {items.map(({ job, name, state, log }) => (
              <li key={job}>
                <PageLink to={`/record/runs/${job}`}>{name || job}</PageLink> <RunState state={state} />{' '}
                <LogState log={log} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <div className="actions">
        <ButtonLink to="/record">{t('all')}</ButtonLink>
        <ButtonLink to="/record/verify">{t('verify')}</ButtonLink>
      </div>
    </>
  )
}
