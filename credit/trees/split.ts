// The candidates of a node from the sums of g and h by column and cell, best first. XGBoost's rule:
// gain = ½[score(left) + score(right) − score(node)] − γ, score = G²/(H + λ); missing values are tried on both sides; with
// monotone signs or a step bound weights are clamped first and score is −(2Gw + (H + λ)w²) of the clamped weight.
import type { BoostParams } from './params.ts'

/** Σg and Σh of some rows. */
export interface GradientSum {
  readonly g: number
  readonly h: number
}

/** Bounds of a node's unscaled weight, handed down by monotone splits above it. */
export interface WeightBounds {
  readonly low: number
  readonly high: number
}

export const FREE_BOUNDS: WeightBounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

/** Sums of a node over one column. g, h: one a cell, value cells in the order shown to the guest, then the missing cell. */
export interface ColumnSums {
  /** 0 the guest, 1 … K the hosts */
  readonly owner: number
  /** the owner's number of the column, the same for all nodes of a tree */
  readonly column: number
  readonly g: Float64Array
  readonly h: Float64Array
  readonly missing: boolean
  /** +1: the weight may not fall from the first value cell to the last, as shown */
  readonly sign: -1 | 0 | 1
}

/** What one step of g and of h is worth, where sums come as integers of a quantisation; 1 and 1 for real sums. */
export interface Units {
  readonly g: number
  readonly h: number
}

export const REAL_UNITS: Units = { g: 1, h: 1 }

export interface NodeState {
  /** over the rows that count, in units */
  readonly total: GradientSum
  readonly bounds: WeightBounds
  /** least Σh, in units, of as many rows of the node as a leaf needs: a side below it has too few rows for certain */
  readonly leastWeight: number
}

/** Left are value cells 0 … cell (as shown), right the others; rows without a value go where `missingLeft` says. */
export interface Candidate {
  readonly owner: number
  readonly column: number
  readonly cell: number
  readonly missingLeft: boolean
  readonly gain: number
  /** real, not in units */
  readonly left: GradientSum
  readonly right: GradientSum
  readonly sign: -1 | 0 | 1
}

export type SplitRule = Pick<BoostParams, 'lambda' | 'gamma' | 'minChildWeight' | 'maxDeltaStep'>

/** What counts as a gain at all: rounding noise of the sums does not (XGBoost's kRtEps). */
const LEAST_GAIN = 1e-6

/** −G/(H + λ), then within the step bound, then within the bounds. Unscaled: without learning rate. */
export function leafWeight({ g, h }: GradientSum, rule: SplitRule, bounds: WeightBounds = FREE_BOUNDS): number {
  if (h + rule.lambda <= 0) return 0
  const free = -g / (h + rule.lambda)
  const step = rule.maxDeltaStep > 0 ? Math.min(rule.maxDeltaStep, Math.max(-rule.maxDeltaStep, free)) : free
  return Math.min(bounds.high, Math.max(bounds.low, step))
}

/** The bounds of both children of a split. */
export function childBounds(
  bounds: WeightBounds,
  split: Pick<Candidate, 'left' | 'right' | 'sign'>,
  rule: SplitRule,
): readonly [left: WeightBounds, right: WeightBounds] {
  if (split.sign === 0) return [bounds, bounds]
  const middle = (leafWeight(split.left, rule, bounds) + leafWeight(split.right, rule, bounds)) / 2
  const [below, above] = [
    { low: bounds.low, high: middle },
    { low: middle, high: bounds.high },
  ]
  return split.sign > 0 ? [below, above] : [above, below]
}

/**
 * All splits of a node that gain something, best first. Equal gains: lower owner, column, cell.
 * @param columns sums in units
 */
export function rankSplits(
  columns: readonly ColumnSums[],
  node: NodeState,
  rule: SplitRule,
  units: Units = REAL_UNITS,
): Candidate[] {
  const found: Candidate[] = []
  for (const column of columns) addCandidates(column, node, rule, units, found)
  return found.sort(byGain)
}

