// Sums of encrypted updates are exact for any values, any number of parties; what does not belong together is refused.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeSealingKey } from '../envelope.ts'
import { fieldsFor, MOST_PARTIES } from './fields.ts'
import { clipLength, dequantiseSum, fromDigits, quantise, toDigits } from './quantise.ts'
import { addProduct, DEGREE, MODULUS, PRIMES, transform, transformBack } from './ring-transform.ts'
import { pairSecret, roundLabel, sumOfKeys } from './round-keys.ts'
import { addAll, encryptAll, openAll, sampleRound, uploadBytes } from './sample-round.ts'
import { Expansion } from './streams.ts'
import { UpdateCipher } from './update-cipher.ts'
import { ChunkSum } from './update-sum.ts'

const SEED = new Uint8Array(32).fill(7)
const plainSum = (updates: readonly Uint32Array[]) =>
  Uint32Array.from(updates[0] ?? [], (_, i) => updates.reduce((total, update) => total + (update[i] as number), 0))

test('a product of polynomials is that of the schoolbook, modulo both primes', () => {
  const stream = new Expansion(SEED, 'polynomials')
  for (const [j, p] of PRIMES.entries()) {
    const [a, b] = [stream.residues(j), stream.residues(j)]
    const expected = (k: number) => {
      let total = 0n
      for (let i = 0; i < DEGREE; i++) {
        const product = BigInt(a[i] as number) * BigInt(b[(k - i + DEGREE) % DEGREE] as number)
        total += i <= k ? product : -product
      }
      return Number(((total % BigInt(p)) + BigInt(p)) % BigInt(p))
    }
    const [ta, tb, product] = [a.slice(), b.slice(), new Uint32Array(DEGREE)]
    transform(ta, j)
    transform(tb, j)
    addProduct(product, ta, tb, j, 1)
    transformBack(product, j)
    for (const k of [0, 1, 1023, 1024, DEGREE - 1]) expect(product[k]).toBe(expected(k))
    transformBack(ta, j)
    expect(ta).toEqual(a)
  }
})

test('fields hold the sum of all parties and the noise stays below a quarter of a step', () => {
  for (const parties of [2, 3, 10, 48, 49, 100, 194, 195, 779, MOST_PARTIES]) {
    const { bits, levels, delta, noise } = fieldsFor(parties)
    expect(parties * levels).toBeLessThan(2 ** bits)
    expect(4 * noise).toBeLessThanOrEqual(delta)
    expect(noise).toBe(21 * parties)
    expect(BigInt(delta) << BigInt(2 * bits)).toBeLessThanOrEqual(MODULUS)
  }
  expect(fieldsFor(10)).toMatchObject({ bits: 21, levels: 209_715 })
  for (const parties of [1, 2.5, MOST_PARTIES + 1]) expect(() => fieldsFor(parties)).toThrow('he.range')
})

test('noise and secrets have the distributions that the bounds rest on', () => {
  const stream = new Expansion(SEED, 'noise')
  const noise = Array.from({ length: 16 }, () => [...stream.noise()]).flat()
  const variance = noise.reduce((total, e) => total + e * e, 0) / noise.length
  expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(21)
  expect(variance).toBeGreaterThan(10.1)
  expect(variance).toBeLessThan(10.9)
  const ternary = [...stream.ternary()]
  for (const value of [-1, 0, 1]) expect(ternary.filter((one) => one === value).length).toBeGreaterThan(DEGREE / 4)
})

test('the opened sum is the plain sum, for extremes and edges of chunks', () => {
  for (const parties of [2, 3, 5, 49]) {
    const round = sampleRound(parties)
    for (const length of parties === 5 ? [1, 4095, 4096, 4097] : [7]) {
      const extremes = [new Uint32Array(length), new Uint32Array(length).fill(round.fields.levels)]
      for (const extreme of extremes) {
        const updates = round.names.map(() => extreme)
        const sums = addAll(
          round,
          updates.map((update, i) => encryptAll(round, i, update)),
        )
        expect(openAll(round, sums, length)).toEqual(plainSum(updates))
      }
    }
  }
})

test('the opened sum is the plain sum, for any values', () => {
  const round = sampleRound(3)
  const values = fc.array(fc.integer({ min: 0, max: round.fields.levels }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(values, { minLength: 3, maxLength: 3 }), (lists) => {
      const length = Math.min(...lists.map((list) => list.length))
      const updates = lists.map((list) => Uint32Array.from(list.slice(0, length)))
      const sums = addAll(
        round,
        updates.map((update, i) => encryptAll(round, i, update)),
      )
      expect(openAll(round, sums, length)).toEqual(plainSum(updates))
    }),
    { numRuns: 20 },
  )
})

