import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CompactRange,
  consistencyProof,
  EMPTY_ROOT,
  HASH_BYTES,
  inclusionProof,
  leafHash,
  leafHashesIn,
  nodeHash,
  rootOf,
  subtreesOver,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (text: string) => Buffer.from(text, 'hex')

// the reference tree of the Certificate Transparency implementations
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  unhex,
)
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const reference = subtreesOver((index) => leafHash(LEAVES[index] as Uint8Array))

/** Hashes of `count` leaves and the root of each beginning; `rootBy[n]` of the first n. */
function grow(count: number) {
  const range = new CompactRange()
  const bytes = new Uint8Array(count * HASH_BYTES)
  const rootBy = [range.root()]
  for (let i = 0; i < count; i++) {
    const leaf = leafHash(Buffer.from(`leaf ${i}`))
    bytes.set(leaf, i * HASH_BYTES)
    range.append(leaf)
    rootBy.push(range.root())
  }
  const leaves = leafHashesIn(bytes)
  return { leaves, subtrees: subtreesOver(leaves), rootBy }
}

describe('the reference tree of RFC 6962', () => {
  test('roots of its beginnings', () => {
    const range = new CompactRange()
    expect(hex(range.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    const roots = LEAVES.map((leaf) => {
      range.append(leafHash(leaf))
      return hex(range.root())
    })
    expect(roots).toEqual(ROOTS)
  })

  test('published proofs', () => {
    const left = [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]
    expect(inclusionProof(reference, 0, 8).map(hex)).toEqual(left)
    expect(consistencyProof(reference, 1, 8).map(hex)).toEqual(left)
    expect(consistencyProof(reference, 6, 8).map(hex)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    expect(consistencyProof(reference, 2, 5).map(hex)).toEqual([
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ])
  })

  test('a node is no leaf: the two hashes have other first bytes', () => {
    expect(hex(nodeHash(EMPTY_ROOT, EMPTY_ROOT))).not.toBe(hex(leafHash(Buffer.concat([EMPTY_ROOT, EMPTY_ROOT]))))
  })
})

describe('trees of up to 300 leaves', () => {
  const SIZE = 300
  const { leaves, subtrees, rootBy } = grow(SIZE)
  const root = (size: number) => rootBy[size] as Uint8Array

  test('every leaf of every tree has a proof that verifies, and not for its neighbour', () => {
    let right = 0
    let wrong = 0
    for (let size = 1; size <= SIZE; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(subtrees, index, size)
        if (verifyInclusion(leaves(index), index, size, proof, root(size))) right++
        if (size % 7 === 2 && verifyInclusion(leaves(index), (index + 1) % size, size, proof, root(size))) wrong++
      }
    }
    expect({ right, wrong }).toEqual({ right: (SIZE * (SIZE + 1)) / 2, wrong: 0 })
  })

  test('every tree begins every larger one, and the proof fits no other root', () => {
    let right = 0
    let wrong = 0
    for (let second = 0; second <= SIZE; second++) {
      for (let first = 0; first <= second; first++) {
        const proof = consistencyProof(subtrees, first, second)
        if (verifyConsistency(first, second, root(first), root(second), proof)) right++
        const other = leafHash(Buffer.from('no root'))
        if (first === 0 || second % 7 > 0) continue
        if (verifyConsistency(first, second, root(first), other, proof)) wrong++
        if (verifyConsistency(first, second, other, root(second), proof)) wrong++
      }
    }
    expect({ right, wrong }).toEqual({ right: ((SIZE + 1) * (SIZE + 2)) / 2, wrong: 0 })
  })
})

test('a changed, cut or lengthened proof fails', () => {
  const { leaves, subtrees, rootBy } = grow(130)
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 130 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      (size, pick, at, bit) => {
        const index = pick % size
        const root = rootBy[size] as Uint8Array
        const proof = inclusionProof(subtrees, index, size)
        const flipped = proof.map((hash) => Uint8Array.from(hash))
        const victim = flipped[at % flipped.length] as Uint8Array
        victim[at % HASH_BYTES] = (victim[at % HASH_BYTES] as number) ^ (1 << bit)
        expect(verifyInclusion(leaves(index), index, size, flipped, root)).toBe(false)
        expect(verifyInclusion(leaves(index), index, size, proof.slice(1), root)).toBe(false)
        expect(verifyInclusion(leaves(index), index, size, [...proof, EMPTY_ROOT], root)).toBe(false)
      },
    ),
    { numRuns: 200 },
  )
})

test('foreign sizes and hashes are false, not errors', () => {
  const hash = leafHash(Buffer.of(1))
  expect(verifyInclusion(hash, 0, 1, [], hash)).toBe(true)
  for (const [index, size] of [
    [1, 1],
    [-1, 1],
    [0.5, 1],
    [0, 2 ** 60],
    [Number.NaN, 1],
  ] as const) {
    expect(verifyInclusion(hash, index, size, [], hash), `${index} of ${size}`).toBe(false)
  }
  expect(verifyInclusion(hash.subarray(1), 0, 1, [], hash)).toBe(false)
  expect(verifyConsistency(2, 1, hash, hash, [])).toBe(false)
  expect(verifyConsistency(1, 1, hash, hash, [hash])).toBe(false)
  expect(verifyConsistency(1, 2, hash, hash, [])).toBe(false)
})

test('a frontier goes on where it was saved', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 40 }), (before, more) => {
      const range = new CompactRange()
      for (let i = 0; i < before; i++) range.append(leafHash(Buffer.from(`leaf ${i}`)))
      const saved = range.frontier()
      const restored = CompactRange.fromFrontier(saved)
      for (let i = 0; i < more; i++) restored.append(leafHash(Buffer.from(`leaf ${before + i}`)))
      const { rootBy } = grow(before + more)
      expect(hex(restored.root())).toBe(hex(rootBy.at(-1) as Uint8Array))
      expect(restored.size).toBe(before + more)
    }),
    { numRuns: 30 },
  )
  const bad = { size: 3, hashes: [EMPTY_ROOT] }
  expect(() => CompactRange.fromFrontier(bad)).toThrow(expect.objectContaining({ code: 'log.malformed' }))
})

test('rootOf is the root of a part', () => {
  const { leaves, subtrees } = grow(12)
  expect(hex(rootOf(subtrees, 4, 6))).toBe(hex(nodeHash(leaves(4), leaves(5))))
})
