// Sums by cell of another party's encrypted rows for the nodes of one level of a tree: what HePool.openNodeSums gives.
// Every node has its own stream of values over the same rows; a stream of ciphertexts carries one or two of these. A column
// with more cells than windows is summed in groups of cells; the cells of several columns may follow one another, so that
// no answer is half empty. Blocks lie in memory that the workers share; columns are summed in tasks, in all nodes at once,
// as soon as the last block is there.
import { PlatformError } from '#runtime/errors.ts'
import { compact } from './compact.ts'
import { checkMasks } from './masks.ts'
import type { KeyMaterial } from './operations.ts'
import type { NodeBlock, NodePlace } from './node-operations.ts'
import { BLOCKS_PER_PART, layoutOf, type NodeShape } from './node-layout.ts'
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
  /** cells that one answer shows: a power of two, 4 … 64 */
  readonly windows: number
  readonly columns: readonly NodeColumn[]
  /** columns whose cells follow one another in the same answers, consecutive: how many each time; one where absent */
  readonly bundles?: readonly number[]
  readonly rows: number
  /** streams of values: nodes, or g and h of each */
  readonly nodes: number
  /** streams of values in one stream of ciphertexts; 1 where absent */
  readonly values?: number
  /**
   * By stream of values and bundle of columns, where a row has one value: one a cell, below the plain modulus. An answer then
   * opens to (sum + mask) modulo that. Asked for when the last block was added.
   */
  readonly masks?: (node: number, bundle: number) => BigUint64Array
}

/** Answers that carry the sums of a column with so many cells. */
export function groupsOf(cells: number, windows: number): number {
  return Math.ceil(cells / windows)
}

/** Answers of one bundle by node; an entry is emptied when it was handed out. */
type NodeAnswers = (Uint8Array[] | undefined)[]

/** Columns that are summed together. */
interface Bundle {
  /** its number */
  readonly number: number
  readonly columns: readonly NodeColumn[]
  readonly cells: number
}

/** Answers that a task makes for one node, if bundles are small: what it reads of the blocks serves them all. */
const GROUPS_PER_TASK = 10

