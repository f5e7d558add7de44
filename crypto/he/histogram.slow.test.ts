// Sums by cell of encrypted rows: the kernel against SEAL and against its own limits, the pool against plain sums,
// the budget of a key, and what is refused.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HistogramKernel } from './histogram-kernel.ts'
import { addModulo } from './masks.ts'
import { HISTOGRAM_ROWS, histogramSetFor, multiplierNoise, floodBits, maxFloodBits, N, setNamed } from './params.ts'
import { HePool } from './pool.ts'
import { readCiphertext } from './raw.ts'
import { compileSeal, liveHandles, SealSet, startSeal } from './seal.ts'

/** Integers below `limit`, drawn evenly enough. */
function draw(count: number, limit: number): number[] {
  const words = new Uint32Array(Uint8Array.from(randomBytes(8 * count)).buffer)
  return Array.from({ length: count }, (_, i) => Math.floor(((words[2 * i] as number) / 2 ** 32) * limit))
}

describe('kernel', () => {
  test.each([
    ['histogram', 16],
    ['histogram', 64],
    ['histogram-wide', 4],
  ] as const)('%s with %i windows sums exactly what SEAL multiplies', async (name, windows) => {
    const before = liveHandles()
    const { dataPrimes, plainModulus, parmsId } = setNamed(name)
    {
      using he = new SealSet(await startSeal(await compileSeal()), name)
      const saved = he.generateKey()
      using key = he.loadKey(saved.publicKey, saved.secretKey)
      using rows = he.encodeCoefficients(Float64Array.from(draw(N, plainModulus)))
      using cipher = he.encryptPublic(key, rows)
      const primes = dataPrimes.length
      const residues = () =>
        readCiphertext(he.saveCiphertext(cipher), { parmsId, primes, ntt: false, seeded: false }).words.filter(
          (_, i) => i % 2 === 0,
        )
      const kernel = new HistogramKernel(dataPrimes, N, windows)
      const cells = Uint8Array.from(draw(kernel.rows, windows))
      kernel.hold([kernel.prepare(residues())])
      const sums = { second: new Uint32Array(kernel.digits * N), asked: new Float64Array(kernel.digits * windows) }
      kernel.addColumn(cells, sums)

      const mask = new Float64Array(N)
      for (const [r, cell] of cells.entries()) mask[kernel.rows * cell + kernel.rows - 1 - r] = 1
      using plain = he.encodeCoefficients(mask)
      he.transformPlain(plain)
      he.transform(cipher)
      using product = he.multiply(cipher, plain)
      he.transformBack(product)
      const shape = { parmsId, primes, ntt: false, seeded: false }
      const expected = readCiphertext(he.saveCiphertext(product), shape).words.filter((_, i) => i % 2 === 0)
      expect(kernel.secondOf(sums)).toEqual(expected.slice(primes * N))
      const asked = dataPrimes.flatMap((_, j) =>
        Array.from({ length: windows }, (_, cell) => expected[j * N + kernel.rows * cell + kernel.rows - 1]),
      )
      expect([...kernel.askedOf(sums)]).toEqual(asked)
    }
    expect(liveHandles()).toBe(before)
  })

  test('many blocks of extreme residues stay exact, and a second call adds to the first', () => {
    const { dataPrimes } = setNamed('histogram')
    const kernel = new HistogramKernel(dataPrimes, N, 16)
    // c1 = (q − 1)/2 in its first coefficient only, so that every product is a signed monomial
    const residues = new Uint32Array(8 * N)
    for (const [j, prime] of dataPrimes.entries()) {
      residues.fill(Number(prime) - 1, j * N, (j + 1) * N)
      residues[(4 + j) * N] = (Number(prime) - 1) / 2
    }
    const block = kernel.prepare(residues)
    kernel.hold(Array.from({ length: 9 }, () => block))
    const sums = { second: new Uint32Array(8 * N), asked: new Float64Array(8 * 16) }
    kernel.addColumn(new Uint8Array(9 * 512), sums)
    kernel.addColumn(new Uint8Array(9 * 512), sums)
    const second = kernel.secondOf(sums)
    const asked = kernel.askedOf(sums)
    for (const [j, prime] of dataPrimes.entries()) {
      const p = Number(prime)
      for (const at of [0, 511, 512, 8191])
        expect(second[j * N + at]).toBe(at < 512 ? Number((BigInt((p - 1) / 2) * 18n) % prime) : 0)
      // all rows in cell 0: the sum of 9 · 512 · 2 times −1
      expect(asked[j * 16]).toBe(p - 9216)
    }
  })

  test('cells outside the windows, and a wrong number of windows, are refused', () => {
    const { dataPrimes } = setNamed('histogram')
    const kernel = new HistogramKernel(dataPrimes, N, 16)
    const sums = { second: new Uint32Array(8 * N), asked: new Float64Array(8 * 16) }
    const range = expect.objectContaining({ code: 'he.range' })
    expect(() => kernel.addColumn(new Uint8Array(512).fill(17), sums)).toThrow(range)
    expect(() => kernel.addColumn(new Uint8Array(511), sums)).toThrow(range)
    const parameters = expect.objectContaining({ code: 'he.parameters' })
    expect(() => new HistogramKernel(dataPrimes, N, 12)).toThrow(parameters)
    expect(() => new HistogramKernel(dataPrimes, N, 128)).toThrow(parameters)
  })
})

