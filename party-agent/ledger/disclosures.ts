// The disclosure ledger of a job: everything that left this party, one line per task, round, step, receiver and key,
// each with the digest of the line before. Lines are added and never changed: disclosures.jsonl.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReleaseRecord } from '#protocols/core/contract.ts'
import type { MessageKind } from '#protocols/core/schedule.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, storageError, writeDurably } from '#runtime/files.ts'

/** One line as it is told: what left, how much of it, who could open it, who allowed it. */
export interface Disclosure {
  readonly job: string
  readonly task: string
  readonly round: number
  readonly step: string
  readonly to: string
  readonly class: MessageKind
  readonly messages: number
  /** of the payloads */
  readonly bytes: number
  /** of the sealed envelopes: what crossed the wire, framing aside */
  readonly envelopeBytes: number
  /** as in the round record: equal at the receiver; empty for frames */
  readonly sha256: string
  readonly keyId: string
  /** parties that, all together, could open it; for plain numbers and control, the receiver */
  readonly decryptableBy: readonly string[]
  /** digest of the approval that covers it, or '' */
  readonly approval: string
  readonly decision: 'allowed'
  /** of released aggregates */
  readonly release?: ReleaseRecord
  readonly time: string
}

export interface Total {
  readonly messages: number
  readonly bytes: number
  readonly envelopeBytes: number
}
export type Totals = Readonly<Partial<Record<MessageKind, Total>>>

export interface LedgerLine extends Disclosure {
  readonly v: 1
  /** from 1 */
  readonly seq: number
  /** SHA-256 of the line before, hex; zeros first */
  readonly prev: string
  /** of all lines up to this one */
  readonly totals: Totals
}

const FIRST = '0'.repeat(64)
export const DISCLOSURES_FILE = 'disclosures.jsonl'

export class DisclosureLedger {
  readonly #path: string
  #lines: readonly LedgerLine[]
  #head: string

  private constructor(path: string, lines: readonly LedgerLine[]) {
    this.#path = path
    this.#lines = lines
    this.#head = headOf(lines)
  }

  /** @throws PlatformError storage.damaged when a line was changed, left out or put in */
  static async open(jobFolder: string): Promise<DisclosureLedger> {
    const path = join(jobFolder, DISCLOSURES_FILE)
    const text = Buffer.from((await readIfPresent(path)) ?? []).toString('utf8')
    // A last line without an end was being written when the process died.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) await writeDurably(path, whole)
    return new DisclosureLedger(path, readLedger(whole, path))
  }

  get lines(): readonly LedgerLine[] {
    return this.#lines
  }

  get totals(): Totals {
    return this.#lines.at(-1)?.totals ?? {}
  }

  /** SHA-256 of the last line, hex. */
  get head(): string {
    return this.#head
  }

