// The page that decides which data contract is renewed: `partner_lift` by coalition and `partner_value` by partner.
import { PlatformError } from '#runtime/errors.ts'
import { aucOf, ksOf } from '../evaluation/discrimination.ts'
import type { CoalitionFacts, EvaluationRows, PartnerCost, Table } from '../evaluation/pack.ts'
import { tableOf } from '../evaluation/pack.ts'
import { badAmongRiskiest, type Ranking, rankRows } from '../evaluation/ranking.ts'
import { percentileInterval } from '../evaluation/resampling.ts'
import { type SetRows, setsOf } from '../evaluation/rows.ts'
import { captureAt } from '../evaluation/summary.ts'
import { allCoalitions, coalitionKey, leaveOneOut, shapleyValues, sharesOf } from './coalitions.ts'
import { commonResamples, type ModelResamples } from './resamples.ts'

export const PARTNER_LIFT_COLUMNS = [
  'coalition',
  'auc',
  'ks',
  'delta_vs_bank_only',
  'delta_leave_one_out',
  'shapley_auc',
  'capture_at_10',
  'bad_rate_at_80_approval',
  'extra_approvals_at_equal_bad_rate',
  'extra_approval_pct',
  'auc_low',
  'auc_high',
  'ks_low',
  'ks_high',
  'delta_low',
  'delta_high',
  'n',
  'bad',
  'set',
] as const
export const PARTNER_VALUE_COLUMNS = [
  'party',
  'shapley_auc',
  'shapley_low',
  'shapley_high',
  'share_pct',
  'share_low',
  'share_high',
  'shapley_ks',
  'shapley_ks_low',
  'shapley_ks_high',
  'delta_alone',
  'delta_alone_low',
  'delta_alone_high',
  'delta_leave_one_out',
  'delta_loo_low',
  'delta_loo_high',
  'bytes',
  'seconds',
  'auc_per_gib',
  'set',
] as const

/** One coalition on the rows that all coalitions scored. */
interface Model {
  readonly partners: readonly string[]
  readonly ranking: Ranking
  readonly auc: number
  readonly ks: number
  readonly resamples: ModelResamples
}

/** How a table names a coalition: `BANK`, `BANK+TAX`. */
export function coalitionName(guest: string, partners: readonly string[]): string {
  return [guest, ...[...partners].sort()].join('+')
}

/**
 * @param coalitions the guest alone, and with every set of partners that was trained; the final model is one of them
 * @param set name of the set whose labelled rows are compared, only rows that every coalition scored
 * @returns no tables when fewer than two coalitions scored rows of the set, or when one class is empty
 */
export function partnerTables(
  guest: string,
  rows: EvaluationRows,
  coalitions: readonly CoalitionFacts[],
  costs: readonly PartnerCost[],
  set: string,
): Table[] {
  const models = new Map(modelsOf(rows, coalitions, set).map((model) => [coalitionKey(model.partners), model]))
  if (models.size < 2) return []
  const partners = [...new Set(coalitions.flatMap((coalition) => coalition.partners))].sort()
  return [liftTable(guest, partners, models, set), valueTable(partners, models, costs, set)]
}

function modelsOf(rows: EvaluationRows, coalitions: readonly CoalitionFacts[], set: string): Model[] {
  const keys = coalitions.map((coalition) => coalitionKey(coalition.partners))
  if (new Set(keys).size !== keys.length) throw new PlatformError('evaluation.invalid', { what: 'a coalition twice' })
  const scored = coalitions.flatMap((coalition) => {
    const [found] = setsOf(rows, coalition.scores, set)
    return found === undefined ? [] : [{ partners: coalition.partners, found }]
  })
  const times = new Uint16Array(rows.scores.length)
  for (const { found } of scored) for (const row of found.ranking.rows) times[row]!++
  const rankings = scored.map(({ found }) => rankCommon(found, (row) => times[row] === scored.length))
  const first = rankings[0]
  if (first === undefined || first.bad === 0 || first.good === 0) return []
  const resampled = commonResamples(rankings)
  return scored.map(({ partners }, m) => ({
    partners,
    ranking: rankings[m]!,
    auc: aucOf(rankings[m]!),
    ks: ksOf(rankings[m]!).value,
    resamples: resampled[m]!,
  }))
}

