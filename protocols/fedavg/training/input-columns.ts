// From a row of a party to a row of the input matrix: its numbers, missing ones at their mean, and their indicators.
import { PlatformError } from '#runtime/errors.ts'
import { type MissingRule, TRAINING_LIMITS } from './types.ts'

/** Row of the input matrix: numbers in the order of the columns, then an indicator for each, if asked for. */
export interface InputColumns {
  /** values in a party's row, categories among them */
  readonly columns: number
  /** positions of the number columns in it */
  readonly numbers: Uint32Array
  readonly indicators: boolean
  readonly width: number
}

/**
 * @param categories columns that are no numbers
 * @throws average.model for more columns than the limit, repeated ones, or categories that are no columns
 */
export function inputColumns(
  columns: readonly string[],
  missing: MissingRule,
  categories: readonly string[] = [],
): InputColumns {
  refuseSize('columns', columns.length, 1, TRAINING_LIMITS.inputs)
  refuseSize('columns of categories', categories.length, 0, TRAINING_LIMITS.embeddings)
  refuseRepeated(columns)
  refuseRepeated(categories)
  const unknown = categories.find((name) => !columns.includes(name))
  if (unknown !== undefined) throw new PlatformError('average.model', { column: unknown, problem: 'is no column' })
  const numbers = Uint32Array.from(columns.flatMap((name, i) => (categories.includes(name) ? [] : [i])))
  const indicators = missing === 'indicator'
  return { columns: columns.length, numbers, indicators, width: numbers.length * (indicators ? 2 : 1) }
}

/** @throws average.model unless value is a whole number from least to most */
export function refuseSize(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new PlatformError('average.model', { what, value, least, most })
}

function refuseRepeated(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) throw new PlatformError('average.model', { column: repeated, problem: 'named twice' })
}

/** Rows × width, row-major; NaN becomes 0, the mean of a standardised column. */
export function inputMatrix(
  { columns, numbers, indicators, width }: InputColumns,
  { rows, inputs }: { readonly rows: number; readonly inputs: Float32Array },
): Float32Array {
  const matrix = new Float32Array(rows * width)
  for (let i = 0; i < rows; i++) {
    const from = i * columns
    const to = i * width
    for (let j = 0; j < numbers.length; j++) {
      const value = inputs[from + numbers[j]!]!
      const missing = Number.isNaN(value)
      matrix[to + j] = missing ? 0 : value
      if (indicators) matrix[to + numbers.length + j] = missing ? 1 : 0
    }
  }
  return matrix
}
