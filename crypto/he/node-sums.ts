// Sums by cell of another party's encrypted rows for the nodes of one level of a tree: what HePool.openNodeSums gives.
// Every node has its own stream of ciphertexts over the same rows. A column with more cells than windows is summed in
// groups of cells: a row stands in one group and adds nothing to the others.
import { PlatformError } from '#runtime/errors.ts'
import { Histogram } from './histogram.ts'
import type { KeyMaterial } from './operations.ts'
import { HISTOGRAM_ROWS, type HistogramSet } from './params.ts'
import type { Protected } from './pool.ts'
import type { WorkerPool } from './workers.ts'

export interface NodeColumn {
  /** one a row, below `count` */
  readonly cells: Uint8Array
  readonly count: number
}

export interface NodeLayout {
  /** cells that one answer shows: a power of two, 4 … 64 */
  readonly windows: number
  readonly columns: readonly NodeColumn[]
  readonly rows: number
  /** streams of ciphertexts that `add` will be given */
  readonly nodes: number
}

/** Answers that carry the sums of a column with so many cells. */
export function groupsOf(cells: number, windows: number): number {
  return Math.ceil(cells / windows)
}

export class NodeSums {
  /** rows of a ciphertext */
  readonly rowsPerBlock: number
  readonly #layout: NodeLayout
  readonly #sums: readonly Histogram[]
  readonly #groups: readonly { readonly column: number; readonly cells: Uint8Array }[]
  #blocks = 0

  /** take: books revealed coefficients against the key. @throws he.range */
  constructor(
    workers: WorkerPool,
    key: KeyMaterial & { readonly set: HistogramSet },
    take: (cells: number) => void,
    layout: NodeLayout,
  ) {
    const { windows, columns, rows, nodes } = layout
    if (!(rows >= 1 && rows <= HISTOGRAM_ROWS[key.set] && nodes >= 1))
      throw new PlatformError('he.range', { rows, nodes })
    for (const [column, { cells, count }] of columns.entries()) {
      const fits = cells.length === rows && count >= 1 && count <= 256 && cells.every((cell) => cell < count)
      if (!fits) throw new PlatformError('he.range', { column, rows: cells.length, cells: count })
    }
    this.#layout = layout
    this.#groups = columns.flatMap(({ cells, count }, column) =>
      Array.from({ length: groupsOf(count, windows) }, (_, group) => ({
        column,
        cells: cells.map((cell) => (Math.floor(cell / windows) === group ? cell - group * windows : windows)),
      })),
    )
    this.#sums = Array.from({ length: nodes }, () => new Histogram(workers, key, take, windows, this.#groups.length))
    this.rowsPerBlock = (this.#sums[0] as Histogram).rowsPerBlock
  }

  /**
   * Adds the blocks `firstBlock` … of every node: equally many a node, in order. The last block of all may be short.
   * @throws he.malformed, he.wrong-key, he.range
   */
  async add(blocksByNode: readonly (readonly Uint8Array[])[], firstBlock: number): Promise<void> {
    const count = blocksByNode[0]?.length ?? 0
    const all = Math.ceil(this.#layout.rows / this.rowsPerBlock)
    const equal = blocksByNode.length === this.#sums.length && blocksByNode.every((blocks) => blocks.length === count)
    if (!(equal && firstBlock === this.#blocks && firstBlock + count <= all)) {
      throw new PlatformError('he.range', { nodes: blocksByNode.length, firstBlock, blocks: count })
    }
    this.#blocks += count
    const [from, to] = [firstBlock * this.rowsPerBlock, (firstBlock + count) * this.rowsPerBlock]
    const cells = this.#groups.map((group) => group.cells.subarray(from, to))
    for (const [node, blocks] of blocksByNode.entries()) await (this.#sums[node] as Histogram).add(blocks, cells)
  }

  /**
   * The sums of a column in a node, one answer a group of cells, for the key's owner. After all blocks; once.
   * @throws he.key-used-up, he.range
   */
  async protect(node: number, column: number): Promise<Protected[]> {
    const sums = this.#sums[node]
    const shown = this.#layout.columns[column]
    if (sums === undefined || shown === undefined || this.#blocks * this.rowsPerBlock < this.#layout.rows) {
      throw new PlatformError('he.range', { node, column })
    }
    const { windows } = this.#layout
    const groups = [...this.#groups.keys()].filter((group) => this.#groups[group]?.column === column)
    return Promise.all(groups.map((group, i) => sums.protect(group, Math.min(windows, shown.count - i * windows))))
  }
}
