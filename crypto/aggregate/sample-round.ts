// A whole round between parties in one process, for tests and figures: agreement, encryption, sum, opening.
import { randomBytes } from 'node:crypto'
import { Secret } from '#runtime/secret.ts'
import { makeSealingKey, type SealingKey } from '../envelope.ts'
import { chunkBytes } from './chunk-bytes.ts'
import { chunkRanges, chunksOf, type Fields, fieldsFor, sharedFieldsFor } from './fields.ts'
import { SumOpening } from './opening.ts'
import { OPENER_RING } from './ring-transform.ts'
import { pairSecret, type RoundKey, roundKey, roundLabel, sumOfKeys } from './round-keys.ts'
import { UpdateCipher, type UpdateKeys } from './update-cipher.ts'
import { ChunkSum } from './update-sum.ts'

export interface SampleRound {
  readonly fields: Fields
  readonly label: Uint8Array
  readonly names: readonly string[]
  /** what each party encrypts with; the opener is the first, if there is one */
  readonly keys: readonly UpdateKeys[]
}

export interface SampleOptions {
  readonly round?: number
  /** length of an update, for a round that all parties open; absent where the first of them does */
  readonly shared?: number | undefined
}

/** Parties that agreed pair by pair, once a job. */
export interface SampleParties {
  readonly names: readonly string[]
  /** of parties i > k at [i][k] */
  readonly pairs: readonly (readonly Secret[])[]
}

/** Made once for both ends of a pair, which costs half; that both derive the same is a test of its own. */
export function sampleParties(parties: number): SampleParties {
  const names = Array.from({ length: parties }, (_, i) => `park-${i + 1}`)
  const agreement = names.map(() => makeSealingKey())
  return { names, pairs: names.map((_, i) => names.slice(0, i).map((__, k) => agree(agreement, k, i))) }
}

/** Keys of a round between so many parties, or these. */
export function sampleRound(parties: number | SampleParties, { round = 1, shared }: SampleOptions = {}): SampleRound {
  const { names, pairs } = typeof parties === 'number' ? sampleParties(parties) : parties
  const facts = { job: 'job', task: 'task', round, participants: names, model: new Uint8Array(32) }
  const label = roundLabel(shared === undefined ? { ...facts, opener: 'park-1' } : facts)
  const fields = shared === undefined ? fieldsFor(names.length) : sharedFieldsFor(names.length, shared)
  const noise = names.map(() => new Secret('noise', new Uint8Array(randomBytes(32))))
  const keys = names.map((_, i): UpdateKeys => {
    const pair = (k: number) => pairs[Math.max(i, k)]?.[Math.min(i, k)] as Secret
    const others = names.flatMap((__, k) => (k === i ? [] : [k]))
    const own = i === 0 || shared !== undefined ? (noise[i] as Secret) : pair(0)
    const partners = others.map((k) => ({ pair: pair(k), sign: i < k ? (1 as const) : (-1 as const) }))
    return { key: roundKey(own, label, fields.ring), partners, noise: noise[i] as Secret }
  })
  return { fields, label, names, keys }
}

/** What party i derives for its pair with party k. */
export function agree(keys: readonly SealingKey[], i: number, k: number): Secret {
  const info = `${Math.min(i, k)}/${Math.max(i, k)}`
  return pairSecret(keys[i] as SealingKey, (keys[k] as SealingKey).publicKey, info)
}

/** The chunks of one party's update. */
export function encryptAll(round: SampleRound, party: number, values: Uint32Array): Uint8Array[] {
  const { fields, label, keys } = round
  const cipher = new UpdateCipher(fields, label, values.length, keys[party] as UpdateKeys)
  return [...chunkRanges(values.length, fields.ring)].map(([from, to]) => cipher.next(values.subarray(from, to)))
}

/** The chunks of the sum. @param updates by party, then chunk */
export function addAll(round: SampleRound, updates: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const chunks = updates[0]?.length ?? 0
  return Array.from({ length: chunks }, (_, chunk) => {
    const sum = new ChunkSum({ fields: round.fields, label: round.label, chunk, chunks }, round.names)
    for (const [party, name] of round.names.entries()) sum.add(name, updates[party]?.[chunk] as Uint8Array)
    return sum.bytes()
  })
}

/** The opener's values. @param key the sum of the keys of all parties where absent */
export function openAll(round: SampleRound, sums: readonly Uint8Array[], values: number, key?: RoundKey): Uint32Array {
  const opening = new SumOpening(round.fields, round.label, values, key ?? sumOfKeys(round.keys.map((own) => own.key)))
  const out = new Uint32Array(values)
  for (const [chunk, [from]] of [...chunkRanges(values)].entries())
    out.set(opening.next(sums[chunk] as Uint8Array), from)
  return out
}

/** Bytes that one party sends for so many values. */
export function uploadBytes(values: number, ring = OPENER_RING): number {
  return chunksOf(values, ring) * chunkBytes(ring)
}