test('both sets have room for the flooding of as many rows as they take', () => {
  for (const name of ['histogram', 'histogram-wide'] as const) {
    const set = setNamed(name)
    const bits = floodBits(set, multiplierNoise(HISTOGRAM_ROWS[name]))
    expect(bits).toBeLessThanOrEqual(maxFloodBits(set))
    expect(2 ** bits).toBeGreaterThanOrEqual(22 * HISTOGRAM_ROWS[name] * set.revealedPerKey * 2 ** 40)
  }
  expect(histogramSetFor(131_072)).toBe('histogram')
  expect(histogramSetFor(131_073)).toBe('histogram-wide')
  expect(histogramSetFor(2 ** 23 + 1)).toBeUndefined()
})

describe('pool', () => {
  let pool: HePool
  beforeAll(async () => {
    pool = await HePool.open({ workers: 2 })
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  test.each(['histogram', 'histogram-wide'] as const)('%s: sums by cell, in parts, are exact', async (set) => {
    const key = await pool.generateKey(set)
    const foreign = await pool.readPublicKey(set, key.publicKey.wire)
    const [rows, windows, columns] = [2300, 8, 3]
    const values = Float64Array.from(draw(rows, 2 ** 24))
    const cells = Array.from({ length: columns }, (_, c) => Uint8Array.from(draw(rows, windows - c)))
    const block = N / windows
    const cts = await Promise.all(
      [0, 1, 2].map((b) => pool.encryptRows(key, values.subarray(b * block, Math.min(rows, (b + 1) * block)))),
    )
    const histogram = pool.openHistogram(foreign, windows, columns)
    await histogram.add(
      cts.slice(0, 1),
      cells.map((column) => column.subarray(0, block)),
    )
    await histogram.add(
      cts.slice(1),
      cells.map((column) => column.subarray(block)),
    )
    for (const [c, column] of cells.entries()) {
      const expected = new Float64Array(windows - c)
      for (const [r, cell] of column.entries()) expected[cell] = (expected[cell] as number) + (values[r] as number)
      const answer = await histogram.protect(c, windows - c)
      expect(await pool.decryptCells(key, answer, windows, windows - c)).toEqual(expected)
      await expect(pool.decryptCells(key, answer, windows, 2)).rejects.toMatchObject({ code: 'he.malformed' })
    }
    await expect(histogram.protect(3, 1)).rejects.toMatchObject({ code: 'he.range' })
    await expect(histogram.protect(0, 9)).rejects.toMatchObject({ code: 'he.range' })
    await expect(histogram.add(cts, [])).rejects.toMatchObject({ code: 'he.range' })
    const other = await pool.generateKey(set)
    await expect(
      pool.openHistogram(other.publicKey, windows, 1).add(cts.slice(0, 1), [new Uint8Array(9)]),
    ).rejects.toMatchObject({ code: 'he.wrong-key' })
  })

  test.each(['histogram', 'histogram-wide'] as const)('%s: a masked answer opens to sum and mask', async (set) => {
    const key = await pool.generateKey(set)
    const { plainModulus } = setNamed(set)
    const [rows, windows] = [700, 8]
    const values = Float64Array.from(draw(rows, 2 ** 24))
    const cells = Uint8Array.from(draw(rows, windows))
    const ct = await pool.encryptRows(key, values)
    const open = async (masks?: BigUint64Array) => {
      const histogram = pool.openHistogram(key.publicKey, windows, 1)
      await histogram.add([ct], [cells])
      return pool.decryptCells(key, await histogram.protect(0, 7, masks), windows, 7)
    }
    const sums = await open()
    const extremes = [0, 1, plainModulus - 1, plainModulus / 2]
    for (let run = 0; run < 3; run++) {
      const drawn = Float64Array.from(
        [...draw(7, plainModulus)].map((mask, i) => (run === 0 ? (extremes[i] ?? mask) : mask)),
      )
      const masked = await open(BigUint64Array.from(drawn, BigInt))
      expect(masked).toEqual(addModulo(set, [sums, drawn]))
      // two parties whose masks cancel
      const other = await open(BigUint64Array.from(drawn, (mask) => BigInt((plainModulus - mask) % plainModulus)))
      expect(addModulo(set, [masked, other])).toEqual(sums.map((sum) => 2 * sum))
    }
    const range = { code: 'he.range' }
    await expect(open(new BigUint64Array(6))).rejects.toMatchObject(range)
    await expect(open(new BigUint64Array(7).fill(BigInt(plainModulus)))).rejects.toMatchObject(range)
    expect(() => addModulo(set, [new Float64Array(2), new Float64Array(1)])).toThrow(expect.objectContaining(range))
  })

  test('sums modulo the plain modulus wrap, and a key of another set is refused', async () => {
    const key = await pool.generateKey('histogram')
    const top = 2 ** 40 - 1
    const ct = await pool.encryptRows(key, Float64Array.of(top, top, 5))
    const histogram = pool.openHistogram(key.publicKey, 4, 1)
    await histogram.add([ct], [Uint8Array.of(1, 1, 3)])
    const opened = await pool.decryptCells(key, await histogram.protect(0, 4), 4, 4)
    expect([...opened]).toEqual([0, 2 ** 40 - 2, 0, 5])
    const gradient = await pool.generateKey('gradient')
    expect(() => pool.openHistogram(gradient.publicKey, 4, 1)).toThrow(
      expect.objectContaining({ code: 'he.parameters' }),
    )
    await expect(pool.encryptRows(key, Float64Array.of(2 ** 40))).rejects.toMatchObject({ code: 'he.range' })
  })
})
