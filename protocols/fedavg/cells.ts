// Cells of histograms: the grid on which nothing has to be known of a column, how cells are joined until enough rows are
// in each, and quantiles from what is left.
import { type Cells, QUANTILES } from './params.ts'

/** Cells end at powers of two, from 2^-20 to 2^44, on both sides of one cell around zero. */
const [LOWEST, HIGHEST] = [-20, 44]
const POWERS = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => 2 ** (LOWEST + i))
export const GRID: readonly number[] = [...POWERS.toReversed().map((power) => -power), ...POWERS]

/** Fine cells of a column, beside one for each cell that was told. */
const FINE_CELLS = 128
const FINEST_CUT = 32

/** Rows by cell; what lies beyond the edges counts in the outermost cells. NaN is left out. */
export function countCells(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0)
  if (counts.length === 0) return counts
  for (const value of values) if (!Number.isNaN(value)) counts[cellOf(value, edges)]! += 1
  return counts
}

/** The last cell that begins at or below the value. */
function cellOf(value: number, edges: readonly number[]): number {
  let [from, to] = [0, edges.length - 2]
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if ((edges[middle] as number) <= value) from = middle
    else to = middle - 1
  }
  return from
}

/**
 * Neighbours joined until each cell has `least` rows. The outer edges are not where values end: as many rows as the floor
 * asks for lie in or beyond the outermost cell of the grid that is kept, so an edge tells of no single row.
 * @param least rows of a cell, at least the floor
 * @returns no cells where there are fewer rows than the floor
 */
export function joinCells(
  edges: readonly number[],
  counts: readonly number[],
  floor: number,
  least = floor,
): Omit<Cells, 'missing'> {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total < floor) return { edges: [], rows: [] }
  const fromLeft = reaches(counts, floor)
  const fromRight = counts.length - 1 - reaches(counts.toReversed(), floor)
  const [low, high] = [Math.min(fromLeft, fromRight), Math.max(fromLeft, fromRight)]
  const inner = counts.slice(low, high + 1)
  inner[0]! += counts.slice(0, low).reduce((sum, count) => sum + count, 0)
  inner[inner.length - 1]! += counts.slice(high + 1).reduce((sum, count) => sum + count, 0)
  return joinInner(edges.slice(low, high + 2), inner, Math.min(total, least))
}

/** The first place at which the counts so far reach the floor. */
function reaches(counts: readonly number[], floor: number): number {
  let sum = 0
  return counts.findIndex((count) => {
    sum += count
    return sum >= floor
  })
}

function joinInner(edges: readonly number[], counts: readonly number[], least: number): Omit<Cells, 'missing'> {
  const outEdges = [edges[0] as number]
  const rows: number[] = []
  let open = 0
  for (const [i, count] of counts.entries()) {
    open += count
    if (open < least) continue
    rows.push(open)
    outEdges.push(edges[i + 1] as number)
    open = 0
  }
  // What is left at the end goes with the last cell.
  rows[rows.length - 1]! += open
  outEdges[outEdges.length - 1] = edges.at(-1) as number
  return { edges: outEdges, rows }
}

/** Each told cell cut into cells of equal width, more where there are more rows: the edges of the second round. */
export function fineEdges({ edges, rows }: Cells, floor: number): number[] {
  const total = rows.reduce((sum, count) => sum + count, 0)
  const inner = rows.flatMap((count, i) => {
    const [from, to] = [edges[i] as number, edges[i + 1] as number]
    const enough = Math.min(Math.floor((FINE_CELLS * count) / total), Math.floor(count / (2 * floor)), FINEST_CUT)
    const cuts = Math.max(1, enough)
    return Array.from({ length: cuts }, (_, k) => from + ((to - from) * k) / cuts)
  })
  return rows.length === 0 ? [] : [...inner, edges.at(-1) as number]
}

/**
 * The number that a share of the rows lies below, straight lines within cells; those with `floor` rows on both sides. What lies
 * in the one cell around zero is zero: the grid tells nothing of it.
 */
export function quantilesOf({ edges, rows }: Omit<Cells, 'missing'>, floor: number): Record<string, number> {
  const total = rows.reduce((sum, count) => sum + count, 0)
  const told = QUANTILES.filter((share) => Math.min(share, 1 - share) * total >= floor)
  return Object.fromEntries(told.map((share) => [String(share), sixDigits(quantileAt(share * total, edges, rows))]))
}

function quantileAt(below: number, edges: readonly number[], rows: readonly number[]): number {
  let left = below
  for (const [i, count] of rows.entries()) {
    const [from, to] = [edges[i] as number, edges[i + 1] as number]
    if (left <= count) return orZero(from + ((to - from) * left) / count)
    left -= count
  }
  return edges.at(-1) as number
}

function orZero(value: number): number {
  return Math.abs(value) <= 2 ** LOWEST ? 0 : value
}

export function sixDigits(value: number): number {
  return Number(value.toPrecision(6))
}
