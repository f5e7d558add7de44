// The group of the alignment: the prime-order subgroup of curve25519, points as u-coordinates (docs/decisions/0002).
// Sets of n points are n×32 bytes, each point a little-endian u-coordinate below p = 2^255 − 19.
import { createHash, hash } from 'node:crypto'
import sodium from 'sodium-native'
import { PlatformError } from '#runtime/errors.ts'

export const POINT_BYTES = 32
/** Named in the agreement: two parties with other maps would miss every common id without a word. */
export const GROUP = 'curve25519-u/SHA-512/Elligator2x2'

const P = 2n ** 255n - 19n

/** What separates the points of one use from those of all others. Equal parts give equal points. */
export type PointDomain = readonly string[]

/** The 32 bytes that go before each id. Parts are length-prefixed: no two lists give the same bytes. */
export function domainTag(domain: PointDomain): Uint8Array {
  const tag = createHash('sha256').update('tributary/psi/hash-to-point/v1\0')
  for (const part of domain) tag.update(`${Buffer.byteLength(part)}:`).update(part)
  return new Uint8Array(tag.digest())
}

/**
 * Ids to points of unknown discrete logarithm: SHA-512 → two field elements → Elligator 2 each → sum, cofactor
 * cleared (the random-oracle construction of RFC 9380, 3). Then the birational map of RFC 7748, 4.1 to u.
 * @param tag of `domainTag`
 */
export function hashToPoints(tag: Uint8Array, ids: readonly string[]): Uint8Array {
  const edwards = new Uint8Array(ids.length * POINT_BYTES)
  const first = new Uint8Array(POINT_BYTES)
  const second = new Uint8Array(POINT_BYTES)
  for (const [i, id] of ids.entries()) {
    const uniform = hash('sha512', Buffer.concat([tag, Buffer.from(id, 'utf8')]), 'buffer')
    sodium.crypto_core_ed25519_from_uniform(first, uniform.subarray(0, POINT_BYTES))
    sodium.crypto_core_ed25519_from_uniform(second, uniform.subarray(POINT_BYTES))
    sodium.crypto_core_ed25519_add(pointAt(edwards, i), first, second)
  }
  return edwardsToU(edwards)
}

/**
 * Each point raised to the secret exponent. X25519 clamps: the exponent is a multiple of the cofactor 8, so a point
 * with a small-order part loses it and tells nothing about the exponent; the twist of curve25519 is secure as well.
 * @param exponent 32 bytes
 */
export function raisePoints(exponent: Uint8Array, points: Uint8Array): Uint8Array {
  const out = new Uint8Array(points.length)
  for (let i = 0; i * POINT_BYTES < points.length; i++) {
    sodium.crypto_scalarmult(pointAt(out, i), exponent, pointAt(points, i))
  }
  return out
}

/** u-coordinates of small order on the curve and its twist (RFC 7748, 6.1; cr.yp.to/ecdh.html), below p. */
export const SMALL_ORDER_U: readonly bigint[] = [
  0n,
  1n,
  P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]
const SMALL_ORDER = new Set(SMALL_ORDER_U.map((u) => Buffer.from(pointOfU(u)).toString('latin1')))

/** Refuses what no honest party sends. @throws PlatformError psi.bad-point with the first position */
export function checkPoints(points: Uint8Array): void {
  const text = Buffer.from(points.buffer, points.byteOffset, points.length)
  for (let at = 0; at < points.length; at += POINT_BYTES) {
    const last = points[at + 31] as number
    if (last >= 0x7f && !isCanonical(points, at)) {
      throw new PlatformError('psi.bad-point', { position: at / POINT_BYTES, problem: 'not below the field prime' })
    }
    // Every u of small order starts with one of these bytes; the set look-up is for those alone.
    if (SMALL_ORDER_FIRST.has(points[at] as number) && SMALL_ORDER.has(text.toString('latin1', at, at + POINT_BYTES))) {
      throw new PlatformError('psi.bad-point', { position: at / POINT_BYTES, problem: 'of small order' })
    }
  }
}

/** A u-coordinate as a point. @param u in [0, p) */
export function pointOfU(u: bigint): Uint8Array {
  const point = new Uint8Array(POINT_BYTES)
  writeField(new DataView(point.buffer), 0, u)
  return point
}

const SMALL_ORDER_FIRST = new Set(SMALL_ORDER_U.map((u) => Number(u & 0xffn)))

/** Below p: p is 0xed, thirty times 0xff, 0x7f. */
function isCanonical(points: Uint8Array, at: number): boolean {
  if ((points[at + 31] as number) > 0x7f) return false
  for (let i = 1; i < 31; i++) if (points[at + i] !== 0xff) return true
  return (points[at] as number) < 0xed
}

function pointAt(points: Uint8Array, i: number): Uint8Array {
  return points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES)
}

/** u = (1 + y) / (1 − y) for all points with one inversion (Montgomery's trick). */
function edwardsToU(edwards: Uint8Array): Uint8Array {
  const n = edwards.length / POINT_BYTES
  const source = new DataView(edwards.buffer)
  const y = Array.from({ length: n }, (_, i) => readField(source, i * POINT_BYTES))
  const before: bigint[] = []
  let product = 1n
  for (const value of y) {
    before.push(product)
    product = (product * (P + 1n - value)) % P
  }
  // Zero only if some y is 1, the neutral element: probability 2^-252 for a hash.
  if (product === 0n) throw new PlatformError('psi.bad-point', { problem: 'an id maps to the neutral element' })
  let inverse = power(product, P - 2n)
  const out = new Uint8Array(edwards.length)
  const target = new DataView(out.buffer)
  for (let i = n - 1; i >= 0; i--) {
    const value = y[i] as bigint
    writeField(target, i * POINT_BYTES, ((1n + value) * (((before[i] as bigint) * inverse) % P)) % P)
    inverse = (inverse * (P + 1n - value)) % P
  }
  return out
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let bits = exponent, square = base % P; bits > 0n; bits >>= 1n, square = (square * square) % P) {
    if (bits & 1n) result = (result * square) % P
  }
  return result
}

/** The low 255 bits; the highest bit of an Edwards point is the sign of x, which u does not have. */
function readField(view: DataView, at: number): bigint {
  const high = view.getBigUint64(at + 24, true) & 0x7fff_ffff_ffff_ffffn
  return (
    view.getBigUint64(at, true) |
    (view.getBigUint64(at + 8, true) << 64n) |
    (view.getBigUint64(at + 16, true) << 128n) |
    (high << 192n)
  )
}

function writeField(view: DataView, at: number, value: bigint): void {
  for (let word = 0; word < 4; word++)
    view.setBigUint64(at + 8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true)
}
