// The guest's decision which columns enter the model, in two steps: by what the bins of each column say, then by how the
// columns that are left hang together. Pure; the rules themselves are in credit/selection.
import { featureStability } from '#credit/evaluation/features.ts'
import { type Table, tableOf } from '#credit/evaluation/pack.ts'
import { correlationOf, linearFit, type MomentMatrix } from '#credit/selection/moment-fit.ts'
import {
  type Candidate,
  screenCandidates,
  SELECTION_LIMITS,
  type SelectionEntry,
  type SelectionLimits,
  selectionTable,
  vifTable,
} from '#credit/selection/screening.ts'
import { afterFit, beginStepwise, columnsToFit } from '#credit/selection/stepwise.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { Moments } from '#protocols/vertical-lr/moments.ts'
import type { BinnedFeature, StoredProfiles } from './stored.ts'

type Select = NonNullable<JobSpec['select']>

export interface Screened {
  /** by party in job order, guest first: a flag for each column */
  readonly candidates: readonly (readonly boolean[])[]
  readonly byParty: readonly (readonly BinnedFeature[])[]
  readonly log: readonly SelectionEntry[]
}

export interface Choice {
  /** by party: a flag for each candidate */
  readonly chosen: readonly (readonly boolean[])[]
  /** by party */
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly tables: readonly Table[]
}

/** Names and expected signs of columns as their owners tell them, where the job has profiles. */
export function withProfiles(
  features: readonly BinnedFeature[],
  profiles: StoredProfiles | undefined,
): readonly BinnedFeature[] {
  return features.map((feature) => {
    const told = profiles?.parties[feature.party]?.find(({ alias }) => alias === feature.feature)
    if (told === undefined) return feature
    const name = feature.name ?? (told.zh || told.en)
    const nameEn = feature.nameEn ?? told.en
    const titles = { ...(name === '' ? {} : { name }), ...(nameEn === '' ? {} : { nameEn }) }
    return { expectedSign: told.sign, ...feature, ...titles }
  })
}

/** What binning says of a column decides whether it is looked at more closely. Every party keeps its best column. */
export function screenByBins(byParty: readonly (readonly BinnedFeature[])[], select: Select, most: number): Screened {
  const features = byParty.flat()
  const candidates = features.map((feature) => candidateOf(feature, select))
  const { kept, log } = screenCandidates(candidates, null, limitsOf(select))
  const limit = Math.min(most, select.maximumColumns)
  const entries: SelectionEntry[] = log.filter((entry) => !entry.kept)
  for (const i of kept.slice(limit))
    entries.push(
      entryOf(
        features[i] as BinnedFeature,
        'columns',
        limit,
        `超出 ${limit} 列的上限`,
        `more than ${limit} columns have a higher IV`,
      ),
    )
  const wanted = new Set([...kept.slice(0, limit), ...forced(features, select)])
  for (const [i, feature] of bestOfEach(byParty, features, wanted, candidates)) {
    wanted.add(i)
    entries.push(lastOf(feature))
  }
  return { candidates: flagsByParty(byParty, features, wanted), byParty, log: entries }
}

/** @param rows training rows that count */
export function chooseByMoments(screened: Screened, { widths, matrix }: Moments, select: Select, rows: number): Choice {
  const byParty = screened.byParty.map((some, party) => some.filter((_, j) => screened.candidates[party]?.[j] === true))
  const features = byParty.flat()
  const moments: MomentMatrix = {
    matrix,
    size: features.length + 1,
    intercept: widths[0] ?? 0,
    rows,
  }
  const correlation = correlationOf(moments)
  const candidates = features.map((feature) => candidateOf(feature, select))
  const screening = screenCandidates(candidates, correlation, limitsOf(select))
  const entries = [...screened.log, ...screening.log]
  const stepwise = stepwiseOf(features, screening.kept, moments, select)
  entries.push(...stepwise.log)
  const wanted = new Set([...stepwise.kept, ...forced(features, select)])
  for (const [i, feature] of bestOfEach(byParty, features, wanted, candidates)) {
    wanted.add(i)
    entries.push(lastOf(feature))
  }
  const chosen = flagsByParty(byParty, features, wanted)
  return {
    chosen,
    names: Object.fromEntries(
      byParty.map((some, party) => [
        some[0]?.party ?? '',
        some.filter((_, j) => chosen[party]?.[j] === true).map(({ feature }) => feature),
      ]),
    ),
    tables: [
      selectionTable(entries.map((entry, i) => ({ ...entry, step: i + 1 }))),
      vifTable(candidates, screening.vif),
      correlationTable(features, correlation),
    ],
  }
}

