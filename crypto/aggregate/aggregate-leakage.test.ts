// What opener and adder together, and any n − 2 parties, see of one honest update: nothing but the sum over the honest.
// They know every key of the round and every mask but that between two honest parties. A simulator that knows the honest
// sum only makes the same view; with the last mask known too, the same attack reads the update (positive control).
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { uniformBits } from '../uniformity.ts'
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { decodeChunk } from './decoding.ts'
import {
  addInto,
  addProduct,
  OPENER_RING,
  powMod,
  RESIDUE_BITS,
  type Residues,
  transformBack,
} from './ring-transform.ts'
import { maskStream, publicStream } from './round-keys.ts'
import { encryptAll, type SampleRound, sampleRound } from './sample-round.ts'
import { Expansion } from './streams.ts'

const VALUES = Uint32Array.from({ length: 4096 }, (_, i) => (i * 37) % 5000)
const { degree: DEGREE, modulus: MODULUS } = OPENER_RING
const PRIMES = OPENER_RING.primes as readonly [number, number]

/** What the coalition computes from the update of one honest party: all that it knows is taken away. */
function stripped(round: SampleRound, party: number, honest: readonly number[], bytes: Uint8Array): Residues {
  const place: ChunkPlace = { kind: 'update', fields: round.fields, label: round.label, chunk: 0, chunks: 1 }
  const residues = readChunk(bytes, place)
  const own = round.keys[party] as SampleRound['keys'][number]
  const open = publicStream(round.label)
  const others = round.names.map((_, i) => i).filter((i) => i !== party)
  const known = own.partners.flatMap(({ pair, sign }, at) =>
    honest.includes(others[at] as number) ? [] : [{ stream: maskStream(pair, round.label), sign }],
  )
  for (const [j, p] of PRIMES.entries()) {
    const c0 = residues[j] as Uint32Array
    addProduct(c0, open.residues(p, DEGREE), own.key[j] as Uint32Array, p, 1)
    for (const { stream, sign } of known) addInto(c0, stream.residues(p, DEGREE), p, -sign as 1 | -1)
    transformBack(c0, p)
  }
  return residues
}

/** Coefficients within `noise` of a multiple of Δ: those that whoever holds the keys could read. */
function readable({ fields }: SampleRound, residues: Residues, noise = 21n): number {
  const [p, q, { delta }] = [BigInt(PRIMES[0]), BigInt(PRIMES[1]), fields]
  const inverse = BigInt(powMod(PRIMES[0] % PRIMES[1], PRIMES[1] - 2, PRIMES[1]))
  let count = 0
  for (let i = 0; i < DEGREE; i++) {
    const r0 = BigInt(residues[0]?.[i] as number)
    const h = ((((BigInt(residues[1]?.[i] as number) - r0) * inverse) % q) + q) % q
    if (((r0 + p * h + noise) % MODULUS) % delta <= 2n * noise) count++
  }
  return count
}

const uniform = (residues: Residues) => residues.every((words) => uniformBits(words, RESIDUE_BITS))

for (const [title, parties, honest] of [
  ['opener and adder against three parties', 3, [1, 2]],
  ['opener, adder and three more against two of six', 6, [3, 5]],
  ['the honest opener and another, against the adder and two of four', 4, [0, 2]],
] as const) {
  test(`${title}: a single update is uniform, as simulated; the honest sum is all that is left`, () => {
    const round = sampleRound(parties)
    const views = honest.map((party) =>
      stripped(round, party, honest, encryptAll(round, party, VALUES)[0] as Uint8Array),
    )
    const simulator = new Expansion(new Uint8Array(randomBytes(32)), 'simulated')
    const simulated = PRIMES.map((p) => simulator.residues(p, DEGREE))
    const chance = (43 / Number(round.fields.delta)) * DEGREE
    for (const view of [...views, simulated]) {
      expect(uniform(view)).toBe(true)
      expect(readable(round, view)).toBeLessThan(chance + 8 * Math.sqrt(chance))
    }
    // The second view is the honest sum minus the first: the simulator makes it so, and so it is.
    const [first, second] = views as [Residues, Residues]
    for (const [j, p] of PRIMES.entries()) addInto(first[j] as Uint32Array, second[j] as Uint32Array, p)
    expect(readable(round, first, 42n)).toBe(DEGREE)
  })
}

test('any n − 2 of five parties, with every key of the round and the adder: no choice of them reads one of the other two', () => {
  const round = sampleRound(5)
  const wires = round.names.map((_, i) => encryptAll(round, i, VALUES)[0] as Uint8Array)
  const pairs = [0, 1, 2, 3, 4].flatMap((a) => [0, 1, 2, 3, 4].filter((b) => b > a).map((b) => [a, b] as const))
  expect(pairs).toHaveLength(10)
  const chance = (43 / Number(round.fields.delta)) * DEGREE
  for (const honest of pairs) {
    for (const party of honest) {
      const view = stripped(round, party, honest, wires[party] as Uint8Array)
      expect([...honest, uniform(view)]).toEqual([...honest, true])
      expect(readable(round, view)).toBeLessThan(chance + 8 * Math.sqrt(chance))
    }
    // positive control: n − 1 of them read the last
    const alone = stripped(round, honest[0], [honest[0]], wires[honest[0]] as Uint8Array)
    expect(readable(round, alone)).toBe(DEGREE)
  }
})

test('positive control: who knows all masks reads every value', () => {
  const round = sampleRound(3)
  const view = stripped(round, 1, [], encryptAll(round, 1, VALUES)[0] as Uint8Array)
  expect(readable(round, view)).toBe(DEGREE)
  expect(uniform(view)).toBe(false)
})

test('positive control: two updates under one label give the adder their difference, without any key', () => {
  const round = sampleRound(3)
  const place: ChunkPlace = { kind: 'update', fields: round.fields, label: round.label, chunk: 0, chunks: 1 }
  const wire = (values: Uint32Array) => readChunk(encryptAll(round, 1, values)[0] as Uint8Array, place)
  const [one, two] = [wire(VALUES), wire(VALUES.map((v, i) => v + (i % 7)))]
  for (const [j, p] of PRIMES.entries()) {
    addInto(two[j] as Uint32Array, one[j] as Uint32Array, p, -1)
    transformBack(two[j] as Uint32Array, p)
  }
  const difference = decodeChunk(round.fields, two, 0, VALUES.length)
  expect([...difference]).toEqual([...VALUES].map((_, i) => i % 7))
})
