// Tables of the features as the guest knows them: bins by number, WOE, IV, stability, coefficients.
import { smallCell, smoothedShares } from './bands.ts'
import { twoSidedNormalTail } from './distributions.ts'
import { type BinFacts, type CoefficientFacts, type FeatureFacts, type Table, tableOf } from './pack.ts'
import type { Scaling } from '../scorecard/scaling.ts'

export const CSI_COLUMNS = [
  'feature',
  'party',
  'bin',
  'dev_pct',
  'now_pct',
  'csi_i',
  'point_shift',
  'csi',
  'set',
  'flag',
] as const
export const WOE_COLUMNS = [
  'party',
  'feature',
  'bin_no',
  'bin_label',
  'special_flag',
  'n',
  'n_pct',
  'good',
  'bad',
  'bad_rate',
  'dist_good',
  'dist_bad',
  'woe',
  'bin_iv',
  'total_iv',
  'monotonic',
  'expected_sign_ok',
  'set',
  'flag',
] as const
export const IV_COLUMNS = [
  'rank',
  'party',
  'feature',
  'iv',
  'iv_band',
  'missing_pct',
  'psi_oot',
  'corr_max',
  'selected',
  'reject_reason',
  'feature_name',
  'feature_name_en',
] as const
export const LR_COEF_COLUMNS = [
  'feature',
  'party',
  'beta',
  'std_err',
  'wald_z',
  'p_value',
  'std_beta',
  'vif',
  'sign_ok',
  'contribution_pct',
] as const

/** Counts of a feature's bins in one set; null when the set was not counted. */
function countsIn(feature: FeatureFacts, set: string): Float64Array | null {
  if (!feature.bins.some((bin) => bin.counts[set] !== undefined)) return null
  return Float64Array.from(feature.bins, (bin) => bin.counts[set]?.n ?? 0)
}

/** Stability index of a feature between two sets, NaN when one was not counted. */
export function featureStability(feature: FeatureFacts, from: string, to: string): number {
  const dev = countsIn(feature, from)
  const now = countsIn(feature, to)
  if (dev === null || now === null) return Number.NaN
  return csiTerms(dev, now).reduce((sum, term) => sum + term, 0)
}

/** (now − dev)·ln(now/dev) of every bin; an empty bin counts as half a row. Bins empty in both add nothing. */
export function csiTerms(dev: Float64Array, now: Float64Array): Float64Array {
  const used = dev.map((count, i) => (count + now[i]! > 0 ? 1 : 0))
  const d = smoothedShares(dev.filter((_, i) => used[i] === 1))
  const a = smoothedShares(now.filter((_, i) => used[i] === 1))
  let at = 0
  return used.map((is) => {
    if (is === 0) return 0
    const term = (a[at]! - d[at]!) * Math.log(a[at]! / d[at]!)
    at++
    return term
  })
}

/**
 * Rows of `csi` of every feature, train against `set`. point_shift is the whole feature's Σ(now − dev)·points.
 * @param points of a bin, null where the feature is not in the card
 */
export function csiTable(
  features: readonly FeatureFacts[],
  set: string,
  points: (feature: FeatureFacts, bin: BinFacts) => number | null,
  minimumCell: number,
): Table {
  const cells = features.flatMap((feature) => {
    const dev = countsIn(feature, 'train')
    const now = countsIn(feature, set)
    if (dev === null || now === null) return []
    const [allDev, allNow] = [dev, now].map((counts) => counts.reduce((sum, n) => sum + n, 0)) as [number, number]
    const terms = csiTerms(dev, now)
    const worth = feature.bins.map((bin) => points(feature, bin))
    const shift = worth.reduce<number>(
      (sum, p, i) => sum + (now[i]! / allNow - dev[i]! / allDev) * (p ?? Number.NaN),
      0,
    )
    return feature.bins.map((bin, i) => ({
      feature: feature.feature,
      party: feature.party,
      bin: bin.bin,
      dev_pct: dev[i]! / allDev,
      now_pct: now[i]! / allNow,
      csi_i: terms[i]!,
      point_shift: shift,
      csi: terms.reduce((sum, term) => sum + term, 0),
      set,
      flag: smallCell(now[i]!, minimumCell),
    }))
  })
  return tableOf('csi', CSI_COLUMNS, cells)
}

