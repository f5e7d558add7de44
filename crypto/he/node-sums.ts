// Sums by cell of another party's encrypted rows for the nodes of one level of a tree: what HePool.openNodeSums gives.
// Every node has its own stream of ciphertexts over the same rows. A column with more cells than windows is summed in
// groups of cells: a row stands in one group and adds nothing to the others. Blocks lie in memory that the workers share;
// columns are summed one by one, in all nodes at once, as soon as the last block is there.
import { PlatformError } from '#runtime/errors.ts'
import type { KeyMaterial } from './operations.ts'
import type { NodeBlock, NodePlace } from './node-operations.ts'
import { layoutOf, type NodeShape } from './node-layout.ts'
import { floodBits, NODE_SETS, type NodeSet, N, setNamed, sumNoise } from './params.ts'
import type { Protected } from './pool.ts'
import type { SharedMemories } from './shared-memories.ts'
import type { WorkerPool } from './workers.ts'

export interface NodeColumn {
  /** one a row, below `count` */
  readonly cells: Uint8Array
  readonly count: number
}

export interface NodeLayout {
  /** cells that one answer shows: a power of two, 8 … 64 */
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

/** Answers of one column by node; an entry is emptied when it was handed out. */
type NodeAnswers = (Uint8Array[] | undefined)[]

/** Columns that a task sums together: what it reads of the blocks serves them all. */
const COLUMNS_PER_TASK = 2
/** Ciphertexts that a worker takes in at once. */
const BLOCKS_PER_PART = 4

export class NodeSums implements Disposable {
  /** rows of a ciphertext */
  readonly rowsPerBlock: number
  readonly #workers: WorkerPool
  readonly #key: KeyMaterial & { readonly set: NodeSet }
  readonly #take: (cells: number) => void
  readonly #layout: NodeLayout
  readonly #shape: NodeShape
  readonly #memories: SharedMemories
  readonly #memory: WebAssembly.Memory
  readonly #slots: number[]
  readonly #waiting: ((slot: number) => void)[] = []
  /** by column */
  readonly #answers: Promise<NodeAnswers>[] = []
  readonly #tasks: readonly (readonly NodeColumn[])[]
  readonly #floodBits: number
  #blocks = 0
  #running = 0
  #closed = false
  #released = false

  /** take: books revealed coefficients against the key. @throws he.range, he.noise */
  constructor(
    workers: WorkerPool,
    memories: SharedMemories,
    key: KeyMaterial & { readonly set: NodeSet },
    take: (cells: number) => void,
    layout: NodeLayout,
  ) {
    checkLayout(layout, NODE_SETS[key.set].rows)
    this.#workers = workers
    this.#key = key
    this.#take = take
    this.#layout = layout
    this.#tasks = tasksOf(layout.columns, workers.size)
    this.rowsPerBlock = N / layout.windows
    this.#shape = {
      set: key.set,
      windows: layout.windows,
      nodes: layout.nodes,
      blocks: Math.ceil(layout.rows / this.rowsPerBlock),
      groups: Math.max(...this.#tasks.map((columns) => groupsIn(columns, layout.windows))),
      columns: COLUMNS_PER_TASK,
      slots: workers.size,
    }
    this.#floodBits = floodBits(setNamed(key.set), sumNoise(layout.rows))
    this.#slots = Array.from({ length: workers.size }, (_, slot) => slot)
    this.#memories = memories
    this.#memory = memories.take(layoutOf(this.#shape).end)
  }

