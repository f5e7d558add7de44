// What a party states about one round: the records between round.opened and round.closed, made from its own ledgers.
import type { RecordLine } from '../mail/record.ts'
import type { Disclosure } from '../ledger/disclosures.ts'
import { type RoundTold, WHOLE_ROUND } from '../tasks/round-told.ts'
import type { Statement } from './collaboration-log.ts'

/** A line of the round record with what the receiver knows of who can open it. */
export type ReceivedLine = RecordLine & { readonly decryptableBy: readonly string[] }

export interface CellFact {
  readonly what: string
  readonly atLeast: number
  readonly threshold: number
}

export interface RoundFacts {
  readonly self: string
  readonly job: string
  readonly task: string
  readonly round: number
  readonly startedAt: Date
  readonly recordDigest: string
  /** who took no part, and whether the round was voided */
  readonly told?: RoundTold
  readonly sent: readonly Disclosure[]
  readonly received: readonly ReceivedLine[]
  /** what was released in this round by other ways than a message: the size of the common rows */
  readonly cells: readonly CellFact[]
}

/** In the order in which they go into the log. */
export function roundStatements(facts: RoundFacts): Statement[] {
  const { self, job, task, round, startedAt, recordDigest, told = WHOLE_ROUND, sent, received, cells } = facts
  const at = { job, task, round }
  const leftOut = told.leftOut.map(({ party, reason }) => ({ party, reason }))
  return [
    { kind: 'round.opened', ...at, at: startedAt, ...(leftOut.length > 0 && { leftOut }) },
    ...keysIn(sent).map(({ keyId, step, sha256 }): Statement => {
      return { kind: 'key.published', ...at, keyId, purpose: step, set: task, publicDigest: sha256 }
    }),
    ...cells.map(({ what, atLeast, threshold }): Statement => {
      const cell = { step: 'row-set', what: what.slice(0, 200), count: bucketOf(atLeast), threshold }
      return { kind: 'cell.released', ...at, ...cell, check: 'passed' }
    }),
    ...sent.flatMap((line): Statement[] => {
      const { step, release } = line
      if (release === undefined) return []
      const { rows, minimumRows: threshold, withheld } = release
      const count = withheld ? '' : bucketOf(rows)
      const what = withheld ? `${step}: withheld` : step
      return [{ kind: 'cell.released', ...at, step, what, count, threshold, check: 'passed' }]
    }),
    ...sent.map((line): Statement => {
      const { step, to, messages, bytes, sha256: digest, keyId, decryptableBy, approval, decision } = line
      const size = { class: line.class, messages, bytes, digest, keyId, decryptableBy: [...decryptableBy] }
      return { kind: 'msg.sent', ...at, step, from: self, to, ...size, approval, decision }
    }),
    ...received.map((line): Statement => {
      const { step, from, to, kind, messages, bytes, sha256: digest, keyId, decryptableBy } = line
      const size = { class: kind as Disclosure['class'], messages, bytes, digest, keyId }
      const opened = { decryptableBy: [...decryptableBy], approval: '', decision: 'accepted' }
      return { kind: 'msg.received', ...at, step, from, to, ...size, ...opened }
    }),
    { kind: 'round.closed', ...at, recordDigest, ...(told.voided && { voided: true as const }) },
  ]
}

/** Two leading digits of a count, as a range: what is said about how many rows stand behind a number. */
export function bucketOf(rows: number): string {
  const step = 10 ** Math.max(1, String(rows).length - 2)
  const from = Math.floor(rows / step) * step
  return `${from}-${from + step - 1}`
}

/** The first message of each public key; its digest stands for the key. */
function keysIn(sent: readonly Disclosure[]): readonly Disclosure[] {
  const first = new Map<string, Disclosure>()
  for (const line of sent)
    if (line.class === 'public-key' && line.keyId !== '' && !first.has(line.keyId)) first.set(line.keyId, line)
  return [...first.values()]
}
