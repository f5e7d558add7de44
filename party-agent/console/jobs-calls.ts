// The modeler's calls at an agent: a job file from a template, its check, its submission, and the jobs as they run. What is
// submitted is signed by the party's key, as the command line does; the access log states first which person had it signed.
import { stringify } from 'yaml'
import type { JobProgress } from '#console/api/job-progress.ts'
import { jobCalls } from '#console/api/jobs.ts'
import { pageOf, PAGE_LIMIT } from '#console/api/paging.ts'
import { type Served, served } from '#console/server/calls.ts'
import { Sittings } from '#console/server/sittings.ts'
import type { Visit } from '#console/server/visitor.ts'
import { JOB_SPEC_CONTEXT, jobIdOf, type JobSpec, MAX_SPEC_BYTES } from '#protocols/core/job-spec.ts'
import { AccessLog } from '#protocols/log/access-log.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CoordinatorClient, JobView } from '../link/coordinator-client.ts'
import { mayRead } from '../people/permissions.ts'
import { jobBytes } from '../planning/job-file.ts'
import { readJobText } from '../planning/job-text.ts'
import { draftsOf } from './job-drafts.ts'
import { progressOf, summaryOf } from './job-view.ts'
import { JobWatchers } from './job-watchers.ts'
import { knownJob } from './known-jobs.ts'
import { LossTail } from './loss-tail.ts'
import { type AgentParts, readingOf } from './parts.ts'

/** The coordinator tells at most so many. */
const MOST_JOBS = 1000

export type JobsParts = Pick<
  AgentParts,
  'config' | 'identity' | 'people' | 'gate' | 'store' | 'coordinator' | 'log' | 'now'
>

export function jobsServed(parts: JobsParts): Served {
  const { identity, coordinator, now } = parts
  const self = identity.party
  const watchers = new JobWatchers(coordinator, now)
  const sittings = new Sittings(() => now().getTime())
  const drafts = draftsOf(parts)
  const progress = async (view: JobView): Promise<JobProgress> => {
    const inviteUntil = await inviteUntilOf(parts, view)
    return progressOf(view, { self, now: now(), ...(inviteUntil === undefined ? {} : { inviteUntil }) })
  }
  return served(jobCalls, {
    templates: () => drafts.templates(),
    draftJob: ({ params, query }) => drafts.draft(params.template, query.language ?? 'en', query.partners),
    check: ({ body }) => drafts.check(body.text),
    submit: async ({ body }, visit) => {
      const { bytes, job } = submissionOf(body.text, self)
      state(parts, visit, job, 'submission')
      const view = await (await coordinator()).submit(bytes, identity.sign(JOB_SPEC_CONTEXT, bytes))
      return { job: view.job }
    },
    jobs: async ({ query }) => {
      const { state: wanted, after, limit = PAGE_LIMIT } = query
      const isFirst = wanted === undefined && after === undefined
      const views = await (await coordinator()).list(isFirst ? limit + 1 : MOST_JOBS)
      const listed = wanted === undefined ? views : views.filter((view) => view.state === wanted)
      const { items, next } = pageOf(listed, query, ({ job }) => job)
      return { items: items.map((view) => summaryOf(view, self)), ...(next === undefined ? {} : { next }) }
    },
    job: async ({ params }) => progress(await (await coordinator()).get(params.job)),
    jobText: async ({ params }) => {
      const spec = await specOf(parts, params.job)
      // whose job it is not, finds nothing here either
      if (spec === undefined) throw new PlatformError('job.unknown', { job: params.job })
      const { nonce: _, ...text } = spec
      return { text: stringify(text) }
    },
    watchJob: ({ params }, visit) => watched(parts, { watchers, sittings }, params.job, visit),
    cancelJob: async ({ params }, visit) => {
      const client = await coordinator()
      await requireCancellable(client, params.job, self)
      state(parts, visit, params.job, 'cancellation')
      return progress(await client.cancel(params.job))
    },
  })
}