/** Adds the candidates of one column that gain something. */
function addCandidates(column: ColumnSums, node: NodeState, rule: SplitRule, units: Units, found: Candidate[]): void {
  const valueCells = column.g.length - (column.missing ? 1 : 0)
  const [missingG, missingH] = column.missing ? [column.g[valueCells]!, column.h[valueCells]!] : [0, 0]
  const nobodyMissing = missingG === 0 && missingH === 0
  const least = Math.max(node.leastWeight, rule.minChildWeight / units.h)
  const total = inReal(node.total, units)
  const parent = score(total, rule, node.bounds)
  let [g, h] = [0, 0]
  for (let cell = 0; cell < valueCells - (nobodyMissing ? 1 : 0); cell++) {
    g += column.g[cell]!
    h += column.h[cell]!
    // all values against no value: there is no order to keep
    const sign = cell === valueCells - 1 ? 0 : column.sign
    // where no row lacks a value the learned side is the heavier one, whichever way round the cells are shown
    const sides = nobodyMissing ? [2 * h > node.total.h] : [false, true]
    for (const missingLeft of sides) {
      if (cell === valueCells - 1 && missingLeft) continue
      const leftUnits = missingLeft ? { g: g + missingG, h: h + missingH } : { g, h }
      const rightUnits = { g: node.total.g - leftUnits.g, h: node.total.h - leftUnits.h }
      if (leftUnits.h < least || rightUnits.h < least) continue
      const [left, right] = [inReal(leftUnits, units), inReal(rightUnits, units)]
      if (againstSign(left, right, sign, rule, node.bounds)) continue
      const gain = (score(left, rule, node.bounds) + score(right, rule, node.bounds) - parent) / 2 - rule.gamma
      if (gain > LEAST_GAIN)
        found.push({
          owner: column.owner,
          column: column.column,
          cell,
          missingLeft,
          gain,
          left,
          right,
          sign,
        })
    }
  }
}

function inReal({ g, h }: GradientSum, units: Units): GradientSum {
  return { g: g * units.g, h: h * units.h }
}

function againstSign(
  left: GradientSum,
  right: GradientSum,
  sign: number,
  rule: SplitRule,
  bounds: WeightBounds,
): boolean {
  return sign !== 0 && sign * (leafWeight(right, rule, bounds) - leafWeight(left, rule, bounds)) < 0
}

/** What the rows of a node lose less with their best weight: twice the fall of the second-order loss. */
function score(sum: GradientSum, rule: SplitRule, bounds: WeightBounds): number {
  const ridge = sum.h + rule.lambda
  if (ridge <= 0) return 0
  if (rule.maxDeltaStep === 0 && bounds === FREE_BOUNDS) return (sum.g * sum.g) / ridge
  const weight = leafWeight(sum, rule, bounds)
  return -(2 * sum.g * weight + ridge * weight * weight)
}

/** Order of candidates: best gain first. */
function byGain(a: Candidate, b: Candidate): number {
  return b.gain - a.gain || a.owner - b.owner || a.column - b.column || a.cell - b.cell
}

/**
 * The candidates left after one had too few rows on a side: that side only shrinks for cells further out, with the rows
 * without a value on the same side or on the other.
 * @param small the side that had too few rows; 'refused' when its owner refused it without saying why
 */
export function withoutSmaller(
  ranked: readonly Candidate[],
  failed: Candidate,
  small: 'left' | 'right' | 'refused',
): Candidate[] {
  return ranked.filter((other) => {
    if (other.owner !== failed.owner || other.column !== failed.column) return true
    if (other === failed) return false
    if (small === 'left') return other.cell > failed.cell || (other.missingLeft && !failed.missingLeft)
    if (small === 'right') return other.cell < failed.cell || (!other.missingLeft && failed.missingLeft)
    return other.cell !== failed.cell || other.missingLeft !== failed.missingLeft
  })
}
