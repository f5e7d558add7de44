// Lists of source rows as an alignment gives them: some entries name no row, and a row may stand at several places.
import { isRow } from '#protocols/core/aligned-rows.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface RowPlaces {
  /** for each source row its number among the different rows of the list, or −1 */
  readonly numberOf: Int32Array
  /** different rows */
  readonly count: number
  /** Values of the different rows at the places of the list. The very same array where each row stands at its number. */
  spread(values: Float64Array, absent: number): Float64Array
}

/** @param rows source rows, NO_ROW or NO_CONSENT @param total rows of the source */
export function rowPlaces(rows: Uint32Array, total: number): RowPlaces {
  const numberOf = new Int32Array(total).fill(-1)
  let count = 0
  let plain = true
  for (const row of rows) {
    if (!isRow(row)) {
      plain = false
      continue
    }
    if (row >= total) throw new PlatformError('internal.unexpected', { problem: 'a row is not there', row })
    if (numberOf[row] === -1) numberOf[row] = count++
    else plain = false
  }
  return {
    numberOf,
    count,
    spread(values, absent) {
      if (plain) return values
      return Float64Array.from(rows, (row) => (isRow(row) ? (values[numberOf[row] as number] as number) : absent))
    },
  }
}
