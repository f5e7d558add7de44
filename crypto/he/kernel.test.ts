// The kernel against BigInt and against its own limits: products in the ring, many blocks, roots of SEAL.
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { placeOf, ProductKernel } from './kernel.ts'
import { N, setNamed } from './params.ts'

const { dataPrimes } = setNamed('gradient')

/** Residues of both polynomials by prime: `draw` gives 32-bit words, reduced here; `top` asks for prime - 1 instead. */
function residues(draw: Uint32Array | 'top' | 1): Uint32Array {
  const primes = dataPrimes.map(Number)
  const out = new Uint32Array(2 * primes.length * N)
  for (let i = 0; i < out.length; i++) {
    const prime = primes[Math.floor(i / N) % primes.length] as number
    out[i] = draw === 1 ? 1 : draw === 'top' ? prime - 1 : (draw[i] as number) % prime
  }
  return out
}

function randomWords(): Uint32Array {
  return new Uint32Array(Uint8Array.from(randomBytes(8 * dataPrimes.length * N)).buffer)
}

describe('product kernel', () => {
  test('a constant multiplier is its own transform, so sums are sums of constants times residues', () => {
    const kernel = new ProductKernel(dataPrimes, N)
    const blocks = Array.from({ length: 40 }, (_, b) => ({
      residues: residues(b % 3 === 0 ? 'top' : randomWords()),
      x: b % 2 === 0 ? 2 ** 20 : -(2 ** 20),
    }))
    kernel.open(2)
    for (const block of blocks) {
      kernel.loadCiphertext(block.residues)
      kernel.multiplier().fill(0)[0] = block.x
      kernel.addProduct(1)
    }
    const sum = kernel.sum(1)
    for (let i = 0; i < sum.length / 2; i += 97) {
      const prime = dataPrimes[Math.floor(i / N) % dataPrimes.length] as bigint
      const at = i - (i % N) + placeOf(i % N)
      const total = blocks.reduce((all, block) => all + BigInt(block.x) * BigInt(block.residues[at] as number), 0n)
      expect(sum[2 * i]).toBe(Number(((total % prime) + prime) % prime))
      expect(sum[2 * i + 1]).toBe(0)
    }
    expect(kernel.sum(0).every((word) => word === 0)).toBe(true)
  })

  test('a transform at its extremes stays exact: all coefficients 2^20 or -2^20', () => {
    const kernel = new ProductKernel(dataPrimes, N)
    for (const x of [2 ** 20, -(2 ** 20)]) {
      kernel.open(1)
      kernel.loadCiphertext(residues(1))
      kernel.multiplier().fill(x)
      kernel.addProduct(0)
      const sum = kernel.sum(0)
      for (const [j, prime] of dataPrimes.entries()) {
        // the sum of all values of a transform is N times the constant coefficient
        let total = 0n
        for (let i = j * N; i < (j + 1) * N; i++) total += BigInt(sum[2 * i] as number)
        expect(total % prime).toBe((((BigInt(x) * BigInt(N)) % prime) + prime) % prime)
      }
    }
  })

  test('a transform that differs from the one it is compared with, and a wide prime, are refused', () => {
    const kernel = new ProductKernel(dataPrimes, N)
    const ones = residues(1)
    expect(() => kernel.checkAgainst(ones, ones)).toThrow(expect.objectContaining({ code: 'he.seal' }))
    const wide = setNamed('score').dataPrimes
    expect(() => new ProductKernel(wide, N)).toThrow(expect.objectContaining({ code: 'he.parameters' }))
  })
})