test('rounding is unbiased, clipping cuts, whole numbers add up exactly', () => {
  const fields = fieldsFor(3)
  const coins = new Expansion(SEED, 'coins')
  const step = 2 / fields.levels
  const values = new Float64Array(20_000).fill(0.3 * step)
  const mean =
    dequantiseSum(quantise(values, 1, fields, coins), 1, { ...fields, parties: 1 }).reduce((a, b) => a + b) / 20_000
  expect(Math.abs(mean - 0.3 * step)).toBeLessThan(0.02 * step)
  expect([...quantise(Float64Array.of(-9, 9), 1, fields, coins)]).toEqual([0, fields.levels])
  expect(() => quantise(Float64Array.of(Number.NaN), 1, fields, coins)).toThrow('he.range')
  const vector = Float64Array.of(3, 4)
  expect(clipLength(vector, 1)).toBe(5)
  expect([...vector]).toEqual([0.6000000000000001, 0.8])
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { minLength: 3, maxLength: 3 }), (raw) => {
      const numbers = raw.map((value) => value % 2 ** 40)
      const digits = numbers.map((value) => toDigits([value], fields))
      expect(fromDigits(plainSum(digits), fields)).toEqual([numbers.reduce((a, b) => a + b)])
    }),
  )
})

test('a million parameters are 3.4 bytes each on their way up', () => {
  expect(uploadBytes(1_000_000) / 1_000_000).toBeLessThan(3.4)
})

describe('refusals', () => {
  const round = sampleRound(3)
  const update = Uint32Array.from({ length: 100 }, (_, i) => i)
  const updates = round.names.map((_, i) => encryptAll(round, i, update))
  const sums = addAll(round, updates)
  const sumOfFirst = () => new ChunkSum({ fields: round.fields, label: round.label, chunk: 0, chunks: 1 }, round.names)
  const chunk = updates[0]?.[0] as Uint8Array
  const changed = (at: number, value: number) => chunk.map((byte, i) => (i === at ? value : byte))

  test('a sum without one of the parties does not exist, and a party is in it once', () => {
    const sum = sumOfFirst()
    sum.add('park-1', chunk)
    expect(() => sum.bytes()).toThrow('aggregate.incomplete')
    expect(() => sum.add('park-1', chunk)).toThrow('aggregate.repeated')
    expect(() => sum.add('stranger', chunk)).toThrow('aggregate.repeated')
  })

  test.each([
    ['a chunk that is too short', chunk.subarray(1), 'he.malformed'],
    ['another magic', changed(0, 1), 'he.malformed'],
    ['the sum in place of an update', sums[0] as Uint8Array, 'he.malformed'],
    ['another number of parties', changed(4, 4), 'he.malformed'],
    ['another chunk', changed(8, 1), 'he.malformed'],
    ['another round', changed(20, (chunk[20] as number) ^ 1), 'he.wrong-key'],
    [
      'a residue that is none',
      new Uint8Array(chunk.length).fill(255, 32).map((b, i) => (i < 32 ? (chunk[i] as number) : b)),
      'he.malformed',
    ],
  ])('%s', (_, bytes, code) => {
    expect(() => sumOfFirst().add('park-1', bytes)).toThrow(code)
  })

  test('the sum of another round, a wrong key or one byte changed is no sum', () => {
    const other = sampleRound(3, 2)
    expect(() =>
      openAll(
        round,
        addAll(
          other,
          other.names.map((_, i) => encryptAll(other, i, update)),
        ),
        100,
      ),
    ).toThrow('he.wrong-key')
    expect(() => openAll(round, sums, 100, sumOfKeys(other.keys.map(({ key }) => key)))).toThrow('he.noise')
    const damaged = (sums[0] as Uint8Array).map((byte, i) => (i === 500 ? byte ^ 1 : byte))
    expect(() => openAll(round, [damaged], 100)).toThrow('he.noise')
  })

  test('values above the levels, or more chunks than agreed, are not encrypted', () => {
    const cipher = () => new UpdateCipher(round.fields, round.label, 2, round.keys[0] as never)
    expect(() => cipher().next(Uint32Array.of(round.fields.levels + 1))).toThrow('he.range')
    const used = cipher()
    used.next(Uint32Array.of(1, 2))
    expect(() => used.next(Uint32Array.of(1, 2))).toThrow('he.range')
  })

  test('a key of small order, or of another length, is no key', () => {
    const own = makeSealingKey()
    for (const key of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31)), new Uint8Array(31)])
      expect(() => pairSecret(own, key, 'x')).toThrow('he.malformed')
  })

  test('every fact of a round changes its label', () => {
    const facts = {
      job: 'j',
      task: 't',
      round: 1,
      participants: ['a', 'b', 'c'],
      opener: 'a',
      model: new Uint8Array(32),
    }
    const labels = [
      facts,
      { ...facts, job: 'k' },
      { ...facts, task: 'u' },
      { ...facts, round: 2 },
      { ...facts, opener: 'b' },
      { ...facts, participants: ['a', 'b', 'd'] },
      { ...facts, model: SEED },
    ].map((one) => Buffer.from(roundLabel(one)).toString('hex'))
    expect(new Set(labels).size).toBe(7)
  })
})
