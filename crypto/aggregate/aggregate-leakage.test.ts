// What opener and adder together, and any n − 2 parties, see of one honest update: nothing but the sum over the honest.
// They know every key of the round and every mask but that between two honest parties. A simulator that knows the honest
// sum only makes the same view; without the masks, the same attack reads the update (positive control).
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { uniformBits } from '../uniformity.ts'
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { addInto, addProduct, DEGREE, MODULUS, PRIMES, powMod, RESIDUE_BITS, transformBack } from './ring-transform.ts'
import { maskStream, publicStream } from './round-keys.ts'
import { encryptAll, type SampleRound, sampleRound } from './sample-round.ts'
import { Expansion } from './streams.ts'

const VALUES = Uint32Array.from({ length: 4096 }, (_, i) => (i * 37) % 5000)
type Pair = [Uint32Array, Uint32Array]

/** What the coalition computes from the update of one honest party: all that it knows is taken away. */
function stripped(round: SampleRound, party: number, honest: readonly number[], bytes: Uint8Array): Pair {
  const place: ChunkPlace = { kind: 'update', fields: round.fields, label: round.label, chunk: 0, chunks: 1 }
  const residues = readChunk(bytes, place) as unknown as Pair
  const own = round.keys[party] as SampleRound['keys'][number]
  const open = publicStream(round.label)
  const others = round.names.map((_, i) => i).filter((i) => i !== party)
  const known = own.partners.flatMap(({ pair, sign }, at) =>
    honest.includes(others[at] as number) ? [] : [{ stream: maskStream(pair, round.label), sign }],
  )
  for (const j of [0, 1] as const) {
    addProduct(residues[j], open.residues(j), own.key[j], j, 1)
    for (const { stream, sign } of known) addInto(residues[j], stream.residues(j), j, -sign as 1 | -1)
    transformBack(residues[j], j)
  }
  return residues
}

/** Coefficients within `noise` of a multiple of Δ: those that whoever holds the keys could read. */
function readable({ fields }: SampleRound, residues: Pair, noise = 21n): number {
  const [p, q, delta] = [BigInt(PRIMES[0]), BigInt(PRIMES[1]), BigInt(fields.delta)]
  const inverse = BigInt(powMod(PRIMES[0] % PRIMES[1], PRIMES[1] - 2, PRIMES[1]))
  let count = 0
  for (let i = 0; i < DEGREE; i++) {
    const r0 = BigInt(residues[0][i] as number)
    const h = ((((BigInt(residues[1][i] as number) - r0) * inverse) % q) + q) % q
    if (((r0 + p * h + noise) % MODULUS) % delta <= 2n * noise) count++
  }
  return count
}

const uniform = (residues: Pair) => residues.every((words) => uniformBits(words, RESIDUE_BITS))

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
    const simulated: Pair = [simulator.residues(0), simulator.residues(1)]
    const chance = (43 / round.fields.delta) * DEGREE
    for (const view of [...views, simulated]) {
      expect(uniform(view)).toBe(true)
      expect(readable(round, view)).toBeLessThan(chance + 8 * Math.sqrt(chance))
    }
    // The second view is the honest sum minus the first: the simulator makes it so, and so it is.
    const [first, second] = views as [Pair, Pair]
    for (const j of [0, 1] as const) addInto(first[j], second[j], j)
    expect(readable(round, first, 42n)).toBe(DEGREE)
  })
}

test('positive control: without ring masks, opener and adder read every value', () => {
  const round = sampleRound(3)
  const bare = { ...round, keys: round.keys.map((keys) => ({ ...keys, partners: [] })) }
  const view = stripped(bare, 1, [1, 2], encryptAll(bare, 1, VALUES)[0] as Uint8Array)
  expect(readable(round, view)).toBe(DEGREE)
  expect(uniform(view)).toBe(false)
})

test('positive control: two updates under one label give their difference away, which is why a party answers once', () => {
  const round = sampleRound(3)
  const one = stripped(round, 1, [1, 2], encryptAll(round, 1, VALUES)[0] as Uint8Array)
  const two = stripped(
    round,
    1,
    [1, 2],
    encryptAll(
      round,
      1,
      VALUES.map((v) => v + 1),
    )[0] as Uint8Array,
  )
  for (const j of [0, 1] as const) addInto(two[j], one[j], j, -1)
  expect(readable(round, two)).toBe(DEGREE)
})
