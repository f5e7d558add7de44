// Cut points of a group's columns near the quantiles of all its rows, from counts over the group alone: a grid on which nothing
// has to be known of a column, then finer cells where quantiles lie. A cut is an edge of a cell, so it is nobody's value.
import { countCells } from '#credit/trees/columns.ts'
import type { OpenGroup } from '#protocols/group/group.ts'
import { LEAST_SIDE_ROWS } from './params.ts'

/** Edges at powers of two, from 2^-20 to 2^44, on both sides of zero. */
const [LOWEST, HIGHEST] = [-20, 44]
const POWERS = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => 2 ** (LOWEST + i))
const GRID: readonly number[] = [...POWERS.toReversed().map((power) => -power), 0, ...POWERS]
/** A cell that a quantile lies in is cut into so many, at most so often: to 2^-30 of the size of its values. */
const [PARTS, REFINEMENTS] = [32, 6]
/** and no further when it holds less than this part of a bin, or fewer rows than anything is told of. */
const SMALL_PART = 1 / 16

/**
 * Cuts at the edges next below the quantiles i / bins, ascending, each once; by column, the same at all members.
 * @param columns this member's values; NaN where there is none
 */
export async function groupQuantiles(
  group: Pick<OpenGroup, 'count'>,
  round: number,
  columns: readonly Float64Array[],
  bins: number,
): Promise<number[][]> {
  let edges = columns.map((): readonly number[] => GRID)
  for (let step = 0; ; step++) {
    const own = columns.flatMap((values, c) => countCells(values, edges[c]!))
    const all = await group.count(round, `cuts ${step}`, own)
    let at = 0
    const counts = edges.map((of) => all.slice(at, (at += of.length + 1)))
    const finer = edges.map((of, c) => refined(of, counts[c]!, bins))
    const isDone = finer.every((of, c) => of.length === edges[c]!.length)
    if (step === REFINEMENTS || isDone) return edges.map((of, c) => cutsOf(of, counts[c]!, bins))
    edges = finer
  }
}

/** More edges inside the cells that a quantile lies in. */
function refined(edges: readonly number[], counts: readonly number[], bins: number): readonly number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const least = Math.max(LEAST_SIDE_ROWS, (SMALL_PART * rows) / bins)
  const wanted = new Set(quantileCells(counts, bins).filter((cell) => counts[cell]! > least))
  return edges.flatMap((edge, i) => {
    const before = edges[i - 1]
    if (!wanted.has(i) || before === undefined) return [edge]
    const inner = Array.from({ length: PARTS - 1 }, (_, k) => before + ((edge - before) * (k + 1)) / PARTS)
    return [...inner.filter((cut) => cut > before && cut < edge), edge]
  })
}

/** As one owner cuts at its own quantiles (credit/trees/columns.ts), a cell begins with the values at the quantile. */
function cutsOf(edges: readonly number[], counts: readonly number[], bins: number): number[] {
  const first = counts.findIndex((count) => count > 0)
  const cells = quantileCells(counts, bins).filter((cell) => cell > first)
  return [...new Set(cells)].map((cell) => edges[cell - 1]!)
}

/** The cell that each quantile i / bins lies in; none where there are no rows. */
function quantileCells(counts: readonly number[], bins: number): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  let [cell, end] = [0, counts[0]!]
  return Array.from({ length: rows === 0 ? 0 : bins - 1 }, (_, i) => {
    const rank = Math.ceil(((rows - 1) * (i + 1)) / bins)
    while (end <= rank) end += counts[++cell]!
    return cell
  })
}
