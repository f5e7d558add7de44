// Encrypted counts by cell, outside SEAL. A mask of zeros and ones needs one transform, modulo one prime of 30 bits,
// whatever the number of primes of the ciphertext: the ciphertext is cut into balanced digits of 15 bits instead, and
// sums of digits are read back as integers. What an answer shows of c0 are few coefficients: those are added up directly.
// Touches no secret key. Layout of a polynomial and the code: histogram-code.ts.
import { PlatformError } from '#runtime/errors.ts'
import { assembleHistogram, BLOCK_PAD, BLOCKS_AT_ONCE, LOOKUP_TABLES, MASK_PAD } from './histogram-code.ts'
import { inverseOf, lookupTables, quotientOf, rowRoots, TRANSFORM_PRIME } from './histogram-tables.ts'
import { rootTables } from './kernel.ts'

const PAGE = 65_536
const DIGIT_BITS = 15
const DIGIT = 2 ** DIGIT_BITS

/** Blocks of rows that a kernel holds at once: bounds its memory. */
export const BLOCKS_HELD = 32

interface Exports {
  readonly memory: WebAssembly.Memory
  wide(x: number, end: number, stride: number, w: number, p: number, q: number): void
  wideBack(x: number, end: number, stride: number, w: number, p: number, q: number): void
  pass2(a: number, stride: number, end: number, w: number, p: number, q: number): void
  pass2Back(a: number, stride: number, end: number, w: number, p: number, q: number): void
  pass4(a: number, stride: number, end: number, w: number, p: number, v: number, u: number, q: number): void
  pass4Last(a: number, stride: number, end: number, w: number, p: number, v: number, u: number, q: number): void
  lookup(to: number, cells: number, tables: number, q: number): void
  products(sums: number, masks: number, blocks: number, end: number, e: number): void
  settle(sums: number, to: number, end: number, q: number, e: number): void
  widen(from: number, sums: number, end: number): void
  gather(sums: number, table: number, places: number, end: number): void
}

/** A block of rows, ready for sums: made once, used for every column. */
export interface PreparedRows {
  /** transformed digits of c1, taking turns every four words */
  readonly digits: Uint32Array
  /** digits of c0 by row and shift */
  readonly table: Uint16Array
}

/** What has been summed of one column: residues of digits of c1, and digits of the asked coefficients of c0. */
export interface ColumnSums {
  readonly second: Uint32Array
  readonly asked: Float64Array
}

export class HistogramKernel {
  readonly windows: number
  /** rows of a block */
  readonly rows: number
  readonly digits: number
  readonly #n: number
  readonly #primes: readonly number[]
  readonly #prime: number
  readonly #exports: Exports
  readonly #forward: Roots
  readonly #back: Roots

