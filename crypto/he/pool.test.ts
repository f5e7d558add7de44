// The engine against plain ring arithmetic: exact results at random and extreme values, edge sizes, refusals, workers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expandUniform } from '../prg.ts'
import { add, dotInt, mul, T } from '../ring.ts'
import { type HeKeyPair, HePool, SLOTS } from './pool.ts'

const refused = (code: string) => expect.objectContaining({ code })
const uniform = (label: string, n: number) => expandUniform(new Uint8Array(32).fill(5), label, n)
const filled = (value: number, n = SLOTS) => new Float64Array(n).fill(value)

let he: HePool
let score: HeKeyPair
let gradient: HeKeyPair

beforeAll(async () => {
  he = await HePool.open({ workers: 2 })
  score = await he.generateKey('score')
  gradient = await he.generateKey('gradient')
})
afterAll(() => he[Symbol.asyncDispose]())

/** A column of integers with |x| ≤ 2^20, extremes included, in shared memory. */
function columnOf(label: string, rows: number): Int32Array {
  const column = new Int32Array(new SharedArrayBuffer(4 * rows))
  const draws = uniform(label, rows)
  for (let i = 0; i < rows; i++) column[i] = ((draws[i] as number) % (2 ** 21 + 1)) - 2 ** 20
  return column
}

async function encryptBlocks(d: Float64Array, rowsPerBlock: number): Promise<Uint8Array[]> {
  const blocks = Array.from({ length: Math.ceil(d.length / rowsPerBlock) }, (_, b) =>
    d.slice(b * rowsPerBlock, (b + 1) * rowsPerBlock),
  )
  return Promise.all(blocks.map((block) => he.encryptCoefficients(gradient, block)))
}

async function openInnerProducts(
  answers: readonly Uint8Array[],
  rowsPerBlock: number,
  columns: number,
): Promise<number[]> {
  const each = SLOTS / rowsPerBlock
  const opened = answers.map((answer, a) =>
    he.decryptInnerProducts(gradient, answer, rowsPerBlock, Math.min(each, columns - a * each)),
  )
  return (await Promise.all(opened)).flatMap((values) => [...values])
}

