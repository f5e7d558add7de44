// A column as trees see it: one small cell number a row. Cells are quantile bins of the training values in ascending order,
// and one more for rows without a value. Only the owner knows the cut points.
import { PlatformError } from '#runtime/errors.ts'
import { joinSmallBins } from '../fine-bins.ts'
import { MAX_VALUE_CELLS } from './params.ts'

/** 1: the outcome may only rise with the value; −1: only fall; 0: free. */
export type MonotoneSign = -1 | 0 | 1

export interface TreeColumn {
  /** one a row: 0 … valueCells − 1 ascending by value; valueCells where there is no value and `missing` */
  readonly cells: Uint8Array
  readonly valueCells: number
  /** whether rows without a value have a cell of their own */
  readonly missing: boolean
  readonly sign: MonotoneSign
}

/** What the owner keeps of a column. A value is in cell i when cuts[i − 1] < value ≤ cuts[i]. */
export interface CellCuts {
  /** ascending, finite, at most MAX_VALUE_CELLS − 1 */
  readonly cuts: readonly number[]
  /** the cell of rows without a value: cuts.length + 1 where they have one of their own, else the largest value cell */
  readonly missingCell: number
}

/** How many cells a column has, with the one of missing values. */
export function cellCount(column: Pick<TreeColumn, 'valueCells' | 'missing'>): number {
  return column.valueCells + (column.missing ? 1 : 0)
}

/**
 * Cut points at quantiles of the training values, cells of fewer than `floor` rows joined with a neighbour. Rows without a
 * value have a cell of their own when there are at least `floor` of them; fewer stand in the largest value cell, so that no
 * cell tells of a few rows.
 * @param values of the training rows; NaN where there is no value @param bins value cells, at most
 * @throws PlatformError boost.invalid on a number of bins outside 2 … MAX_VALUE_CELLS
 */
export function cutCells(values: Float64Array, bins: number, floor: number): CellCuts {
  if (!(Number.isInteger(bins) && bins >= 2 && bins <= MAX_VALUE_CELLS))
    throw new PlatformError('boost.invalid', { parameter: 'bins', got: bins, low: 2, high: MAX_VALUE_CELLS })
  const present = values.filter((value) => !Number.isNaN(value)).sort()
  const wanted = quantileCuts(present, bins)
  return joinCells(wanted, countCells(present, wanted), values.length - present.length, floor)
}

/** Cells as they are kept, with the rows in each. */
export interface CountedCuts extends CellCuts {
  readonly counts: readonly number[]
}

/**
 * What cutCells makes of cut points, from the rows in each cell alone.
 * @param rows by value cell, wanted.length + 1 of them @param missing rows without a value
 */
export function joinCells(
  wanted: readonly number[],
  rows: readonly number[],
  missing: number,
  floor: number,
): CountedCuts {
  const cuts = joinSmallBins(wanted, rows, floor)
  const counts = new Array<number>(cuts.length + 1).fill(0)
  for (const [cell, count] of rows.entries()) counts[cellOf(wanted[cell] ?? Number.POSITIVE_INFINITY, cuts)]! += count
  if (missing > 0 && missing >= floor) return { cuts, missingCell: cuts.length + 1, counts: [...counts, missing] }
  const missingCell = counts.indexOf(Math.max(...counts))
  counts[missingCell]! += missing
  return { cuts, missingCell, counts }
}

/**
 * Cuts at the quantiles i / bins. A cell begins with the value at its quantile, as XGBoost's do (value < cut goes left);
 * the cut itself lies half-way from the value before it, so that new values near a tie go to the nearer side.
 * @param sorted ascending
 */
function quantileCuts(sorted: Float64Array, bins: number): number[] {
  const cuts: number[] = []
  for (let i = 1; i < bins; i++) {
    const at = sorted[Math.ceil(((sorted.length - 1) * i) / bins)]
    const first = at === undefined ? 0 : firstAtLeast(sorted, at)
    if (at === undefined || first === 0) continue
    const cut = between(sorted[first - 1]!, at)
    if (cut !== cuts.at(-1)) cuts.push(cut)
  }
  return cuts
}

/** Half-way; the lower one where no number lies between. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2
  return middle < high ? middle : low
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The cell of each row. @param values NaN where there is no value */
export function cellsOf(values: Float64Array, { cuts, missingCell }: CellCuts): Uint8Array {
  const out = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    out[row] = Number.isNaN(value) ? missingCell : cellOf(value, cuts)
  }
  return out
}

/** @throws PlatformError boost.invalid when a cell number, a count or the number of rows does not fit */
export function checkColumn(column: TreeColumn, rows: number): void {
  const count = cellCount(column)
  const fits = Number.isInteger(column.valueCells) && column.valueCells >= 1 && column.valueCells <= MAX_VALUE_CELLS
  if (!fits || column.cells.length !== rows || column.cells.some((cell) => cell >= count))
    throw new PlatformError('boost.invalid', {
      what: 'column',
      rows: column.cells.length,
      expected: rows,
      cells: count,
    })
}

/** Rows by value cell; NaN in none. */
export function countCells(present: Float64Array, cuts: readonly number[]): number[] {
  const counts = new Array<number>(cuts.length + 1).fill(0)
  for (const value of present) if (!Number.isNaN(value)) counts[cellOf(value, cuts)]!++
  return counts
}

/** Number of cuts below the value, by bisection. */
function cellOf(value: number, cuts: readonly number[]): number {
  let [low, high] = [0, cuts.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (value > cuts[middle]!) low = middle + 1
    else high = middle
  }
  return low
}
