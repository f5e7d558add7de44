// Sections of the report on the whole score: at a glance, discrimination, bands, calibration, stability, segments.
import { type Cell, type EvaluationPack, packTables, type SetSeries, type Table } from '../evaluation/pack.ts'
import { type Axis, percent, plain } from './axes.ts'
import type { Language } from './columns.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { type Curve, type CurvePlot, curvePlot, type Histogram, histogramPlot } from './plots.ts'
import { folded, numberOf, passMark, recordsOf, tableMarkup, textOf, titled, valuesOf } from './table-markup.ts'
import { setTitle, tableTitle, text } from './words.ts'

const SET_COLOURS: Readonly<Record<string, number>> = { train: 1, holdout: 2, oot: 3, recent: 4 }
export const colourOf = (set: string): number => SET_COLOURS[set] ?? 6

const share = (title: string): Axis => ({ from: 0, to: 1, title, format: percent })

/** The set that a reader trusts most: the latest with labels. */
export function verdictSet(pack: EvaluationPack): string {
  const sets = pack.series.map(({ set }) => set)
  return ['oot', 'holdout', 'train'].find((set) => sets.includes(set)) ?? sets[0] ?? 'train'
}

/** Lines of `summary` of the final model. */
function finalSummary(pack: EvaluationPack, set: string): Readonly<Record<string, Cell>> | undefined {
  return recordsOf(packTables(pack).get('summary'), { set })[0] // the final model's lines come first
}

export function overviewSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const sets = pack.series.map(({ set }) => set).filter((set) => set !== 'train')
  const tiles = (sets.length === 0 ? ['train'] : sets).flatMap((set) => {
    const of = finalSummary(pack, set)
    const name = setTitle(set, language)
    return [
      tile(`AUC · ${name}`, fixed(numberOf(of, 'auc'), 4), range(of, 'auc')),
      tile(`KS · ${name}`, fixed(numberOf(of, 'ks'), 4), range(of, 'ks')),
    ]
  })
  const verdict = finalSummary(pack, verdictSet(pack))
  const where = setTitle(verdictSet(pack), language)
  const checks = recordsOf(tables.get('acceptance')).filter(({ pass }) => pass !== null)
  const passed = checks.filter(({ pass }) => pass === true).length
  const capture = numberOf(verdict, 'capture_top10')
  const added = recordsOf(tables.get('partner_value'), { set: valuesOf(tables.get('partner_value'), 'set')[0] ?? '' })
  const total = added.reduce<number>((sum, record) => sum + (numberOf(record, 'shapley_auc') ?? Number.NaN), 0)
  const more = [
    tile(`${text('calibration', language)} · ${where}`, fixed(numberOf(verdict, 'calibration_ratio'), 3), ''),
    tile(
      language === 'zh' ? `前 10% 捕获 · ${where}` : `capture top 10 % · ${where}`,
      capture === null ? '–' : percent(capture),
      '',
    ),
    added.length === 0 || Number.isNaN(total)
      ? NOTHING
      : tile(text('addedByPartners', language), `+${total.toFixed(4)}`, ''),
  ]
  const verdictTile = html`<div class="tile ${passed === checks.length ? 'pass' : 'fail'}"><div class="name">${tableTitle('acceptance', language)}</div><div class="figure">${`${passed} / ${checks.length}`}</div><div class="range">${text('checksPassed', language)}</div></div>`
  return html`<div class="tiles">${checks.length === 0 ? NOTHING : verdictTile}${tiles}${more}</div>
${tableMarkup(pack, tables.get('acceptance'), language)}
${titled(tableTitle('summary', language), summaryMarkup(pack, tables.get('summary'), language))}`
}

