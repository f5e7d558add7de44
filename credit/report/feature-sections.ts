// Sections of the report on parties and features: partner value, stability, variables, scorecard, samples.
import { type EvaluationPack, packTables } from '../evaluation/pack.ts'
import { percent } from './axes.ts'
import type { Language } from './columns.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { vintageCurves } from './performance-sections.ts'
import { type BarPlot, barPlot, curvePlot, labelFits, type WoeBin, woePlot } from './plots.ts'
import {
  coalitionTitle,
  featureLabel,
  featureName,
  folded,
  numberOf,
  partyName,
  recordsOf,
  tableMarkup,
  textOf,
  titled,
  valuesOf,
} from './table-markup.ts'
import { setTitle, tableTitle, text } from './words.ts'

const MOST_BARS = 30
/** stable below the first, to be acted on above the second */
const STABILITY_LIMITS = [0.1, 0.25]
const MOST_WOE_PLOTS = 24

/** Colour of a party: its place in the run. */
export function partyColour(pack: EvaluationPack, party: string): number {
  return (
    1 +
    (Math.max(
      0,
      pack.run.parties.findIndex((known) => known.party === party),
    ) %
      6)
  )
}

export function partyLegend(pack: EvaluationPack, parties: readonly string[], language: Language) {
  return parties.map((party) => ({ colour: partyColour(pack, party), name: partyName(pack, party, language) }))
}

/** What decides which data contract is renewed: shares, intervals, and what each partner costs. */
export function valueSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const sets = valuesOf(tables.get('partner_lift'), 'set')
  return html`${sets.map((set, i) => {
    const content = valueOfSet(pack, set, language)
    return i === 0 ? titled(setTitle(set, language), content) : folded(setTitle(set, language), content)
  })}`
}

function valueOfSet(pack: EvaluationPack, set: string, language: Language): Markup {
  const tables = packTables(pack)
  const plots = valueBars(pack, set, language).map(barPlot)
  const columns = partnerColumns()
  const lift = (tables.get('partner_lift')?.columns ?? []).filter((column) => column !== 'set')
  return html`${tableMarkup(pack, tables.get('partner_value'), language, { columns, where: { set } })}
<div class="plots">${plots}</div>
${titled(tableTitle('partner_lift', language), tableMarkup(pack, tables.get('partner_lift'), language, { columns: lift, where: { set } }))}`
}

/** Columns of `partner_value` in the order of interest. */
export function partnerColumns(): readonly string[] {
  const shares = ['party', 'share_pct', 'share_low', 'share_high']
  const shapley = ['shapley_auc', 'shapley_low', 'shapley_high', 'shapley_ks']
  const deltas = ['delta_alone', 'delta_leave_one_out', 'delta_loo_low', 'delta_loo_high']
  return [...shares, ...shapley, ...deltas, 'bytes', 'seconds', 'auc_per_gib']
}

