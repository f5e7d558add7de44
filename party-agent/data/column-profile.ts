// What a number column is like over all rows, for `data check`. Never leaves the party.
import type { MissingRules } from '../config.ts'
import { MISSING, scanNumbers } from './number-scan.ts'
import { RowExamples } from './row-examples.ts'
import type { Source, SourceColumn } from './source.ts'

export interface ColumnProfile {
  readonly name: string
  /** of all rows, 0 to 1 */
  readonly missingShare: number
  /** rows that hold text, with the first row numbers from 1 */
  readonly notNumbers: { readonly count: number; readonly rows: readonly string[] }
  /** all values that are there are the same, or none is there */
  readonly constant: boolean
}

const GROUP_COLUMNS = 64

export async function profileColumns(
  source: Source,
  columns: readonly SourceColumn[],
  missing: MissingRules,
  rows: number,
): Promise<ColumnProfile[]> {
  const profiles: ColumnProfile[] = []
  for (let first = 0; first < columns.length; first += GROUP_COLUMNS) {
    const group = columns.slice(first, first + GROUP_COLUMNS)
    const tallies = group.map(() => new ColumnTally())
    for await (const chunk of scanNumbers(source, group, missing, rows)) {
      for (const [c, vector] of chunk.vectors.entries()) tallies[c]?.add(vector, chunk.rows, chunk.firstRow)
    }
    profiles.push(...group.map(({ name }, c) => (tallies[c] as ColumnTally).profile(name, rows)))
  }
  return profiles
}

class ColumnTally {
  readonly #notNumbers = new RowExamples()
  #missing = 0
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY

  add(vector: Float64Array, rows: number, firstRow: number): void {
    for (let i = 0; i < rows; i++) {
      const value = vector[i] as number
      if (value === MISSING) this.#missing += 1
      else if (Number.isNaN(value)) this.#notNumbers.add(firstRow + i)
      else {
        if (value < this.#low) this.#low = value
        if (value > this.#high) this.#high = value
      }
    }
  }

  profile(name: string, rows: number): ColumnProfile {
    const missingShare = rows === 0 ? 0 : this.#missing / rows
    return { name, missingShare, notNumbers: this.#notNumbers.detail(), constant: this.#low >= this.#high }
  }
}
