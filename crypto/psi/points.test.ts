// The group: reference arithmetic in integers, what is refused, and that raising commutes.
import { availableParallelism } from 'node:os'
import fc from 'fast-check'
import sodium from 'sodium-native'
import { describe, expect, test } from 'vitest'
import { Secret } from '#runtime/secret.ts'
import { PointIndex } from './point-index.ts'
import { checkPoints, domainTag, hashToPoints, POINT_BYTES, pointOfU, raisePoints, SMALL_ORDER_U } from './points.ts'
import { hashIds, raiseSet } from './pool.ts'

const P = 2n ** 255n - 19n
// order of the base point of curve25519 (RFC 7748, 4.1)
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const A = 486662n

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base % P, bits = exponent; bits > 0n; bits >>= 1n, square = (square * square) % P) {
    if (bits & 1n) result = (result * square) % P
  }
  return result
}

/** Montgomery ladder over integers (RFC 7748, 5): u of [k]point, without clamping; 0 for the neutral element. */
function ladder(k: bigint, u: bigint): bigint {
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n]
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2]
    const [a, b, c, d] = [x2 + z2, x2 - z2 + P, x3 + z3, x3 - z3 + P].map((value) => value % P) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ]
    const [aa, bb, da, cb] = [(a * a) % P, (b * b) % P, (d * a) % P, (c * b) % P]
    const e = (aa - bb + P) % P
    x3 = (da + cb) ** 2n % P
    z3 = (((da - cb + P) ** 2n % P) * u) % P
    x2 = (aa * bb) % P
    z2 = (e * ((aa + 121665n * e) % P)) % P
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2]
  }
  return (x2 * power(z2, P - 2n)) % P
}

const uOf = (points: Uint8Array, i: number) =>
  BigInt(
    `0x${Buffer.from(points.slice(i * POINT_BYTES, (i + 1) * POINT_BYTES))
      .reverse()
      .toString('hex')}`,
  )
const TAG = domainTag(['test'])
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('hash to point', () => {
  test('lands on the curve, in the prime-order subgroup', () => {
    const points = hashToPoints(TAG, ['a', 'b', '91110000100000000A', '企业'])
    for (let i = 0; i < 4; i++) {
      const u = uOf(points, i)
      const rhs = (u ** 3n + A * u ** 2n + u) % P
      expect(power(rhs, (P - 1n) / 2n)).toBe(1n) // a square: on the curve, not its twist
      expect(ladder(L, u)).toBe(0n)
      expect(ladder(8n, u)).not.toBe(0n)
    }
  })

  test('is the same alone or among others, and another for each domain and id', () => {
    const all = hashToPoints(TAG, ['a', 'b', 'c'])
    expect(hashToPoints(TAG, ['b'])).toEqual(all.slice(POINT_BYTES, 2 * POINT_BYTES))
    const others = [domainTag(['tes', 't']), domainTag(['test', '']), domainTag(['Test'])].map((tag) =>
      hashToPoints(tag, ['b']),
    )
    const points = [...others, all.slice(0, 32), all.slice(32, 64), all.slice(64)].map((p) =>
      Buffer.from(p).toString('hex'),
    )
    expect(new Set(points).size).toBe(points.length)
  })

  test('no ids, no points', () => expect(hashToPoints(TAG, [])).toHaveLength(0))
})

describe('raising', () => {
  test('commutes: a then b is b then a', () => {
    const points = hashToPoints(TAG, ['a', 'b'])
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        expect(raisePoints(a, raisePoints(b, points))).toEqual(raisePoints(b, raisePoints(a, points)))
      }),
      { numRuns: 50 },
    )
  })

  test('is the ladder of RFC 7748 with the clamped exponent', () => {
    const points = hashToPoints(TAG, ['a'])
    fc.assert(
      fc.property(seed, (bytes) => {
        const clamped = Uint8Array.from(bytes)
        clamped[0] = (clamped[0] as number) & 248
        clamped[31] = ((clamped[31] as number) & 127) | 64
        expect(uOf(raisePoints(bytes, points), 0)).toBe(ladder(uOf(clamped, 0), uOf(points, 0)))
      }),
      { numRuns: 10 },
    )
  })
})