let opened = 0

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
  /** of this object among all of this thread */
  readonly #number = opened++
  readonly #waiting: ((slot: number) => void)[] = []
  /** by bundle */
  readonly #answers: Promise<NodeAnswers>[] = []
  readonly #bundles: readonly Bundle[]
  readonly #tasks: readonly (readonly Bundle[])[]
  /** streams of values in each stream of ciphertexts */
  readonly #values: readonly number[]
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
    checkLayout(layout, key.set)
    const { windows, rows, nodes, values = 1 } = layout
    this.#workers = workers
    this.#key = key
    this.#take = take
    this.#layout = layout
    this.#bundles = bundlesIn(layout)
    this.#tasks = tasksOf(this.#bundles, windows, workers.size)
    this.#values = Array.from({ length: Math.ceil(nodes / values) }, (_, i) => Math.min(values, nodes - i * values))
    this.rowsPerBlock = N / windows
    this.#shape = {
      set: key.set,
      windows,
      nodes: this.#values.length,
      blocks: Math.ceil(rows / this.rowsPerBlock),
      groups: Math.max(...this.#tasks.map((bundles) => groupsIn(bundles, windows))),
      columns: Math.max(...this.#tasks.map((bundles) => bundles.reduce((sum, some) => sum + some.columns.length, 0))),
      slots: workers.size,
    }
    this.#floodBits = floodBits(setNamed(key.set), sumNoise(rows * mostTogether(this.#bundles, windows)))
    this.#slots = Array.from({ length: workers.size }, (_, slot) => slot)
    this.#memories = memories
    this.#memory = memories.take(layoutOf(this.#shape).end)
  }

  /**
   * Adds the blocks `firstBlock` … of every stream of ciphertexts: equally many each, in order. The last block of all may
   * be short.
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
      wires.map((wire, i): NodeBlock => ({ node, block: firstBlock + i, wire })),
    )
    const parts = Array.from({ length: Math.ceil(blocks.length / BLOCKS_PER_PART) }, (_, i) =>
      blocks.slice(i * BLOCKS_PER_PART, (i + 1) * BLOCKS_PER_PART),
    )
    await Promise.all(
      parts.map((part) =>
        this.#withSlot((place) =>
          this.#workers.run('prepareNodeBlocks', { ...place, blocks: this.#inShared(part, place.slot) }),
        ),
      ),
    )
    if (this.#blocks === this.#shape.blocks) this.#sumColumns()
  }

  /**
   * The sums of a bundle of columns (a column, where none are bundled) in a node, one answer a group of cells, for the
   * key's owner. After all blocks; once. @throws he.key-used-up, he.range
   */
  async protect(node: number, bundle: number): Promise<Protected[]> {
    const summed = this.#answers[bundle]
    const shown = this.#bundles[bundle]
    if (summed === undefined || shown === undefined) throw new PlatformError('he.range', { node, bundle })
    const byNode = await summed
    const answers = byNode[node]
    if (answers === undefined) throw new PlatformError('he.range', { node, bundle })
    this.#take(shown.cells)
    byNode[node] = undefined
    return answers as Protected[]
  }

  /** Drops what has not begun (`protect` then throws he.worker) and gives the memory back; by itself after the last column. */
  [Symbol.dispose](): void {
    this.#closed = true
    this.#release()
  }

  /** The same with the bytes in the slot's part of the memory: posted from elsewhere they would be copied twice. */
  #inShared(blocks: readonly NodeBlock[], slot: number): NodeBlock[] {
    const { inbox, inboxStride, slotBytes } = layoutOf(this.#shape)
    return blocks.map((block, i) => {
      if (block.wire.length > inboxStride) return { ...block, wire: compact(block.wire) } // refused by its length
      const at = slot * slotBytes + inbox + i * inboxStride
      const wire = new Uint8Array(this.#memory.buffer, at, block.wire.length)
      wire.set(block.wire)
      return { ...block, wire }
    })
  }

  /** Starts all tasks; each gives the answers of its bundles to `protect`. */
  #sumColumns(): void {
    const tasks = this.#tasks.map((bundles) => this.#sumTask(bundles))
    for (const [t, task] of tasks.entries()) {
      task.catch(() => undefined) // `protect` reports it
      const bundles = this.#tasks[t] as readonly Bundle[]
      for (const i of bundles.keys()) this.#answers.push(task.then((byBundle) => byBundle[i] as NodeAnswers))
    }
    for (const answers of this.#answers) answers.catch(() => undefined)
    void Promise.allSettled(tasks).then(() => this[Symbol.dispose]())
  }

  /** By bundle: by node, its answers. */
  async #sumTask(bundles: readonly Bundle[]): Promise<NodeAnswers[]> {
    const { windows } = this.#layout
    const wires = await this.#withSlot((place) => {
      const columns = bundles.flatMap((bundle) => bundle.columns)
      const task = {
        keyId: this.#key.id,
        columns: columns.map(({ cells, count }) => ({ cells: shared(cells), count })),
        bundles: bundles.map((bundle) => bundle.columns.length),
        windows,
        floodBits: this.#floodBits,
        values: this.#values,
        ...(this.#layout.masks !== undefined && { masks: this.#masksOf(bundles) }),
      }
      return this.#workers.run('sumNodeColumns', { ...place, task })
    })
    let next = 0
    const answers = bundles.map((): NodeAnswers => [])
    for (const values of this.#values) {
      for (const [i, { cells }] of bundles.entries()) {
        const groups = groupsOf(cells, windows)
        for (let value = 0; value < values; value++)
          (answers[i] as NodeAnswers).push(wires.slice(next, (next += groups)))
      }
    }
    return answers
  }

  /** By node: the masks of the cells of these bundles. @throws he.range */
  #masksOf(bundles: readonly Bundle[]): BigUint64Array[] {
    return this.#values.map((_, node) => {
      const masks = new BigUint64Array(bundles.reduce((sum, { cells }) => sum + cells, 0))
      let from = 0
      for (const { number, cells } of bundles) {
        const own = this.#layout.masks?.(node, number) ?? new BigUint64Array(0)
        checkMasks(own, cells, this.#key.set)
        masks.set(own, from)
        from += cells
      }
      return masks
    })
  }

  /** Runs work that has a slot of the memory for itself. */
  async #withSlot<R>(run: (place: NodePlace) => Promise<R>): Promise<R> {
    const slot = this.#slots.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)))
    this.#running++
    try {
      if (this.#closed) throw new PlatformError('he.worker', { reason: 'the sums were closed' })
      return await run({ key: this.#key, shape: this.#shape, memory: this.#memory, slot, sums: this.#number })
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

function bundlesIn({ columns, bundles = columns.map(() => 1) }: NodeLayout): Bundle[] {
  let from = 0
  return bundles.map((size, number) => {
    const own = columns.slice(from, (from += size))
    return { number, columns: own, cells: own.reduce((sum, { count }) => sum + count, 0) }
  })
}

/** As many bundles as give the answers of a task, and one towards the end, so that the workers finish together. */
function tasksOf(bundles: readonly Bundle[], windows: number, workers: number): Bundle[][] {
  const tasks: Bundle[][] = []
  for (let from = 0; from < bundles.length; ) {
    const task = bundles.slice(from, from + 1)
    const some = () => groupsIn([...task, bundles[from + task.length] as Bundle], windows) <= GROUPS_PER_TASK
    while (bundles.length - from - task.length > workers && some()) task.push(bundles[from + task.length] as Bundle)
    tasks.push(task)
    from += task.length
  }
  return tasks
}

function groupsIn(bundles: readonly Bundle[], windows: number): number {
  return bundles.reduce((total, { cells }) => total + groupsOf(cells, windows), 0)
}

/** The most columns that have cells in the same answer: a row may stand there so often. */
function mostTogether(bundles: readonly Bundle[], windows: number): number {
  return Math.max(
    ...bundles.map(({ columns }) =>
      columnsTogether(
        columns.map(({ count }) => count),
        windows,
      ),
    ),
  )
}

/** The most columns with cells in one group, where columns with so many cells follow one another. */
export function columnsTogether(counts: readonly number[], windows: number): number {
  const groups: number[] = []
  let from = 0
  for (const count of counts) {
    const last = Math.floor((from + count - 1) / windows)
    for (let group = Math.floor(from / windows); group <= last; group++) groups[group] = (groups[group] ?? 0) + 1
    from += count
  }
  return Math.max(...groups)
}

/** @throws he.range */
function checkLayout(layout: NodeLayout, set: NodeSet): void {
  const { windows, columns, bundles = columns.map(() => 1), rows, nodes, values = 1, masks } = layout
  const { rows: mostRows, terms, shifts } = NODE_SETS[set]
  const depth = Math.log2(windows)
  const shaped = Number.isInteger(depth) && depth >= 2 && depth <= 6 && columns.length >= 1
  const counted = Number.isInteger(nodes) && nodes >= 1 && values >= 1 && values <= shifts.length
  // The answer to the upper of two values carries the lower one in its noise, where no mask hides it.
  const maskable = masks === undefined || values === 1
  if (!(shaped && rows >= 1 && rows <= mostRows && counted && maskable)) {
    throw new PlatformError('he.range', { windows, columns: columns.length, rows, nodes, values })
  }
  for (const [column, { cells, count }] of columns.entries()) {
    const fits = cells.length === rows && count >= 1 && count <= 256 && largest(cells) < count
    if (!fits) throw new PlatformError('he.range', { column, rows: cells.length, cells: count })
  }
  const sizes = bundles.reduce((sum, size) => sum + size, 0)
  if (bundles.some((size) => !(size >= 1)) || sizes !== columns.length) {
    throw new PlatformError('he.range', { columns: columns.length, bundles: sizes })
  }
  const together = mostTogether(bundlesIn(layout), windows)
  if (rows * together > terms) throw new PlatformError('he.range', { rows, together, limit: terms })
}

/** A plain loop: there is one for each column and level. */
function largest(cells: Uint8Array): number {
  let most = 0
  for (let i = 0; i < cells.length; i++) most = Math.max(most, cells[i] as number)
  return most
}

/** Without a copy where it is shared already. */
function shared(cells: Uint8Array): Uint8Array {
  if (cells.buffer instanceof SharedArrayBuffer) return cells
  const out = new Uint8Array(new SharedArrayBuffer(cells.length))
  out.set(cells)
  return out
}