/** Shares of the partners, what each adds alone and at last, and every coalition. */
export function valueBars(pack: EvaluationPack, set: string, language: Language): BarPlot[] {
  const tables = packTables(pack)
  const partners = recordsOf(tables.get('partner_value'), { set })
  const coalitions = recordsOf(tables.get('partner_lift'), { set })
  const name = (record: (typeof partners)[number]): string => partyName(pack, textOf(record, 'party'), language)
  const colour = (record: (typeof partners)[number]): number => partyColour(pack, textOf(record, 'party'))
  const shares = partners.filter((record) => record['share_pct'] !== null)
  const shapley: BarPlot = {
    title: text('shapleyTitle', language),
    format: percent,
    bars: shares.map((record) => ({
      label: name(record),
      colour: colour(record),
      value: numberOf(record, 'share_pct') ?? 0,
      low: numberOf(record, 'share_low'),
      high: numberOf(record, 'share_high'),
      written: percent(numberOf(record, 'share_pct') ?? 0),
    })),
  }
  const auc = coalitions.map((record) => numberOf(record, 'auc') ?? 0)
  const lowest = Math.min(...coalitions.map((record, i) => numberOf(record, 'auc_low') ?? auc[i]!))
  const coalitionCodes = coalitions.map((record) => textOf(record, 'coalition'))
  const labels = shortCoalitions(pack, coalitionCodes, language)
  const ladder: BarPlot = {
    title: text('ladderTitle', language),
    format: (value) => value.toFixed(2),
    from: Math.max(0, lowest - 0.01),
    dots: true,
    bars: coalitions.map((record, i) => {
      const members = textOf(record, 'coalition').split('+').length
      return {
        label: labels[i]!,
        colour: members === 1 ? 0 : members === pack.run.parties.length ? 5 : 1,
        value: auc[i]!,
        low: numberOf(record, 'auc_low'),
        high: numberOf(record, 'auc_high'),
        written: auc[i]!.toFixed(4),
      }
    }),
  }
  return [...(shares.length === 0 ? [] : [shapley]), ...deltaBars(pack, partners, language), ladder]
}

/** The guest is in every coalition: only the partners are named, all by their codes when one name is too long. */
function shortCoalitions(pack: EvaluationPack, coalitions: readonly string[], language: Language): string[] {
  const guest = partyName(pack, pack.run.guest, language)
  const titles = coalitions.map((coalition) => coalitionTitle(pack, coalition, language))
  const named = titles.map((title) => (title.startsWith(`${guest} + `) ? title.slice(guest.length + 1) : title))
  if (named.every(labelFits)) return named
  return titles.map((title, i) => {
    const codes = coalitions[i]!.split('+').slice(1)
    return title.startsWith(`${guest} + `) ? codes.map((party) => `+ ${party}`).join(' ') : title
  })
}

/** For each partner what it adds to the guest alone, and what is lost without it. */
function deltaBars(pack: EvaluationPack, partners: ReturnType<typeof recordsOf>, language: Language): BarPlot[] {
  const bars = partners.flatMap((record) => {
    const kinds = [
      ['delta_alone', 'delta_alone', text('withAlone', language), 1],
      ['delta_leave_one_out', 'delta_loo', text('leaveOut', language), 2],
    ] as const
    return kinds.flatMap(([column, ends, , colour]) => {
      const value = numberOf(record, column)
      if (value === null) return []
      const label = partyName(pack, textOf(record, 'party'), language)
      const [low, high] = [numberOf(record, `${ends}_low`), numberOf(record, `${ends}_high`)]
      return [{ label, colour, value, low, high, written: value.toFixed(4) }]
    })
  })
  const legend = [
    { colour: 1, name: text('withAlone', language) },
    { colour: 2, name: text('leaveOut', language) },
  ]
  if (bars.length === 0) return []
  return [{ title: `${text('deltaTitle', language)} (AUC)`, format: (value) => value.toFixed(2), legend, bars }]
}

export function stabilitySection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const psi = tables.get('psi')
  const sets = valuesOf(psi, 'set')
  const columns = (psi?.columns ?? []).filter((column) => column !== 'set')
  const scores = sets.map((set) => {
    const total = numberOf(recordsOf(psi, { set })[0], 'total') ?? 0
    const title = `${tableTitle('psi', language)} · ${setTitle(set, language)} · ${total.toFixed(4)}`
    return folded(title, tableMarkup(pack, psi, language, { columns, where: { set } }))
  })
  const months = tables.get('oot_monthly')
  const csi = tables.get('csi')
  const latest = ['recent', 'oot', 'holdout'].find((set) => valuesOf(csi, 'set').includes(set))
  const bars = [
    ...scoreStabilityBars(pack, language),
    ...(latest === undefined ? [] : [columnStabilityBars(pack, latest, recordsOf(csi, { set: latest }), language)]),
  ]
  return html`<div class="plots">${vintageCurves(pack, language).map(curvePlot)}${bars.map(barPlot)}</div>
${scores}
${folded(tableTitle('oot_monthly', language), tableMarkup(pack, months, language))}
${folded(tableTitle('csi', language), tableMarkup(pack, csi, language))}`
}