  /** primes: of the ciphertexts, below 2^30, ≡ 1 mod 2n; windows: a power of two, 4 … 64 */
  constructor(primes: readonly bigint[], n: number, windows: number) {
    const depth = Math.log2(windows)
    if (!(Number.isInteger(depth) && depth >= 2 && depth <= 6)) throw new PlatformError('he.parameters', { windows })
    this.windows = windows
    this.rows = n / windows
    this.digits = 2 * primes.length
    this.#n = n
    this.#primes = primes.map(Number)
    const prime = TRANSFORM_PRIME
    this.#prime = Number(prime)
    const module = new WebAssembly.Module(assembleHistogram({ n, windows, digits: this.digits }))
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports
    const { memory } = this.#exports
    memory.grow(Math.ceil(this.#end / PAGE) - memory.buffer.byteLength / PAGE)
    const { roots } = rootTables(prime, n)
    this.#forward = this.#writeRoots(roots, this.#rootsAt)
    this.#back = this.#writeRoots(
      roots.map((root) => Number(inverseOf(BigInt(root)))),
      this.#rootsAt + 8 * n,
    )
    const tables = lookupTables(roots, windows)
    this.#words(this.#tablesAt, tables.length).set(tables)
  }

  /** A fresh ciphertext (residues of c0, then of c1, prime by prime) as a block of rows. */
  prepare(residues: Uint32Array): PreparedRows {
    const digits = new Uint32Array(new SharedArrayBuffer(4 * this.digits * this.#n))
    const table = new Uint16Array(new SharedArrayBuffer(4 * this.digits * this.#n))
    for (const [j, prime] of this.#primes.entries()) {
      const c0 = residues.subarray(j * this.#n, (j + 1) * this.#n)
      this.#fillTable(table, 2 * j, c0, prime)
      const c1 = residues.subarray((this.#primes.length + j) * this.#n, (this.#primes.length + j + 1) * this.#n)
      const [low, high] = balancedDigits(c1, prime, this.#prime)
      this.#interleave(this.#transform(low as Uint32Array), digits, 2 * j)
      this.#interleave(this.#transform(high as Uint32Array), digits, 2 * j + 1)
    }
    return { digits, table }
  }

  /** Takes blocks in, at most BLOCKS_HELD, for the columns that follow. */
  hold(blocks: readonly PreparedRows[]): void {
    if (blocks.length > BLOCKS_HELD) throw new PlatformError('he.range', { blocks: blocks.length, limit: BLOCKS_HELD })
    for (const [b, { digits, table }] of blocks.entries()) {
      this.#words(this.#blocksAt + b * (this.#blockBytes + BLOCK_PAD), digits.length).set(digits)
      new Uint16Array(this.#exports.memory.buffer, this.#askedTablesAt + b * this.#blockBytes, table.length).set(table)
    }
  }

  /**
   * Adds the held blocks to the sums of a column. cells: one a row, `rows` a block: below `windows`, or `windows` for a row
   * that adds nothing.
   * @throws he.range
   */
  addColumn(cells: Uint8Array, sums: ColumnSums): void {
    const blocks = cells.length / this.rows
    const outside = !(Number.isInteger(blocks) && blocks <= BLOCKS_HELD) || cells.some((cell) => cell > this.windows)
    if (outside) throw new PlatformError('he.range', { cells: cells.length, windows: this.windows })
    const { products, widen, settle, gather } = this.#exports
    new Uint8Array(this.#exports.memory.buffer, this.#cellsAt, cells.length).set(cells)
    const asked = this.#words(this.#askedAt, this.digits * this.windows).fill(0)
    this.#words(this.#settledAt, sums.second.length).set(sums.second)
    widen(this.#settledAt, this.#sumsAt, this.#settledAt + 4 * sums.second.length)
    const e = 2 ** 32 % this.#prime
    for (let first = 0; first < blocks; first += BLOCKS_AT_ONCE) {
      for (let g = 0; g < BLOCKS_AT_ONCE; g++) {
        const mask = this.#masksAt + g * (4 * this.#n + MASK_PAD)
        if (first + g >= blocks) {
          this.#words(mask, this.#n).fill(0)
          continue
        }
        const cellsAt = this.#cellsAt + (first + g) * this.rows
        this.#mask(mask, cellsAt)
        const end = this.#writePlaces(cells.subarray((first + g) * this.rows, (first + g + 1) * this.rows))
        const table = this.#askedTablesAt + (first + g) * this.#blockBytes
        if (end > this.#placesAt) gather(this.#askedAt, table, this.#placesAt, end)
      }
      const held = this.#blocksAt + first * (this.#blockBytes + BLOCK_PAD)
      products(this.#sumsAt, this.#masksAt, held, this.#masksAt + 4 * this.#n, e)
    }
    settle(this.#sumsAt, this.#settledAt, this.#settledAt + 4 * sums.second.length, this.#prime, e)
    sums.second.set(this.#words(this.#settledAt, sums.second.length))
    for (const [i, sum] of asked.entries()) sums.asked[i] = (sums.asked[i] as number) + sum
  }

  /** Residues of the sum of c1, prime by prime, one word a coefficient. */
  secondOf(sums: ColumnSums): Uint32Array {
    const out = new Uint32Array(this.#primes.length * this.#n)
    for (const [j, prime] of this.#primes.entries()) {
      const low = this.#integers(sums.second, 2 * j)
      const high = this.#integers(sums.second, 2 * j + 1)
      for (let i = 0; i < this.#n; i++) {
        const value = (low[i] as number) + DIGIT * (high[i] as number)
        out[j * this.#n + i] = value - Math.floor(value / prime) * prime
      }
    }
    return out
  }

  /** Residues of the asked coefficients of c0, prime by prime, one a window. */
  askedOf(sums: ColumnSums): Uint32Array {
    return Uint32Array.from({ length: this.#primes.length * this.windows }, (_, i) => {
      const j = Math.floor(i / this.windows)
      const cell = i % this.windows
      const digit = (half: number) => sums.asked[(2 * j + half) * this.windows + cell] as number
      const prime = this.#primes[j] as number
      return ((digit(0) % prime) + DIGIT * (digit(1) % prime)) % prime
    })
  }

  /** The transform, divided by n, of the mask of one block of cells, below the prime. */
  #mask(to: number, cells: number): void {
    this.#exports.lookup(to, cells, this.#tablesAt, this.#prime)
    this.#layers(to, 2)
  }

  /** Where each row that has a cell finds its digits of c0, as `gather` reads it; the address after the last. */
  #writePlaces(cells: Uint8Array): number {
    const places = this.#words(this.#placesAt, this.rows)
    let count = 0
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row] as number
      if (cell < this.windows) places[count++] = 2 * (row * 2 * this.windows + this.windows - cell)
    }
    return this.#placesAt + 4 * count
  }

  /** Where word i of a digit stands among all digits. */
  #placeOf(i: number, digit: number): number {
    return 4 * ((i >> 2) * this.digits + digit) + (i & 3)
  }

  #interleave(polynomial: Uint32Array, digits: Uint32Array, digit: number): void {
    for (let i = 0; i < polynomial.length; i++) digits[this.#placeOf(i, digit)] = polynomial[i] as number
  }

  /** A polynomial below the prime to transformed form. */
  #transform(polynomial: Uint32Array): Uint32Array {
    const { wide } = this.#exports
    const at = this.#masksAt
    this.#words(at, this.#n).set(polynomial)
    this.#wideLayers((group, count, stride) =>
      wide(at + 2 * group * stride, at + (2 * group + 1) * stride, stride, ...this.#forward.one(count + group)),
    )
    this.#transpose(at, this.rows)
    this.#layers(at, 0)
    return this.#words(at, this.#n)
  }

  /** Signed integers of one digit from interleaved, transformed sums: below half the prime in size. */
  #integers(sums: Uint32Array, digit: number): Int32Array {
    const { wideBack, pass2Back } = this.#exports
    const at = this.#masksAt
    const row = 4 * this.windows
    const transformed = this.#words(at, this.#n)
    for (let i = 0; i < this.#n; i++) transformed[i] = sums[this.#placeOf(i, digit)] as number
    for (let stride = 1; stride < this.rows; stride *= 2) {
      const layer = Math.log2(this.rows / stride) - 1
      pass2Back(at, stride * row, at + 4 * this.#n, ...this.#back.layer(layer), this.#prime)
    }
    this.#transpose(at, this.windows)
    this.#wideLayers(
      (group, count, stride) =>
        wideBack(at + 2 * group * stride, at + (2 * group + 1) * stride, stride, ...this.#back.one(count + group)),
      true,
    )
    const prime = this.#prime
    const half = prime >>> 1
    const words = this.#words(at, this.#n)
    const out = new Int32Array(this.#n)
    for (let i = 0; i < out.length; i++) {
      const word = words[i] as number
      const residue = word - (prime & ((prime - 1 - word) >> 31)) // words are below 2 · prime < 2^31
      out[i] = residue - (prime & ((half - residue) >> 31))
    }
    return out
  }

  /** The layers inside rows from `first` on; words below 4q become words below q. */
  #layers(at: number, first: number): void {
    const { pass2, pass4, pass4Last } = this.#exports
    const depth = Math.log2(this.rows)
    const end = at + 4 * this.#n
    const stride = (layer: number) => (this.rows / 2 ** (layer + 1)) * 4 * this.windows
    let layer = first
    if ((depth - first) % 2 === 1) pass2(at, stride(layer), end, ...this.#forward.layer(layer++), this.#prime)
    for (; layer < depth; layer += 2) {
      const pass = layer + 2 === depth ? pass4Last : pass4
      const roots = [...this.#forward.layer(layer), ...this.#forward.layer(layer + 1)] as const
      pass(at, stride(layer + 1), end, ...(roots as unknown as [number, number, number, number]), this.#prime)
    }
  }

  #wideLayers(run: (group: number, count: number, strideBytes: number) => void, back = false): void {
    const counts = Array.from({ length: Math.log2(this.windows) }, (_, i) => 2 ** i)
    for (const count of back ? counts.reverse() : counts) {
      for (let group = 0; group < count; group++) run(group, count, (4 * this.#n) / (2 * count))
    }
  }

  /** `width` columns become rows. */
  #transpose(at: number, width: number): void {
    const words = this.#words(at, this.#n)
    const from = words.slice()
    const height = this.#n / width
    for (let y = 0, i = 0; y < width; y++) for (let x = 0; x < height; x++) words[i++] = from[x * width + y] as number
  }

  /** Row r of a digit: digits of −c[r], −c[r + rows] …, then of c[r], c[r + rows] … */
  #fillTable(table: Uint16Array, digit: number, c0: Uint32Array, prime: number): void {
    const { rows, windows } = this
    const low = table.subarray(2 * digit * this.#n, 2 * (digit + 1) * this.#n)
    const high = table.subarray(2 * (digit + 1) * this.#n, 2 * (digit + 2) * this.#n)
    for (let window = 0; window < windows; window++) {
      for (let row = 0; row < rows; row++) {
        const value = c0[window * rows + row] as number
        const negative = value === 0 ? 0 : prime - value
        const at = row * 2 * windows + window
        low[at] = negative & (DIGIT - 1)
        high[at] = negative >>> DIGIT_BITS
        low[at + windows] = value & (DIGIT - 1)
        high[at + windows] = value >>> DIGIT_BITS
      }
    }
  }

  /** Roots by row at this address; one by one in SEAL's order. */
  #writeRoots(roots: Uint32Array, at: number): Roots {
    const rows = rowRoots(roots, this.windows)
    this.#words(at, this.#n).set(rows.roots)
    this.#words(at + 4 * this.#n, this.#n).set(rows.quotients)
    return {
      layer: (layer) => [
        at + 4 * (rows.starts[layer] as number),
        at + 4 * this.#n + 4 * (rows.starts[layer] as number),
      ],
      one: (index) => [roots[index] as number, quotientOf(roots[index] as number), this.#prime],
    }
  }

  #words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, at, count)
  }

  // Memory, in bytes: roots forward and back (16n) | lookup tables | sums of asked digits | cells of the held blocks
  // | places of the rows of one block | masks | sums of 64 bits | settled sums | held blocks: digits of c1 | held blocks: digits of c0
  readonly #rootsAt = 0
  get #tablesAt(): number {
    return 16 * this.#n
  }
  get #askedAt(): number {
    return this.#tablesAt + 4 * LOOKUP_TABLES * (this.windows + 1) * this.windows
  }
  get #cellsAt(): number {
    return this.#askedAt + 4 * this.digits * this.windows
  }
  get #placesAt(): number {
    return this.#cellsAt + BLOCKS_HELD * this.rows
  }
  get #masksAt(): number {
    return this.#placesAt + 4 * this.rows
  }
  get #sumsAt(): number {
    return this.#masksAt + BLOCKS_AT_ONCE * (4 * this.#n + MASK_PAD)
  }
  get #settledAt(): number {
    return this.#sumsAt + this.digits * 8 * this.#n
  }
  get #blocksAt(): number {
    return this.#settledAt + this.digits * 4 * this.#n
  }
  get #askedTablesAt(): number {
    return this.#blocksAt + BLOCKS_HELD * (this.#blockBytes + BLOCK_PAD)
  }
  get #end(): number {
    return this.#askedTablesAt + BLOCKS_HELD * this.#blockBytes
  }
  /** of the digits of c1, and of those of c0: twice as many of half the width */
  get #blockBytes(): number {
    return this.digits * 4 * this.#n
  }
}

interface Roots {
  /** addresses of the roots and quotients of a layer inside rows */
  layer(layer: number): [number, number]
  /** a root in SEAL's order, its quotient, and the prime */
  one(index: number): [number, number, number]
}

/**
 * Residues as low + 2^15 · high with both in [−2^14, 2^14], modulo `modulus`. Signs are spread over a word and masked:
 * a branch on random residues would be guessed wrong every other time.
 */
function balancedDigits(residues: Uint32Array, prime: number, modulus: number): Uint32Array[] {
  const low = new Uint32Array(residues.length)
  const high = new Uint32Array(residues.length)
  const half = prime >>> 1
  for (let i = 0; i < residues.length; i++) {
    const residue = residues[i] as number
    const value = residue - (prime & ((half - residue) >> 31))
    const first = ((value + DIGIT / 2) & (DIGIT - 1)) - DIGIT / 2
    const second = (value - first) >> DIGIT_BITS
    low[i] = first + (modulus & (first >> 31))
    high[i] = second + (modulus & (second >> 31))
  }
  return [low, high]
}