describe('slot products', () => {
  test('sums of products plus mask are exact over several ciphertexts, outputs and accumulators', async () => {
    const values = [uniform('v0', SLOTS), uniform('v1', SLOTS)]
    const weights = [uniform('w0', SLOTS), uniform('w1', SLOTS)]
    const [w0, w1] = weights as [Float64Array, Float64Array]
    const mask = uniform('mask', SLOTS)
    const cts = await Promise.all(values.map((value) => he.encryptSlots(score, value)))
    const accumulators = await he.multiplySlots(score.publicKey, cts, [
      [w0, w1],
      [w1, w0],
    ])
    const answer = await he.protectSlots(score.publicKey, accumulators, mask)
    const total = mul(add(values[0] as Float64Array, values[1] as Float64Array), add(w0, w1))
    expect(await he.decryptSlots(score, answer)).toEqual(add(total, mask))
    const second = await he.protectSlots(score.publicKey, accumulators.slice(1), mask)
    expect(second).not.toEqual(answer)
    const crossed = add(mul(values[0] as Float64Array, w1), mul(values[1] as Float64Array, w0))
    expect(await he.decryptSlots(score, second)).toEqual(add(crossed, mask))
  })

  test.each([
    ['all T-1 times all T-1', filled(T - 1), filled(T - 1), filled(T - 1)],
    ['half-way values, the largest centred lift', filled((T - 1) / 2), filled((T + 1) / 2), filled(0)],
    ['zero weights', uniform('z', SLOTS), filled(0), uniform('m', SLOTS)],
    ['zero values and zero mask', filled(0), uniform('w', SLOTS), filled(0)],
    ['everything zero', filled(0), filled(0), filled(0)],
  ])('%s', async (_, value, weight, mask) => {
    const ct = await he.encryptSlots(score, value)
    const accumulators = await he.multiplySlots(score.publicKey, [ct], [[weight]])
    const answer = await he.protectSlots(score.publicKey, accumulators, mask)
    expect(await he.decryptSlots(score, answer)).toEqual(add(mul(value, weight), mask))
  })

  test.each([1, SLOTS - 1, SLOTS])('%i values: the other slots count as zero', async (n) => {
    const value = uniform('value', n)
    const ct = await he.encryptSlots(score, value)
    const accumulators = await he.multiplySlots(score.publicKey, [ct], [[uniform('weight', n)]])
    const opened = await he.decryptSlots(
      score,
      await he.protectSlots(score.publicKey, accumulators, uniform('mask', n)),
    )
    expect(opened.subarray(0, n)).toEqual(add(mul(value, uniform('weight', n)), uniform('mask', n)))
    expect(opened.subarray(n).every((x) => x === 0)).toBe(true)
  })

  test('the largest sum of the loss, 256 products of extremes, decrypts exactly', async () => {
    const ct = await he.encryptSlots(score, filled(T - 1))
    const outputs = Array.from({ length: 16 }, () => [filled((T - 1) / 2)])
    const accumulators = await he.multiplySlots(score.publicKey, [ct], outputs)
    const all = Array.from({ length: 16 }, () => accumulators).flat()
    const opened = await he.decryptSlots(score, await he.protectSlots(score.publicKey, all, filled(1)))
    const expected = Number((256n * (BigInt(T) - 1n) * ((BigInt(T) - 1n) / 2n) + 1n) % BigInt(T))
    expect(opened.every((x) => x === expected)).toBe(true)
  })

  test('all-zero weights add nothing, alone or beside others', async () => {
    const [value, weight, zero] = [uniform('v', SLOTS), uniform('w', SLOTS), filled(0)]
    const cts = await Promise.all([value, value].map((values) => he.encryptSlots(score, values)))
    const accumulators = await he.multiplySlots(score.publicKey, cts, [
      [zero, zero],
      [zero, weight],
    ])
    const mask = uniform('mask', SLOTS)
    const open = async (a: number) =>
      he.decryptSlots(score, await he.protectSlots(score.publicKey, [accumulators[a]!], mask))
    expect(await open(0)).toEqual(mask)
    expect(await open(1)).toEqual(add(mul(value, weight), mask))
  })
})

