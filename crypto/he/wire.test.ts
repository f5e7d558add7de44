// Packing of residues: round trips, range and padding checks.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack, packedWords, unpack } from './bits.ts'
import { setNamed } from './params.ts'
import { freshShape, innerProductShape, slotAnswerShape, widthOf, wireBytes } from './wire.ts'

const PRIMES = [
  ...setNamed('score').dataPrimes,
  ...setNamed('gradient').dataPrimes,
  163841n,
  288230376150876161n,
  ...setNamed('trees').dataPrimes,
  ...setNamed('trees-wide').dataPrimes,
  7n,
  (1n << 32n) - 5n,
]

function pairsOf(values: readonly bigint[]): Uint32Array {
  return new Uint32Array(BigUint64Array.from(values).buffer)
}

describe('wire', () => {
  test('packed residues come back, for every width and any count', () => {
    const prime = fc.constantFrom(...PRIMES)
    const cases = prime.chain((p) =>
      fc.tuple(fc.constant(p), fc.array(fc.bigInt({ min: 0n, max: p - 1n }), { maxLength: 70 })),
    )
    fc.assert(
      fc.property(cases, ([p, values]) => {
        const packed = new Uint32Array(packedWords(values.length, widthOf(p)))
        expect(pack(pairsOf(values), widthOf(p), packed, 0)).toBe(packed.length)
        const pairs = new Uint32Array(2 * values.length)
        expect(unpack(packed, 0, values.length, widthOf(p), p, pairs)).toBe(packed.length)
        expect(pairs).toEqual(pairsOf(values))
      }),
      { numRuns: 500 },
    )
  })

  test('a residue equal to its prime is refused, one below it is not', () => {
    for (const prime of PRIMES) {
      const packed = new Uint32Array(packedWords(3, widthOf(prime)))
      pack(pairsOf([1n, prime - 1n, 2n]), widthOf(prime), packed, 0)
      expect(unpack(packed, 0, 3, widthOf(prime), prime, new Uint32Array(6))).toBe(packed.length)
      packed.fill(0)
      pack(pairsOf([1n, prime, 2n]), widthOf(prime), packed, 0)
      expect(unpack(packed, 0, 3, widthOf(prime), prime, new Uint32Array(6))).toBe(-1)
    }
  })

  test('a padding bit that is set is refused', () => {
    const [prime] = setNamed('score').dataPrimes as [bigint]
    const packed = new Uint32Array(packedWords(1, 50))
    packed[1] = 2 ** 31
    expect(unpack(packed, 0, 1, 50, prime, new Uint32Array(2))).toBe(-1)
  })

  test('sizes on the wire are what the README states', () => {
    const id = '00'.repeat(16)
    expect(wireBytes(freshShape(setNamed('score'), id))).toBe(204_896)
    expect(wireBytes(slotAnswerShape(setNamed('score'), id))).toBe(130_080)
    expect(wireBytes(freshShape(setNamed('gradient'), id))).toBe(153_696)
    expect(wireBytes(innerProductShape(setNamed('gradient'), id, 8, 1024))).toBe(68_712)
  })
})