/** @throws PlatformError job.invalid naming each problem, identity.wrong-party */
function submissionOf(text: string, self: string): { readonly bytes: Uint8Array; readonly job: string } {
  const { spec, problems } = readJobText(text)
  if (spec === undefined) {
    const said = problems.map(({ line, column, key, message }) => `${line}:${column} ${key} ${message}`)
    throw new PlatformError('job.invalid', { problems: said.slice(0, 20) })
  }
  if (spec.guest.party !== self)
    throw new PlatformError('identity.wrong-party', { expected: spec.guest.party, got: self })
  const bytes = jobBytes(spec)
  if (bytes.length > MAX_SPEC_BYTES)
    throw new PlatformError('job.invalid', { problem: 'too long', got: bytes.length, limit: MAX_SPEC_BYTES })
  return { bytes, job: jobIdOf(bytes) }
}

/** Before it is cancelled, so that the log names nobody who could not. @throws PlatformError job.unknown, identity.wrong-party */
async function requireCancellable(client: CoordinatorClient, job: string, self: string): Promise<void> {
  const { guest } = await client.get(job)
  if (guest !== self) throw new PlatformError('identity.wrong-party', { expected: guest, got: self })
}

/** Who had the party do it, signed by that person's key. @throws PlatformError storage.* */
function state(
  { config, identity }: JobsParts,
  { visitor: { person, reader } }: Visit,
  job: string,
  object: 'submission' | 'cancellation',
): void {
  const { federation, party } = identity
  using log = new AccessLog(config.home, { federation, party })
  const { name, role } = person
  const { publicKey, sign } = reader
  log.read({ name, role, publicKey, sign }, job, { object, purpose: 'console', decision: 'allowed' })
}

async function* watched(
  parts: JobsParts,
  { watchers, sittings }: { readonly watchers: JobWatchers; readonly sittings: Sittings },
  job: string,
  visit: Visit,
) {
  const { identity, config, now } = parts
  const tail = new LossTail(config.home, job)
  let mayReadLoss: boolean | undefined
  let inviteUntil: string | undefined
  for await (const { view, isAway, awaySince } of watchers.watch(job, visit.signal)) {
    if (view !== undefined) {
      inviteUntil ??= await inviteUntilOf(parts, view)
      const until = inviteUntil === undefined ? {} : { inviteUntil }
      yield { kind: 'job' as const, job: progressOf(view, { self: identity.party, now: now(), awaySince, ...until }) }
      const fresh = mayReadLoss === false ? [] : await tail.next()
      if (fresh.length > 0) mayReadLoss ??= mayWatchLoss(parts, job, visit, sittings)
      for (const points of mayReadLoss === true ? fresh : []) yield { kind: 'loss' as const, ...points }
    }
    if (isAway) yield { kind: 'away' as const }
  }
}

/** The loss is a measure of the result: stated where the role may read it, and not there for the others. */
function mayWatchLoss(parts: JobsParts, job: string, { visitor, session }: Visit, sittings: Sittings): boolean {
  if (!mayRead(visitor.person, 'result')) return false
  sittings.state(session, 'loss', job, () => {
    using reading = readingOf(parts, visitor, 'watching the job')
    reading.require('result', job)
  })
  return true
}

/** The job as this party has it: it takes part, or its people are asked to approve it. */
async function specOf({ config, store }: JobsParts, job: string): Promise<JobSpec | undefined> {
  const known = await knownJob(config.home, job)
  return known?.spec ?? (await store.requests()).find((request) => request.job === job)?.spec
}

async function inviteUntilOf(parts: JobsParts, view: JobView): Promise<string | undefined> {
  if (view.state !== 'inviting' && view.state !== 'submitted') return undefined
  const spec = await specOf(parts, view.job)
  if (spec === undefined) return undefined
  return new Date(Date.parse(view.submitted_at) + spec.deadlines.inviteSeconds * 1000).toISOString()
}
