// A log taken apart and put together again: what a cheat of each strength could make of it. Leaves can be edited as bytes
// (anybody with the file), the checkpoint signed anew (the coordinator), or records written anew, signed and cosigned
// by everybody (parties that agree on a lie).
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { openRecord, signRecord } from '#crypto/log/dsse.ts'
import { canonicalJson } from '#crypto/log/jcs.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, cosign, signCheckpoint } from '#crypto/log/note.ts'
import { leafDigest, NO_RECORD, recordIn } from '#protocols/log/records.ts'
import { PARTIES, syntheticKey, SyntheticLog } from './synthetic-log.ts'

export type Payload = Record<string, unknown>

/** A record before it has its place in its author's chain. */
export interface Draft {
  readonly author: string
  readonly kind: string
  /** all fields but seq and prev, which follow from the order of the drafts */
  readonly fields: Payload
  /** the last word over the payload, seq and prev included */
  readonly edit?: (payload: Payload) => Payload
  /** bytes to sign instead of the canonical form */
  readonly encode?: (payload: Payload) => Uint8Array
  /** party whose key signs, or `stranger`; else the author's */
  readonly signer?: string
}

export interface EvidenceParts {
  readonly leaves: readonly Uint8Array[]
  readonly checkpoint: Uint8Array
  /** in the place of those that led to the one that the log was opened with */
  readonly editions?: readonly TrustBundle[]
}

/** One synthetic log, its keys, and ways to write it anew. */
export class LogEditor {
  readonly log: SyntheticLog
  readonly #seed: string
  readonly #averaging: boolean

  constructor(seed: string, averaging = false) {
    this.#seed = seed
    this.#averaging = averaging
    this.log = new SyntheticLog(seed, averaging)
  }

  /** The records of so many whole jobs, or of `count` records. */
  drafts(size: { readonly jobs: number } | { readonly records: number }): Draft[] {
    const drafts: Draft[] = []
    let closed = 0
    const keyOf = (keyid: string) =>
      this.log.participants.find(({ signingKey }) => keyIdOf(signingKey) === keyid)?.signingKey
    for (const leaf of new SyntheticLog(this.#seed, this.#averaging).leaves(
      'records' in size ? size.records : Number.MAX_SAFE_INTEGER,
    )) {
      const { kind, ...payload } = recordIn(openRecord(leaf, keyOf))
      const { seq: _seq, prev: _prev, ...fields } = payload as Payload
      drafts.push({ author: payload.author, kind, fields })
      if (kind === 'job.closed') closed += 1
      if ('jobs' in size && closed === size.jobs * PARTIES.length) break
    }
    return drafts
  }

  /** Leaves of these records, signed by their authors. */
  write(drafts: readonly Draft[]): Uint8Array[] {
    const chains = new Map(PARTIES.map((party) => [party as string, { seq: 1, prev: NO_RECORD }]))
    return drafts.map(({ author, kind, fields, edit, encode, signer = author }) => {
      const chain = chains.get(author) as { seq: number; prev: string }
      const plain = { ...fields, ...chain }
      const payload = edit === undefined ? plain : edit(plain)
      const bytes = encode === undefined ? canonicalJson(payload) : encode(payload)
      const { publicKey, sign } = signer === 'stranger' ? stranger : this.log.keyOf(signer)
      const leaf = signRecord(`application/vnd.tributary.${kind}.v1+json`, bytes, sign, keyIdOf(publicKey))
      chain.seq = Number(payload['seq']) + 1
      chain.prev = leafDigest(leaf)
      return leaf
    })
  }

  /** A checkpoint over these leaves as the coordinator signs it, without cosignatures. */
  sign(leaves: readonly Uint8Array[]): Uint8Array {
    const tree = new CompactRange()
    for (const leaf of leaves) tree.append(leafHash(leaf))
    const head = { origin: this.log.origin, size: tree.size, root: tree.root() }
    return signCheckpoint(head, { name: this.log.origin, publicKey: this.log.logKey }, this.log.logSigner)
  }

  /** The checkpoint with cosignatures of these parties. */
  cosign(checkpoint: Uint8Array, time: Date, parties: readonly string[] = PARTIES): Uint8Array {
    const lines = parties.map((name) => {
      const { publicKey, sign } = this.log.keyOf(name)
      return cosign(checkpoint, { name, publicKey }, sign, time)
    })
    return addSignatures(checkpoint, lines)
  }

  /** Everybody signs these records. */
  agreeOn(drafts: readonly Draft[]): EvidenceParts {
    const leaves = this.write(drafts)
    return { leaves, checkpoint: this.cosign(this.sign(leaves), cosignTime(drafts)) }
  }
}

const stranger = syntheticKey('stranger', 'party')

/** One second after the last record. */
export function cosignTime(drafts: readonly Draft[]): Date {
  const last = drafts.reduce(
    (latest, { fields }) => (String(fields['time']) > latest ? String(fields['time']) : latest),
    '',
  )
  return new Date(Date.parse(last) + 1000)
}

export function flipBit(leaf: Uint8Array, at: number, bit: number): Uint8Array {
  const bytes = Uint8Array.from(leaf) // slice() of a Buffer shares its memory
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes
}

export function replaced<T>(list: readonly T[], at: number, ...items: readonly T[]): T[] {
  return list.toSpliced(at, 1, ...items)
}
