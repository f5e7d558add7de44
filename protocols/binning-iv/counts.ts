// What the guest makes of the sums it opens: checks first, then bins, weight of evidence and stability.
import { groupsOf, type BinRule } from '#credit/binning.ts'
import { sumOf } from '#credit/monotonic.ts'
import { type BinCounts, type Shape, stability, weightOfEvidence } from '#credit/woe.ts'
import type { AlignedSet, SetName } from '#protocols/core/aligned-rows.ts'
import { PlatformError } from '#runtime/errors.ts'
import { cellsOf } from './layout.ts'
import type { ColumnCells, ColumnWeights } from './bodies.ts'
import { type Fields, type Totals, unpackSum } from './packing.ts'
import { type AliasBin, type AliasColumn, LEAST_COUNT, type SetCounts } from './params.ts'

/** Counts of the cells of one column in one set. */
export type CellCounts = readonly BinCounts[]

/**
 * Opens the sums of one column. Every row stands in one cell exactly: counts, bad rows and secret checks add up.
 * @throws PlatformError binning.overlap
 */
export function openCounts(
  sums: Float64Array,
  fields: Fields,
  totals: Totals,
  alias: string,
  set: SetName,
): CellCounts {
  const cells = Array.from(sums, (sum) => unpackSum(sum, fields))
  const added = (of: (cell: Totals) => number) => cells.reduce((sum, cell) => sum + of(cell), 0)
  const whole =
    added((cell) => cell.n) === totals.n &&
    added((cell) => cell.bad) === totals.bad &&
    added((cell) => cell.check) % fields.checks === totals.check &&
    cells.every(({ n, bad }) => bad >= 0 && bad <= n)
  if (!whole) throw new PlatformError('binning.overlap', { alias, set })
  return cells.map(({ n, bad }) => ({ n, bad }))
}

/** The floors of the guest: rows, and half the share, since the host cannot know which of its rows have no weight. */
export function guestFloor({ minimumRows, minimumShare }: BinRule, trainRows: number): number {
  return Math.max(minimumRows, Math.ceil((minimumShare * trainRows) / 2))
}

/**
 * A bin of ordinary values below the floor, but not empty, ends the task: its weight would point at few rows. Where
 * neighbours may be joined the guest joins such bins itself, down to what only a host that deviates sends.
 * @throws PlatformError binning.small-bin
 */
export function refuseSmallBins(counts: CellCounts, cells: ColumnCells, floor: number): void {
  const least = cells.ordered ? LEAST_COUNT : floor
  if (counts.slice(0, cells.values).some(({ n }) => n > 0 && n < least)) {
    throw new PlatformError('binning.small-bin', { alias: cells.alias, floor: least })
  }
}

/** A column as the guest weighs it: what it keeps, but for the shape, and what it tells the host. */
export interface WeighedColumn {
  readonly tell: ColumnWeights
  readonly keep: Omit<AliasColumn, 'shape'>
  /** training rows of the smallest bin whose weight is told */
  readonly leastRows: number
}

/**
 * Weighs one column from its opened counts by set, `train` first.
 * @param floor special bins with fewer training rows stay closed: weight 0, no counts
 */
export function weighColumn(
  cells: ColumnCells,
  sets: readonly AlignedSet[],
  bySet: ReadonlyMap<SetName, CellCounts>,
  rule: BinRule,
  floor: number,
): WeighedColumn {
  const train = bySet.get('train')!
  const values = cells.ordered
    ? groupsOf(train.slice(0, cells.values), rule, floor)
    : Array.from({ length: cells.values }, (_, cell) => [cell])
  const groups = [...values, ...cells.specials.map((_, i) => [cells.values + i])]
  const counts = groups.map((group) => sumOf(train, group))
  const woe = weightOfEvidence(counts).bins.map((bin, i) => (counts[i]!.n < floor ? { woe: 0, iv: 0 } : bin))
  const kindOf = (group: readonly number[]) => cells.specials[group[0]! - cells.values] ?? ('value' as const)
  const bins = groups.map((group, i): AliasBin => {
    const { n, bad } = counts[i]!
    const closed = n > 0 && n < floor
    return {
      number: i + 1,
      kind: kindOf(group),
      n: closed ? null : n,
      bad: closed ? null : bad,
      good: closed ? null : n - bad,
      ...woe[i]!,
      sets: Object.fromEntries(
        sets.map(({ name }) => [
          name,
          closed ? null : given(name, sumOf(bySet.get(name) ?? [], inSet(bySet, name, group))),
        ]),
      ),
    }
  })
  const rowsOf = (name: SetName) => groups.map((group) => sumOf(bySet.get(name) ?? [], inSet(bySet, name, group)).n)
  const all = train.reduce((sum, { n }) => sum + n, 0)
  const missing = counts.reduce((sum, { n }, i) => sum + (['value', 'special'].includes(kindOf(groups[i]!)) ? 0 : n), 0)
  const binOfCell = new Array<number>(cellsOf(cells)).fill(0)
  for (const [bin, group] of groups.entries()) for (const cell of group) binOfCell[cell] = bin
  const opened = counts.map(({ n }) => n).filter((n) => n >= floor)
  return {
    tell: { binOfCell, woe: woe.map((bin) => bin.woe) },
    keep: {
      alias: cells.alias,
      bins,
      iv: woe.reduce((sum, { iv }) => sum + iv, 0),
      missing: missing / all,
      stability: Object.fromEntries(
        sets.filter(({ name }) => name !== 'train').map(({ name }) => [name, stability(rowsOf('train'), rowsOf(name))]),
      ),
    },
    leastRows: Math.min(...opened),
  }
}

/** A set without rows was not counted. */
function inSet(bySet: ReadonlyMap<SetName, CellCounts>, name: SetName, group: readonly number[]): readonly number[] {
  return bySet.has(name) ? group : []
}

function given(name: SetName, { n, bad }: BinCounts): SetCounts | null {
  if (n > 0 && n < LEAST_COUNT) return null
  return { n, bad: name === 'recent' ? null : bad }
}

/** The column with its shape. */
export function withShape(keep: Omit<AliasColumn, 'shape'>, shape: Shape): AliasColumn {
  return { ...keep, shape }
}
