// The record as a console reads it: runs and their log, governance, evidence, access records, disputes.
import { join } from 'node:path'
import { pageOf, PAGE_LIMIT } from '#console/api/paging.ts'
import { recordCalls as table } from '#console/api/record.ts'
import type { Dispute, Run } from '#console/api/record-shapes.ts'
import { type Served, served } from '#console/server/calls.ts'
import { Sittings } from '#console/server/sittings.ts'
import type { Visit } from '#console/server/visitor.ts'
import { signingKeyOf } from '#crypto/identity/trust.ts'
import type { Readable } from '../people/permissions.ts'
import { readRequest } from '../disputes/dispute.ts'
import { type KeptRequest, keptRequests } from '../disputes/kept-requests.ts'
import { type IndexedJob, placeOf } from '../log/indexed-log.ts'
import { type HeldLog, LogIndex, recordOfLeaf } from '../log/log-index.ts'
import { MIRROR_FILE, MirrorStore } from '../log/mirror-store.ts'
import { CheckedSignatures } from '#protocols/log/access-log.ts'
import { PlatformError } from '#runtime/errors.ts'
import { ExportDesk } from './export-desk.ts'
import { governanceHeads, isWithin } from './governance-lines.ts'
import { type AgentParts, readingOf } from './parts.ts'
import { lineOf, otherEndOf, runOf, timeOf, wholeOf } from './record-runs.ts'
import { timelineOf } from './record-timeline.ts'

type RecordParts = Pick<AgentParts, 'config' | 'identity' | 'people' | 'trust' | 'now'>

export function recordCalls(parts: RecordParts): Served {
  const { config, identity, trust, now } = parts
  const { home, trustBundle } = config
  const index = new LogIndex(home)
  const sittings = new Sittings(() => now().getTime())
  const checked = new CheckedSignatures()
  const desk = new ExportDesk({ home, trustBundle, now })

  /** Stated before the answer, once for each sitting. */
  const state = (visit: Visit, what: Readable, job: string) =>
    sittings.state(visit.session, what, job, () => {
      using reading = readingOf(parts, visit.visitor)
      reading.require(what, job)
    })
  const disputesOf = (kept: readonly KeptRequest[], job: string) =>
    kept.filter(({ request }) => request.job === job).length

  return served(table, {
    async loggedRuns({ query }, visit) {
      state(visit, 'log', '')
      const kept = await keptRequests(home)
      const logs = await index.held()
      const runs = logs
        .flatMap((log) => [...log.index.jobs.values()].map((job) => runOf(log, job, disputesOf(kept, job.job))))
        .filter((run) => isAskedFor(run, query))
        .toSorted((a, b) => (a.started < b.started ? 1 : -1))
      return pageOf(runs, query, ({ job }) => job)
    },

    async loggedRun({ params }, visit) {
      const { log, job } = await index.job(params.job)
      state(visit, 'log', params.job)
      return runOf(log, job, disputesOf(await keptRequests(home), params.job))
    },

    async runTimeline({ params, query }, visit) {
      const { log, job } = await index.job(params.job)
      state(visit, 'log', params.job)
      return timelineOf(log, job, query)
    },

    async runRecords({ params, query }, visit) {
      const { log, job } = await index.job(params.job)
      state(visit, 'log', params.job)
      const { limit = PAGE_LIMIT, after } = query
      const numbers = numbersOf(log, job, query)
      const start = after === undefined ? 0 : numbers.findIndex((number) => number > Number(after))
      const shown = start < 0 ? [] : numbers.slice(start, start + limit)
      using store = new MirrorStore(join(log.folder, MIRROR_FILE), { readOnly: true })
      const items = shown.map((number) => lineOf(log, store, number))
      const last = shown.at(-1)
      return last !== undefined && last !== numbers.at(-1) ? { items, next: String(last) } : { items }
    },

    async logRecord({ params: { collaboration, number } }, visit) {
      const log = (await index.held()).find((one) => one.collaboration === collaboration)
      if (log === undefined || number >= log.index.size) throw new PlatformError('console.unknown', { number })
      using store = new MirrorStore(join(log.folder, MIRROR_FILE), { readOnly: true })
      state(visit, 'log', lineOf(log, store, number).job)
      return wholeOf(log, store, number, otherEndOf(log, store, number))
    },

    async governance({ query }, visit) {
      state(visit, 'log', query.job ?? '')
      state(visit, 'ledger', query.job ?? '')
      const heads = await governanceHeads(home, identity.party, await index.held(), query)
      const { items, next } = pageOf(heads, query, ({ id }) => id)
      return { items: items.map((head) => head.whole()), ...(next === undefined ? {} : { next }) }
    },

    async disclosureSums({ query }, visit) {
      state(visit, 'log', query.job ?? '')
      const { party, job, class: name, from, to } = query
      const sums = (await index.held())
        .flatMap(({ index: log }) =>
          [...log.sent].map(({ first, last, ...sum }) => {
            return { ...sum, name: log.jobs.get(sum.job)?.name ?? '', first: timeOf(first), last: timeOf(last) }
          }),
        )
        .filter(
          (sum) =>
            (party === undefined || sum.party === party) &&
            (job === undefined || sum.job === job) &&
            (name === undefined || sum.class === name) &&
            isWithin(sum.last, from === undefined ? {} : { from }) &&
            isWithin(sum.first, to === undefined ? {} : { to }),
        )
        .toSorted((a, b) => (a.last < b.last ? 1 : -1))
      return pageOf(sums, query, (sum) => `${sum.job} ${sum.party} ${sum.class}`)
    },

    async accessRecords({ query }, visit) {
      using reading = readingOf(parts, visit.visitor)
      sittings.state(visit.session, 'access', query.job ?? '', () => reading.require('access', query.job ?? ''))
      const all = await reading.records(checked)
      const { actor, job, object, decision } = query
      const fits = all.toReversed().filter((record) => {
        const isAccess = record.kind === 'access'
        return (
          (actor === undefined || record.actor.toLowerCase().includes(actor.toLowerCase())) &&
          (job === undefined || record.job === job) &&
          (object === undefined || (isAccess ? record.object === object : object === 'export')) &&
          (decision === undefined || (isAccess ? record.decision === decision : decision === 'allowed')) &&
          isWithin(record.time, query)
        )
      })
      const { items, next } = pageOf(fits, query, ({ seq }) => String(seq))
      const lines = items.map(({ v: _v, collaboration: _c, author: _a, prev: _p, ...line }) => line)
      return { items: lines, checked: all.length, ...(next === undefined ? {} : { next }) }
    },

    async startExport({ params: { job }, body }, visit) {
      await index.job(job)
      const reading = readingOf(parts, visit.visitor, body.purpose === '' ? undefined : body.purpose)
      try {
        reading.require('export', job)
        const { what, language } = body
        return { id: await desk.start({ job, what, language, session: visit.session, reading }) }
      } catch (thrown) {
        reading[Symbol.dispose]()
        throw thrown
      }
    },
    exportProgress: ({ params: { id } }, visit) => desk.progress(id, visit.session, visit.signal),
    exportedEvidence: ({ params: { id } }, visit) => desk.file(id, visit.session, 'evidence'),
    exportedDossier: ({ params: { id } }, visit) => desk.file(id, visit.session, 'dossier'),

    async disputes({ query }, visit) {
      state(visit, 'log', '')
      const kept = await keptRequests(home)
      const { items, next } = pageOf(kept, query, ({ id }) => id)
      const logs = await index.held()
      const keyOf = (party: string) => signingKeyOf(trust.bundle, party)
      return {
        items: items.map((one) => disputeOf(one, logs, keyOf)),
        ...(next === undefined ? {} : { next }),
      }
    },
  })
}

