import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CompactRange, HASH_BYTES, leafHash, leafHashesIn, rootOf, subtreesOver } from './merkle.ts'
import { newTiles, parseTilePath, readTiles, tileBytes, tilePath, tilesOf, writeTiles } from './tiles.ts'

function tree(size: number) {
  const bytes = new Uint8Array(size * HASH_BYTES)
  const range = new CompactRange()
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(Buffer.from(`leaf ${i}`))
    bytes.set(leaf, i * HASH_BYTES)
    range.append(leaf)
  }
  return { bytes, subtrees: subtreesOver(leafHashesIn(bytes)), root: range.root() }
}

test('paths of the specification', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 1, index: 1, width: 17 })).toBe('tile/1/001.p/17')
  expect(tilePath({ level: 63, index: 1000, width: 1 })).toBe('tile/63/x001/000.p/1')
  fc.assert(
    fc.property(fc.nat(63), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width })
    }),
  )
})

test.each([
  'tile/0/0',
  'tile/0/x000/005',
  'tile/00/005',
  'tile/64/005',
  'tile/0/005.p/0',
  'tile/0/005.p/256',
  'tile/0/005.p/07',
  'tile/0/005/',
  'tile/0/x005',
  'tile/0/005.p/',
  'tile/-1/005',
  '/tile/0/005',
  'tile/0/x999/x999/x999/x999/x999/x999/999',
])('%s is no path of a tile', (path) => {
  expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ code: 'log.malformed' }))
})

test('a tree of 70,000 has the tiles that the specification counts', () => {
  const paths = tilesOf(70_000).map(tilePath)
  expect(paths).toHaveLength(273 + 1 + 1 + 1 + 1)
  expect(paths.slice(273)).toEqual(['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])
  expect(tilesOf(256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
  expect(tilesOf(0)).toEqual([])
})

test('tiles hold the roots of their subtrees', () => {
  const { subtrees } = tree(66_000)
  const level1 = tileBytes({ level: 1, index: 0, width: 256 }, subtrees)
  expect(Buffer.from(level1.subarray(32, 64))).toEqual(Buffer.from(rootOf(subtrees, 256, 512)))
  const level2 = tileBytes({ level: 2, index: 0, width: 1 }, subtrees)
  expect(Buffer.from(level2)).toEqual(Buffer.from(rootOf(subtrees, 0, 65_536)))
})

test.each([0, 1, 255, 256, 257, 511, 66_000])('a tree of %i is read back from its tiles', async (size) => {
  const { bytes, subtrees, root } = tree(size)
  const files = new Map<string, Uint8Array>()
  await writeTiles(tilesOf(size), subtrees, async (path, tile) => void files.set(path, tile))
  const read = await readTiles(size, async (path) => files.get(path))
  expect(Buffer.from(read.root)).toEqual(Buffer.from(root))
  expect(Buffer.compare(read.leafHashes, bytes)).toBe(0)
})

test('a missing, short or changed tile is refused', async () => {
  const size = 600
  const { subtrees } = tree(size)
  const files = new Map<string, Uint8Array>()
  await writeTiles(tilesOf(size), subtrees, async (path, tile) => void files.set(path, tile))
  const reading = (change: (path: string, bytes: Uint8Array) => Uint8Array | undefined) =>
    readTiles(size, async (path) => change(path, files.get(path) as Uint8Array))
  const refusal = { code: 'log.malformed' }
  await expect(reading((path, bytes) => (path === 'tile/0/001' ? undefined : bytes))).rejects.toMatchObject(refusal)
  await expect(reading((_, bytes) => bytes.subarray(32))).rejects.toMatchObject(refusal)
  const flipped = (path: string, bytes: Uint8Array) =>
    path === 'tile/0/001' ? bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)) : bytes
  await expect(reading(flipped)).rejects.toMatchObject(refusal)
})

test('growing adds only the tiles at the right edge', () => {
  expect(newTiles(250, 260).map(tilePath)).toEqual(['tile/0/000', 'tile/0/001.p/4', 'tile/1/000.p/1'])
  expect(newTiles(256, 256)).toEqual([])
})