describe('inner products', () => {
  test.each([
    [8192, 3, 20_000],
    [1024, 17, 2500],
    [256, 33, 513],
    [1, 5, 3],
    [2048, 1, 1],
  ])('blocks of %i rows, %i columns, %i rows are exact', async (rowsPerBlock, count, rows) => {
    const d = uniform('d', rows)
    const columns = Array.from({ length: count }, (_, j) => columnOf(`x${j}`, rows))
    const masks = uniform('masks', count)
    const answers = await he.innerProducts(
      gradient.publicKey,
      await encryptBlocks(d, rowsPerBlock),
      columns,
      rowsPerBlock,
      masks,
    )
    expect(answers.length).toBe(Math.ceil(count / (SLOTS / rowsPerBlock)))
    const expected = columns.map((column, j) => (dotInt(column, d) + (masks[j] as number)) % T)
    expect(await openInnerProducts(answers, rowsPerBlock, count)).toEqual(expected)
  })

  test.each([
    [512, 9, 4, 1300],
    [1024, 3, 5, 2500],
    [4096, 2, 2, 100],
  ])(
    'blocks of %i rows with %i vectors by %i columns, %i rows are exact',
    async (rowsPerBlock, vectors, count, rows) => {
      const each = Math.floor(SLOTS / (rowsPerBlock * vectors))
      const d = Array.from({ length: vectors }, (_, v) => uniform(`d${v}`, rows))
      const columns = Array.from({ length: count }, (_, j) => columnOf(`x${j}`, rows))
      const blocks = Array.from({ length: Math.ceil(rows / rowsPerBlock) }, (_, block) => {
        const packed = filled(0)
        for (const [v, vector] of d.entries())
          packed.set(vector.subarray(block * rowsPerBlock, (block + 1) * rowsPerBlock), v * each * rowsPerBlock)
        return he.encryptCoefficients(gradient, packed)
      })
      const windows = Math.ceil(count / each) * each * vectors
      const masks = uniform('masks', windows)
      const cts = await Promise.all(blocks)
      const answers = await he.innerProducts(gradient.publicKey, cts, columns, rowsPerBlock, masks, vectors)
      const opened = answers.map((answer) => he.decryptInnerProducts(gradient, answer, rowsPerBlock, each * vectors))
      const expected = Array.from({ length: windows }, (_, w) => {
        const [answer, v, l] = [Math.floor(w / (each * vectors)), Math.floor((w % (each * vectors)) / each), w % each]
        const column = columns[answer * each + l]
        return ((column === undefined ? 0 : dotInt(column, d[v]!)) + (masks[w] as number)) % T
      })
      expect((await Promise.all(opened)).flatMap((values) => [...values])).toEqual(expected)
    },
  )

  test('more vectors than a block has room for are refused', async () => {
    const cts = await encryptBlocks(filled(1, 10), 4096)
    const inner = he.innerProducts(gradient.publicKey, cts, [new Int32Array(10)], 4096, filled(0, 3), 3)
    await expect(inner).rejects.toThrow(refused('he.range'))
  })

  test('extreme features and values stay exact; an all-zero column neither fails nor shows', async () => {
    const rows = 4096
    const columns = [new Int32Array(rows).fill(2 ** 20), new Int32Array(rows).fill(-(2 ** 20)), new Int32Array(rows)]
    const d = filled(T - 1, rows)
    const masks = Float64Array.of(0, T - 1, 0)
    const answers = await he.innerProducts(gradient.publicKey, await encryptBlocks(d, 1024), columns, 1024, masks)
    const expected = columns.map((column, j) => (dotInt(column, d) + (masks[j] as number)) % T)
    expect(await openInnerProducts(answers, 1024, 3)).toEqual(expected)
    const zeros = await he.innerProducts(
      gradient.publicKey,
      await encryptBlocks(d, 8192),
      columns.slice(2),
      8192,
      masks.slice(2),
    )
    expect(zeros.map((zero) => zero.length)).toEqual([68_652])
  })

  test('columns whose absolute sum passes the room of the set are refused', async () => {
    const columns = [new Int32Array(8192).fill(2 ** 20), new Int32Array(8192).fill(-(2 ** 20))]
    const cts = await encryptBlocks(filled(1), 1024)
    const inner = he.innerProducts(gradient.publicKey, cts, columns, 1024, filled(0, 2))
    await expect(inner).rejects.toThrow(refused('he.noise'))
  })

  test('features above 2^20 and layouts that do not fit are refused', async () => {
    const cts = await encryptBlocks(filled(1, 10), 1024)
    const inner = (columns: Int32Array[], rowsPerBlock: number, masks: Float64Array) =>
      he.innerProducts(gradient.publicKey, cts, columns, rowsPerBlock, masks)
    const column = new Int32Array(10)
    await expect(inner([new Int32Array(10).fill(2 ** 20 + 1)], 1024, filled(0, 1))).rejects.toThrow(refused('he.range'))
    await expect(inner([column], 1000, filled(0, 1))).rejects.toThrow(refused('he.range'))
    await expect(inner([column], 16384, filled(0, 1))).rejects.toThrow(refused('he.range'))
    await expect(inner([column], 4, filled(0, 1))).rejects.toThrow(refused('he.range'))
    await expect(inner([column, new Int32Array(9)], 1024, filled(0, 2))).rejects.toThrow(refused('he.range'))
    await expect(inner([column], 1024, filled(0, 2))).rejects.toThrow(refused('he.range'))
    await expect(inner([column], 1024, filled(T, 1))).rejects.toThrow(refused('he.range'))
    await expect(inner([], 1024, filled(0, 0))).rejects.toThrow(refused('he.range'))
  })
})

