// A small labelled table split between parties, for the tests and the benchmark of this protocol.
import type { LrParams } from './params.ts'
import { planBatches, valueBits, VALUE_LIMIT } from './params.ts'
import type { FixedColumns } from './scores.ts'
import type { GuestInput } from './guest.ts'
import type { LrInput } from './training.ts'

export const SAMPLE_PARAMS: LrParams = {
  l2: 1,
  rounds: 12,
  tolerance: 1e-3,
  momentum: 0.5,
  batchRows: 'full',
  harmonics: 4,
  precision: 'standard',
  columns: 'standardised',
  nonNegative: false,
  standardErrors: false,
}

/** Standardises over the first `trainRows` values and puts them in fixed point, as an agent does. */
export function fixedColumns(columns: readonly Float64Array[], trainRows: number, bits: number): FixedColumns {
  const limit = VALUE_LIMIT * 2 ** bits
  return {
    bits,
    columns: columns.map((column) => {
      const train = column.subarray(0, trainRows)
      const mean = train.reduce((sum, value) => sum + value, 0) / trainRows
      const deviation = Math.sqrt(train.reduce((sum, value) => sum + (value - mean) ** 2, 0) / trainRows)
      const fixed = new Int32Array(new SharedArrayBuffer(4 * column.length))
      for (const [i, value] of column.entries()) {
        fixed[i] = Math.max(-limit, Math.min(limit, Math.round(((value - mean) / deviation) * 2 ** bits)))
      }
      return fixed
    }),
  }
}

/** Inputs of guest and hosts over the columns given to each, training rows first. */
export function partyInputs(
  tables: readonly (readonly Float64Array[])[],
  labels: Uint8Array,
  trainRows: number,
  params: LrParams,
): { readonly guest: GuestInput; readonly hosts: readonly LrInput[] } {
  const holdoutRows = labels.length - trainRows
  const bits = valueBits(planBatches(params, trainRows).rows)
  const inputs = tables.map((columns, p) => ({
    params,
    names: columns.map((_, j) => `p${p}x${j}`),
    data: fixedColumns(columns, trainRows, bits),
    trainRows,
    holdoutRows,
  }))
  return { guest: { ...inputs[0]!, labels }, hosts: inputs.slice(1) }
}

/** A deterministic table: correlated columns with a heavy tail, labels from a logistic model over all of them. */
export function sampleTables(
  widths: readonly number[],
  rows: number,
  seed = 1,
): { tables: Float64Array[][]; labels: Uint8Array } {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const tables = widths.map((width) => Array.from({ length: width }, () => new Float64Array(rows)))
  const labels = new Uint8Array(rows)
  for (let i = 0; i < rows; i++) {
    const common = normal()
    let score = -1
    for (const columns of tables) {
      for (const [j, column] of columns.entries()) {
        const value = 0.5 * common + normal() * (uniform() < 0.01 ? 4 : 1)
        column[i] = value
        score += (j % 2 === 0 ? 0.5 : -0.3) * value
      }
    }
    labels[i] = uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0
  }
  return { tables, labels }
}