  /**
   * Writes down what a round sent. A round that is written already stays as it is; half of one is made whole.
   * @returns the lines of the round as they are kept
   * @throws PlatformError storage.full, storage.damaged when the round was written with other contents
   */
  async close(task: string, round: number, sent: readonly Disclosure[]): Promise<readonly LedgerLine[]> {
    const known = this.#lines.filter((line) => line.task === task && line.round === round)
    for (const [i, line] of known.entries())
      if (contentsOf(line) !== (sent[i] === undefined ? '' : contentsOf(sent[i])))
        throw new PlatformError('storage.damaged', { file: this.#path, task, round })
    return [...known, ...(await this.#append(sent.slice(known.length)))]
  }

  /** Adds lines that belong to no round: frames, and what was sent again. */
  async add(lines: readonly Disclosure[]): Promise<void> {
    await this.#append(lines)
  }

  async #append(disclosures: readonly Disclosure[]): Promise<readonly LedgerLine[]> {
    const added: LedgerLine[] = []
    let [prev, totals, seq] = [this.#head, this.totals, this.#lines.length]
    for (const disclosure of disclosures) {
      totals = plus(totals, disclosure)
      seq += 1
      const line: LedgerLine = { v: 1, seq, prev, ...disclosure, totals }
      added.push(line)
      prev = digestOf(line)
    }
    if (added.length === 0) return added
    await appendDurably(this.#path, added.map((line) => `${JSON.stringify(line)}\n`).join(''))
    this.#lines = [...this.#lines, ...added]
    this.#head = prev
    return added
  }
}

/** The lines of a ledger file, chain and totals checked. @throws PlatformError storage.damaged naming the line */
export function readLedger(text: string, file: string): readonly LedgerLine[] {
  const { lines, brokenAt } = checkLedger(text)
  if (brokenAt !== undefined) throw new PlatformError('storage.damaged', { file, line: brokenAt })
  return lines
}

export interface CheckedLedger {
  /** those that follow from each other, from the first on */
  readonly lines: readonly LedgerLine[]
  /** number of the first line that does not follow; absent where the chain is unbroken */
  readonly brokenAt?: number
  /** SHA-256 of the last line that follows, hex */
  readonly head: string
}

/** How far the chain of a ledger file holds. */
export function checkLedger(text: string): CheckedLedger {
  const lines: LedgerLine[] = []
  let [prev, totals]: [string, Totals] = [FIRST, {}]
  for (const [i, row] of text.split('\n').filter(Boolean).entries()) {
    const line = parseLine(row)
    const sums = line === undefined ? totals : plus(totals, line)
    const follows = line?.seq === i + 1 && line.prev === prev && JSON.stringify(line.totals) === JSON.stringify(sums)
    if (line === undefined || !follows) return { lines, brokenAt: i + 1, head: prev }
    lines.push(line)
    prev = digestOf(line)
    totals = sums
  }
  return { lines, head: prev }
}

/** Where the ledger and another count of the same bytes disagree, class by class; empty where they are equal. */
export function reconcile(
  ledger: readonly Disclosure[],
  counted: Readonly<Partial<Record<MessageKind, number>>>,
): readonly { readonly class: MessageKind; readonly ledger: number; readonly counted: number }[] {
  const totals = ledger.reduce<Totals>(plus, {})
  const classes = [...new Set([...Object.keys(totals), ...Object.keys(counted)])].sort() as MessageKind[]
  return classes
    .map((kind) => ({ class: kind, ledger: totals[kind]?.envelopeBytes ?? 0, counted: counted[kind] ?? 0 }))
    .filter(({ ledger: written, counted: bytes }) => written !== bytes)
}

function plus(totals: Totals, line: Disclosure): Totals {
  const { messages, bytes, envelopeBytes } = totals[line.class] ?? { messages: 0, bytes: 0, envelopeBytes: 0 }
  const sum = {
    messages: messages + line.messages,
    bytes: bytes + line.bytes,
    envelopeBytes: envelopeBytes + line.envelopeBytes,
  }
  return { ...totals, [line.class]: sum }
}

function parseLine(row: string): LedgerLine | undefined {
  try {
    return JSON.parse(row) as LedgerLine
  } catch {
    return undefined
  }
}

function headOf(lines: readonly LedgerLine[]): string {
  const last = lines.at(-1)
  return last === undefined ? FIRST : digestOf(last)
}

function digestOf(line: LedgerLine): string {
  return createHash('sha256').update(JSON.stringify(line)).digest('hex')
}

/** A line without what the chain adds, and without its time: what must be equal when a round is written again. */
function contentsOf(line: Disclosure & Partial<LedgerLine>): string {
  const { v: _, seq: __, prev: ___, totals: ____, time: _____, ...contents } = line
  return JSON.stringify(contents)
}

async function appendDurably(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'a', 0o600)
    const { size } = await file.stat()
    try {
      await file.appendFile(text)
      await file.datasync()
    } catch (cause) {
      await file.truncate(size) // no half of it: the next try writes all of it again
      throw cause
    }
  } catch (cause) {
    throw storageError(cause, path)
  }
}
