// Which rows a step sees: an order per epoch from the seed, cut into batches of nearly equal size, gathered row by row.
import { permutation } from '#crypto/prg.ts'
import type { Batch } from './network.ts'
import type { TrainingRows } from './types.ts'

/** Bounds of as many batches as come nearest to `batchRows` rows each; sizes differ by one at most. rows ≥ 1 */
export function batchBounds(rows: number, batchRows: number | 'full'): number[] {
  const batches = batchRows === 'full' ? 1 : Math.max(1, Math.round(rows / batchRows))
  return Array.from({ length: batches + 1 }, (_, i) => Math.floor((i * rows) / batches))
}

/** Order of the rows in one epoch: uniform, from the seed. */
export function epochOrder(seed: Uint8Array, epoch: number, rows: number): Uint32Array {
  return permutation(seed, `average rows of epoch ${epoch}`, rows)
}

/** Rows order[from … to) of the data. Without an order: rows from … to themselves, as a view. */
export function gather(
  data: Pick<TrainingRows, 'rows' | 'inputs'>,
  from: number,
  to: number,
  order?: Uint32Array,
): Batch {
  const columns = data.inputs.length / data.rows
  if (order === undefined) return { rows: to - from, inputs: data.inputs.subarray(from * columns, to * columns) }
  const inputs = new Float32Array((to - from) * columns)
  for (let i = from; i < to; i++) {
    const row = order[i]! * columns
    for (let j = 0; j < columns; j++) inputs[(i - from) * columns + j] = data.inputs[row + j]!
  }
  return { rows: to - from, inputs }
}
