// Opening by all: exact with every share, noise with one too few; a party gives shares of one sum of a round only.
import { expect, test } from 'vitest'
import { uniformBits } from '../uniformity.ts'
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { decodeChunk } from './decoding.ts'
import { fieldsFor, sharedFieldsFor } from './fields.ts'
import {
  addInto,
  addProduct,
  powMod,
  RESIDUE_BITS,
  type Residues,
  SHARED_RING,
  transformBack,
} from './ring-transform.ts'
import { maskStream, publicStream, roundKey, shareMaskStream, sumOfKeys } from './round-keys.ts'
import { addAll, encryptAll, sampleRound, type SampleRound, uploadBytes } from './sample-round.ts'
import { Expansion } from './streams.ts'
import { openThreshold, ShareRelease, sumDigest } from './threshold.ts'
import type { UpdateKeys } from './update-cipher.ts'

const VALUES = 9000
const { degree, primes, modulus } = SHARED_RING
const plainSum = (updates: readonly Uint32Array[]) =>
  Uint32Array.from(updates[0] ?? [], (_, i) => updates.reduce((total, update) => total + (update[i] as number), 0))

function updatesOf({ fields, names }: SampleRound, values = VALUES): Uint32Array[] {
  return names.map((_, party) =>
    Uint32Array.from({ length: values }, (__, i) => (i * 7919 + party) % (fields.levels + 1)),
  )
}

const releaseOf = ({ fields, label, keys }: SampleRound, party: number, values = VALUES) =>
  new ShareRelease(fields, label, values, keys[party] as UpdateKeys)

function sharesOf(round: SampleRound, sums: readonly Uint8Array[], values = VALUES): Map<string, Uint8Array[]> {
  return new Map(round.names.map((name, party) => [name, releaseOf(round, party, values).release(sums)]))
}

const opened = (round: SampleRound, sums: readonly Uint8Array[], shares: Map<string, Uint8Array[]>, values = VALUES) =>
  openThreshold({ ...round, values, participants: round.names }, sums, shares)

/** Signed coefficients, by the Chinese remainder theorem. */
function signed(residues: Residues, i: number): bigint {
  let x = 0n
  for (const [j, p] of primes.entries()) {
    const rest = modulus / BigInt(p)
    const inverse = BigInt(powMod(Number(rest % BigInt(p)), p - 2, p))
    x += rest * ((BigInt(residues[j]?.[i] as number) * inverse) % BigInt(p))
  }
  x %= modulus
  return x > modulus / 2n ? x - modulus : x
}

test('all shares open the exact sum, for extremes and edges of chunks', () => {
  for (const [parties, values] of [
    [2, 1],
    [3, 8192],
    [5, 8193],
  ] as const) {
    const round = sampleRound(parties, { shared: values })
    const extremes = [new Uint32Array(values), new Uint32Array(values).fill(round.fields.levels)]
    const [zeros, most] = extremes as [Uint32Array, Uint32Array]
    for (const updates of [round.names.map(() => zeros), round.names.map(() => most)].slice(parties === 5 ? 1 : 0)) {
      const sums = addAll(
        round,
        updates.map((update, i) => encryptAll(round, i, update)),
      )
      expect(opened(round, sums, sharesOf(round, sums, values), values)).toEqual(plainSum(updates))
    }
  }
})

test('one share too few: refused, and what is left is uniform; with the last share it opens (positive control)', () => {
  const round = sampleRound(3, { shared: VALUES })
  const updates = updatesOf(round)
  const sums = addAll(
    round,
    updates.map((update, i) => encryptAll(round, i, update)),
  )
  const shares = sharesOf(round, sums)
  const few = new Map([...shares].slice(0, 2))
  expect(() => opened(round, sums, few)).toThrow('aggregate.incomplete')
  expect(() => opened(round, sums, new Map([...shares, ['stranger', sums]]))).toThrow('aggregate.repeated')
  // without the refusal, and with the masks of the shares of one of the two taken away as well
  const place: ChunkPlace = { kind: 'sum', fields: round.fields, label: round.label, chunk: 0, chunks: 2 }
  const total = readChunk(sums[0] as Uint8Array, place)
  const add = (name: string) => {
    const share = readChunk(shares.get(name)?.[0] as Uint8Array, { ...place, kind: 'share' })
    for (const [j, p] of primes.entries()) addInto(total[j] as Uint32Array, share[j] as Uint32Array, p)
  }
  const back = () => total.map((words, j) => (transformBack(words, primes[j] as number), words))
  add('park-1')
  add('park-2')
  const lacking = total.map((words) => words.slice())
  for (const [j, p] of primes.entries()) transformBack(lacking[j] as Uint32Array, p)
  expect(lacking.every((words) => uniformBits(words, RESIDUE_BITS))).toBe(true)
  expect(() => decodeChunk(round.fields, lacking, 0, 8192)).toThrow('he.noise')
  add('park-3')
  expect(decodeChunk(round.fields, back(), 0, 8192)).toEqual(plainSum(updates).subarray(0, 8192))
})

