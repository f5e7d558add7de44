// What a seed stands for, by the kernel and by SEAL: the same residues, byte for byte, whatever the seed.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { NodeKernel } from './node-kernel.ts'
import { layoutOf } from './node-layout.ts'
import { encryptNodeRows, openSeeds, prepareNodeBlocks } from './node-operations.ts'
import { N, type NodeSet, setNamed } from './params.ts'
import { SEED_BYTES } from './raw.ts'
import { compileSeal, liveHandles, SealSet, startSeal } from './seal.ts'
import { SeedKernel } from './seed-kernel.ts'
import { HEADER_BYTES } from './wire.ts'

const SETS = ['trees', 'trees-wide'] as const
const refused = (code: string) => expect.objectContaining({ code })

let library: Awaited<ReturnType<typeof startSeal>>
beforeAll(async () => {
  library = await startSeal(await compileSeal())
})

describe.each(SETS)('%s', (name) => {
  const { dataPrimes } = setNamed(name)

  test('any seed stands for the residues that SEAL draws from it', () => {
    using he = new SealSet(library, name)
    const kernel = openSeeds(he)
    const own = new Uint8Array(8 * N * dataPrimes.length)
    const seeds = fc.uint8Array({ minLength: SEED_BYTES, maxLength: SEED_BYTES })
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(kernel.expand(seed, own)).toBe(true) // false for less than one seed in 2^28
        expect(Buffer.compare(own, he.expandSeed(seed))).toBe(0)
      }),
      { numRuns: 8, examples: [[new Uint8Array(SEED_BYTES)], [new Uint8Array(SEED_BYTES).fill(255)]] },
    )
  })

  test('a difference is an error', () => {
    using he = new SealSet(library, name)
    const seed = new Uint8Array(SEED_BYTES).fill(7)
    const expected = he.expandSeed(seed)
    const kernel = new SeedKernel(dataPrimes)
    kernel.checkAgainst(seed, expected)
    for (const at of [0, expected.length - 1]) {
      const other = Uint8Array.from(expected, (byte, i) => (i === at ? byte ^ 1 : byte))
      expect(() => kernel.checkAgainst(seed, other)).toThrow(refused('he.seal'))
    }
  })

  test('words are reduced exactly, and those that SEAL draws anew are reported', () => {
    const kernel = new SeedKernel(dataPrimes)
    const words = kernel.words()
    for (const [j, p] of dataPrimes.entries()) {
      const limit = 16n * p - 1n // SEAL's: 2^64 − 1 less its residue, less one
      expect(limit).toBe(2n ** 64n - 1n - ((2n ** 64n - 1n) % p) - 1n)
      const edges = Array.from({ length: 16 }, (_, k) => BigInt(k) * p).flatMap((m) => [m, m + 1n, m + p - 2n])
      const tops = Array.from({ length: 16 }, (_, k) => BigInt(k) << 60n).flatMap((m) => (m === 0n ? [m] : [m - 1n, m]))
      const values = [...edges, ...tops, p - 1n, 2n * p - 1n, 2n ** 63n, limit - 1n]
      const filled = BigUint64Array.from({ length: N }, (_, i) => values[i % values.length] as bigint)
      words.set(filled)
      expect(kernel.reduce(j)).toBe(true)
      expect(words).toEqual(filled.map((word) => word % p))
      for (const wrong of [limit, limit + 1n, 2n ** 64n - 1n]) {
        for (const at of [0, 1, 4097, N - 1]) {
          words.set(filled)
          words[at] = wrong
          expect(kernel.reduce(j), `${wrong} at ${at}`).toBe(false)
        }
      }
      words.set(filled)
      expect(kernel.reduce(j), 'what was found before is forgotten').toBe(true)
    }
  })

  test('a foreign ciphertext has the c1 of SEAL, also where SEAL drew a word anew', () => {
    const before = liveHandles()
    {
      using he = new SealSet(library, name)
      const saved = he.generateKey()
      using key = he.loadKey(saved.publicKey, saved.secretKey)
      const keyId = '5a'.repeat(16)
      const wire = encryptNodeRows(he, key, keyId, name, [Float64Array.of(1, 2, 3)])
      const seed = wire.subarray(HEADER_BYTES, HEADER_BYTES + SEED_BYTES)
      const kernel = openKernel(name)
      const c1 = kernel.residues().subarray(8 * N * dataPrimes.length)
      for (const seeds of [openSeeds(he), { expand: () => false }]) {
        c1.fill(0)
        prepareNodeBlocks(he, kernel, seeds, keyId, [{ node: 0, block: 0, wire }])
        expect(Buffer.compare(c1, he.expandSeed(seed))).toBe(0)
      }
    }
    expect(liveHandles()).toBe(before)
  })
})

test('primes that are not just below 2^60 are refused', () => {
  for (const primes of [setNamed('gradient').dataPrimes, [(1n << 60n) + 33n], [(1n << 60n) - (1n << 28n) - 1n]]) {
    expect(() => new SeedKernel(primes)).toThrow(refused('he.parameters'))
  }
})

function openKernel(set: NodeSet): NodeKernel {
  const shape = { set, windows: 4, nodes: 1, blocks: 1, groups: 1, columns: 1, slots: 1 }
  const pages = Math.ceil(layoutOf(shape).end / 65_536)
  return new NodeKernel(shape, new WebAssembly.Memory({ initial: pages, maximum: 32_768, shared: true }), 0)
}
