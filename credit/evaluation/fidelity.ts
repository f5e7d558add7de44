// How close a federated fit is to a centralised one on the same rows; possible only where one party may see all data.
import { PlatformError } from '#runtime/errors.ts'
import { aucOf, ksOf } from './discrimination.ts'
import { type FidelityFacts, type Table, tableOf } from './pack.ts'
import { rankRows } from './ranking.ts'

export const FIDELITY_COLUMNS = ['metric', 'federated', 'centralised', 'diff', 'tolerance', 'pass'] as const

/** Largest difference that a federated fit may show. */
export interface FidelityTolerance {
  readonly auc: number
  readonly ks: number
  readonly logOdds: number
  readonly beta: number
  /** relative */
  readonly stdErr: number
}

export const FIDELITY_TOLERANCE: FidelityTolerance = { auc: 1e-3, ks: 3e-3, logOdds: 0.05, beta: 5e-3, stdErr: 0.02 }

/**
 * AUC, KS and the largest difference of a row's log-odds, on labelled rows of one set.
 * @param labels 1 bad, 0 good, −1 left out
 */
export function scoreFidelity(
  federated: Float64Array,
  centralised: Float64Array,
  labels: Int8Array,
  tolerance: FidelityTolerance = FIDELITY_TOLERANCE,
): FidelityFacts[] {
  if (federated.length !== centralised.length || federated.length !== labels.length)
    throw new PlatformError('evaluation.invalid', { what: 'rows of two fits', rows: federated.length })
  const known = labels.map((label) => (label >= 0 ? 1 : 0))
  const of = (scores: Float64Array) =>
    rankRows(
      scores.filter((_, i) => known[i] === 1),
      labels.filter((label) => label >= 0),
    )
  const [ours, theirs] = [of(federated), of(centralised)]
  return [
    { metric: 'auc', federated: aucOf(ours), centralised: aucOf(theirs), tolerance: tolerance.auc },
    { metric: 'ks', federated: ksOf(ours).value, centralised: ksOf(theirs).value, tolerance: tolerance.ks },
    largest('max_abs_diff_log_odds', federated, centralised, tolerance.logOdds),
  ]
}

/** Largest difference of a coefficient, and largest relative one of a standard error; same order in both fits. */
export function coefficientFidelity(
  federated: { readonly beta: readonly number[]; readonly stdErr?: readonly number[] },
  centralised: { readonly beta: readonly number[]; readonly stdErr?: readonly number[] },
  tolerance: FidelityTolerance = FIDELITY_TOLERANCE,
): FidelityFacts[] {
  const { stdErr: ours } = federated
  const { stdErr: theirs } = centralised
  if (federated.beta.length !== centralised.beta.length || (ours?.length ?? 0) !== (theirs?.length ?? 0))
    throw new PlatformError('evaluation.invalid', { what: 'columns of two fits', columns: federated.beta.length })
  const relative = ours?.map((error, i) => error / theirs![i]!)
  return [
    largest('max_abs_diff_beta', federated.beta, centralised.beta, tolerance.beta),
    ...(relative === undefined
      ? []
      : [
          largest(
            'max_relative_diff_std_err',
            relative,
            relative.map(() => 1),
            tolerance.stdErr,
          ),
        ]),
  ]
}

/** The pair that differs most, as it stands in both. */
function largest(metric: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): FidelityFacts {
  let at = 0
  for (let i = 1; i < a.length; i++) if (Math.abs(a[i]! - b[i]!) > Math.abs(a[at]! - b[at]!)) at = i
  return { metric, federated: a[at] ?? 0, centralised: b[at] ?? 0, tolerance }
}

/** Rows of `federation_fidelity`. */
export function fidelityTable(facts: readonly FidelityFacts[]): Table {
  const cells = facts.map(({ metric, federated, centralised, tolerance }) => {
    const diff = federated - centralised
    return { metric, federated, centralised, diff, tolerance, pass: Math.abs(diff) <= tolerance }
  })
  return tableOf('federation_fidelity', FIDELITY_COLUMNS, cells)
}