test('adder and n − 2 parties, with all shares, get the sum of the other two and nothing of one', () => {
  const round = sampleRound(4, { shared: VALUES })
  const { fields, label, keys } = round
  const updates = updatesOf(round)
  const wire = updates.map((update, i) => encryptAll(round, i, update))
  const sums = addAll(round, wire)
  const shares = sharesOf(round, sums)
  const place: ChunkPlace = { kind: 'update', fields, label, chunk: 0, chunks: 2 }
  /** update + share of an honest party, less all masks that parties 2 and 3 know */
  const stripped = (party: number, known: readonly number[], shared = true): Residues => {
    const total = readChunk(wire[party]?.[0] as Uint8Array, place)
    const share = readChunk(shares.get(`park-${party + 1}`)?.[0] as Uint8Array, { ...place, kind: 'share' })
    const others = [0, 1, 2, 3].filter((i) => i !== party)
    const masks = (keys[party] as UpdateKeys).partners.flatMap(({ pair, sign }, at) =>
      known.includes(others[at] as number)
        ? [maskStream(pair, label), ...(shared ? [shareMaskStream(pair, label, sumDigest(sums))] : [])].map(
            (stream) => ({ stream, sign }),
          )
        : [],
    )
    for (const [j, p] of primes.entries()) {
      const own = total[j] as Uint32Array
      if (shared) addInto(own, share[j] as Uint32Array, p)
      for (const { stream, sign } of masks) addInto(own, stream.residues(p, degree), p, -sign as 1 | -1)
      transformBack(own, p)
    }
    return total
  }
  const [first, second] = [stripped(0, [2, 3]), stripped(1, [2, 3])]
  for (const view of [first, second]) {
    expect(view.every((words) => uniformBits(words, RESIDUE_BITS))).toBe(true)
    expect(() => decodeChunk(fields, view, 0, 8192)).toThrow('he.noise')
  }
  for (const [j, p] of primes.entries()) addInto(first[j] as Uint32Array, second[j] as Uint32Array, p)
  expect(decodeChunk(fields, first, 0, 8192)).toEqual(plainSum(updates.slice(0, 2)).subarray(0, 8192))
  // all others together, who know every mask of it: without its share an update stays under its own key
  const bare = stripped(0, [1, 2, 3], false)
  expect(bare.every((words) => uniformBits(words, RESIDUE_BITS))).toBe(true)
  expect(() => decodeChunk(fields, bare, 0, 8192)).toThrow('he.noise')
  // positive control: with its share they read it, which is the sum less their own
  expect(decodeChunk(fields, stripped(0, [1, 2, 3]), 0, 8192)).toEqual((updates[0] as Uint32Array).subarray(0, 8192))
})

test('flooding is uniform over its whole width, and hides the noise of the updates', () => {
  const { flood } = sharedFieldsFor(3, VALUES)
  const drawn = new Expansion(new Uint8Array(32).fill(3), 'flood').flood(flood, SHARED_RING)
  const limit = 1n << BigInt(flood)
  const counts = new Array<number>(16).fill(0)
  let [least, most] = [0n, 0n]
  for (let i = 0; i < degree; i++) {
    const value = signed(drawn, i)
    if (value < least) least = value
    if (value > most) most = value
    counts[Number(((value + limit) * 16n) / (2n * limit))]! += 1
  }
  expect(least).toBeGreaterThanOrEqual(-limit)
  expect(most).toBeLessThan(limit)
  // 16 cells of 256 expected: χ² beyond 73.6 happens once in 10^9
  expect(counts.reduce((total, count) => total + (count - degree / 16) ** 2 / (degree / 16), 0)).toBeLessThan(73.6)
  // lowest bits too
  const low = Uint32Array.from({ length: degree }, (_, i) => Number((signed(drawn, i) + limit) & 0x7ffffffn))
  expect(uniformBits(low, 27)).toBe(true)
})

