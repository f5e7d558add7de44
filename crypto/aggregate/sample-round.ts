// A whole round between parties in one process, for tests: agreement, encryption, sum, opening.
import { randomBytes } from 'node:crypto'
import { Secret } from '#runtime/secret.ts'
import { makeSealingKey } from '../envelope.ts'
import { CHUNK_BYTES } from './chunk-bytes.ts'
import { chunksOf, type Fields, fieldsFor } from './fields.ts'
import { SumOpening } from './opening.ts'
import { pairSecret, type RoundKey, roundKey, roundLabel, sumOfKeys } from './round-keys.ts'
import { chunkRanges, UpdateCipher, type UpdateKeys } from './update-cipher.ts'
import { ChunkSum } from './update-sum.ts'

export interface SampleRound {
  readonly fields: Fields
  readonly label: Uint8Array
  readonly names: readonly string[]
  /** what each party encrypts with; the opener is the first */
  readonly keys: readonly UpdateKeys[]
}

/** Keys of a round between so many parties. */
export function sampleRound(parties: number, round = 1): SampleRound {
  const names = Array.from({ length: parties }, (_, i) => `park-${i + 1}`)
  const agreement = names.map(() => makeSealingKey())
  const facts = { job: 'job', task: 'task', round, participants: names, opener: 'park-1', model: new Uint8Array(32) }
  const label = roundLabel(facts)
  const noise = names.map(() => new Secret('noise', new Uint8Array(randomBytes(32))))
  const keys = names.map((_, i): UpdateKeys => {
    const pair = (k: number) => {
      const info = `${Math.min(i, k)}/${Math.max(i, k)}`
      return pairSecret(agreement[i] as never, (agreement[k] as { publicKey: Uint8Array }).publicKey, info)
    }
    const others = names.flatMap((__, k) => (k === i ? [] : [k]))
    const own = i === 0 ? (noise[0] as Secret) : pair(0)
    const partners = others.map((k) => ({ pair: pair(k), sign: i < k ? (1 as const) : (-1 as const) }))
    return { key: roundKey(own, label), partners, noise: noise[i] as Secret }
  })
  return { fields: fieldsFor(parties), label, names, keys }
}

/** The chunks of one party's update. */
export function encryptAll(round: SampleRound, party: number, values: Uint32Array): Uint8Array[] {
  const cipher = new UpdateCipher(round.fields, round.label, values.length, round.keys[party] as UpdateKeys)
  return [...chunkRanges(values.length)].map(([from, to]) => cipher.next(values.subarray(from, to)))
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
export function uploadBytes(values: number): number {
  return chunksOf(values) * CHUNK_BYTES
}
