// The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1: hashes, roots of growing trees, and proofs.
// A hash is 32 bytes. Sizes and indices are safe integers.
import { hash } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'

export const HASH_BYTES = 32
/** root of the tree without leaves: SHA-256 of nothing */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer')

/** the input of leafHash, byte 0 is its prefix; longer leaves have one of their own */
const leafInput = Buffer.alloc(16_384)
/** the input of nodeHash */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** SHA-256(0x00 ‖ leaf) */
export function leafHash(leaf: Uint8Array): Uint8Array {
  const input = leaf.length < leafInput.length ? leafInput : Buffer.alloc(1 + leaf.length)
  input.set(leaf, 1)
  return sha256(input.subarray(0, 1 + leaf.length))
}

/** SHA-256(0x01 ‖ left ‖ right), of two hashes */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('a node has two hashes below it')
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_BYTES)
  return sha256(nodeInput)
}

/** By way of a string, which Node makes in a third of the time that a buffer of its own takes. */
function sha256(input: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1')
}

/** A tree that only grows and keeps only the roots of its perfect subtrees: at most 53 hashes. */
export class CompactRange {
  #size = 0
  /** of the perfect subtrees, from the left: their sizes are the bits of `size`, the largest first */
  readonly #frontier: Uint8Array[] = []

  get size(): number {
    return this.#size
  }

  /** @param leaf hash of the new leaf, see leafHash */
  append(leaf: Uint8Array): void {
    let node = requireHash(leaf)
    // as many perfect subtrees of equal size merge as `size` has trailing one bits
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      node = nodeHash(this.#frontier.pop() as Uint8Array, node)
    }
    this.#frontier.push(node)
    this.#size += 1
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined
    for (const subtree of this.#frontier.toReversed()) root = root === undefined ? subtree : nodeHash(subtree, root)
    return root ?? EMPTY_ROOT
  }

  /** For a place on disk: fromFrontier takes it back. */
  frontier(): { readonly size: number; readonly hashes: readonly Uint8Array[] } {
    return { size: this.#size, hashes: [...this.#frontier] }
  }

  /** @throws PlatformError log.malformed when the count of hashes does not fit the size */
  static fromFrontier(saved: { readonly size: number; readonly hashes: readonly Uint8Array[] }): CompactRange {
    const { size, hashes } = saved
    if (!Number.isSafeInteger(size) || size < 0 || hashes.length !== onesOf(size)) {
      throw new PlatformError('log.malformed', { what: 'frontier', problem: 'hashes do not fit the size' })
    }
    const range = new CompactRange()
    range.#size = size
    range.#frontier.push(...hashes.map(requireHash))
    return range
  }
}

/** Hash number `index` of the leaves. */
export type LeafHashes = (index: number) => Uint8Array

/** Root of the perfect subtree of 2^level leaves that begins at leaf index·2^level; proofs are made from these. */
export type Subtrees = (level: number, index: number) => Uint8Array

/** Leaf hashes that lie one after the other in one buffer. */
export function leafHashesIn(bytes: Uint8Array): LeafHashes {
  return (index) => bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
}

/** The subtrees over stored leaf hashes. Each is computed once and kept: as much memory again as the leaf hashes. */
export function subtreesOver(leaves: LeafHashes): Subtrees {
  const known = new Map<string, Uint8Array>()
  const subtrees: Subtrees = (level, index) => {
    if (level === 0) return leaves(index)
    const name = `${level} ${index}`
    let root = known.get(name)
    if (root === undefined) {
      root = nodeHash(subtrees(level - 1, 2 * index), subtrees(level - 1, 2 * index + 1))
      known.set(name, root)
    }
    return root
  }
  return subtrees
}

/** MTH(D[start:end]) of RFC 9162 2.1.1, for a start that is a multiple of the largest power of two ≤ end − start. */
export function rootOf(subtrees: Subtrees, start: number, end: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = start; at < end; ) {
    let [level, width] = [0, 1]
    while (width * 2 <= end - at) [level, width] = [level + 1, width * 2]
    parts.push(subtrees(level, at / width))
    at += width
  }
  const last = parts.pop()
  return last === undefined ? EMPTY_ROOT : parts.reduceRight((root, part) => nodeHash(part, root), last)
}

/** PATH(index, D[0:size]) of RFC 9162 2.1.3.1, from the leaf upwards. */
export function inclusionProof(subtrees: Subtrees, index: number, size: number): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`)
  const path: Uint8Array[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      path.unshift(rootOf(subtrees, middle, end))
      end = middle
    } else {
      path.unshift(rootOf(subtrees, start, middle))
      start = middle
    }
  }
  return path
}

/** PROOF(first, D[0:second]) of RFC 9162 2.1.4.1; empty when first is 0 or equal to second. */
export function consistencyProof(subtrees: Subtrees, first: number, second: number): Uint8Array[] {
  if (!(first >= 0 && first <= second)) throw new RangeError(`tree of ${first} is no start of a tree of ${second}`)
  if (first === 0 || first === second) return []
  const path: Uint8Array[] = []
  let [start, end] = [0, second]
  let whole = true // `first` ends on the right edge of [start, end), which began as a whole tree
  while (first - start !== end - start) {
    const middle = start + splitOf(end - start)
    if (first <= middle) {
      path.unshift(rootOf(subtrees, middle, end))
      end = middle
    } else {
      path.unshift(rootOf(subtrees, start, middle))
      start = middle
      whole = false
    }
  }
  if (!whole) path.unshift(rootOf(subtrees, start, end))
  return path
}

/** RFC 9162 2.1.3.2. False for anything that does not fit; nothing is thrown for foreign input. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!areSizes(index, size) || index >= size || !areHashes([leaf, root, ...proof])) return false
  let [fn, sn] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else node = nodeHash(node, sibling)
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && same(node, root)
}

/** RFC 9162 2.1.4.2: the tree of `second` leaves begins with the tree of `first`. A tree of 0 begins every tree. */
export function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!areSizes(first, second) || first > second || !areHashes([firstRoot, secondRoot, ...proof])) return false
  if (first === second) return proof.length === 0 && same(firstRoot, secondRoot)
  if (first === 0) return proof.length === 0 && same(firstRoot, EMPTY_ROOT)
  let [fn, sn] = [first - 1, second - 1]
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  // a perfect first tree is a node of the second, and is left out of the proof
  const path = fn === 0 ? [firstRoot, ...proof] : proof
  let [old, grown] = [path[0], path[0]]
  if (old === undefined || grown === undefined) return false
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(sibling, old)
      grown = nodeHash(sibling, grown)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else grown = nodeHash(grown, sibling)
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && same(old, firstRoot) && same(grown, secondRoot)
}

/** The largest power of two below n, for n ≥ 2. */
function splitOf(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

function onesOf(n: number): number {
  let ones = 0
  for (let rest = n; rest > 0; rest = half(rest)) ones += rest % 2
  return ones
}

/** Shift right by one, for numbers beyond 32 bits. */
function half(n: number): number {
  return Math.floor(n / 2)
}

function areSizes(...numbers: readonly number[]): boolean {
  return numbers.every((n) => Number.isSafeInteger(n) && n >= 0)
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every(({ length }) => length === HASH_BYTES)
}

function requireHash(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== HASH_BYTES) throw new PlatformError('log.malformed', { what: 'hash', got: bytes.length })
  return bytes
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
