// Cut points of a group's columns near the quantiles of all its rows, from counts over the group alone: a grid on which nothing
// has to be known of a column, then finer cells where quantiles lie. A cut is an edge of a cell, so it is nobody's value.
import { countCells } from '#credit/trees/columns.ts'
import type { OpenGroup } from '#protocols/group/group.ts'

/** Edges at powers of two, from 2^-20 to 2^44, on both sides of zero. */
const [LOWEST, HIGHEST] = [-20, 44]
const POWERS = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => 2 ** (LOWEST + i))
const GRID: readonly number[] = [...POWERS.toReversed().map((power) => -power), 0, ...POWERS]
/** A cell that a quantile lies in is cut into so many, so often: to 2^-15 of the size of its values. */
const [PARTS, REFINEMENTS] = [32, 3]
/** and no further when it holds less than this part of a bin. */
const SMALL_PART = 1 / 16

/**
 * Cuts at the edges nearest to the quantiles i / bins, ascending, each once; by column, the same at all members.
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
    if (step === REFINEMENTS) return edges.map((of, c) => nearestEdges(of, counts[c]!, bins))
    edges = edges.map((of, c) => refined(of, counts[c]!, bins))
  }
}

/** More edges inside the cells that a quantile lies in. */
function refined(edges: readonly number[], counts: readonly number[], bins: number): readonly number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const wanted = new Set<number>()
  let [cell, below] = [0, 0]
  for (const rank of ranksOf(rows, bins)) {
    while (cell < counts.length - 1 && below + counts[cell]! < rank) below += counts[cell++]!
    if (counts[cell]! > (SMALL_PART * rows) / bins) wanted.add(cell)
  }
  return edges.flatMap((edge, i) => {
    const before = edges[i - 1]
    if (!wanted.has(i) || before === undefined) return [edge]
    const inner = Array.from({ length: PARTS - 1 }, (_, k) => before + ((edge - before) * (k + 1)) / PARTS)
    return [...inner.filter((cut) => cut > before && cut < edge), edge]
  })
}

function nearestEdges(edges: readonly number[], counts: readonly number[], bins: number): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const below: number[] = []
  for (const [i] of edges.entries()) below.push((below[i - 1] ?? 0) + counts[i]!)
  const found = new Set<number>()
  let at = 0
  for (const rank of ranksOf(rows, bins)) {
    while (at < edges.length - 1 && Math.abs(below[at + 1]! - rank) <= Math.abs(below[at]! - rank)) at++
    if (below[at]! > 0 && below[at]! < rows) found.add(edges[at]!)
  }
  return [...found]
}

function ranksOf(rows: number, bins: number): number[] {
  return Array.from({ length: bins - 1 }, (_, i) => (rows * (i + 1)) / bins)
}
