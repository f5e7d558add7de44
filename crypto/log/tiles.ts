// C2SP tlog-tiles: the tree as static files of at most 256 hashes, so a log can be served, copied and proved from
// without a program. Tile (level, index) holds the roots of consecutive subtrees of 256^level leaves.
import { PlatformError } from '#runtime/errors.ts'
import { CompactRange, HASH_BYTES, type Subtrees } from './merkle.ts'

const TILE_HEIGHT = 8
/** hashes in a full tile: the leaves of a subtree of height 8 */
export const TILE_WIDTH = 2 ** TILE_HEIGHT

export interface Tile {
  /** 0: leaf hashes */
  readonly level: number
  readonly index: number
  /** 1 to 256 */
  readonly width: number
}

/** tile/<level>/<index>[.p/<width>], the index in groups of three digits, all but the last with an x before. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** @throws PlatformError log.malformed for every other spelling */
export function parseTilePath(path: string): Tile {
  const match = /^tile\/(0|[1-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path)
  const tile = {
    level: Number(match?.[1]),
    index: Number(match?.[2]?.replaceAll(/[x/]/g, '')),
    width: match?.[3] === undefined ? TILE_WIDTH : Number(match[3]),
  }
  if (match === null || !Number.isSafeInteger(tile.index) || tilePath(tile) !== path || tile.width > TILE_WIDTH) {
    throw new PlatformError('log.malformed', { what: 'tile path' })
  }
  return tile
}

/** All tiles of a tree of `size` leaves, the partial ones at the right edge included. */
export function tilesOf(size: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    for (let at = 0; at < count; at += TILE_WIDTH) {
      tiles.push({ level, index: at / TILE_WIDTH, width: Math.min(TILE_WIDTH, count - at) })
    }
  }
  return tiles
}

/** Tiles that a tree of `to` leaves has and a tree of `from` leaves has not: what to write after growing. */
export function newTiles(from: number, to: number): Tile[] {
  const known = new Set(tilesOf(from).map(tilePath))
  return tilesOf(to).filter((tile) => !known.has(tilePath(tile)))
}

/** width × 32 bytes. */
export function tileBytes({ level, index, width }: Tile, subtrees: Subtrees): Uint8Array {
  const bytes = new Uint8Array(width * HASH_BYTES)
  for (let i = 0; i < width; i++) {
    bytes.set(subtrees(level * TILE_HEIGHT, index * TILE_WIDTH + i), i * HASH_BYTES)
  }
  return bytes
}

/** Writes tiles of a tree; `write` is called once a tile. */
export async function writeTiles(
  tiles: readonly Tile[],
  subtrees: Subtrees,
  write: (path: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for (const tile of tiles) await write(tilePath(tile), tileBytes(tile, subtrees))
}

/**
 * Reads all tiles of a tree and checks that every level follows from the one below.
 * @param read bytes of the file at a path, or undefined
 * @returns the leaf hashes one after the other, and the root
 * @throws PlatformError log.malformed for a missing, short or inconsistent tile
 */
export async function readTiles(
  size: number,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<{ readonly leafHashes: Uint8Array; readonly root: Uint8Array }> {
  const leafHashes = new Uint8Array(size * HASH_BYTES)
  let below: Uint8Array = leafHashes
  for (const tile of tilesOf(size)) {
    const bytes = await read(tilePath(tile))
    const wrong = bytes === undefined ? 'missing' : bytes.length === tile.width * HASH_BYTES ? '' : 'wrong length'
    if (bytes === undefined || wrong !== '') throw badTile(tile, wrong)
    if (tile.level === 0) {
      leafHashes.set(bytes, tile.index * TILE_WIDTH * HASH_BYTES)
      continue
    }
    if (tile.index === 0 && tile.level > 1) below = rootsOf256(below)
    for (let i = 0; i < tile.width; i++) {
      const from = (tile.index * TILE_WIDTH + i) * TILE_WIDTH * HASH_BYTES
      const root = rootOfHashes(below.subarray(from, from + TILE_WIDTH * HASH_BYTES))
      if (Buffer.compare(root, bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)) !== 0)
        throw badTile(tile, 'does not follow from the level below')
    }
  }
  return { leafHashes, root: rootOfHashes(leafHashes) }
}

/** Roots of the full groups of 256 hashes. */
function rootsOf256(hashes: Uint8Array): Uint8Array {
  const full = Math.floor(hashes.length / HASH_BYTES / TILE_WIDTH)
  const roots = new Uint8Array(full * HASH_BYTES)
  for (let i = 0; i < full; i++) {
    const from = i * TILE_WIDTH * HASH_BYTES
    roots.set(rootOfHashes(hashes.subarray(from, from + TILE_WIDTH * HASH_BYTES)), i * HASH_BYTES)
  }
  return roots
}

function rootOfHashes(hashes: Uint8Array): Uint8Array {
  const range = new CompactRange()
  for (let at = 0; at < hashes.length; at += HASH_BYTES) range.append(hashes.subarray(at, at + HASH_BYTES))
  return range.root()
}

function indexPath(index: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/[0-9]{3}/g) as string[]
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}

function badTile(tile: Tile, problem: string): PlatformError {
  return new PlatformError('log.malformed', { what: 'tile', path: tilePath(tile), problem })
}
