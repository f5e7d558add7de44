// A party's rows as a model takes them: numbers brought to the mean and deviation of the federation.
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnScale, PartyRows } from './params.ts'
import type { TrainingRows } from './training/types.ts'

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
