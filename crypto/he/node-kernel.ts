// Sums by cell for the nodes of a level, outside SEAL, in a memory that all workers share: blocks of rows are written once
// and read by every worker; a task sums one column in all nodes and brings the answers down to bytes that may leave.
// The arithmetic is that of histogram-kernel.ts; the steps are in node-code.ts. Touches no secret key.
import { PlatformError } from '#runtime/errors.ts'
import { AskedSums, askedBytes } from './asked-sums.ts'
import { MASK_PAD } from './histogram-code.ts'
import { inverseOf, TRANSFORM_PRIME } from './histogram-tables.ts'
import { PRODUCT_SIZES } from './node-code.ts'
import {
  cutsOf,
  type Digit,
  type GroupCells,
  layoutOf,
  masksHeld,
  type NodeLayoutMap,
  type NodeShape,
} from './node-layout.ts'
import { tablesOf } from './node-tables.ts'
import { N, NODE_SETS, setNamed } from './params.ts'

type Run = (...words: number[]) => void
type Exports = Readonly<Record<string, Run>>

/** Parts of a polynomial whose products are formed one after another: 16 KiB of sums a node and group stay in the cache. */
const TILES = 32
const PRIME = Number(TRANSFORM_PRIME)
/** 2^32 modulo the prime: folds sums of 64 bits */
const FOLD = 2 ** 32 % PRIME

/** 1/N modulo the prime. */
const SHARE = Number(inverseOf(BigInt(N)))

export class NodeKernel {
  readonly map: NodeLayoutMap
  readonly nodes: number
  readonly second: readonly Digit[]
  readonly first: readonly Digit[]
  readonly #shape: NodeShape
  readonly #primes: readonly bigint[]
  readonly #memory: WebAssembly.Memory
  readonly #run: Exports
  readonly #base: number
  readonly #asked: AskedSums
  readonly #layers: readonly number[]
  readonly #headWords: number

  /** A worker's view of the memory; slot: of `shape.slots`, used by one worker at a time. windows: 4 … 64 */
  constructor(shape: NodeShape, memory: WebAssembly.Memory, slot: number) {
    const depth = Math.log2(shape.windows)
    if (!(Number.isInteger(depth) && depth >= 2 && depth <= 6)) {
      throw new PlatformError('he.parameters', { windows: shape.windows })
    }
    const { module, roots, layers, words, headWords } = tablesOf(shape.set, shape.windows)
    const { second, first } = cutsOf(shape.set)
    this.map = layoutOf(shape)
    this.nodes = shape.nodes
    this.second = second
    this.first = first
    this.#shape = shape
    this.#primes = setNamed(shape.set).dataPrimes
    this.#memory = memory
    this.#run = new WebAssembly.Instance(module, { of: { memory } }).exports as unknown as Exports
    this.#base = slot * this.map.slotBytes
    this.#asked = new AskedSums(memory, this.#at('asked'), this.#primes, shape.windows)
    this.#layers = layers
    this.#headWords = headWords
    this.#words(this.#base + this.map.roots, roots.length).set(roots)
    this.#words(this.#base + this.map.tables, words.length).set(words)
  }

  /** Where the caller puts the residues of a ciphertext, 64 bits each: c0, then c1, prime by prime. */
  residues(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#at('residues'), 2 * this.#primes.length * 8 * N)
  }

  /** Makes the ciphertext in `residues` block `block` of a node. */
  writeBlock(node: number, block: number): void {
    const index = node * this.#shape.blocks + block
    this.#cutSecond(this.map.digits + index * this.map.digitStride)
    const table = this.map.rowTables + index * this.map.rowTableStride
    for (let j = 0; j < this.#primes.length; j++) {
      const from = this.#at('residues') + 8 * j * N
      this.#call(`cutFirst${j}`, from, table, from + 8 * this.map.rows)
    }
  }

