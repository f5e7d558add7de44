// The part of a worker's task that two engines can do: products of foreign ciphertexts with private integers, sums of
// them, and their protection. Answers of both open to the same values and have the same form on the wire.
import type { ColumnSums, PreparedRows } from './histogram-kernel.ts'
import type { ColumnsPart } from './histogram-operations.ts'
import type { ColumnTask, NodeBlock, NodePlace } from './node-operations.ts'
import type { SealKey, SealSet } from './seal.ts'

/** A key of a task: its set inside this worker's library, and SEAL's own object, loaded where it is needed. */
export interface TaskKey {
  readonly he: SealSet
  readonly id: string
  readonly publicWire: Uint8Array
  seal(): SealKey
}

export interface InnerProductsTask {
  /** from `prepare`, one a block of rows, in row order */
  readonly prepared: readonly Uint32Array[]
  /** columns of each answer of this part: integers |x| ≤ 2^20, all of the same length */
  readonly answers: readonly (readonly Int32Array[])[]
  readonly rowsPerBlock: number
  /** windows that each answer opens (`windowsOf` in pool.ts); one for each of its columns where absent */
  readonly windows?: readonly number[]
  /** one ring element a window, in the order of `answers` */
  readonly masks: Float64Array
  readonly floodBits: number
  /** bound of Σ|x| over the columns of one answer that floodBits was derived from */
  readonly oneNormBound: number
}

export interface ColumnAnswer {
  readonly windows: number
  readonly sums: ColumnSums
  /** windows that the answer shows */
  readonly cells: number
  readonly floodBits: number
  /** one a cell, added modulo the plain modulus */
  readonly masks?: BigUint64Array
}

/** What `prepare…` gives is for the same engine only: all workers of a pool have one. Errors are those of HePool. */
export interface Arithmetic {
  /** Checks fresh ciphertexts once and brings them to transformed form, for all answers of innerProducts. */
  prepare(key: TaskKey, cts: readonly Uint8Array[]): Uint32Array[]
  /** Some answers of HePool.innerProducts. @throws he.noise when Σ|x| is above the bound */
  innerProducts(key: TaskKey, task: InnerProductsTask): Uint8Array[]
  /** Checks fresh ciphertexts once and makes them ready for sums by cell. */
  prepareRows(key: TaskKey, windows: number, cts: readonly Uint8Array[]): PreparedRows[]
  /** Sums by cell of some columns, with some blocks of rows added: digits of the asked coefficients, to be added up. */
  addColumns(he: SealSet, part: ColumnsPart): Float64Array[]
  /** The sums by cell of one column as bytes that may leave: the first `cells` windows. */
  protectColumn(key: TaskKey, work: ColumnAnswer): Uint8Array
  /** What a memory of NodeSums needs of the public key. */
  prepareNodeKey(key: TaskKey, place: NodePlace): void
  /** Fresh ciphertexts of rows into that memory. */
  prepareNodeBlocks(key: TaskKey, place: NodePlace, blocks: readonly NodeBlock[]): void
  /** The sums of some columns in all nodes as bytes that may leave. */
  sumNodeColumns(key: TaskKey, place: NodePlace, task: ColumnTask): Uint8Array[]
}
