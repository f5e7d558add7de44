// Sections of the report on boosted trees, and on the two models of a run that has both: champion and challenger.
import { type Cell, type EvaluationPack, packTables, type SetSeries } from '../evaluation/pack.ts'
import { type Axis, percent, plain } from './axes.ts'
import type { Language } from './columns.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { partyColour, partyLegend } from './feature-sections.ts'
import { colourOf, verdictSet } from './performance-sections.ts'
import { type BarPlot, barPlot, type Curve, type CurvePlot, curvePlot } from './plots.ts'
import { folded, numberOf, partyName, recordsOf, tableMarkup, textOf, titled, valuesOf } from './table-markup.ts'
import { type PlottedNode, treePlot } from './tree-plot.ts'
import { cellWord, setTitle, tableTitle, text } from './words.ts'

const MOST_BARS = 30
const MOST_TREE_PLOTS = 3

/** Which columns the trees use, how the loss fell, and every tree node by node. */
export function treeSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const importance = recordsOf(tables.get('tree_importance'))
  if (importance.length === 0) return NOTHING
  const parties = valuesOf(tables.get('tree_importance'), 'party')
  return html`<div class="plots">${importanceBars(pack, language).map(barPlot)}${lossCurves(pack, language).map(curvePlot)}</div>
${firstTrees(pack, parties, language)}
${folded(tableTitle('tree_importance', language), tableMarkup(pack, tables.get('tree_importance'), language))}
${folded(tableTitle('tree_losses', language), tableMarkup(pack, tables.get('tree_losses'), language))}
${folded(tableTitle('tree_view', language), tableMarkup(pack, tables.get('tree_view'), language))}
<p class="note">${text('treeNote', language)}</p>`
}

/** Gain of the first columns, and of all by party. */
export function importanceBars(pack: EvaluationPack, language: Language): BarPlot[] {
  const table = packTables(pack).get('tree_importance')
  const importance = recordsOf(table)
  const parties = valuesOf(table, 'party')
  const gain: BarPlot = {
    title: text('gainTitle', language),
    format: percent,
    legend: partyLegend(pack, parties, language),
    bars: importance.slice(0, MOST_BARS).map((record) => ({
      label: textOf(record, 'feature'),
      colour: partyColour(pack, textOf(record, 'party')),
      value: numberOf(record, 'gain_pct') ?? 0,
      written: percent(numberOf(record, 'gain_pct') ?? 0),
    })),
  }
  const sums = parties.map((party) => ({
    party,
    value: importance.reduce((sum, of) => sum + (of['party'] === party ? (numberOf(of, 'gain_pct') ?? 0) : 0), 0),
  }))
  const byParty: BarPlot = {
    title: text('gainByPartyTitle', language),
    format: percent,
    bars: sums
      .sort((a, b) => b.value - a.value)
      .map(({ party, value }) => ({
        label: partyName(pack, party, language),
        colour: partyColour(pack, party),
        value,
        written: percent(value),
      })),
  }
  return [gain, byParty]
}

/** The first trees as drawings. */
function firstTrees(pack: EvaluationPack, parties: readonly string[], language: Language): Markup {
  const view = recordsOf(packTables(pack).get('tree_view'))
  const numbers = [...new Set(view.map((record) => Number(record['tree'])))].slice(0, MOST_TREE_PLOTS)
  if (numbers.length === 0) return NOTHING
  const legend = partyLegend(pack, parties, language)
  const plots = numbers.map((number) =>
    treePlot({
      title: `${text('treeTitle', language)} ${number}`,
      legend,
      nodes: view.filter((record) => record['tree'] === number).map((record) => plottedNode(pack, record)),
    }),
  )
  return html`<div class="plots">${plots}</div>
<p class="note">${text('treePlotNote', language)}</p>`
}

/** A leaf is written in points where the run has a scale. */
export function plottedNode(pack: EvaluationPack, record: Readonly<Record<string, Cell>>): PlottedNode {
  const points = numberOf(record, 'points')
  const value = points ?? numberOf(record, 'leaf_value') ?? 0
  const party = textOf(record, 'party')
  const split = { label: textOf(record, 'feature'), left: leftSide(record), colour: partyColour(pack, party) }
  return {
    node: Number(record['node']),
    ...(party === '' ? {} : { split }),
    rows: numberOf(record, 'n') ?? 0,
    written: `${value > 0 ? '+' : ''}${value.toFixed(points === null ? 3 : 1)}`,
  }
}

/** Of 'income > 1200.5 / –' what follows the name, the number to three digits. */
function leftSide(record: Readonly<Record<string, Cell>>): string {
  const [, side = '', number, rest = ''] = /(?:([≤>]) (\S+))?( ?\/ –)?$/.exec(textOf(record, 'left')) ?? []
  return number === undefined ? rest.trim() : `${side} ${Number(Number(number).toPrecision(3))}${rest}`
}

/** Loss after each tree; nothing for fewer than two. */
export function lossCurves(pack: EvaluationPack, language: Language): CurvePlot[] {
  const losses = recordsOf(packTables(pack).get('tree_losses'))
  const line = (column: string) =>
    losses.flatMap((record) => {
      const y = numberOf(record, column)
      return y === null ? [] : [{ x: Number(record['tree']), y }]
    })
  const curves = (['train', 'holdout'] as const)
    .map((set): Curve => ({ name: setTitle(set, language), colour: colourOf(set), points: line(`loss_${set}`) }))
    .filter(({ points }) => points.length > 0)
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y))
  if (losses.length < 2 || values.length === 0) return []
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const x: Axis = { from: 1, to: losses.length, title: text('treeAxis', language), format: plain }
  const y: Axis = { from: least - 0.05 * (most - least), to: most, title: text('lossAxis', language), format: plain }
  return [{ title: text('lossTitle', language), x, y, curves }]
}

/** The two models of the run on the same rows: figures with the intervals of their differences, curves, and who is swapped. */
export function challengerSection(pack: EvaluationPack, language: Language): Markup {
  const tables = packTables(pack)
  const compared = tableMarkup(pack, tables.get('champion_challenger'), language)
  const swaps = tableMarkup(pack, tables.get('swap_set'), language)
  if (compared.html === '') return swaps
  return html`<div class="plots">${curvePlot(rocOfBoth(pack, language))}</div>
${compared}
${titled(tableTitle('swap_set', language), swaps)}`
}

/** Champion and challenger on the set that is trusted most. */
export function rocOfBoth(pack: EvaluationPack, language: Language): CurvePlot {
  const set = verdictSet(pack)
  const of = (series: readonly SetSeries[] | undefined) => series?.find((candidate) => candidate.set === set)?.roc
  const curves = [
    ['champion', 1, of(pack.series)],
    ['challenger', 2, of(pack.challenger?.series)],
  ] as const
  const share = (title: string): Axis => ({ from: 0, to: 1, title, format: percent })
  return {
    title: `${text('rocTitle', language)} · ${setTitle(set, language)}`,
    x: share(text('falsePositive', language)),
    y: share(text('truePositive', language)),
    curves: curves.flatMap(([model, colour, points]) =>
      points === undefined ? [] : [{ name: cellWord('model', model, language), colour, points }],
    ),
  }
}