describe('keys', () => {
  test('a key pair comes back from its stored bytes and decrypts; its secret does not print', async () => {
    const again = he.decodeKeyPair(he.encodeKeyPair(score))
    expect(again.publicKey).toEqual(score.publicKey)
    expect(JSON.stringify(again.secretKey)).toBe('"Secret(he secret key)"')
    const ct = await he.encryptSlots(score, filled(3))
    const answer = await he.protectSlots(
      score.publicKey,
      await he.multiplySlots(score.publicKey, [ct], [[filled(5)]]),
      filled(7),
    )
    expect((await he.decryptSlots(again, answer))[0]).toBe(22)
    expect(() => he.decodeKeyPair(he.encodeKeyPair(score).subarray(1))).toThrow(refused('he.malformed'))
  })

  test('ciphertexts under another key, and keys of another set, are refused', async () => {
    const other = await he.generateKey('score')
    const ct = await he.encryptSlots(other, filled(1))
    await expect(he.multiplySlots(score.publicKey, [ct], [[filled(1)]])).rejects.toThrow(refused('he.wrong-key'))
    const accumulators = await he.multiplySlots(other.publicKey, [ct], [[filled(1)]])
    await expect(he.protectSlots(score.publicKey, accumulators, filled(0))).rejects.toThrow(refused('he.wrong-key'))
    const answer = await he.protectSlots(other.publicKey, accumulators, filled(0))
    await expect(he.decryptSlots(score, answer)).rejects.toThrow(refused('he.wrong-key'))
    await expect(he.encryptSlots(gradient, filled(1))).rejects.toThrow(refused('he.parameters'))
    await expect(he.readPublicKey('gradient', score.publicKey.wire)).rejects.toThrow(refused('he.parameters'))
  })

  test('a public key read from its bytes has the id of its owner', async () => {
    expect((await he.readPublicKey('score', score.publicKey.wire)).id).toBe(score.publicKey.id)
  })

  test('a key gives 65,536 inner products and not one more', async () => {
    const key = await he.generateKey('gradient')
    const ct = await he.encryptCoefficients(key, filled(1, 1))
    const column = new Int32Array(1)
    const columns = Array.from({ length: 65_537 }, () => column)
    const inner = he.innerProducts(key.publicKey, [ct], columns, 1, filled(0, 65_537))
    await expect(inner).rejects.toThrow(refused('he.key-used-up'))
  })
})

describe('ranges', () => {
  test.each([T, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('the value %d is refused everywhere', async (bad) => {
    const ct = await he.encryptSlots(score, filled(1))
    const accumulators = await he.multiplySlots(score.publicKey, [ct], [[filled(1)]])
    await expect(he.encryptSlots(score, Float64Array.of(1, bad))).rejects.toThrow(refused('he.range'))
    await expect(he.encryptCoefficients(gradient, Float64Array.of(bad))).rejects.toThrow(refused('he.range'))
    await expect(he.multiplySlots(score.publicKey, [ct], [[Float64Array.of(bad)]])).rejects.toThrow(refused('he.range'))
    await expect(he.protectSlots(score.publicKey, accumulators, Float64Array.of(bad))).rejects.toThrow(
      refused('he.range'),
    )
  })

  test('too many values, no ciphertexts, missing weights and no accumulators are refused', async () => {
    const ct = await he.encryptSlots(score, filled(1))
    await expect(he.encryptSlots(score, filled(1, SLOTS + 1))).rejects.toThrow(refused('he.range'))
    await expect(he.multiplySlots(score.publicKey, [], [])).rejects.toThrow(refused('he.range'))
    await expect(he.multiplySlots(score.publicKey, [ct], [[]])).rejects.toThrow(refused('he.range'))
    await expect(he.protectSlots(score.publicKey, [], filled(1))).rejects.toThrow(refused('he.range'))
  })
})
