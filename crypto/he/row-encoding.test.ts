// Rows are encoded to within one of q·v/(t·2^shift), without bias: what a sum is off by must not depend on the values in it.
import { expect, test } from 'vitest'
import { N, type NodeSet, setNamed } from './params.ts'
import { encodeRows } from './row-encoding.ts'

const SHIFTS = { trees: [0], 'trees-wide': [56, 0] } as const

/** By row: what is added to c0 less q·v/(t·2^shift), in units of 2^-40. */
function errorsOf(set: NodeSet, value: number, rows: Float64Array): number[] {
  const { dataPrimes, plainModulus } = setNamed(set)
  const q = dataPrimes.reduce((product, prime) => product * prime, 1n)
  const bytes = new Uint8Array(8 * N * dataPrimes.length)
  encodeRows(set, bytes, value === 0 ? [rows] : [new Float64Array(rows.length), rows])
  const residues = new BigUint64Array(bytes.buffer)
  const basis = dataPrimes.map((prime) => (q / prime) * inverse((q / prime) % prime, prime))
  const unit = BigInt(plainModulus) << BigInt(SHIFTS[set][value as 0] ?? 0)
  return Array.from(rows, (v, row) => {
    const added = basis.reduce((sum, one, j) => (sum + (residues[j * N + row] as bigint) * one) % q, 0n)
    const exact = BigInt(v >= plainModulus / 2 ? v - plainModulus : v) * q
    const error = (((added * unit - exact) % (q * unit)) + q * unit) % (q * unit)
    return Number(((error > (q * unit) / 2n ? error - q * unit : error) << 40n) / unit)
  })
}

function inverse(a: bigint, p: bigint): bigint {
  let [result, base] = [1n, a]
  for (let e = p - 2n; e > 0n; e >>= 1n, base = (base * base) % p) if (e & 1n) result = (result * base) % p
  return result
}

test.each([
  ['trees', 0],
  ['trees-wide', 0],
  ['trees-wide', 1],
] as const)('%s, value %i: off by less than one, and by nothing on average', (set, value) => {
  const t = setNamed(set).plainModulus
  const extremes = [0, 1, 2, t / 2 - 1, t / 2, t / 2 + 1, t - 1, 3 ** 31]
  for (const [i, v] of extremes.entries()) {
    const count = 1024
    const errors = errorsOf(set, value, new Float64Array(count).fill(v)).map((error) => error / 2 ** 40)
    expect(Math.max(...errors.map(Math.abs)), `${i}`).toBeLessThan(1.001)
    const mean = errors.reduce((sum, error) => sum + error, 0) / count
    expect(Math.abs(mean), `${i}`).toBeLessThan(6 * Math.sqrt(0.25 / count) + 0.001)
  }
  // not the nearest: equal rows go both ways
  expect(new Set(errorsOf(set, value, new Float64Array(1024).fill(3 ** 31))).size).toBe(2)
})
