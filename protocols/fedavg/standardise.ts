// A party's rows as a model takes them: numbers brought to the mean and deviation of the federation.
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnScale, FedAvgInput, PartyRows } from './params.ts'
import { categoryColumns } from './training/category-columns.ts'
import type { TrainingRows } from './training/types.ts'

/** What columns are brought to zero and one with; by the party's own training rows where the input says so. */
export function scalesOf({ scales, columns, params, train }: FedAvgInput): readonly (ColumnScale | null)[] | undefined {
  if (scales !== 'own') return scales
  const categories = categoryColumns(params.model)
  return columns.map((name, c) => (categories.includes(name) ? null : ownScale(train.columns[c] as Float64Array)))
}

function ownScale(values: Float64Array): ColumnScale {
  const there = values.filter((value) => !Number.isNaN(value))
  const mean = there.reduce((sum, value) => sum + value, 0) / Math.max(1, there.length)
  const variance = there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, there.length)
  return { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 }
}

/**
 * Rows × columns, row-major. A missing value stays NaN.
 * @param scales by column, null for a category; absent: as they are
 * @throws PlatformError average.rows where lengths differ
 */
export function trainingRows({ columns, labels }: PartyRows, scales?: readonly (ColumnScale | null)[]): TrainingRows {
  const rows = labels.length
  if (columns.some(({ length }) => length !== rows) || (scales !== undefined && scales.length !== columns.length)) {
    throw new PlatformError('average.rows', { rows, columns: columns.length, scales: scales?.length ?? 'none' })
  }
  const width = columns.length
  const inputs = new Float32Array(rows * width)
  for (const [c, values] of columns.entries()) {
    const { mean, deviation } = scales?.[c] ?? { mean: 0, deviation: 1 }
    for (let row = 0; row < rows; row++) inputs[row * width + c] = ((values[row] as number) - mean) / deviation
  }
  return { rows, inputs, labels }
}