type RunQuery = Parameters<Parameters<typeof served<typeof table>>[1]['loggedRuns']>[0]['query']

function isAskedFor(run: Run, { log, state, party, words, isOdd }: RunQuery): boolean {
  const text = `${run.job} ${run.name} ${run.purpose}`.toLowerCase()
  const odd = run.refusals + run.anomalies + run.voided + run.disputes + run.log.incidents.length
  return (
    (log === undefined || run.log.state === log) &&
    (state === undefined || run.state === state) &&
    (party === undefined || run.parties.includes(party)) &&
    (words === undefined || text.includes(words.toLowerCase())) &&
    (isOdd === undefined || isOdd === odd > 0)
  )
}

interface RecordFilter {
  readonly from?: number
  readonly to?: number
  readonly party?: string
  readonly kind?: string
  readonly class?: string
}

/** In the order of the log, with the approvals that the job used. */
function numbersOf({ index }: HeldLog, job: IndexedJob, filter: RecordFilter): number[] {
  const { from = 0, to = Infinity, party, kind, class: name } = filter
  const all = [...index.approvalRecords(job), ...job.numbers].toSorted((a, b) => a - b)
  return all.filter((number) => {
    const row = index.columns.row(number)
    const place = placeOf(job, row.position)
    return (
      place >= from &&
      place <= to &&
      (party === undefined || row.author === party) &&
      (kind === undefined || row.kind === kind) &&
      (name === undefined || row.class === name)
    )
  })
}

function disputeOf(
  { id, side, request, signature }: KeptRequest,
  logs: readonly HeldLog[],
  keyOf: (party: string) => Uint8Array,
): Dispute {
  const { job, round, guest, by, reason, time } = request
  return { id, job, round, guest, by, reason, time, side, isSigned: isSigned(), shown: readsOfUpdates(logs, job) }

  function isSigned(): boolean {
    try {
      readRequest(JSON.stringify({ request, signature }), { job, guest }, keyOf)
      return true
    } catch (thrown) {
      if (thrown instanceof PlatformError) return false
      throw thrown
    }
  }
}

/** Who read an update of the job, as the parties' records in the log say. */
function readsOfUpdates(logs: readonly HeldLog[], job: string): Dispute['shown'] {
  return logs.flatMap(({ index, folder }) => {
    const numbers = index.jobs.get(job)?.numbers.filter((number) => index.columns.row(number).kind === 'access') ?? []
    if (numbers.length === 0) return []
    using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
    return numbers.flatMap((number) => {
      const record = recordOfLeaf(store.leaf(number) as Uint8Array)
      if (record.kind !== 'access' || !record.object.startsWith('update')) return []
      return [{ party: record.author, actor: record.actor, time: record.time }]
    })
  })
}
