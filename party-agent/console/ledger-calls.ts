// The calls of what left: each job that is shown is stated in the access log before anything of it is
// told, once for each sitting.
import { ledgerCalls, type LeftLine } from '#console/api/ledger.ts'
import { pageOf } from '#console/api/paging.ts'
import { type Served, served } from '#console/server/calls.ts'
import { Sittings } from '#console/server/sittings.ts'
import type { Visit } from '#console/server/visitor.ts'
import { PlatformError } from '#runtime/errors.ts'
import { digestOf } from '../approvals/statements.ts'
import type { LedgerLine } from '../ledger/disclosures.ts'
import { amountOf, type JobLedger, Ledgers, linesOfDay, releasesOf, sumsOf } from './ledgers.ts'
import { knownJob } from './known-jobs.ts'
import { type AgentParts, readingOf } from './parts.ts'
import { proposedBins } from './proposed-bins.ts'

const DAY_MS = 86_400_000

type LedgerParts = Pick<AgentParts, 'config' | 'identity' | 'people' | 'store' | 'gate' | 'now'>

export function ledgerServed(parts: LedgerParts): Served {
  const { home } = parts.config
  const ledgers = new Ledgers(home)
  const sittings = new Sittings(() => parts.now().getTime())
  /** @throws PlatformError person.wrong-role, stated too */
  const stateReads = ({ visitor, session }: Visit, read: readonly JobLedger[]): void => {
    if (read.length === 0) return
    using reading = readingOf(parts, visitor)
    for (const { job } of read) sittings.state(session, 'ledger', job, () => reading.require('ledger', job))
  }
  /** @throws PlatformError job.unknown */
  const ledgerOf = async (job: string): Promise<JobLedger> => {
    const ledger = await ledgers.of(job)
    if (ledger === undefined) throw new PlatformError('job.unknown', { job })
    return ledger
  }
  return served(ledgerCalls, {
    async leftJobs({ query }, visit) {
      const page = pageOf(await ledgers.jobs(), query, ({ job }) => job)
      const found = (await Promise.all(page.items.map(({ job }) => ledgers.of(job)))).filter(
        (ledger) => ledger !== undefined,
      )
      stateReads(visit, found)
      const items = await Promise.all(
        found.map(async (ledger) => ({
          ...(await nameOf(home, ledger.job)),
          ...amountOf(ledger.lines),
          whole: ledger.brokenAt === undefined,
          last: ledger.lines.at(-1)?.time ?? '',
        })),
      )
      return { ...page, items }
    },
    async leftOfDay({ params }, visit) {
      const { day } = params
      const fromMs = Date.parse(day)
      if (Number.isNaN(fromMs)) throw new PlatformError('console.request', { problems: ['day: no day of a calendar'] })
      const found: { ledger: JobLedger; lines: readonly LedgerLine[] }[] = []
      for (const { job, writtenMs } of await ledgers.jobs()) {
        // Nothing is added to a ledger of which the last line is older; a day of slack for a clock that was put back.
        if (writtenMs < fromMs - DAY_MS) continue
        const ledger = await ledgers.of(job)
        const lines = ledger === undefined ? [] : linesOfDay(ledger, day)
        if (ledger !== undefined && lines.length > 0) found.push({ ledger, lines })
      }
      stateReads(
        visit,
        found.map(({ ledger }) => ledger),
      )
      const all = found.flatMap(({ lines }) => lines)
      const jobs = await Promise.all(
        found.map(async ({ ledger, lines }) => ({
          ...(await nameOf(home, ledger.job)),
          ...amountOf(lines),
          whole: ledger.brokenAt === undefined,
        })),
      )
      return { day, ...amountOf(all), sums: sumsOf(all), jobs, approvals: await approvalsOf(parts, all) }
    },
    async leftOfJob({ params }, visit) {
      const ledger = await ledgerOf(params.job)
      stateReads(visit, [ledger])
      const { lines, brokenAt, head } = ledger
      const known = await knownJob(home, params.job)
      const [first, last] = [lines[0]?.time, lines.at(-1)?.time]
      return {
        ...(await nameOf(home, params.job)),
        ...(known === undefined ? {} : { state: known.state }),
        ...(first === undefined ? {} : { first }),
        ...(last === undefined ? {} : { last }),
        ...amountOf(lines),
        chain: {
          whole: brokenAt === undefined,
          lines: lines.length,
          ...(brokenAt === undefined ? {} : { brokenAt }),
          ...(lines.length === 0 ? {} : { head }),
        },
        sums: sumsOf(lines),
        releases: releasesOf(lines),
        approvals: await approvalsOf(parts, lines),
      }
    },
    async leftLines({ params, query }, visit) {
      const ledger = await ledgerOf(params.job)
      stateReads(visit, [ledger])
      const wanted = ledger.lines.filter((line) => query.class === undefined || line.class === query.class)
      const { items, next } = pageOf(wanted, query, ({ seq }) => String(seq))
      return { items: items.map(lineOf), ...(next === undefined ? {} : { next }) }
    },
    async bins({ query }) {
      return pageOf(await proposedBins(parts), query, ({ job, alias }) => `${job}/${alias}`)
    },
  })
}

async function nameOf(home: string, job: string) {
  const known = await knownJob(home, job)
  return known === undefined ? { job } : { job, name: known.name, guest: known.guest }
}

/** By the digest that a line names, the approval. */
async function approvalsOf({ store }: LedgerParts, lines: readonly LedgerLine[]): Promise<Record<string, string>> {
  const named = new Set(lines.map(({ approval }) => approval).filter((digest) => digest !== ''))
  if (named.size === 0) return {}
  const known = (await store.all()).flatMap(({ id, bytes }) =>
    bytes === undefined ? [] : [[digestOf(bytes), id] as const],
  )
  return Object.fromEntries(known.filter(([digest]) => named.has(digest)))
}

function lineOf(line: LedgerLine): LeftLine {
  const { seq, task, round, step, to, class: kind, messages, bytes, envelopeBytes } = line
  const { sha256, keyId, decryptableBy, approval, release, time } = line
  const whole = { seq, task, round, step, to, class: kind, messages, bytes, envelopeBytes, sha256, keyId, time }
  return {
    ...whole,
    decryptableBy: [...decryptableBy],
    approval,
    ...(release === undefined
      ? {}
      : { release: { rows: release.rows, minimumRows: release.minimumRows, withheld: release.withheld } }),
  }
}