/** Rows of `woe_table` of every feature in one set; woe and IV are always those of the training rows. */
export function woeTable(features: readonly FeatureFacts[], set: string, minimumCell: number): Table {
  const cells = features.flatMap((feature) => {
    const counts = feature.bins.map((bin) => bin.counts[set] ?? { n: 0, bad: 0, good: 0 })
    const total = counts.reduce((a, b) => ({ n: a.n + b.n, bad: a.bad + b.bad, good: a.good + b.good }))
    if (total.bad + total.good === 0) return []
    const direction = directionOf(feature)
    return feature.bins.map((bin, i) => {
      const { n, bad, good } = counts[i]!
      return {
        party: feature.party,
        feature: feature.feature,
        bin_no: bin.bin,
        bin_label: bin.label,
        special_flag: bin.special,
        n,
        n_pct: n / total.n,
        good,
        bad,
        bad_rate: bad / (bad + good),
        dist_good: good / total.good,
        dist_bad: bad / total.bad,
        woe: bin.woe,
        bin_iv: (bad / total.bad - good / total.good) * bin.woe,
        total_iv: feature.iv,
        monotonic: feature.ordered === false ? null : direction !== 0,
        expected_sign_ok: signAgrees(feature.expectedSign, direction),
        set,
        flag: smallCell(Math.min(bad, good), minimumCell),
      }
    })
  })
  return tableOf('woe_table', WOE_COLUMNS, cells)
}

/** +1 when WOE rises with the bin number over the ordinary bins, −1 when it falls, 0 when it does neither, or is permuted. */
export function directionOf(feature: FeatureFacts): -1 | 0 | 1 {
  if (feature.ordered === false) return 0
  const woe = feature.bins.filter((bin) => !bin.special).map((bin) => bin.woe)
  const steps = woe.slice(1).map((value, i) => value - woe[i]!)
  if (steps.length > 0 && steps.every((step) => step > 0)) return 1
  return steps.length > 0 && steps.every((step) => step < 0) ? -1 : 0
}

/** null without an expectation, or where the bins are in no order that could agree with one. */
function signAgrees(expected: -1 | 0 | 1 | undefined, direction: -1 | 0 | 1): boolean | null {
  return expected === undefined || expected === 0 || direction === 0 ? null : expected === direction
}

/** Rows of `iv_ranking`, the highest IV first. */
export function ivTable(features: readonly FeatureFacts[]): Table {
  const cells = [...features]
    .sort((a, b) => b.iv - a.iv)
    .map((feature, i) => ({
      rank: i + 1,
      party: feature.party,
      feature: feature.feature,
      iv: feature.iv,
      iv_band: ivBand(feature.iv),
      missing_pct: feature.missingPct ?? null,
      psi_oot: featureStability(feature, 'train', 'oot'),
      corr_max: feature.corrMax ?? null,
      selected: feature.selected ?? null,
      reject_reason: feature.rejectReason ?? '',
      feature_name: feature.name ?? '',
      feature_name_en: feature.nameEn ?? '',
    }))
  return tableOf('iv_ranking', IV_COLUMNS, cells)
}

/** Below .02 useless, .1 weak, .3 medium, .5 strong; above, look for leakage. */
export function ivBand(iv: number): string {
  if (iv < 0.02) return 'useless'
  if (iv < 0.1) return 'weak'
  if (iv < 0.3) return 'medium'
  return iv <= 0.5 ? 'strong' : 'check_leakage'
}

/** Rows of `lr_coef`. contribution_pct = share of Σ|std_beta|, null without the spread of the columns. */
export function coefficientTable(coefficients: readonly CoefficientFacts[]): Table {
  const all = coefficients.reduce((sum, { beta, columnStd }) => sum + Math.abs(beta * (columnStd ?? Number.NaN)), 0)
  const cells = coefficients.map(({ feature, party, beta, stdErr, columnStd, vif, signOk }) => {
    const z = stdErr === undefined ? Number.NaN : beta / stdErr
    const standardised = beta * (columnStd ?? Number.NaN)
    return {
      feature,
      party,
      beta,
      std_err: stdErr ?? null,
      wald_z: z,
      p_value: twoSidedNormalTail(z),
      std_beta: standardised,
      vif: vif ?? null,
      sign_ok: signOk ?? null,
      contribution_pct: Math.abs(standardised) / all,
    }
  })
  return tableOf('lr_coef', LR_COEF_COLUMNS, cells)
}

/** Points of a bin on a scale: −factor · β · WOE. */
export function binPoints(beta: number, woe: number, scaling: Scaling): number {
  return (-scaling.pdo / Math.LN2) * beta * woe
}
