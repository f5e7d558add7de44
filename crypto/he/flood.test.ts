// Flooding against BigInt: the same integer reaches every prime, exactly uniform bytes to [-2^f, 2^f).
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { floodResidues } from './flood.ts'
import { floodBits, MAX_ONE_NORM, maxFloodBits, multiplierNoise, setNamed, slotNoise, T } from './params.ts'

const COUNT = 64

/** Floods random residues with these noise bytes and compares every residue with BigInt arithmetic. */
function compare(primes: readonly bigint[], f: number, noise: Uint8Array): void {
  const each = noise.length / COUNT
  const residues = BigUint64Array.from({ length: COUNT * primes.length }, (_, i) => {
    const prime = primes[Math.floor(i / COUNT)] as bigint
    return i % 3 === 0 ? prime - 1n : randomBytes(8).readBigUInt64LE() % prime
  })
  const expected = residues.map((residue, i) => {
    const prime = primes[Math.floor(i / COUNT)] as bigint
    const at = (i % COUNT) * each
    const raw = BigInt(
      `0x${Buffer.from(noise.slice(at, at + each))
        .reverse()
        .toString('hex')}`,
    )
    const e = (raw & ((1n << BigInt(f + 1)) - 1n)) - (1n << BigInt(f))
    return (((residue + e) % prime) + prime) % prime
  })
  const c0 = primes.map((_, j) => new Uint32Array(residues.buffer, 8 * COUNT * j, 2 * COUNT))
  floodResidues(c0, primes, f, () => noise)
  expect(residues).toEqual(expected)
}

describe('flooding', () => {
  test.each(['score', 'gradient'] as const)('adds one integer modulo every prime of the %s set', (name) => {
    const { dataPrimes } = setNamed(name)
    for (const f of [0, 21, 22, 24, 29, 31, 32, 63, 94, 99, 100, 104, 119, 127, 128, 136, 144]) {
      const bytes = 4 * Math.ceil((f + 1) / 32) * COUNT
      for (let i = 0; i < 5; i++) compare(dataPrimes, f, randomBytes(bytes))
      compare(dataPrimes, f, new Uint8Array(bytes))
      compare(dataPrimes, f, new Uint8Array(bytes).fill(255))
    }
  })

  test('flooding bits follow f ≥ log2 B + log2(QN) + 40 and end where the modulus has no room', () => {
    const score = setNamed('score')
    const gradient = setNamed('gradient')
    expect(2 ** floodBits(score, slotNoise(1))).toBeGreaterThanOrEqual(8192 * 22 * (T / 2) * 256 * 8192 * 2 ** 40)
    expect(floodBits(score, slotNoise(256))).toBe(136)
    expect(maxFloodBits(score)).toBe(144)
    expect(maxFloodBits(gradient)).toBe(94)
    expect(floodBits(gradient, multiplierNoise(MAX_ONE_NORM))).toBe(94)
    const refused = expect.objectContaining({ code: 'he.noise' })
    expect(() => floodBits(score, slotNoise(2 ** 18))).toThrow(refused)
    expect(() => floodBits(gradient, multiplierNoise(2 * MAX_ONE_NORM))).toThrow(refused)
    expect(() => floodBits(gradient, Number.NaN)).toThrow(refused)
  })
})