/** Of the score on each later set; nothing where there is none. */
export function scoreStabilityBars(pack: EvaluationPack, language: Language): BarPlot[] {
  const psi = packTables(pack).get('psi')
  const sets = valuesOf(psi, 'set')
  if (sets.length === 0) return []
  const bars = sets.map((set) => {
    const value = numberOf(recordsOf(psi, { set })[0], 'total') ?? 0
    return { label: setTitle(set, language), colour: stabilityColour(value), value, written: value.toFixed(4) }
  })
  return [{ title: tableTitle('psi', language), format: (value) => value.toFixed(2), bars, limits: STABILITY_LIMITS }]
}

const stabilityColour = (value: number): number => (value < 0.1 ? 3 : value <= 0.25 ? 2 : 5)

/**
 * The least stable features first: the party is named, so that a fault at one party is seen as its own.
 * @param records of `csi` on this set, at least one for each column
 */
export function columnStabilityBars(
  pack: EvaluationPack,
  set: string,
  records: ReturnType<typeof recordsOf>,
  language: Language,
): BarPlot {
  const features = new Map(records.map((record) => [`${textOf(record, 'party')} ${textOf(record, 'feature')}`, record]))
  const bars = [...features.values()]
    .map((record) => ({ record, value: numberOf(record, 'csi') ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 20)
    .map(({ record, value }) => ({
      label: featureLabel(pack, textOf(record, 'party'), textOf(record, 'feature'), language),
      colour: stabilityColour(value),
      value,
      written: value.toFixed(3),
    }))
  const title = `${text('stabilityTitle', language)} · ${setTitle(set, language)}`
  return { title, format: (value) => value.toFixed(2), bars, limits: STABILITY_LIMITS }
}

export function variableSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  return html`<div class="plots">${informationBars(pack, language).map(barPlot)}</div>
${folded(tableTitle('iv_ranking', language), tableMarkup(pack, tables.get('iv_ranking'), language))}
${titled(tableTitle('selection_log', language), tableMarkup(pack, tables.get('selection_log'), language))}
${folded(tableTitle('vif', language), tableMarkup(pack, tables.get('vif'), language))}
${folded(tableTitle('corr_matrix', language), tableMarkup(pack, tables.get('corr_matrix'), language))}
${titled(text('woeTitle', language), woePlots(pack, language))}
${folded(tableTitle('woe_table', language), tableMarkup(pack, tables.get('woe_table'), language))}`
}

/** Information values of the first columns, and their sums by party; nothing without columns. */
export function informationBars(pack: EvaluationPack, language: Language): BarPlot[] {
  const ranking = recordsOf(packTables(pack).get('iv_ranking'))
  const parties = valuesOf(packTables(pack).get('iv_ranking'), 'party')
  if (ranking.length === 0) return []
  const iv: BarPlot = {
    title: text('ivTitle', language),
    format: (value) => value.toFixed(2),
    legend: partyLegend(pack, parties, language),
    limits: [0.02],
    bars: ranking.slice(0, MOST_BARS).map((record) => ({
      label: labelOf(pack, record, language),
      colour: partyColour(pack, textOf(record, 'party')),
      value: numberOf(record, 'iv') ?? 0,
      written: (numberOf(record, 'iv') ?? 0).toFixed(3),
    })),
  }
  const byParty = parties.map((party) => ({
    party,
    value: ranking.reduce((sum, of) => sum + (of['party'] === party ? (numberOf(of, 'iv') ?? 0) : 0), 0),
  }))
  const sums: BarPlot = {
    title: text('ivByPartyTitle', language),
    format: (value) => value.toFixed(1),
    bars: byParty
      .sort((a, b) => b.value - a.value)
      .map(({ party, value }) => ({
        label: partyName(pack, party, language),
        colour: partyColour(pack, party),
        value,
        written: value.toFixed(3),
      })),
  }
  return [iv, sums]
}

/** The party is told by the colour of the bar. */
function labelOf(pack: EvaluationPack, record: Parameters<typeof textOf>[0], language: Language): string {
  const feature = textOf(record, 'feature')
  return `${feature} ${featureName(pack, textOf(record, 'party'), feature, language)}`.trimEnd()
}

/** The bins of one column with their rates on each set. @param records of `woe_table`, of this column */
export function woeBins(records: ReturnType<typeof recordsOf>, sets: readonly string[]): WoeBin[] {
  const bySet = sets.map((set) => records.filter((record) => record['set'] === set))
  return (bySet[0] ?? []).map((bin, i) => ({
    number: textOf(bin, 'bin_no'),
    label: textOf(bin, 'bin_label'),
    woe: numberOf(bin, 'woe') ?? 0,
    special: bin['special_flag'] === true,
    rates: bySet.map((of) => numberOf(of[i], 'bad_rate')),
  }))
}

function woePlots(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const woe = tables.get('woe_table')
  const sets = valuesOf(woe, 'set').filter((set) => set === 'train' || set === 'oot')
  const plots = recordsOf(tables.get('iv_ranking'))
    .slice(0, MOST_WOE_PLOTS)
    .map((record) => {
      const { party, feature } = record
      const bins = woeBins(recordsOf(woe, { party: party ?? '', feature: feature ?? '' }), sets)
      const title = `${featureLabel(pack, String(party), String(feature), language)} · IV ${(numberOf(record, 'iv') ?? 0).toFixed(3)}`
      return bins.length === 0
        ? NOTHING
        : woePlot(
            title,
            bins,
            sets.map((set) => (set === 'train' ? 1 : 3)),
          )
    })
  if (plots.length === 0) return NOTHING
  const note =
    language === 'zh'
      ? '柱：WOE（红 = 风险高于平均，蓝 = 低于平均，灰 = 特殊箱）；线：坏账率（蓝 = 训练，绿 = 跨时间）。横轴为箱号，数据提供方的切分点只在其本地。'
      : "Bars: WOE (red riskier than average, blue safer, grey special bins); lines: bad rate (blue train, green out-of-time). Bins by number: a partner's cut points stay with the partner."
  return html`<p class="note">${note}</p><div class="plots small">${plots}</div>`
}

export function cardSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const scaling = pack.scaling
  const scale =
    scaling === null
      ? NOTHING
      : html`<p>${
          language === 'zh'
            ? `好坏比 ${scaling.baseOdds}:1 时 ${scaling.baseScore} 分，每 ${scaling.pdo} 分好坏比翻倍，范围 ${scaling.low}–${scaling.high}。`
            : `${scaling.baseScore} points at ${scaling.baseOdds} good to 1 bad; ${scaling.pdo} points double the odds; from ${scaling.low} to ${scaling.high}.`
        }</p>`
  const content = [
    titled(tableTitle('lr_coef', language), tableMarkup(pack, tables.get('lr_coef'), language)),
    titled(tableTitle('scorecard', language), tableMarkup(pack, tables.get('scorecard'), language)),
  ]
  return content.every(({ html: of }) => of === '') ? NOTHING : html`${scale}${content}`
}

export function sampleSection(pack: EvaluationPack, language: Language): Markup {
  const names = [
    'sample_waterfall',
    'sample_distribution',
    'vintage',
    'roll_rate',
    'psi_report',
    'feature_profile',
    'training_rounds',
  ]
  const tables = packTables(pack)
  return html`${names.map((name) => titled(tableTitle(name, language), tableMarkup(pack, tables.get(name), language)))}`
}
