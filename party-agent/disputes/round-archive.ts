// What a party keeps of each training round for a dispute: what all were told, and what it would show of its own update.
// Sealed under the storage key, in <home>/jobs/<job>/rounds/. Nothing of it leaves before people of the party agree.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeptRound } from '#protocols/fedavg/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { readSealed, sealingKey, writeSealed } from '#crypto/sealed-file.ts'

/** Of one job. Rounds beyond it are not kept: in early rounds a dispute tells most. */
const MOST_BYTES = 256 * 2 ** 20

interface StoredRound extends Pick<KeptRound, 'round' | 'participants' | 'rows' | 'allRows' | 'scales'> {
  readonly version: 1
  readonly label: string
  readonly commitments: readonly string[]
  readonly sums: string
  readonly start: string
  readonly opening?: { readonly party: string; readonly salt: string; readonly rows: number; readonly values: string }
}

export class RoundArchive {
  readonly #home: string
  readonly #key: Secret

  constructor(home: string, storageKey: Secret) {
    this.#home = home
    this.#key = sealingKey(storageKey, 'kept-rounds')
  }

  /** For a job that trains. A round that runs again is written again. @throws PlatformError storage.full */
  keepFor(job: string): (kept: KeptRound) => Promise<void> {
    return async (kept) => {
      const bytes = encodeRound(kept)
      if (kept.round * bytes.length > MOST_BYTES) return
      await mkdir(join(this.#home, 'jobs', job, 'rounds'), { recursive: true, mode: 0o700 })
      await writeSealed(this.#path(job, kept.round), nameOf(job, kept.round), this.#key, bytes)
    }
  }

  /** @throws PlatformError dispute.unknown-round, storage.damaged */
  async read(job: string, round: number): Promise<KeptRound> {
    const bytes = await readSealed(this.#path(job, round), nameOf(job, round), this.#key)
    if (bytes === undefined) throw new PlatformError('dispute.unknown-round', { job, round })
    return decodeRound(bytes)
  }

  #path(job: string, round: number): string {
    return join(this.#home, 'jobs', job, 'rounds', `${round}.kept`)
  }
}

function encodeRound({ label, commitments, sums, start, opening, ...facts }: KeptRound): Uint8Array {
  const stored: StoredRound = {
    version: 1,
    ...facts,
    label: base64(label),
    commitments: commitments.map(base64),
    sums: base64(bytesOf(sums)),
    start: base64(bytesOf(start)),
    ...(opening && { opening: { ...opening, salt: base64(opening.salt), values: base64(bytesOf(opening.values)) } }),
  }
  return Buffer.from(JSON.stringify(stored))
}

function decodeRound(bytes: Uint8Array): KeptRound {
  const { version: _, opening, ...stored } = JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredRound
  const label = unpack(stored.label)
  return {
    ...stored,
    label,
    commitments: stored.commitments.map(unpack),
    sums: new Uint32Array(unpack(stored.sums).buffer),
    start: new Float32Array(unpack(stored.start).buffer),
    ...(opening && {
      opening: {
        label,
        party: opening.party,
        salt: unpack(opening.salt),
        rows: opening.rows,
        values: new Uint32Array(unpack(opening.values).buffer),
      },
    }),
  }
}

function nameOf(job: string, round: number): string {
  return `${job}/${round}`
}

export function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Bytes of a buffer of their own, so that they can be seen as words. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64'))
}
