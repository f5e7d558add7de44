// Sums by cell of another party's encrypted rows, for many columns at once: what HePool.openHistogram gives.
// Rows come in parts, so that memory depends on the columns and not on the rows: 32 KiB a digit and column.
import { PlatformError } from '#runtime/errors.ts'
import { compact } from './compact.ts'
import { BLOCKS_HELD, type ColumnSums, type PreparedRows } from './histogram-kernel.ts'
import { checkMasks } from './masks.ts'
import type { KeyMaterial } from './operations.ts'
import { floodBits, HISTOGRAM_ROWS, type HistogramSet, multiplierNoise, N, setNamed } from './params.ts'
import type { Protected } from './pool.ts'
import type { WorkerPool } from './workers.ts'

/** Columns of one request to a worker: small enough to balance, large enough that blocks are worth copying. */
const COLUMNS_PER_PART = 50

export class Histogram {
  readonly windows: number
  /** rows of a ciphertext */
  readonly rowsPerBlock: number
  readonly #workers: WorkerPool
  readonly #key: KeyMaterial & { readonly set: HistogramSet }
  readonly #take: (cells: number) => void
  readonly #sums: readonly ColumnSums[]
  #rows = 0

  /** take: books revealed coefficients against the key */
  constructor(
    workers: WorkerPool,
    key: KeyMaterial & { readonly set: HistogramSet },
    take: (cells: number) => void,
    windows: number,
    columns: number,
  ) {
    const digits = 2 * setNamed(key.set).dataPrimes.length
    this.windows = windows
    this.rowsPerBlock = N / windows
    this.#workers = workers
    this.#key = key
    this.#take = take
    this.#sums = Array.from({ length: columns }, () => ({
      second: new Uint32Array(new SharedArrayBuffer(4 * digits * N)),
      asked: new Float64Array(digits * windows),
    }))
  }

  /**
   * Adds blocks of rows. cells: by column, the cell of each row, below `windows`; the last block may be short.
   * Parts are added one after another. @throws he.malformed, he.wrong-key, he.range
   */
  async add(cts: readonly Uint8Array[], cells: readonly Uint8Array[]): Promise<void> {
    const rows = cells[0]?.length ?? 0
    const blocks = Math.ceil(rows / this.rowsPerBlock)
    this.#rows += blocks * this.rowsPerBlock
    const fits = rows > 0 && blocks === cts.length && cells.length === this.#sums.length
    if (!(fits && cells.every((column) => column.length === rows) && this.#rows <= HISTOGRAM_ROWS[this.#key.set])) {
      throw new PlatformError('he.range', { blocks: cts.length, columns: cells.length, rows })
    }
    for (let first = 0; first < blocks; first += BLOCKS_HELD) {
      const held = cts.slice(first, first + BLOCKS_HELD)
      const from = first * this.rowsPerBlock
      const to = Math.min(rows, from + held.length * this.rowsPerBlock)
      await this.#addHeld(
        await this.#prepare(held),
        cells.map((column) => padded(column.subarray(from, to), held.length * this.rowsPerBlock)),
      )
    }
  }

  /**
   * The sums of the first `cells` cells of a column, as an answer to the key's owner. With masks, one a cell below the plain
   * modulus, it opens to (sum + mask) modulo that. @throws he.key-used-up, he.noise, he.range
   */
  async protect(column: number, cells: number, masks?: BigUint64Array): Promise<Protected> {
    const sums = this.#sums[column]
    if (sums === undefined || !(cells >= 1 && cells <= this.windows)) {
      throw new PlatformError('he.range', { column, cells, windows: this.windows })
    }
    if (masks !== undefined) checkMasks(masks, cells, this.#key.set)
    // A row stands in one cell of a column, once: the multiplier of a block is as many ones as it has rows.
    const bits = floodBits(setNamed(this.#key.set), multiplierNoise(this.#rows))
    this.#take(cells)
    const work = {
      key: this.#key,
      windows: this.windows,
      sums,
      cells,
      floodBits: bits,
      ...(masks !== undefined && { masks }),
    }
    return (await this.#workers.run('protectColumn', work)) as Protected
  }

  async #prepare(cts: readonly Uint8Array[]): Promise<PreparedRows[]> {
    const each = Math.ceil(cts.length / this.#workers.size)
    const parts = chunks(cts.map(compact), each)
    const key = this.#key
    const prepared = parts.map((part) => this.#workers.run('prepareRows', { key, cts: part, windows: this.windows }))
    return (await Promise.all(prepared)).flat()
  }

  async #addHeld(blocks: readonly PreparedRows[], cells: readonly Uint8Array[]): Promise<void> {
    const each = Math.min(COLUMNS_PER_PART, Math.ceil(cells.length / this.#workers.size))
    const columns = chunks([...cells.keys()], each)
    await Promise.all(
      columns.map(async (part) => {
        const asked = await this.#workers.run('addColumns', {
          set: this.#key.set,
          windows: this.windows,
          blocks,
          cells: part.map((column) => cells[column] as Uint8Array),
          second: part.map((column) => (this.#sums[column] as ColumnSums).second),
        })
        for (const [i, column] of part.entries()) {
          const sums = (this.#sums[column] as ColumnSums).asked
          for (const [at, value] of (asked[i] as Float64Array).entries()) sums[at] = (sums[at] as number) + value
        }
      }),
    )
  }
}

/** Rows of a last, short block: the ciphertext has zeros there, so any cell will do. */
function padded(cells: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  out.set(cells)
  return out
}

function chunks<V>(items: readonly V[], size: number): V[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
