// Sections of the report of a run whose label is a number or a count: at a glance, and expected against observed labels.
import { type Cell, type EvaluationPack, packTables } from '../evaluation/pack.ts'
import { plain } from './axes.ts'
import { columnTitle, type Language } from './columns.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { colourOf, fixed, range, tile } from './performance-sections.ts'
import { type Curve, type CurvePlot, curvePlot } from './plots.ts'
import { folded, numberOf, recordsOf, tableMarkup, textOf, titled, valuesOf } from './table-markup.ts'
import { setTitle, tableTitle, text } from './words.ts'

const TILES = ['rmse', 'poisson_deviance', 'gini'] as const

/** Error, deviance and order on each set that the model was not trained on, then every set and coalition. */
export function targetOverview(pack: EvaluationPack, language: Language): Markup {
  const summary = packTables(pack).get('target_summary')
  const lines = recordsOf(summary, { coalition: valuesOf(summary, 'coalition')[0] ?? '' })
  const tested = lines.filter((line) => line['set'] !== 'train')
  const tiles = (tested.length === 0 ? lines : tested).flatMap((line) =>
    TILES.filter((column) => numberOf(line, column) !== null).map((column) =>
      tile(
        `${columnTitle(column, language)} · ${setTitle(textOf(line, 'set'), language)}`,
        fixed(numberOf(line, column), 4),
        range(line, column),
      ),
    ),
  )
  return html`<div class="tiles">${tiles}</div>
${titled(tableTitle('target_summary', language), tableMarkup(pack, summary, language))}`
}

export function targetBandSection(pack: EvaluationPack, language: Language): Markup {
  const table = packTables(pack).get('target_band')
  const sets = valuesOf(table, 'set')
  if (sets.length === 0) return NOTHING
  const columns = (table?.columns ?? []).filter((column) => column !== 'set')
  const tables = sets.map((set) =>
    folded(setTitle(set, language), tableMarkup(pack, table, language, { columns, where: { set } })),
  )
  return html`<div class="plots">${sets.map((set) => curvePlot(targetBandCurves(recordsOf(table, { set }), set, language)))}</div>${tables}`
}

/** Observed and expected labels by band. @param records of `target_band`, of one set */
export function targetBandCurves(
  records: readonly Readonly<Record<string, Cell>>[],
  set: string,
  language: Language,
): CurvePlot {
  const line = (column: string) =>
    records.flatMap((record) => {
      const y = numberOf(record, column)
      return y === null ? [] : [{ x: Number(record['band']), y }]
    })
  const observed = line('mean_target')
  const curves: Curve[] = [
    {
      name: columnTitle('mean_target', language),
      colour: colourOf(set),
      points: observed,
      marks: observed.map(({ x, y }) => ({ label: `${x}: ${plain(y)}` })),
    },
    { name: columnTitle('mean_expected', language), colour: 0, dashed: true, points: line('mean_expected') },
  ]
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y))
  const [low, high] = [Math.min(0, ...values), Math.max(...values, 1e-9)]
  const ticks = records.map(({ band }) => ({ at: Number(band), label: String(band) }))
  return {
    title: `${text('targetBandTitle', language)} · ${setTitle(set, language)}`,
    x: { from: 0.6, to: records.length + 0.4, title: text('targetBandAxis', language), ticks, format: plain },
    y: { from: low, to: low + (high - low) * 1.06, title: text('targetAxis', language), format: plain },
    curves,
  }
}