  /** Takes the public key (coefficients modulo the data primes, in `residues`) in for `addZero`. */
  writePublicKey(): void {
    this.#cutSecond(this.map.publicDigits)
    const words = this.#words(this.#at('residues'), 2 * this.#primes.length * N)
    for (const [d, { prime, shift, bits }] of this.first.entries()) {
      const table = new Int16Array(this.#memory.buffer, this.map.publicTable + d * 4 * N, 2 * N)
      const mask = 2 ** bits - 1
      for (let i = 0; i < N; i++) {
        const low = words[2 * (prime * N + i)] as number
        const high = words[2 * (prime * N + i) + 1] as number
        const from = shift < 32 ? (low >>> shift) | (shift === 0 ? 0 : high << (32 - shift)) : high >>> (shift - 32)
        const digit = from & mask
        table[N - 1 - i] = digit
        table[2 * N - 1 - i] = -digit
      }
    }
  }

  /** Sums cells in all nodes; the sums stay in the slot. */
  sumGroups(groups: readonly GroupCells[]): void {
    const { nodes, blocks } = this.#shape
    this.#clearSums(nodes * groups.length)
    const held = masksHeld(groups.length, blocks)
    for (let from = 0; from < blocks; from += held) {
      const count = Math.min(held, blocks - from)
      for (const [group, columns] of groups.entries()) this.#writeMasks(group, columns, from, count, held)
      for (let block = from; block < from + count; block++) this.#gatherRows(groups, block)
      this.#addProducts(groups.length, from, count, held)
    }
  }

  /**
   * Adds an encryption of zero to the sums of a node and group: pk1 · u to those of c1 (noise is added by `lower`),
   * the asked coefficients of pk0 · u to those of c0. ternary: u, one of −1, 0, 1 a coefficient.
   */
  addZero(node: number, group: number, groups: number, ternary: Int8Array): void {
    const { windows } = this.#shape
    const { rows } = this.map
    const mask = this.#maskAt(0)
    const words = this.#words(mask, N)
    const small = this.#at('small')
    const u = new Int16Array(this.#memory.buffer, small, N)
    u.set(ternary)
    for (let k = 0, i = 0; k < windows; k++) {
      for (let j = 0; j < rows; j++, i++) {
        const value = ternary[i] as number
        words[j * windows + k] = value < 0 ? PRIME - SHARE : value * SHARE // as masks: divided by the number of roots
      }
    }
    this.#transform(mask)
    const sums = this.#sumsOf(node, group, groups)
    this.#call('products1', sums, mask, this.map.publicDigits, mask + 4 * N, FOLD)
    const found = this.#at('found')
    const partial = new Int32Array(this.#memory.buffer, found, 4 * this.first.length)
    for (let window = 0; window < windows; window++) {
      const start = N - rows * (window + 1)
      this.#call('inner', small, small + 2 * N, this.map.publicTable + 2 * start, found)
      const added = this.#primes.map(() => 0n)
      for (const [d, { prime, shift }] of this.first.entries()) {
        let sum = 0
        for (let lane = 0; lane < 4; lane++) sum += partial[4 * d + lane] as number
        added[prime] = (added[prime] as bigint) + (BigInt(sum) << BigInt(shift))
      }
      this.#asked.add(node * groups + group, window, added)
    }
    this.#call('clear', found, 16 * this.first.length)
    this.#call('clear', small, 2 * N)
    this.#call('clear', mask, 4 * N)
  }

  /**
   * c1 of a node and group plus noise (from 6 · N random bytes: binomial, 21 pairs of bits), times 2^shift of each of the
   * first `values` values of a row, switched down to the first prime: N residues of 64 bits each, valid until the next call.
   */
  lower(node: number, group: number, groups: number, random: Uint8Array, values = 1): Uint8Array[] {
    const { windows } = this.#shape
    const { rows } = this.map
    const work = this.#at('work')
    for (let d = 0; d < this.second.length; d++) {
      const to = work + d * 4 * N
      this.#call('settle', this.#sumsOf(node, group, groups) + 32 * d, to, to + 4 * N, PRIME, FOLD)
      this.#transformBack(to)
    }
    const residues = this.#at('residues')
    const noise = this.#at('small')
    new Uint8Array(this.#memory.buffer, residues, 6 * N).set(random)
    this.#call('noise', residues, noise, noise + N)
    const lowered = Array.from({ length: values }, (_, value) => {
      const from = residues + 8 * N * value
      for (let k = 0; k < windows; k++) {
        const to = from + 8 * rows * k
        this.#call(`lower${value}`, work + 4 * k, noise + rows * k, to, to + 8 * rows)
      }
      return new Uint8Array(this.#memory.buffer, from, 8 * N)
    })
    this.#call('clear', noise, N)
    return lowered
  }

  /** The residue modulo each prime of an asked coefficient of c0 of a node and group. */
  firstOf(node: number, group: number, groups: number, window: number): bigint[] {
    return this.#asked.residuesOf(node * groups + group, window)
  }

  /**
   * Compares the public key times one, as `addZero` and `lower` make it, with SEAL's. first: its c0, prime by prime;
   * lowered: its c1 at the first prime. @throws he.seal
   */
  checkAgainst(first: BigUint64Array, lowered: Uint8Array): void {
    this.#clearSums(1)
    const one = new Int8Array(N)
    one[0] = 1
    this.addZero(0, 0, 1, one)
    const same = Array.from({ length: this.#shape.windows }, (_, window) => {
      const at = (window + 1) * this.map.rows - 1
      return this.firstOf(0, 0, 1, window).every((value, j) => value === first[j * N + at])
    })
    const all = this.lower(0, 0, 1, new Uint8Array(6 * N), NODE_SETS[this.#shape.set].shifts.length)
    if (!same.every(Boolean) || Buffer.compare(all.at(-1) as Uint8Array, lowered) !== 0) {
      throw new PlatformError('he.seal', { expected: 'equal sums' })
    }
  }

  /** Cuts c1 in `residues` into digits, transforms them, and puts them at `to`. */
  #cutSecond(to: number): void {
    const work = this.#at('work')
    const { windows } = this.#shape
    for (let j = 0; j < this.#primes.length; j++) {
      for (let window = 0; window < windows; window++) {
        const from = this.#at('residues') + 8 * ((this.#primes.length + j) * N + window * this.map.rows)
        this.#call(`cutSecond${j}`, from, work + 4 * window, from + 8 * this.map.rows, PRIME)
      }
    }
    for (let d = 0; d < this.second.length; d++) {
      const at = work + d * 4 * N
      this.#transform(at)
      this.#call('spread', at, to + 16 * d, at + 4 * N)
    }
  }

  #writeMasks(group: number, columns: GroupCells, from: number, count: number, held: number): void {
    const { windows } = this.#shape
    const { rows } = this.map
    const cellsAt = this.#at('cells')
    for (let b = 0; b < count; b++) {
      const mask = this.#maskAt(group * held + b)
      for (const [i, { cells, lowest, highest, window }] of columns.entries()) {
        const count = this.#copyCells(cells, from + b)
        this.#call('place', cellsAt, cellsAt + rows, lowest, highest - lowest, window, windows)
        if (count < rows) new Uint8Array(this.#memory.buffer, cellsAt + count, rows - count).fill(windows)
        const to = i === 0 ? mask : this.#at('work')
        this.#call('lookup', to, cellsAt, this.#at('tables'), PRIME)
        if (i > 0) this.#call('add', mask, to, mask + 4 * N, 2 * PRIME)
      }
      this.#layersDown(mask, 2)
    }
  }

  /** The cells of a block's rows, as many as there are, to where the kernel reads them. */
  #copyCells(cells: Uint8Array, block: number): number {
    const { rows } = this.map
    const own = cells.subarray(block * rows, (block + 1) * rows)
    new Uint8Array(this.#memory.buffer, this.#at('cells'), rows).set(own)
    return own.length
  }

  /** Adds the asked coefficients of c0 that one block gives, in every node and group. */
  #gatherRows(groups: readonly GroupCells[], block: number): void {
    const { windows, nodes, blocks } = this.#shape
    const rowBytes = this.map.rowTableStride / this.map.rows
    const [placesAt, cellsAt, endedAt] = [this.#at('places'), this.#at('cells'), this.#at('found')]
    const ended = this.#words(endedAt, 1)
    const ends = new Uint32Array(groups.length)
    let next = placesAt // words follow, one for each cell of a row
    for (const [group, columns] of groups.entries()) {
      for (const { cells, lowest, highest, window } of columns) {
        const count = this.#copyCells(cells, block)
        if (count === 0) continue
        const first = 8 * (windows + lowest - window)
        this.#call('list', cellsAt, cellsAt + count, lowest, highest - lowest, first, rowBytes, next, endedAt)
        next = ended[0] as number
      }
      ends[group] = next
    }
    for (let node = 0; node < nodes; node++) {
      const table = this.map.rowTables + (node * blocks + block) * this.map.rowTableStride
      this.#call('touch', table, table + this.map.rowTableStride)
      for (const [group, end] of ends.entries()) {
        const first = group === 0 ? placesAt : (ends[group - 1] as number)
        if (first < end) this.#call('gather', this.#asked.addressOf(node * groups.length + group), table, first, end)
      }
    }
  }

  /**
   * Products of the held masks of all groups with the blocks of all nodes, part by part of the polynomials: the sums of a
   * part stay in the cache, its blocks are used for all groups and its masks for all nodes.
   */
  #addProducts(groups: number, from: number, count: number, held: number): void {
    const { nodes, blocks } = this.#shape
    const part = (4 * N) / TILES
    const runs = PRODUCT_SIZES.map((size) => this.#run[`products${size}`] as Run)
    for (let tile = 0; tile < TILES; tile++) {
      for (let b = 0; b < count; ) {
        const kind = PRODUCT_SIZES.findIndex((size) => size <= count - b)
        const products = runs[kind] as Run
        for (let node = 0; node < nodes; node++) {
          const block = this.map.digits + (node * blocks + from + b) * this.map.digitStride
          for (let group = 0; group < groups; group++) {
            const sums = this.#sumsOf(node, group, groups) + (tile * this.#sumBytes) / TILES
            const mask = this.#maskAt(group * held + b) + tile * part
            products(sums, mask, block + tile * part * this.second.length, mask + part, FOLD)
          }
        }
        b += PRODUCT_SIZES[kind] as number
      }
    }
  }

  /** In place: to transformed form, below the prime. */
  #transform(at: number): void {
    this.#call('head', at, at + 4 * N, this.#at('tables') + this.#acrossAt, PRIME)
    this.#layersDown(at, 0)
  }

  #transformBack(at: number): void {
    const end = at + 4 * N
    let layer = Math.log2(this.map.rows) - 1
    for (; layer > 0; layer -= 2) {
      const roots = [...this.#rootsOf(layer - 1, 2), ...this.#rootsOf(layer, 2)]
      this.#call('pass4Back', at, this.#strideOf(layer), end, ...roots, PRIME)
    }
    if (layer === 0) this.#call('pass2Back', at, this.#strideOf(0), end, ...this.#rootsOf(0, 2), PRIME)
    this.#call('tail', at, at + 4 * N, this.#at('tables') + this.#acrossAt + 4 * this.#headWords, PRIME)
  }

  /** The layers inside rows from `first` on; words below 4q become words below q. */
  #layersDown(at: number, first: number): void {
    const depth = Math.log2(this.map.rows)
    const end = at + 4 * N
    let layer = first
    if ((depth - first) % 2 === 1)
      this.#call('pass2', at, this.#strideOf(layer), end, ...this.#rootsOf(layer++, 0), PRIME)
    for (; layer < depth; layer += 2) {
      const pass = layer + 2 === depth ? 'pass4Last' : 'pass4'
      const roots = [...this.#rootsOf(layer, 0), ...this.#rootsOf(layer + 1, 0)]
      this.#call(pass, at, this.#strideOf(layer + 1), end, ...roots, PRIME)
    }
  }

  /** Bytes between the rows that a layer joins. */
  #strideOf(layer: number): number {
    return (this.map.rows / 2 ** (layer + 1)) * 4 * this.#shape.windows
  }

  /** Addresses of the roots of a layer and of their quotients; table: 0 forward, 2 back. */
  #rootsOf(layer: number, table: 0 | 2): [number, number] {
    const at = this.#at('roots') + table * 4 * N + 4 * (this.#layers[layer] as number)
    return [at, at + 4 * N]
  }

  #call(name: string, ...words: number[]): void {
    ;(this.#run[name] as Run)(...words)
  }

  #at(
    part:
      | 'roots'
      | 'tables'
      | 'cells'
      | 'masks'
      | 'sums'
      | 'asked'
      | 'work'
      | 'residues'
      | 'small'
      | 'places'
      | 'found',
  ): number {
    return this.#base + this.map[part]
  }

  get #acrossAt(): number {
    return 4 * 6 * (this.#shape.windows + 1) * this.#shape.windows
  }

  get #sumBytes(): number {
    return this.second.length * 8 * N
  }

  #maskAt(index: number): number {
    return this.#at('masks') + index * (4 * N + MASK_PAD)
  }

  #sumsOf(node: number, group: number, groups: number): number {
    return this.#at('sums') + (node * groups + group) * this.#sumBytes
  }

  /** For so many nodes times groups. */
  #clearSums(count: number): void {
    this.#call('clear', this.#at('sums'), count * this.#sumBytes)
    this.#call('clear', this.#at('asked'), count * askedBytes(this.#primes.length, this.#shape.windows))
  }

  #words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, at, count)
  }
}