  /**
   * Adds the blocks `firstBlock` … of every node: equally many a node, in order. The last block of all may be short.
   * @throws he.malformed, he.wrong-key, he.range
   */
  async add(blocksByNode: readonly (readonly Uint8Array[])[], firstBlock: number): Promise<void> {
    const count = blocksByNode[0]?.length ?? 0
    const equal = blocksByNode.length === this.#shape.nodes && blocksByNode.every((blocks) => blocks.length === count)
    if (this.#closed || !(equal && firstBlock === this.#blocks && firstBlock + count <= this.#shape.blocks)) {
      throw new PlatformError('he.range', { nodes: blocksByNode.length, firstBlock, blocks: count })
    }
    if (firstBlock === 0) await this.#withSlot((place) => this.#workers.run('prepareNodeKey', place))
    this.#blocks += count
    const blocks = blocksByNode.flatMap((wires, node) =>
      wires.map((wire, i): NodeBlock => ({ node, block: firstBlock + i, wire: compact(wire) })),
    )
    const parts = Array.from({ length: Math.ceil(blocks.length / BLOCKS_PER_PART) }, (_, i) =>
      blocks.slice(i * BLOCKS_PER_PART, (i + 1) * BLOCKS_PER_PART),
    )
    await Promise.all(
      parts.map((part) =>
        this.#withSlot((place) => this.#workers.run('prepareNodeBlocks', { ...place, blocks: part })),
      ),
    )
    if (this.#blocks === this.#shape.blocks) this.#sumColumns()
  }

  /**
   * The sums of a column in a node, one answer a group of cells, for the key's owner. After all blocks; once.
   * @throws he.key-used-up, he.range
   */
  async protect(node: number, column: number): Promise<Protected[]> {
    const summed = this.#answers[column]
    const shown = this.#layout.columns[column]
    if (summed === undefined || shown === undefined) throw new PlatformError('he.range', { node, column })
    const byNode = await summed
    const answers = byNode[node]
    if (answers === undefined) throw new PlatformError('he.range', { node, column })
    this.#take(shown.count)
    byNode[node] = undefined
    return answers as Protected[]
  }

  /** Drops what has not begun (`protect` then throws he.worker) and gives the memory back; by itself after the last column. */
  [Symbol.dispose](): void {
    this.#closed = true
    this.#release()
  }

  /** Starts all tasks; each gives the answers of its columns to `protect`. */
  #sumColumns(): void {
    const tasks = this.#tasks.map((columns) => this.#sumTask(columns))
    for (const [t, task] of tasks.entries()) {
      task.catch(() => undefined) // `protect` reports it
      const columns = this.#tasks[t] as readonly NodeColumn[]
      for (const i of columns.keys()) this.#answers.push(task.then((byColumn) => byColumn[i] as NodeAnswers))
    }
    for (const answers of this.#answers) answers.catch(() => undefined)
    void Promise.allSettled(tasks).then(() => this[Symbol.dispose]())
  }

  /** By column: by node, its answers. */
  async #sumTask(columns: readonly NodeColumn[]): Promise<NodeAnswers[]> {
    const { nodes, windows } = this.#layout
    const wires = await this.#withSlot((place) => {
      const padded = columns.map(({ cells, count }) => {
        const all = new Uint16Array(this.#shape.blocks * this.rowsPerBlock).fill(count)
        all.set(cells)
        return { cells: all, count }
      })
      const task = { keyId: this.#key.id, columns: padded, windows, floodBits: this.#floodBits }
      return this.#workers.run('sumNodeColumns', { ...place, task })
    })
    let next = 0
    const answers = columns.map((): NodeAnswers => Array(nodes).fill(undefined))
    for (let node = 0; node < nodes; node++) {
      for (const [i, { count }] of columns.entries()) {
        const groups = groupsOf(count, windows)
        ;(answers[i] as NodeAnswers)[node] = wires.slice(next, next + groups)
        next += groups
      }
    }
    return answers
  }

  /** Runs work that has a slot of the memory for itself. */
  async #withSlot<R>(run: (place: NodePlace) => Promise<R>): Promise<R> {
    const slot = this.#slots.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)))
    this.#running++
    try {
      if (this.#closed) throw new PlatformError('he.worker', { reason: 'the sums were closed' })
      return await run({ key: this.#key, shape: this.#shape, memory: this.#memory, slot })
    } finally {
      this.#running--
      const next = this.#waiting.shift()
      if (next === undefined) this.#slots.push(slot)
      else next(slot)
      this.#release()
    }
  }

  #release(): void {
    if (!this.#closed || this.#running > 0 || this.#waiting.length > 0 || this.#released) return
    this.#released = true
    this.#memories.giveBack(this.#memory)
  }
}

/** Two columns a task, and one towards the end, so that the workers finish together. */
function tasksOf(columns: readonly NodeColumn[], workers: number): NodeColumn[][] {
  const tasks: NodeColumn[][] = []
  for (let from = 0; from < columns.length; ) {
    const count = columns.length - from > 2 * workers ? COLUMNS_PER_TASK : 1
    tasks.push(columns.slice(from, from + count))
    from += count
  }
  return tasks
}

function groupsIn(columns: readonly NodeColumn[], windows: number): number {
  return columns.reduce((total, { count }) => total + groupsOf(count, windows), 0)
}

/** @throws he.range */
function checkLayout({ windows, columns, rows, nodes }: NodeLayout, mostRows: number): void {
  const depth = Math.log2(windows)
  const shaped = Number.isInteger(depth) && depth >= 3 && depth <= 6 && columns.length >= 1
  if (!(shaped && rows >= 1 && rows <= mostRows && Number.isInteger(nodes) && nodes >= 1)) {
    throw new PlatformError('he.range', { windows, columns: columns.length, rows, nodes })
  }
  for (const [column, { cells, count }] of columns.entries()) {
    const fits = cells.length === rows && count >= 1 && count <= 256 && cells.every((cell) => cell < count)
    if (!fits) throw new PlatformError('he.range', { column, rows: cells.length, cells: count })
  }
}

/** A view that is its whole buffer: posting a view to a worker would copy all of the buffer behind it. */
function compact(wire: Uint8Array): Uint8Array {
  return wire.byteLength === wire.buffer.byteLength ? wire : wire.slice()
}
