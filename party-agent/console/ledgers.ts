// The disclosure ledgers of all jobs at this party, read once for each state of their files: sums by day and by job.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfPresent } from '#runtime/files.ts'
import type { LeftOfJob, LeftSum } from '#console/api/ledger.ts'
import { type CheckedLedger, checkLedger, DISCLOSURES_FILE, type LedgerLine } from '../ledger/disclosures.ts'
import { jobsHere } from './known-jobs.ts'

export interface JobLedger extends CheckedLedger {
  readonly job: string
}

interface Kept {
  readonly stamp: string
  readonly ledger: JobLedger
}

/** As many ledgers as are kept in memory: the ones that were looked at last. */
const MOST_KEPT = 16

export class Ledgers {
  readonly #home: string
  readonly #kept = new Map<string, Kept>()

  /** @param home of the party */
  constructor(home: string) {
    this.#home = home
  }

  /** Undefined where nothing of the job was written down. */
  async of(job: string): Promise<JobLedger | undefined> {
    const path = join(this.#home, 'jobs', job, DISCLOSURES_FILE)
    const found = await stat(path, { bigint: true }).catch(() => undefined)
    if (found === undefined) return undefined
    const stamp = `${found.ino}/${found.size}/${found.mtimeNs}`
    const known = this.#kept.get(job)
    this.#kept.delete(job) // and back at the end: the first one is the one not looked at for longest
    const ledger = known?.stamp === stamp ? known.ledger : await read(path, job)
    if (ledger === undefined) return undefined
    this.#kept.set(job, { stamp, ledger })
    for (const [oldest] of this.#kept) if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest)
    return ledger
  }

  /** Jobs with a ledger and when it was last written, in milliseconds since 1970; the latest first. */
  async jobs(): Promise<readonly { readonly job: string; readonly writtenMs: number }[]> {
    const found: { job: string; writtenMs: number }[] = []
    for (const job of await jobsHere(this.#home)) {
      const path = join(this.#home, 'jobs', job, DISCLOSURES_FILE)
      const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? {}
      if (mtimeMs !== undefined) found.push({ job, writtenMs: mtimeMs })
    }
    return found.toSorted((a, b) => b.writtenMs - a.writtenMs)
  }
}

async function read(path: string, job: string): Promise<JobLedger | undefined> {
  const bytes = await readIfPresent(path)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  // A last line without its end is being written.
  return { job, ...checkLedger(text.slice(0, text.lastIndexOf('\n') + 1)) }
}

/** Lines of one day, UTC. @param day YYYY-MM-DD */
export function linesOfDay({ lines }: JobLedger, day: string): readonly LedgerLine[] {
  return lines.filter(({ time }) => time.startsWith(day))
}

export interface Amount {
  readonly messages: number
  readonly bytes: number
  readonly envelopeBytes: number
}

export function amountOf(lines: readonly Amount[]): Amount {
  return lines.reduce<Amount>(
    (sum, line) => ({
      messages: sum.messages + line.messages,
      bytes: sum.bytes + line.bytes,
      envelopeBytes: sum.envelopeBytes + line.envelopeBytes,
    }),
    { messages: 0, bytes: 0, envelopeBytes: 0 },
  )
}

/** One sum for each class, receiver, set of parties that can open it, and approval; the largest first. */
export function sumsOf(lines: readonly LedgerLine[]): LeftSum[] {
  const groups = Map.groupBy(lines, ({ class: kind, to, decryptableBy, approval }) =>
    JSON.stringify([kind, to, decryptableBy, approval]),
  )
  const sums = [...groups.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const { class: kind, to, decryptableBy, approval } = first
    return [{ class: kind, to, decryptableBy: [...decryptableBy], approval, ...amountOf(same) }]
  })
  return sums.toSorted((a, b) => b.envelopeBytes - a.envelopeBytes)
}

/** Plain numbers by step, with the fewest rows behind any of them. */
export function releasesOf(lines: readonly LedgerLine[]): LeftOfJob['releases'] {
  const released = lines.filter(({ release }) => release !== undefined)
  const steps = Map.groupBy(released, ({ task, step }) => `${task}/${step}`)
  return [...steps.values()].flatMap((same) => {
    const [first] = same
    const least = same
      .flatMap(({ release }) => (release === undefined ? [] : [release]))
      .toSorted((a, b) => Number(a.withheld) - Number(b.withheld) || a.rows - b.rows)[0]
    if (first === undefined || least === undefined) return []
    const { rows, minimumRows, withheld } = least
    return [
      { task: first.task, step: first.step, messages: amountOf(same).messages, least: { rows, minimumRows, withheld } },
    ]
  })
}
