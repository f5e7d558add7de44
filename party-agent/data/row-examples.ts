// Where problems are, without what they are.

const EXAMPLES = 10

/** Counts rows with a problem and remembers the numbers of the first, as people count them: from 1. */
export class RowExamples {
  count = 0
  readonly #rows: number[] = []

  /** @param row 0-based row of the source */
  add(row: number): void {
    this.count += 1
    if (this.#rows.length < EXAMPLES) this.#rows.push(row + 1)
  }

  /** For the detail of an error. */
  detail(): { count: number; rows: string[] } {
    return { count: this.count, rows: this.#rows.map(String) }
  }
}
