// The round record: what crossed between two parties, step by step. Both sides write it on their own and their
// sums must agree. One JSON line per round, step, peer and direction in record.jsonl.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, storageError, writeDurably } from '#runtime/files.ts'
import type { FrameHeader } from './frame.ts'

export interface RecordLine {
  readonly job: string
  readonly task: string
  readonly round: number
  readonly step: string
  readonly from: string
  readonly to: string
  readonly direction: 'sent' | 'received'
  readonly kind: string
  /** empty where the payload is no ciphertext */
  readonly keyId: string
  readonly messages: number
  /** of the payloads */
  readonly bytes: number
  /** of the sealed envelopes that carried them */
  readonly envelopeBytes: number
  /** SHA-256 over the SHA-256 digests of the envelopes, in the order of sending; equal on both sides */
  readonly sha256: string
  /** when the round closed at this party; the one field in which the sides differ beside `direction` */
  readonly time: string
}

/** Where rounds are written down. A verifiable log can stand in for the file. */
export interface RoundRecord {
  /**
   * Writes the lines of a round, durably. A round that is recorded already stays as it is.
   * @returns SHA-256 over the round's lines as they are kept
   * @throws PlatformError storage.full, storage.damaged when the round was recorded with other contents
   */
  close(task: string, round: number, lines: readonly RecordLine[]): Promise<Uint8Array>
  lines(): readonly RecordLine[]
}

interface Group {
  readonly first: FrameHeader
  readonly direction: 'sent' | 'received'
  readonly peer: string
  messages: number
  bytes: number
  envelopeBytes: number
  readonly digests: string[]
}

/** What one run of a round sent and received so far. A round that starts again starts with a new ledger. */
export class RoundLedger {
  readonly #at: { readonly job: string; readonly self: string; readonly task: string; readonly round: number }
  readonly #groups = new Map<string, Group>()

  constructor(at: { readonly job: string; readonly self: string; readonly task: string; readonly round: number }) {
    this.#at = at
  }

  note(direction: 'sent' | 'received', peer: string, message: FrameHeader): void {
    const key = [direction, peer, message.step, message.kind, message.keyId ?? ''].join('\n')
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { first: message, direction, peer, messages: 0, bytes: 0, envelopeBytes: 0, digests: [] }
      this.#groups.set(key, group)
    }
    group.messages += 1
    group.bytes += message.payloadBytes
    group.envelopeBytes += message.envelopeBytes
    group.digests.push(message.digest)
  }

  /** of all payloads of one direction */
  bytes(direction: 'sent' | 'received'): number {
    let sum = 0
    for (const group of this.#groups.values()) if (group.direction === direction) sum += group.bytes
    return sum
  }

  /** In an order that does not depend on timing between peers. */
  lines(time: string): RecordLine[] {
    const { job, self, task, round } = this.#at
    const groups = [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1))
    return groups.map(([, { first, direction, peer, messages, bytes, envelopeBytes, digests }]) => {
      const hash = createHash('sha256')
      for (const digest of digests) hash.update(Buffer.from(digest, 'hex'))
      const [from, to] = direction === 'sent' ? [self, peer] : [peer, self]
      const what = { step: first.step, from, to, direction, kind: first.kind, keyId: first.keyId ?? '' }
      return { job, task, round, ...what, messages, bytes, envelopeBytes, sha256: hash.digest('hex'), time }
    })
  }
}

/** The record as a file of JSON lines in the folder of the job. */
export async function openFileRecord(folder: string): Promise<RoundRecord> {
  const path = join(folder, 'record.jsonl')
  let kept = await readLines(path)
  return {
    lines: () => kept,
    async close(task, round, lines) {
      const before = kept.filter((line) => line.task === task && line.round === round)
      const known = contentsOf(before)
      const all = contentsOf(lines)
      if (known.length === all.length && known.every((line, i) => line === all[i])) return digestOf(before)
      // A crash in the middle of writing leaves the first few lines of the round.
      if (known.some((line, i) => line !== all[i]))
        throw new PlatformError('storage.damaged', { file: path, task, round })
      if (before.length === 0) await append(path, textOf(lines))
      else await writeDurably(path, textOf([...kept.slice(0, -before.length), ...lines]))
      kept = [...kept.slice(0, kept.length - before.length), ...lines]
      return digestOf(lines)
    },
  }
}

/** A last line without an end was being written when the process died: its round is not closed and runs again. */
async function readLines(path: string): Promise<readonly RecordLine[]> {
  const text = Buffer.from((await readIfPresent(path)) ?? []).toString('utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) await writeDurably(path, whole)
  try {
    const lines = whole.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as RecordLine)
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: path }, cause)
  }
}

async function append(path: string, text: string): Promise<void> {
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

function textOf(lines: readonly RecordLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function digestOf(lines: readonly RecordLine[]): Uint8Array {
  return createHash('sha256').update(textOf(lines)).digest()
}

function contentsOf(lines: readonly RecordLine[]): readonly string[] {
  return lines.map(({ time: _, ...rest }) => JSON.stringify(rest))
}
