// Where the rows of a whole group lie along a column, from counts over the group alone: a grid on which nothing has to be
// known of a column, then finer cells where it matters. Cut points are edges of cells, so they are nobody's values.
import type { OpenGroup } from './group.ts'

/** Edges at powers of two, from 2^-20 to 2^44, on both sides of zero. */
const [LOWEST, HIGHEST] = [-20, 44]
const POWERS = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => 2 ** (LOWEST + i))
export const GRID: readonly number[] = [...POWERS.toReversed().map((power) => -power), 0, ...POWERS]
/** A cell that matters is cut into so many at most, again and again, but not below this part of the size of its values. */
const [MOST_PARTS, FINEST, REFINEMENTS] = [32, 2 ** -30, 16]

/** Rows of the group by cell: cell i holds edges[i − 1] < value ≤ edges[i]. */
export interface GroupCells {
  readonly edges: readonly number[]
  /** one more than edges */
  readonly counts: readonly number[]
}

/** What is asked of a column with so many rows. */
export interface Wanted {
  /** places in ascending order, from 0, whose cells are made finer */
  readonly ranks: readonly number[]
  /** cells of no more rows stay as they are */
  readonly least: number
}

/**
 * Cells of each column, the same at all members: fine where the wanted ranks lie.
 * @param columns this member's values, in the same order at all members; NaN where there is none
 */
export async function groupCells(
  group: Pick<OpenGroup, 'count'>,
  round: number,
  columns: readonly Float64Array[],
  wanted: (rows: number) => Wanted,
): Promise<GroupCells[]> {
  let edges = columns.map((): readonly number[] => GRID)
  for (let step = 0; ; step++) {
    const own = columns.flatMap((values, c) => countValues(values, edges[c]!))
    const all = await group.count(round, `cells ${step}`, own)
    let at = 0
    const cells = edges.map((of): GroupCells => ({ edges: of, counts: all.slice(at, (at += of.length + 1)) }))
    const finer = cells.map((column) => refined(column, wanted(rowsOf(column))))
    const isDone = finer.every((of, c) => of.length === edges[c]!.length)
    if (step === REFINEMENTS || isDone) return cells
    edges = finer
  }
}

/** The cell of each rank, which ascend; none where there are no rows. */
export function cellsOfRanks({ counts }: GroupCells, ranks: readonly number[]): number[] {
  let [cell, end] = [0, counts[0]!]
  return ranks.map((rank) => {
    while (end <= rank && cell < counts.length - 1) end += counts[++cell]!
    return cell
  })
}

/**
 * Cut points near the quantiles i / bins over all rows of the group, ascending, each once, so that a bin holds what is at or
 * below its upper cut. Fewer than bins − 1 where many values are tied; rows lie beyond the last.
 * @param least rows of a cell that is made no finer: at least the floor of what is told
 */
export async function groupQuantiles(
  group: Pick<OpenGroup, 'count'>,
  round: number,
  columns: readonly Float64Array[],
  { bins, least }: { readonly bins: number; readonly least: number },
): Promise<number[][]> {
  const ranksIn = (rows: number) =>
    Array.from({ length: rows === 0 ? 0 : bins - 1 }, (_, i) => Math.floor(((rows - 1) * (i + 1)) / bins))
  const wanted = (rows: number): Wanted => ({ ranks: ranksIn(rows), least: Math.max(least, rows / (16 * bins)) })
  const cells = await groupCells(group, round, columns, wanted)
  return cells.map((column) => {
    const last = column.counts.findLastIndex((count) => count > 0)
    const ends = cellsOfRanks(column, ranksIn(rowsOf(column))).filter((cell) => cell < last)
    return [...new Set(ends)].map((cell) => column.edges[cell]!)
  })
}

/**
 * Cut points that part the range of a column evenly. The range is not that from the smallest to the largest value, which would be
 * two members' rows: at either end `least` rows lie in or beyond its outermost cell.
 */
export async function groupWidths(
  group: Pick<OpenGroup, 'count'>,
  round: number,
  columns: readonly Float64Array[],
  { bins, least }: { readonly bins: number; readonly least: number },
): Promise<number[][]> {
  const ranksIn = (rows: number) => (rows < 2 * least ? [] : [least - 1, rows - least])
  const cells = await groupCells(group, round, columns, (rows) => ({ ranks: ranksIn(rows), least }))
  return cells.map((column) => {
    const [first, last] = cellsOfRanks(column, ranksIn(rowsOf(column)))
    if (first === undefined || last === undefined) return []
    const { edges } = column
    const [low, high] = [edges[Math.max(0, first - 1)]!, edges[Math.min(edges.length - 1, last)]!]
    return Array.from({ length: bins - 1 }, (_, i) => low + ((high - low) * (i + 1)) / bins)
  })
}

function rowsOf({ counts }: GroupCells): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** More edges inside the cells of the wanted ranks: as many as leave `least` rows in a part, were they spread evenly. */
function refined(cells: GroupCells, { ranks, least }: Wanted): readonly number[] {
  const { edges, counts } = cells
  const open = new Set(cellsOfRanks(cells, ranks).filter((cell) => counts[cell]! > least))
  return edges.flatMap((edge, i) => {
    const before = edges[i - 1]
    const isWide = before !== undefined && edge - before > FINEST * Math.max(Math.abs(edge), Math.abs(before))
    if (!open.has(i) || !isWide) return [edge]
    const parts = Math.min(MOST_PARTS, 2 ** Math.ceil(Math.log2(counts[i]! / least)))
    return [...Array.from({ length: parts - 1 }, (_, k) => before + ((edge - before) * (k + 1)) / parts), edge]
  })
}

/** Rows by cell; NaN in none. */
export function countValues(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of values) {
    if (Number.isNaN(value)) continue
    let [low, high] = [0, edges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (edges[middle]! < value) low = middle + 1
      else high = middle
    }
    counts[low]! += 1
  }
  return counts
}