/** The labelled rows that all coalitions scored, numbered 0 … n−1 in the order of the facts. */
function rankCommon(found: SetRows, common: (row: number) => boolean): Ranking {
  const kept = Uint32Array.from(found.rows.keys()).filter((i) => found.labels[i]! >= 0 && common(found.rows[i]!))
  return rankRows(
    Float64Array.from(kept, (i) => found.logOdds[i]!),
    Int8Array.from(kept, (i) => found.labels[i]!),
  )
}

type Resampled = (measure: 'auc' | 'ks', r: number) => Map<string, number>

function resampledValues(models: ReadonlyMap<string, Model>): Resampled {
  return (measure, r) => new Map([...models].map(([key, model]) => [key, model.resamples[measure][r]!]))
}

function liftTable(guest: string, partners: readonly string[], models: ReadonlyMap<string, Model>, set: string): Table {
  const bank = models.get('')
  const values = new Map([...models].map(([key, model]) => [key, model.auc]))
  const shapley = hasAll(partners, models) ? shapleyValues(partners, values) : null
  const cells = [...models.values()]
    .sort((a, b) => a.partners.length - b.partners.length || a.auc - b.auc)
    .map((model) => {
      const [auc, ks] = [model.resamples.auc, model.resamples.ks].map((v) => percentileInterval([...v]))
      const delta = bank === undefined ? [] : [...model.resamples.auc].map((v, r) => v - bank.resamples.auc[r]!)
      const [deltaLow, deltaHigh] = percentileInterval(delta)
      // A partner's own figures stand in the line of the guest with this partner alone.
      const partner = model.partners.length === 1 ? model.partners[0]! : undefined
      const extra = bank === undefined ? Number.NaN : extraApprovals(model.ranking, bank.ranking)
      return {
        coalition: coalitionName(guest, model.partners),
        auc: model.auc,
        ks: model.ks,
        delta_vs_bank_only: bank === undefined ? null : model.auc - bank.auc,
        delta_leave_one_out: partner === undefined ? null : leaveOneOutOrNull(partners, partner, values),
        shapley_auc: partner === undefined ? null : (shapley?.get(partner) ?? null),
        capture_at_10: captureAt(model.ranking, 0.1),
        bad_rate_at_80_approval: badRateOfSafest(model.ranking, 0.8 * model.ranking.labels.length),
        extra_approvals_at_equal_bad_rate: extra,
        extra_approval_pct: extra / model.ranking.labels.length,
        auc_low: auc![0],
        auc_high: auc![1],
        ks_low: ks![0],
        ks_high: ks![1],
        delta_low: deltaLow,
        delta_high: deltaHigh,
        n: model.ranking.labels.length,
        bad: model.ranking.bad,
        set,
      }
    })
  return tableOf('partner_lift', PARTNER_LIFT_COLUMNS, cells)
}

