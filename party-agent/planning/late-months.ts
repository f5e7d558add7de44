// Which months of a data set a job can keep for the test out of time: the last ones whose labels are known.
import type { Dataset } from '../data/dataset.ts'
import { monthOf } from '../data/day.ts'

/** of the rows with a label, at most so many are out of time */
const LATE_SHARE = 0.3
const LEAST_MONTHS = 4

export interface LateMonths {
  /** of the data set, with the month */
  readonly column: string
  /** first month out of time, YYYY-MM */
  readonly from: string
  /** first month whose rows have no label yet */
  readonly recent?: string
}

/** @returns undefined where no month is declared, or there are too few of them @throws PlatformError data.* */
export async function lateMonths(dataset: Dataset): Promise<LateMonths | undefined> {
  const { describe, label } = dataset.config
  const column = describe?.month
  if (column === undefined || label === undefined) return undefined
  const [months, labels] = [await dataset.texts(column), await dataset.texts(label.column)]
  const open = new Set(label.indeterminate ?? [])
  const counts = new Map<string, number>()
  let last = ''
  for (const [row, text] of months.entries()) {
    const month = monthOf(text)
    if (month === undefined) continue
    if (month > last) last = month
    if (!open.has(labels[row] ?? '')) counts.set(month, (counts.get(month) ?? 0) + 1)
  }
  return splitAt(column, counts, last)
}

/** @param counts rows with a label, by month */
function splitAt(column: string, counts: ReadonlyMap<string, number>, last: string): LateMonths | undefined {
  const known = [...counts.keys()].sort()
  if (known.length < LEAST_MONTHS) return undefined
  const all = [...counts.values()].reduce((sum, rows) => sum + rows, 0)
  let late = 0
  let from = known.length
  while (from > 1 && late + (counts.get(known[from - 1] ?? '') ?? 0) <= all * LATE_SHARE) {
    from -= 1
    late += counts.get(known[from] ?? '') ?? 0
  }
  const first = known[from]
  const newest = known.at(-1) ?? ''
  if (first === undefined) return undefined
  return { column, from: first, ...(last > newest ? { recent: nextMonth(newest) } : {}) }
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
}