function summaryMarkup(pack: EvaluationPack, summary: Table | undefined, language: Language): Markup {
  const first = recordsOf(summary)[0]
  const key = ['set', 'n', 'bad', 'bad_rate', 'auc', 'gini', 'ks', 'ks_at_score']
  const rest = [
    'lift_top5',
    'lift_top10',
    'capture_top10',
    'capture_top20',
    'capture_top30',
    'brier',
    'log_loss',
    'ece',
  ]
  const columns = [...key, ...rest, 'hosmer_lemeshow_p', 'calibration_ratio']
  const coalition = first?.['coalition'] ?? ''
  const whole = tableMarkup(pack, summary, language, { columns: ['coalition', ...columns] })
  const more = valuesOf(summary, 'coalition').length > 1 ? folded(text('wholeTable', language), whole) : NOTHING
  return html`${tableMarkup(pack, summary, language, { columns, where: { coalition } })}${more}`
}

export function tile(name: string, figure: string, below: string): Markup {
  return html`<div class="tile"><div class="name">${name}</div><div class="figure">${figure}</div><div class="range">${below}</div></div>`
}

export function fixed(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}

export function range(record: Readonly<Record<string, Cell>> | undefined, column: string): string {
  const [low, high] = [numberOf(record, `${column}_low`), numberOf(record, `${column}_high`)]
  return low === null || high === null ? '' : `95 %: ${low.toFixed(4)} – ${high.toFixed(4)}`
}

export function discriminationSection(pack: EvaluationPack, language: Language): Markup {
  return html`<div class="plots">${discriminationCurves(pack, language).map(curvePlot)}</div>`
}

/** ROC, KS of the set that is trusted most, capture and lift. */
export function discriminationCurves(pack: EvaluationPack, language: Language): CurvePlot[] {
  const t = (name: Parameters<typeof text>[0]): string => text(name, language)
  const curves = (pick: (series: SetSeries) => SetSeries['roc']): Curve[] =>
    pack.series.map((series) => {
      return { name: setTitle(series.set, language), colour: colourOf(series.set), points: pick(series) }
    })
  const diagonal = {
    name: t('random'),
    colour: 0,
    dashed: true,
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  }
  const cap = pack.series.find(({ set }) => set === verdictSet(pack))
  const badRate = numberOf(finalSummary(pack, verdictSet(pack)), 'bad_rate') ?? 1
  const perfect = {
    name: t('perfect'),
    colour: 0,
    points: [
      { x: 0, y: 0 },
      { x: badRate, y: 1 },
      { x: 1, y: 1 },
    ],
  }
  const most = Math.max(1.2, ...pack.series.flatMap(({ lift }) => lift.map(({ y }) => y)))
  const liftAxis: Axis = { from: 0, to: most * 1.05, title: t('liftTitle'), format: plain }
  return [
    {
      title: t('rocTitle'),
      x: share(t('falsePositive')),
      y: share(t('truePositive')),
      curves: [...curves(({ roc }) => roc), diagonal],
    },
    ...(cap === undefined ? [] : [ksCurves(cap, language)]),
    {
      title: t('capTitle'),
      x: share(t('shareOfRows')),
      y: share(t('cumulative')),
      curves: [...curves(({ badShare }) => badShare), perfect, diagonal],
    },
    { title: t('liftTitle'), x: share(t('shareOfRows')), y: liftAxis, curves: curves(({ lift }) => lift) },
  ]
}

function ksCurves(series: SetSeries, language: Language): CurvePlot {
  const at = series.ksAt
  const score = at === null ? '' : Number.isInteger(at.score) ? String(at.score) : at.score.toFixed(3)
  return {
    title: `${text('ksTitle', language)} · ${setTitle(series.set, language)}`,
    x: share(text('shareOfRows', language)),
    y: share(text('cumulative', language)),
    curves: [
      { name: text('badRows', language), colour: 5, points: series.badShare },
      { name: text('good', language), colour: 1, points: series.goodShare },
    ],
    ...(at === null
      ? {}
      : {
          gap: {
            x: at.x,
            from: at.good,
            to: at.bad,
            label: `KS ${Math.abs(at.bad - at.good).toFixed(4)} @ ${score}`,
          },
        }),
  }
}

