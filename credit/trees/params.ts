// The named numbers of gradient-boosted trees and their limits. Formulas: Chen and Guestrin, XGBoost (KDD 2016).
import { PlatformError } from '#runtime/errors.ts'

export type Objective = 'logistic' | 'squared' | 'poisson'

/** 'quantised': g and h in one integer, rounded at random. 'exact': g and h apart, in fixed point of 30 bits and more. */
export type Precision = 'quantised' | 'exact'

export interface BoostParams {
  readonly objective: Objective
  /** at most so many */
  readonly trees: number
  /** splits from the root to a leaf, at most */
  readonly depth: number
  /** every leaf weight is multiplied by it (η) */
  readonly learningRate: number
  /** λ: ridge of leaf weights */
  readonly lambda: number
  /** γ: what a split has to gain, on the scale of ½[G²/(H + λ)]; the software XGBoost leaves the ½ out, so its γ is twice this */
  readonly gamma: number
  /** least Σh on each side of a split */
  readonly minChildWeight: number
  /** least training rows on each side of a split, and in each cell of a column */
  readonly minLeafRows: number
  /** and their least share of all training rows */
  readonly minLeafShare: number
  /** value cells of a column, at most; one more holds the rows without a value */
  readonly bins: number
  /** share of the rows that a tree is grown from */
  readonly rowSample: number
  /** share of its columns that each owner offers to a tree */
  readonly columnSample: number
  /** gradient-based one-side sampling (LightGBM): the share of the largest |g| that is kept, and of all rows drawn from the rest */
  readonly goss?: { readonly top: number; readonly other: number }
  /** stops when the loss of the hold-out rows has not fallen for so many trees, and keeps the trees up to the least loss */
  readonly earlyStopping?: { readonly rounds: number }
  /** first trees, grown on the guest's columns only */
  readonly guestFirst: number
  /** bound of an unscaled leaf weight, 0 for none; Poisson also adds it to the exponent of h, as XGBoost does */
  readonly maxDeltaStep: number
  readonly precision: Precision
}

/** XGBoost's defaults where it has them; bins, floor and precision are ours. */
export const DEFAULT_BOOST: BoostParams = {
  objective: 'logistic',
  trees: 30,
  depth: 3,
  learningRate: 0.3,
  lambda: 1,
  gamma: 0,
  minChildWeight: 1,
  minLeafRows: 50,
  minLeafShare: 0.01,
  bins: 32,
  rowSample: 1,
  columnSample: 1,
  guestFirst: 0,
  maxDeltaStep: 0,
  precision: 'quantised',
}

/** XGBoost's step bound for Poisson where none is given. */
export const POISSON_DELTA_STEP = 0.7

/** A tree is refused no more than so many candidates a node; then the node is a leaf. */
export const MAX_ASKS = 3

/** Value cells of a column, and with the cell of missing values. */
export const MAX_VALUE_CELLS = 63
export const MAX_CELLS = 64

type NumberName = { [K in keyof BoostParams]-?: BoostParams[K] extends number ? K : never }[keyof BoostParams]

/** Least and greatest of each number; whole numbers where the third is true. */
export const BOOST_LIMITS: Readonly<Record<NumberName, readonly [low: number, high: number, whole: boolean]>> = {
  trees: [1, 500, true],
  depth: [1, 6, true],
  learningRate: [0.001, 1, false],
  lambda: [0, 1e6, false],
  gamma: [0, 1e6, false],
  minChildWeight: [0, 1e6, false],
  minLeafRows: [1, 1e6, true],
  minLeafShare: [0, 0.5, false],
  bins: [2, MAX_VALUE_CELLS, true],
  rowSample: [0.1, 1, false],
  columnSample: [0.05, 1, false],
  guestFirst: [0, 500, true],
  maxDeltaStep: [0, 100, false],
}

/** Training rows that each side of a split and each cell needs among so many. */
export function leafFloor(params: Pick<BoostParams, 'minLeafRows' | 'minLeafShare'>, rows: number): number {
  return Math.max(params.minLeafRows, Math.ceil(params.minLeafShare * rows))
}

/** @throws PlatformError boost.invalid naming the first number outside its limits */
export function checkBoostParams(params: BoostParams): void {
  for (const [name, [low, high, whole]] of Object.entries(BOOST_LIMITS) as [NumberName, [number, number, boolean]][]) {
    const value = params[name]
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new PlatformError('boost.invalid', { parameter: name, got: value, low, high, whole })
  }
  const { goss, earlyStopping } = params
  if (goss !== undefined && !(goss.top > 0 && goss.other > 0 && goss.top + goss.other <= 1))
    throw new PlatformError('boost.invalid', { parameter: 'goss', top: goss.top, other: goss.other, high: 1 })
  if (goss !== undefined && params.rowSample < 1)
    throw new PlatformError('boost.invalid', { parameter: 'rowSample', got: params.rowSample, expected: '1 with goss' })
  const rounds = earlyStopping?.rounds ?? 1
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > BOOST_LIMITS.trees[1])
    throw new PlatformError('boost.invalid', { parameter: 'earlyStopping.rounds', got: rounds, low: 1 })
}
