// The calls of the coordinator's console with what answers them. Who may call is in the table (console/api); here each
// reading is stated before it is answered, but for the overview, the checks and figures of the machine.
import { coordinatorCalls, type JobDetail, type Overview } from '#console/api/coordinator.ts'
import { pageOf } from '#console/api/paging.ts'
import { type Served, served } from '#console/server/calls.ts'
import { readingKeysIn } from '#crypto/people/links.ts'
import { hasEnded } from '../jobs/states.ts'
import { checks, resources } from './health-views.ts'
import { jobDetail, queuePage } from './job-views.ts'
import { logDetail, logLines, recordPage, tileOf } from './log-views.ts'
import { Overviews } from './overviews.ts'
import type { CoordinatorParts } from './parts.ts'
import { certificates, partyLines, trustView } from './party-views.ts'
import type { Statements } from './statements.ts'
import { Ticker } from './ticker.ts'

/** Most often that a page hears of changes. */
const EVENT_MS = 500
/** what no change tells of, such as a certificate or a connection, is looked at again so often */
const LOOK_AGAIN_MS = 5000

export function consoleOfCoordinator(parts: CoordinatorParts, statements: Statements): Served & Disposable {
  const overviews = new Overviews(parts)
  const handlers = served(coordinatorCalls, {
    overview: () => overviews.current(),
    overviewEvents: (_, { signal }) => overviewEvents(parts, overviews, signal),
    parties: ({ query }, { visitor }) => {
      statements.read(visitor, 'parties')
      return pageOf(partyLines(parts), query, ({ party }) => party)
    },
    trust: async (_, { visitor }) => {
      statements.read(visitor, 'trust')
      return await trustView(parts)
    },
    certificates: ({ query }, { visitor }) => {
      statements.read(visitor, 'certificates')
      return pageOf(certificates(parts), query, ({ holder, what, serial }) => `${holder}/${what}/${serial}`)
    },
    queue: ({ query }, { visitor }) => {
      statements.read(visitor, 'jobs')
      return queuePage(parts, query)
    },
    job: ({ params }, { visitor }) => {
      const detail = jobDetail(parts, params.job)
      statements.read(visitor, 'job', params.job)
      return detail
    },
    jobEvents: ({ params }, { visitor, signal }) => {
      const detail = jobDetail(parts, params.job)
      statements.read(visitor, 'job', params.job)
      return jobEvents(parts, detail, signal)
    },
    logs: ({ query }, { visitor }) => {
      statements.read(visitor, 'logs')
      return pageOf(logLines(parts), query, ({ collaboration }) => collaboration)
    },
    log: ({ params }, { visitor }) => {
      const detail = logDetail(parts, params.collaboration)
      statements.read(visitor, `log ${params.collaboration}`)
      return detail
    },
    records: async ({ params, query }, { visitor }) => {
      statements.read(visitor, `log ${params.collaboration}`)
      return await recordPage(parts, params.collaboration, query)
    },
    tile: async ({ params, query }, { visitor }) => {
      statements.read(visitor, `log ${params.collaboration}`)
      const content = await tileOf(parts, params.collaboration, query.path)
      return { name: query.path.replaceAll('/', '-'), content }
    },
    resources: () => resources(parts),
    checks: async () => {
      const found = await checks(parts)
      return {
        ok: found.every(({ state }) => state === 'green'),
        at: new Date(parts.now()).toISOString(),
        checks: found,
      }
    },
    access: async ({ query }, { visitor }) => {
      statements.read(visitor, 'access')
      const { people, config } = parts
      const readers = [...(await people.list()), ...(await readingKeysIn(config.home, people))]
      const records = statements.records(readers).toReversed()
      const lines = records.map((record) => ({
        number: record.seq,
        time: record.time,
        person: record.actor,
        job: record.job,
        ...(record.kind === 'access'
          ? { role: record.role, object: record.object, purpose: record.purpose, decision: record.decision }
          : { role: '', object: 'export', purpose: '', decision: 'allowed' }),
      }))
      return pageOf(lines, query, ({ number }) => String(number))
    },
  })
  return { ...handlers, [Symbol.dispose]: () => overviews[Symbol.dispose]() }
}

/** The overview now, and each time that it is another one. */
async function* overviewEvents(
  { book }: CoordinatorParts,
  overviews: Overviews,
  signal: AbortSignal,
): AsyncGenerator<Overview> {
  using ticker = new Ticker({ atMostEveryMs: EVENT_MS, atLeastEveryMs: LOOK_AGAIN_MS, signal })
  using _ = unsubscribing(book.watchAll(() => ticker.raise()))
  let told = ''
  do {
    const now = overviews.current()
    const text = JSON.stringify(now)
    if (text !== told) yield now
    told = text
  } while (await ticker.next())
}

/** The job now and after each change, until it has ended. */
async function* jobEvents(parts: CoordinatorParts, first: JobDetail, signal: AbortSignal): AsyncGenerator<JobDetail> {
  using ticker = new Ticker({ atMostEveryMs: EVENT_MS, atLeastEveryMs: LOOK_AGAIN_MS, signal })
  using _ = unsubscribing(parts.book.watch(first.job, () => ticker.raise()))
  let told = ''
  for (let now = first; ; now = jobDetail(parts, first.job)) {
    const text = JSON.stringify(now)
    if (text !== told) yield now
    told = text
    if (hasEnded(now.state) || !(await ticker.next())) return
  }
}

function unsubscribing(unsubscribe: () => void): Disposable {
  return { [Symbol.dispose]: unsubscribe }
}