function candidateOf(feature: BinnedFeature, { drop }: Select): Candidate {
  const { party, feature: name, iv, missingPct, expectedSign, observedSign, bins } = feature
  const train = bins.reduce((sum, { counts }) => sum + (counts['train']?.n ?? 0), 0)
  const largest = Math.max(0, ...bins.map(({ counts }) => counts['train']?.n ?? 0))
  const late = featureStability(feature, 'train', 'oot')
  const stability = Number.isNaN(late) ? featureStability(feature, 'train', 'holdout') : late
  return {
    party,
    feature: name,
    iv,
    allowed: !drop.includes(name),
    ...(missingPct === undefined ? {} : { missingShare: missingPct }),
    identicalShare: train === 0 ? 1 : largest / train,
    stability,
    ...(expectedSign === undefined ? {} : { expectedSign, observedSign }),
  }
}

function limitsOf(select: Select): SelectionLimits {
  return {
    ...SELECTION_LIMITS,
    iv: select.minimumIv,
    missingShare: select.maximumMissing,
    stability: select.maximumStability,
    correlation: select.maximumCorrelation,
    vif: select.maximumVif,
    pValue: select.pValue,
  }
}

/** Stepwise over the columns that passed, on the linear probability model that moments and bins make up. */
function stepwiseOf(
  features: readonly BinnedFeature[],
  kept: readonly number[],
  moments: MomentMatrix,
  { stepwise, pValue, maximumVif }: Select,
): { readonly kept: readonly number[]; readonly log: readonly SelectionEntry[] } {
  if (stepwise === 'none' || kept.length === 0) return { kept, log: [] }
  const place = (i: number) => (i < moments.intercept ? i : i + 1)
  const withLabel = labelMoments(features, moments)
  const badRate = withLabel[moments.intercept] ?? 0
  const nullAic = moments.rows * Math.log(badRate * (1 - badRate)) + 2
  const candidates = kept.map((i) => {
    const { party, feature, iv } = features[i] as BinnedFeature
    return { party, feature, iv, requiredSign: 1 as const }
  })
  let state = beginStepwise(candidates, nullAic, { enter: pValue, leave: 2 * pValue, vif: maximumVif, steps: 200 })
  for (let columns = columnsToFit(state); columns !== null; columns = columnsToFit(state)) {
    const places = columns.map((candidate) => place(kept[candidate] as number))
    state = afterFit(state, linearFit(moments, withLabel, places))
  }
  return { kept: state.inside.map((candidate) => kept[candidate] as number), log: state.log }
}

/** Mean of label · column over the training rows, from the counts of the bins; at the intercept the bad rate. */
function labelMoments(features: readonly BinnedFeature[], { intercept, rows }: MomentMatrix): number[] {
  const means = features.map(({ bins }) =>
    bins.reduce((sum, { woe, counts }) => sum + (woe * (counts['train']?.bad ?? 0)) / rows, 0),
  )
  const bad = features[0]?.bins.reduce((sum, { counts }) => sum + (counts['train']?.bad ?? 0), 0) ?? 0
  return [...means.slice(0, intercept), bad / rows, ...means.slice(intercept)]
}

function forced(features: readonly BinnedFeature[], { keep }: Select): number[] {
  return features.flatMap(({ feature }, i) => (keep.includes(feature) ? [i] : []))
}

/** Of each party that has none left, its column of the highest IV: a party without a column has no part in a model. */
function bestOfEach(
  byParty: readonly (readonly BinnedFeature[])[],
  features: readonly BinnedFeature[],
  wanted: ReadonlySet<number>,
  candidates: readonly Candidate[],
): [number, BinnedFeature][] {
  return byParty.flatMap((some): [number, BinnedFeature][] => {
    const own = some.map((feature) => features.indexOf(feature))
    if (own.some((i) => wanted.has(i))) return []
    const allowed = own.filter((i) => candidates[i]?.allowed !== false)
    const best = (allowed.length > 0 ? allowed : own).toSorted(
      (a, b) => (features[b]?.iv ?? 0) - (features[a]?.iv ?? 0),
    )[0]
    return best === undefined ? [] : [[best, features[best] as BinnedFeature]]
  })
}

function lastOf(feature: BinnedFeature): SelectionEntry {
  return entryOf(
    feature,
    'kept',
    null,
    '该方仅剩的一列，保留以便参与建模',
    'the only way for its party to stay in the model',
    true,
  )
}

function entryOf(
  { party, feature, iv }: BinnedFeature,
  rule: SelectionEntry['rule'],
  threshold: number | null,
  reasonZh: string,
  reasonEn: string,
  kept = false,
): SelectionEntry {
  return { step: 0, party, feature, rule, value: iv, threshold, kept, reasonZh, reasonEn }
}

function flagsByParty(
  byParty: readonly (readonly BinnedFeature[])[],
  features: readonly BinnedFeature[],
  wanted: ReadonlySet<number>,
): boolean[][] {
  return byParty.map((some) => some.map((feature) => wanted.has(features.indexOf(feature))))
}

function correlationTable(features: readonly BinnedFeature[], correlation: Float64Array): Table {
  const names = features.map(({ party, feature }) => `${party}:${feature}`)
  return tableOf(
    'corr_matrix',
    ['feature', ...names],
    names.map((name, a) => ({
      feature: name,
      ...Object.fromEntries(names.map((other, b) => [other, correlation[a * names.length + b] ?? null])),
    })),
  )
}
