// Cut points of a group's columns near the quantiles of all its rows, from counts over the group alone. As one owner cuts at
// its own quantiles (credit/trees/columns.ts), a cell begins with the values at the quantile.
import type { OpenGroup } from '#protocols/group/group.ts'
import { cellsOfRanks, groupCells } from '#protocols/group/quantiles.ts'
import { LEAST_SIDE_ROWS } from './params.ts'

/** Cells of fewer rows than this part of a bin are made no finer, nor those of fewer rows than anything is told of. */
const SMALL_PART = 1 / 16

/**
 * Cuts next below the quantiles i / bins, ascending, each once; by column, the same at all members.
 * @param columns this member's values; NaN where there is none
 */
export async function treeCuts(
  group: Pick<OpenGroup, 'count'>,
  round: number,
  columns: readonly Float64Array[],
  bins: number,
): Promise<number[][]> {
  const ranksIn = (rows: number) =>
    Array.from({ length: rows === 0 ? 0 : bins - 1 }, (_, i) => Math.ceil(((rows - 1) * (i + 1)) / bins))
  const wanted = (rows: number) => ({
    ranks: ranksIn(rows),
    least: Math.max(LEAST_SIDE_ROWS, (SMALL_PART * rows) / bins),
  })
  const cells = await groupCells(group, round, columns, wanted)
  return cells.map((column) => {
    const { counts, edges } = column
    const rows = counts.reduce((sum, count) => sum + count, 0)
    const first = counts.findIndex((count) => count > 0)
    const begins = cellsOfRanks(column, ranksIn(rows)).filter((cell) => cell > first)
    return [...new Set(begins)].map((cell) => edges[cell - 1]!)
  })
}