function valueTable(
  partners: readonly string[],
  models: ReadonlyMap<string, Model>,
  costs: readonly PartnerCost[],
  set: string,
): Table {
  const point = (measure: 'auc' | 'ks') => new Map([...models].map(([key, model]) => [key, model[measure]]))
  const values = point('auc')
  const complete = hasAll(partners, models)
  const draws = [...models.values()][0]!.resamples.auc.length
  const resampled = resampledValues(models)
  const aucDraws = Array.from({ length: draws }, (_, r) => resampled('auc', r))
  const shapley = complete ? shapleyValues(partners, values) : null
  const shapleyKs = complete ? shapleyValues(partners, point('ks')) : null
  const shapleyDraws = complete ? aucDraws.map((drawn) => shapleyValues(partners, drawn)) : []
  const ksDraws = complete ? aucDraws.map((_, r) => shapleyValues(partners, resampled('ks', r))) : []
  const shares = shapley === null ? null : sharesOf(shapley)
  const shareDraws = shapleyDraws.map(sharesOf)
  const interval = (draw: readonly ReadonlyMap<string, number | null>[], partner: string) =>
    percentileInterval(draw.map((drawn) => drawn.get(partner) ?? Number.NaN))
  const cells = partners.map((partner) => {
    const alone = (of: ReadonlyMap<string, number>): number => (of.get(partner) ?? NaN) - (of.get('') ?? NaN)
    const loo = (of: ReadonlyMap<string, number>): number => leaveOneOutOrNull(partners, partner, of) ?? Number.NaN
    const cost = costs.find(({ party }) => party === partner)
    const [shapleyLow, shapleyHigh] = interval(shapleyDraws, partner)
    const [shareLow, shareHigh] = interval(shareDraws, partner)
    const [ksLow, ksHigh] = interval(ksDraws, partner)
    const [aloneLow, aloneHigh] = percentileInterval(aucDraws.map(alone))
    const [looLow, looHigh] = percentileInterval(aucDraws.map(loo))
    const worth = shapley?.get(partner) ?? null
    return {
      party: partner,
      shapley_auc: worth,
      shapley_low: shapleyLow,
      shapley_high: shapleyHigh,
      share_pct: shares?.get(partner) ?? null,
      share_low: shareLow,
      share_high: shareHigh,
      shapley_ks: shapleyKs?.get(partner) ?? null,
      shapley_ks_low: ksLow,
      shapley_ks_high: ksHigh,
      delta_alone: alone(values),
      delta_alone_low: aloneLow,
      delta_alone_high: aloneHigh,
      delta_leave_one_out: loo(values),
      delta_loo_low: looLow,
      delta_loo_high: looHigh,
      bytes: cost?.bytes ?? null,
      seconds: cost?.seconds ?? null,
      auc_per_gib: worth === null || cost === undefined ? null : worth / (cost.bytes / 2 ** 30),
      set,
    }
  })
  const rank = (cell: (typeof cells)[number]): number => cell.shapley_auc ?? cell.delta_leave_one_out
  return tableOf(
    'partner_value',
    PARTNER_VALUE_COLUMNS,
    cells.sort((a, b) => rank(b) - rank(a)),
  )
}

function hasAll(partners: readonly string[], models: ReadonlyMap<string, Model>): boolean {
  return allCoalitions(partners).every((coalition) => models.has(coalitionKey(coalition)))
}

function leaveOneOutOrNull(
  partners: readonly string[],
  partner: string,
  values: ReadonlyMap<string, number>,
): number | null {
  const without = coalitionKey(partners.filter((other) => other !== partner))
  return values.has(coalitionKey(partners)) && values.has(without) ? leaveOneOut(partners, partner, values) : null
}

/** Bad rate among the safest `count` rows. */
function badRateOfSafest(ranking: Ranking, count: number): number {
  return (ranking.bad - badAmongRiskiest(ranking, ranking.labels.length - count)) / count
}

/** Approved rows beyond 80 % at the bad rate that the guest alone has when it approves the safest 80 %. */
function extraApprovals(ranking: Ranking, bank: Ranking): number {
  if (ranking === bank) return 0
  const n = ranking.labels.length
  const allowed = badRateOfSafest(bank, 0.8 * n)
  let approved = n
  let bad = ranking.bad
  // From everybody down to the safest: the first cut whose bad rate is low enough approves the most.
  for (let i = 0; i < n && bad > allowed * approved; i++) {
    approved--
    bad -= ranking.labels[i]!
  }
  return approved - Math.round(0.8 * n)
}