describe('points that are refused', () => {
  test('every u of small order, all of which X25519 maps to zero', () => {
    for (const u of SMALL_ORDER_U) {
      expect(() => checkPoints(pointOfU(u)), String(u)).toThrowError(/^psi\.bad-point/)
      expect(() => sodium.crypto_scalarmult(new Uint8Array(32), new Uint8Array(32).fill(9), pointOfU(u))).toThrow()
      expect([0n, u]).toContain(ladder(8n, u) === 0n ? 0n : ladder(8n, u))
    }
  })

  test('u = p and above', () => {
    for (const u of [P, P + 1n, P + 18n, 2n ** 255n, 2n ** 256n - 1n]) {
      expect(() => checkPoints(pointOfU(u)), String(u)).toThrowError(/^psi\.bad-point.*field prime/)
    }
  })

  test('and their neighbours are not', () => {
    for (const u of [2n, 9n, P - 2n, P - 3n, ...SMALL_ORDER_U.slice(3).map((small) => small + 256n)]) {
      expect(() => checkPoints(pointOfU(u)), String(u)).not.toThrow()
    }
    expect(() => checkPoints(hashToPoints(TAG, ['a', 'b']))).not.toThrow()
  })
})

describe('the pool', () => {
  test('gives the points of one thread, in order, over many chunks', async () => {
    const ids = Array.from({ length: 2100 }, (_, i) => `id-${i}`)
    const points = await hashIds(['test'], ids)
    expect(points).toEqual(hashToPoints(TAG, ids))
    const exponent = new Uint8Array(32).fill(7)
    const done: number[] = []
    const raised = await raiseSet(new Secret('e', Uint8Array.from(exponent)), points, { progress: (n) => done.push(n) })
    expect(raised).toEqual(raisePoints(exponent, points))
    expect(done.at(-1)).toBe(2100)
  })

  test('is not led astray by a secret that is disposed of while it works', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `id-${i}`)
    const few = hashToPoints(TAG, ids)
    // a chunk more than the lanes of the pool: it starts after the disposal
    const chunks = 2 * availableParallelism() + 1
    const points = new Uint8Array(Buffer.concat(Array.from({ length: chunks * 40 }, () => few)))
    const exponent = new Uint8Array(32).fill(7)
    const secret = new Secret('e', Uint8Array.from(exponent))
    const raising = raiseSet(secret, points)
    secret[Symbol.dispose]()
    const expected = raisePoints(exponent, few)
    const raised = await raising
    expect(raised.slice(-expected.length)).toEqual(expected)
  })

  test('stops at an abort', async () => {
    const stop = new AbortController()
    stop.abort(new Error('cancelled'))
    await expect(hashIds(['test'], ['a'], { signal: stop.signal })).rejects.toThrowError('cancelled')
  })
})

describe('the index of a set', () => {
  test('finds each point where it is, and others nowhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 80 }),
        fc.integer({ min: 0, max: 80 }),
        async (values, cut) => {
          const set = (of: readonly number[]) =>
            new Uint8Array(Buffer.concat(of.map((value) => pointOfU(BigInt(value)))))
          const index = await PointIndex.of(set(values.slice(0, cut)))
          expect([...(await index.locate(set(values)))]).toEqual(values.map((_, i) => (i < cut ? i : -1)))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('names both places of a point that is there twice', async () => {
    const twice = Buffer.concat([9n, 10n, 9n].map(pointOfU))
    await expect(PointIndex.of(twice)).rejects.toMatchObject({
      code: 'psi.duplicate-point',
      detail: { first: 0, second: 2 },
    })
  })
})