test('what all shares add up to is a·Σs and the flooding of each, within the bound', () => {
  const round = sampleRound(3, { shared: VALUES })
  const sums = addAll(
    round,
    updatesOf(round).map((update, i) => encryptAll(round, i, update)),
  )
  const place: ChunkPlace = { kind: 'share', fields: round.fields, label: round.label, chunk: 0, chunks: 2 }
  const total = primes.map(() => new Uint32Array(degree))
  for (const own of sharesOf(round, sums).values())
    for (const [j, words] of readChunk(own[0] as Uint8Array, place).entries())
      addInto(total[j] as Uint32Array, words, primes[j] as number)
  const open = publicStream(round.label)
  const key = sumOfKeys(
    round.keys.map((keys) => keys.key),
    SHARED_RING,
  )
  for (const [j, p] of primes.entries()) {
    addProduct(total[j] as Uint32Array, open.residues(p, degree), key[j] as Uint32Array, p, -1)
    transformBack(total[j] as Uint32Array, p)
  }
  const one = 1n << BigInt(round.fields.flood)
  const sizes = Array.from({ length: degree }, (_, i) => signed(total, i)).map((x) => (x < 0n ? -x : x))
  const largest = sizes.reduce((a, b) => (a > b ? a : b))
  expect(largest).toBeLessThanOrEqual(3n * one)
  expect(largest).toBeGreaterThan(one) // all three are in it
})

test('shares of a second sum under one label are refused, also by a party that began anew; of the same they are the same', () => {
  const round = sampleRound(3, { shared: VALUES })
  const { fields, label, keys } = round
  const updates = updatesOf(round)
  const sums = addAll(
    round,
    updates.map((update, i) => encryptAll(round, i, update)),
  )
  const other = addAll(
    round,
    updates.map((update, i) =>
      encryptAll(
        round,
        i,
        update.map((value) => value >> 1),
      ),
    ),
  )
  const release = releaseOf(round, 0)
  const first = release.release(sums)
  expect(release.release(sums)).toEqual(first)
  expect(() => release.release(other)).toThrow('aggregate.repeated')
  const later = new ShareRelease(fields, label, VALUES, keys[0] as UpdateKeys, sumDigest(sums))
  expect(() => later.release(other)).toThrow('aggregate.repeated')
  expect(later.release(sums)).toEqual(first)
  // even if all of them broke the rule, two answers average nothing out: what shares add up to does not depend on the sum
  const totalOf = (of: readonly Uint8Array[]) => {
    const place: ChunkPlace = { kind: 'share', fields, label, chunk: 0, chunks: 2 }
    const total = primes.map(() => new Uint32Array(degree))
    for (const own of sharesOf(round, of).values())
      for (const [j, words] of readChunk(own[0] as Uint8Array, place).entries())
        addInto(total[j] as Uint32Array, words, primes[j] as number)
    return total
  }
  expect(totalOf(other)).toEqual(totalOf(sums))
  expect(releaseOf(round, 0).release(other)).not.toEqual(first)
  // parties that were shown different sums open neither
  const mixed = new Map([
    ['park-1', first],
    ['park-2', releaseOf(round, 1).release(sums)],
    ['park-3', releaseOf(round, 2).release(other)],
  ])
  for (const one of [sums, other]) expect(() => opened(round, one, mixed)).toThrow('he.noise')
})

test('what is no sum of this round gets no share, and a share is no update', () => {
  const round = sampleRound(3, { shared: VALUES })
  const update = updatesOf(round).map((values, i) => encryptAll(round, i, values))
  const sums = addAll(round, update)
  expect(() => releaseOf(round, 0).release(sums.slice(1))).toThrow('he.malformed')
  expect(() => releaseOf(round, 0).release(update[0] as Uint8Array[])).toThrow('he.malformed')
  const another = sampleRound(3, { shared: VALUES, round: 2 })
  expect(() => releaseOf(another, 0).release(sums)).toThrow('he.wrong-key')
  const shares = sharesOf(round, sums)
  expect(() => opened(round, sums, new Map([...shares, ['park-1', update[0] as Uint8Array[]]]))).toThrow('he.malformed')
  expect(() => opened(round, sums, new Map([...shares, ['park-1', sums.slice(1)]]))).toThrow('he.malformed')
  // where one party opens, nothing is flooded: no shares of that
  const single = sampleRound(3)
  expect(() => new ShareRelease(fieldsFor(3), single.label, VALUES, single.keys[0] as UpdateKeys)).toThrow('he.range')
  // nor with the flooding of a shorter update
  const [own] = round.keys as [UpdateKeys]
  expect(() => new ShareRelease(round.fields, round.label, 4 * VALUES, own)).toThrow('he.range')
  const [first] = single.keys as [UpdateKeys]
  const bare = { ...first, key: roundKey(first.noise, single.label, SHARED_RING), partners: [] }
  expect(() => new ShareRelease(round.fields, round.label, VALUES, bare)).toThrow('he.range')
})

test('an update and a share of a million parameters are 6.8 bytes each', () => {
  expect(uploadBytes(1_000_000, SHARED_RING) / 1_000_000).toBeLessThan(6.81)
})
