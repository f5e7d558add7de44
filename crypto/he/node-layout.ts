// Where things lie in the memory that the workers share while they sum the nodes of a level (node-kernel.ts), and how
// residues are cut into digits there.
import { askedBytes } from './asked-sums.ts'
import { BLOCK_PAD, BLOCKS_AT_ONCE, LOOKUP_TABLES, MASK_PAD } from './histogram-code.ts'
import { N, NODE_SETS, type NodeSet, setNamed } from './params.ts'
import { freshShape, wireBytes } from './wire.ts'

/** One digit of a residue: its lowest bit and its width. */
export interface Digit {
  /** which prime */
  readonly prime: number
  readonly shift: number
  readonly bits: number
}

/** Largest width of a digit of c0 of the public key: sums of N stay below 2^31. */
const FIRST_BITS = 15

/** The digits of residues modulo these primes, none wider than `widest`, prime by prime, lowest first. */
export function digitsOf(primes: readonly bigint[], widest: number): Digit[] {
  return primes.flatMap((modulus, prime) => {
    const width = modulus.toString(2).length
    const count = Math.ceil(width / widest)
    const bits = Math.ceil(width / count)
    return Array.from({ length: count }, (_, d) => ({ prime, shift: d * bits, bits: Math.min(bits, width - d * bits) }))
  })
}

/** How c1, and c0 of the public key, are cut. */
export function cutsOf(set: NodeSet): { readonly second: readonly Digit[]; readonly first: readonly Digit[] } {
  const { dataPrimes } = setNamed(set)
  return { second: digitsOf(dataPrimes, NODE_SETS[set].digitBits), first: digitsOf(dataPrimes, FIRST_BITS) }
}

/**
 * What one answer shows, by column: cells lowest … highest − 1, from `window` on. cells: one a row of all blocks; other
 * cells, and rows without one, add nothing.
 */
export type GroupCells = readonly {
  readonly cells: Uint8Array
  readonly lowest: number
  readonly highest: number
  readonly window: number
}[]

/** What decides the layout. */
export interface NodeShape {
  readonly set: NodeSet
  readonly windows: number
  readonly nodes: number
  /** ciphertexts of one node */
  readonly blocks: number
  /** most groups that a task sums, of all its columns */
  readonly groups: number
  /** most columns of a task */
  readonly columns: number
  /** tasks that run at the same time */
  readonly slots: number
}

/** Addresses in bytes. All 16-aligned. */
export interface NodeLayoutMap {
  readonly rows: number
  readonly slotBytes: number
  /** inside a slot */
  readonly roots: number
  readonly tables: number
  readonly cells: number
  readonly masks: number
  /** of c1 by node and group, by digit */
  readonly sums: number
  /** AskedSums */
  readonly asked: number
  readonly work: number
  readonly residues: number
  readonly small: number
  readonly places: number
  readonly found: number
  /** wire bytes of ciphertexts that a worker takes in, `inboxStride` apart */
  readonly inbox: number
  readonly inboxStride: number
  /** of the whole memory */
  readonly publicDigits: number
  readonly publicTable: number
  readonly digits: number
  readonly digitStride: number
  readonly rowTables: number
  readonly rowTableStride: number
  readonly end: number
}

/** Ciphertexts that a worker takes in at once. */
export const BLOCKS_PER_PART = 4

/** Bytes of a fresh ciphertext on the wire. */
export function freshBytes(set: NodeSet): number {
  return wireBytes(freshShape(setNamed(set), ''))
}

/** Masks of all groups of a task that are held at once, by blocks: 8 MiB, or eight blocks. */
const MASKS_HELD = 256

/** Blocks whose masks are held at once. */
export function masksHeld(groups: number, blocks: number): number {
  const most = Math.max(1, Math.floor(MASKS_HELD / groups / BLOCKS_AT_ONCE)) * BLOCKS_AT_ONCE
  return Math.min(most, blocks)
}

export function layoutOf({ set, windows, nodes, blocks, groups, columns, slots }: NodeShape): NodeLayoutMap {
  const { second, first } = cutsOf(set)
  const rows = N / windows
  let at = 0
  const take = (bytes: number): number => {
    const from = at
    at += Math.ceil(bytes / 64) * 64
    return from
  }
  const inboxStride = Math.ceil(freshBytes(set) / 64) * 64
  const inSlot = {
    roots: take(16 * N),
    tables: take(4 * LOOKUP_TABLES * (windows + 1) * windows + 8 * 4 * windows * Math.log2(windows)),
    cells: take(rows),
    masks: take(groups * masksHeld(groups, blocks) * (4 * N + MASK_PAD)),
    sums: take(groups * nodes * second.length * 8 * N),
    asked: take(groups * nodes * askedBytes(setNamed(set).dataPrimes.length, windows)),
    work: take(second.length * 4 * N),
    residues: take(2 * setNamed(set).dataPrimes.length * 8 * N),
    small: take(8 * N),
    places: take(4 * (rows * columns + 1)),
    found: take(16 * first.length),
    inbox: take(BLOCKS_PER_PART * inboxStride),
  }
  const slotBytes = at
  at = slotBytes * slots
  const digitStride = 4 * N * second.length + BLOCK_PAD
  const rowTableStride = 16 * N * setNamed(set).dataPrimes.length
  return {
    rows,
    slotBytes,
    ...inSlot,
    inboxStride,
    publicDigits: take(digitStride),
    publicTable: take(4 * N * first.length),
    digits: take(nodes * blocks * digitStride),
    digitStride,
    rowTables: take(nodes * blocks * rowTableStride),
    rowTableStride,
    end: at,
  }
}