/** Scores of the good and the bad of one set. */
export function scoreHistogram(pack: EvaluationPack, { set, histogram }: SetSeries, language: Language): Histogram {
  const title = `${text('histogramTitle', language)} · ${setTitle(set, language)}`
  const unit = text(pack.scoreUnit === 'points' ? 'score' : 'logOdds', language)
  const x: Axis = { from: histogram[0]!.from, to: histogram.at(-1)!.to, title: unit, format: plain }
  const names = [text('good', language), text('badRows', language)] as const
  return { title, x, yTitle: text('shareOfClass', language), names, bars: histogram }
}

export function bandSection(pack: EvaluationPack, language: Language): Markup {
  const table = packTables(pack).get('score_band')
  const sets = valuesOf(table, 'set').filter((set) => pack.series.some((series) => series.set === set))
  const columns = (table?.columns ?? []).filter((column) => column !== 'set')
  const tables = sets.map((set) => {
    const content = tableMarkup(pack, table, language, { columns, where: { set } })
    return set === verdictSet(pack)
      ? titled(setTitle(set, language), content)
      : folded(setTitle(set, language), content)
  })
  const histograms = pack.series.map((series) => histogramPlot(scoreHistogram(pack, series, language)))
  return sets.length === 0
    ? NOTHING
    : html`<div class="plots">${curvePlot(bandCurves(pack, sets, language))}${histograms}</div>${tables}`
}

/** Bad rate by band of these sets, and what was expected on the set that is trusted most. */
export function bandCurves(pack: EvaluationPack, sets: readonly string[], language: Language): CurvePlot {
  const table = packTables(pack).get('score_band')
  const line = (set: string, column: string): { x: number; y: number }[] =>
    recordsOf(table, { set }).flatMap((record) => {
      const y = numberOf(record, column)
      return y === null ? [] : [{ x: Number(record['band']), y }]
    })
  const curves: Curve[] = sets.map((set) => ({
    name: setTitle(set, language),
    colour: colourOf(set),
    points: line(set, 'bad_rate'),
    marks: line(set, 'bad_rate').map(({ x, y }) => ({ label: `${setTitle(set, language)} ${x}: ${percent(y)}` })),
  }))
  const expected = line(verdictSet(pack), 'expected_pd')
  curves.push({ name: text('predictedLine', language), colour: 0, dashed: true, points: expected })
  const all = curves.flatMap(({ points }) => points)
  const bands = Math.max(1, ...all.map(({ x }) => x))
  const ticks = Array.from({ length: bands }, (_, i) => ({ at: i + 1, label: String(i + 1) }))
  return {
    title: text('bandTitle', language),
    x: { from: 0.6, to: bands + 0.4, title: text('bandAxis', language), ticks, format: plain },
    y: {
      from: 0,
      to: Math.max(0.001, ...all.map(({ y }) => y)) * 1.06,
      title: text('badRateAxis', language),
      format: percent,
    },
    curves,
  }
}

export function calibrationSection(pack: EvaluationPack, language: Language): Markup {
  const plots = pack.series.map((series) => curvePlot(calibrationCurves(series, language)))
  return html`<div class="plots">${plots}</div>`
}

/** Expected against observed in ten groups, with 95 % intervals. */
export function calibrationCurves({ set, calibration }: SetSeries, language: Language): CurvePlot {
  const known = calibration.filter(({ pd }) => pd > 0)
  const intervals = known.map(({ rate, n }) => wilson(rate, n))
  const values = known
    .flatMap(({ pd, rate }, i) => [pd, rate, intervals[i]!.low, intervals[i]!.high])
    .filter((v) => v > 0)
  const from = Math.max(1e-4, Math.min(...values))
  const to = Math.min(1, Math.max(...values) * 1.1)
  const axis = (title: string): Axis => ({ from, to, title, log: true, format: percent })
  const points = known.map(({ pd, rate }) => ({ x: pd, y: rate }))
  const marks = known.map(({ pd, rate, n }, i) => {
    return { label: `${percent(pd)} → ${percent(rate)} (n = ${n})`, ...intervals[i]! }
  })
  return {
    title: `${text('calibrationTitle', language)} · ${setTitle(set, language)}`,
    x: axis(text('predicted', language)),
    y: axis(text('observed', language)),
    curves: [
      {
        name: text('perfect', language),
        colour: 0,
        dashed: true,
        points: [
          { x: from, y: from },
          { x: to, y: to },
        ],
      },
      { name: text('observedLine', language), colour: colourOf(set), points, marks },
    ],
  }
}

/** 95 % interval of a rate (Wilson 1927). */
export function wilson(rate: number, n: number): { readonly low: number; readonly high: number } {
  const z2 = 1.959963984540054 ** 2
  const middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Math.sqrt(z2) / (1 + z2 / n)) * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n * n))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** Month by month, observed against predicted; nothing for fewer than two months. */
export function vintageCurves(pack: EvaluationPack, language: Language): CurvePlot[] {
  const records = recordsOf(packTables(pack).get('oot_monthly'))
  const months = [...new Set(records.map((record) => textOf(record, 'vintage')))].sort()
  if (months.length < 2) return []
  const index = new Map(months.map((month, i) => [month, i]))
  const sets = [...new Set(records.map((record) => textOf(record, 'set')))]
  const line = (set: string, column: string) =>
    records.flatMap((record) => {
      const y = numberOf(record, column)
      return textOf(record, 'set') !== set || y === null ? [] : [{ x: index.get(textOf(record, 'vintage'))!, y }]
    })
  const observed = sets
    .map((set) => ({ set, points: line(set, 'bad_rate') }))
    .filter(({ points }) => points.length > 0)
    .map(({ set, points }): Curve => {
      const name = `${text('observedLine', language)} · ${setTitle(set, language)}`
      return {
        name,
        colour: colourOf(set),
        points,
        marks: points.map(({ x, y }) => ({ label: `${months[x]}: ${percent(y)}` })),
      }
    })
  // Predicted PDs of all sets as one line; in months with two sets the rows of both count.
  const predicted = months.map((month, x) => {
    const of = records.filter((record) => record['vintage'] === month && record['mean_pd'] !== null)
    const n = of.reduce((sum, record) => sum + Number(record['n_scored']), 0)
    return { x, y: of.reduce((sum, record) => sum + Number(record['n_scored']) * Number(record['mean_pd']), 0) / n }
  })
  const top = Math.max(...observed.flatMap(({ points }) => points.map(({ y }) => y)), ...predicted.map(({ y }) => y))
  const every = Math.ceil(months.length / 6)
  const ticks = months.flatMap((month, at) => (at % every === 0 ? [{ at, label: month }] : []))
  const plot: CurvePlot = {
    title: text('vintageTitle', language),
    x: { from: -0.3, to: months.length - 0.7, title: text('vintageAxis', language), ticks, format: plain },
    y: { from: 0, to: top * 1.08, title: text('badRateAxis', language), format: percent },
    curves: [...observed, { name: text('predictedLine', language), colour: 0, dashed: true, points: predicted }],
  }
  return [plot]
}

export function segmentSection(pack: EvaluationPack, language: Language): Markup {
  const table = packTables(pack).get('segment')
  const columns = (table?.columns ?? []).filter((column) => column !== 'set')
  return html`${valuesOf(table, 'set').map((set) =>
    titled(setTitle(set, language), tableMarkup(pack, table, language, { columns, where: { set } })),
  )}`
}

export function fidelityVerdict(pack: EvaluationPack, language: Language): Markup {
  const records = recordsOf(packTables(pack).get('federation_fidelity'))
  if (records.length === 0) return NOTHING
  return html`<p>${passMark(
    records.every(({ pass }) => pass === true),
    language,
  )}</p>${tableMarkup(pack, packTables(pack).get('federation_fidelity'), language)}`
}
