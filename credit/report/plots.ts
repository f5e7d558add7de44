// The kinds of plots of the report: curves, histograms, and bars that lie on their side.
import type { Point } from '../evaluation/pack.ts'
import { type Axis, figure, frame, roundTicks, WIDTH } from './axes.ts'
import { type Content, html, type Markup } from '#runtime/markup.ts'

export interface Curve {
  readonly name: string
  /** number of the colour, 0 grey, 1 … 6 */
  readonly colour: number
  readonly points: readonly Point[]
  readonly dashed?: boolean
  /** draws a mark at every point, with this text when pointed at; `low` and `high` draw a whisker */
  readonly marks?: readonly { readonly label: string; readonly low?: number; readonly high?: number }[]
}

export interface CurvePlot {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly curves: readonly Curve[]
  readonly height?: number
  /** vertical line between two heights, with a text beside it: the KS gap */
  readonly gap?: { readonly x: number; readonly from: number; readonly to: number; readonly label: string }
}

export function curvePlot({ title, x, y, curves, height, gap }: CurvePlot): Markup {
  const area = frame(x, y, height)
  const lines = curves.map(({ points, colour, dashed, marks }) => {
    const path = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${tenth(area.x(point.x))} ${tenth(area.y(point.y))}`)
    const classes = `curve s${colour}${dashed === true ? ' dashed' : ''}`
    const dots = (marks ?? []).map(({ label, low, high }, i) => {
      const { x: at, y: value } = points[i]!
      const whisker =
        low === undefined || high === undefined
          ? ''
          : html`<line class="s${colour}" x1="${area.x(at)}" x2="${area.x(at)}" y1="${area.y(low)}" y2="${area.y(high)}"/>`
      return html`${whisker}<circle class="f${colour}" cx="${area.x(at)}" cy="${area.y(value)}" r="3.5"><title>${label}</title></circle>`
    })
    return html`<path class="${classes}" d="${path.join('')}"/>${dots}`
  })
  const gapLine =
    gap === undefined
      ? ''
      : html`<line class="gap" x1="${area.x(gap.x)}" x2="${area.x(gap.x)}" y1="${area.y(gap.from)}" y2="${area.y(gap.to)}"/>
<text class="strong" x="${area.x(gap.x) + 7}" y="${area.y(Math.min(gap.from, gap.to)) + 18}">${gap.label}</text>`
  const legend = curves.map(({ name, colour, dashed }) => ({
    colour: `s${colour}`,
    shape: dashed === true ? ('dashed' as const) : ('line' as const),
    name,
  }))
  return figure(title, legend, area, [area.background, lines, gapLine])
}

/** Two histograms over each other, as shares of their class. */
export interface Histogram {
  readonly title: string
  readonly x: Axis
  readonly yTitle: string
  readonly names: readonly [good: string, bad: string]
  readonly bars: readonly { readonly from: number; readonly to: number; readonly good: number; readonly bad: number }[]
}

export function histogramPlot({ title, x, yTitle, names, bars }: Histogram): Markup {
  const top = Math.max(...bars.flatMap(({ good, bad }) => [good, bad]))
  const y: Axis = { from: 0, to: top * 1.05, title: yTitle, format: (value) => `${Number((100 * value).toFixed(1))}%` }
  const area = frame(x, y)
  const draw = (colour: number, height: (bar: (typeof bars)[number]) => number): Content =>
    bars.map((bar) => {
      const [left, right] = [area.x(bar.from), area.x(bar.to)]
      const at = area.y(height(bar))
      return html`<rect class="area f${colour}" x="${left}" width="${Math.max(0.5, right - left - 0.5)}" y="${at}" height="${area.bottom - at}"/>`
    })
  const legend = [
    { colour: 'f1', shape: 'box' as const, name: names[0] },
    { colour: 'f5', shape: 'box' as const, name: names[1] },
  ]
  return figure(title, legend, area, [area.background, draw(1, ({ good }) => good), draw(5, ({ bad }) => bad)])
}

export interface Bar {
  readonly label: string
  readonly value: number
  readonly colour: number
  readonly low?: number | null
  readonly high?: number | null
  /** written at the end of the bar */
  readonly written: string
}

export interface BarPlot {
  readonly title: string
  readonly bars: readonly Bar[]
  readonly format: (value: number) => string
  readonly legend?: readonly { readonly colour: number; readonly name: string }[]
  /** where the bars begin; 0 unless a scale such as AUC is cut */
  readonly from?: number
  /** dots instead of bars, for values on a cut scale */
  readonly dots?: boolean
  /** vertical lines such as the limits of stability */
  readonly limits?: readonly number[]
}

const ROW = 24

/** Bars from left to right, one below the other, with whiskers where an interval is known. */
export function barPlot({ title, bars, format, legend = [], from = 0, dots = false, limits = [] }: BarPlot): Markup {
  const left = 14 + Math.max(...bars.map(({ label }) => widthOf(cut(label))))
  const right = WIDTH - 62
  const height = 30 + ROW * bars.length
  const most = Math.max(from + 1e-9, ...limits, ...bars.map(({ value, high }) => Math.max(value, high ?? value)))
  const least = Math.min(from, ...bars.map(({ value, low }) => Math.min(value, low ?? value)))
  const x = (value: number): number => left + ((value - least) / (most - least)) * (right - left)
  const grid = roundTicks(least, most, 4).map(
    (tick) =>
      html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="4" y2="${height - 24}"/><text x="${x(tick)}" y="${height - 8}" text-anchor="middle">${format(tick)}</text>`,
  )
  const marks = limits.map(
    (limit) => html`<line class="gap" x1="${x(limit)}" x2="${x(limit)}" y1="4" y2="${height - 24}"/>`,
  )
  const rows = bars.map((bar, i) => {
    const middle = 6 + ROW * i + ROW / 2
    const [start, end] = [Math.min(x(bar.value), x(from)), Math.max(x(bar.value), x(from))]
    const drawn = dots
      ? html`<circle class="f${bar.colour}" cx="${x(bar.value)}" cy="${middle}" r="4.5"/>`
      : html`<rect class="f${bar.colour}" x="${start}" width="${Math.max(1, end - start)}" y="${middle - 7}" height="14" rx="2"/>`
    const whisker = isInterval(bar)
      ? html`<line class="whisker" x1="${x(bar.low)}" x2="${x(bar.high)}" y1="${middle}" y2="${middle}"/><line class="whisker" x1="${x(bar.low)}" x2="${x(bar.low)}" y1="${middle - 4}" y2="${middle + 4}"/><line class="whisker" x1="${x(bar.high)}" x2="${x(bar.high)}" y1="${middle - 4}" y2="${middle + 4}"/>`
      : ''
    const after = Math.max(end, bar.high === null || bar.high === undefined ? 0 : x(bar.high)) + 6
    return html`<g><title>${bar.label}: ${bar.written}</title><text x="${left - 8}" y="${middle + 4}" text-anchor="end">${cut(bar.label)}</text>${drawn}${whisker}<text class="strong" x="${after}" y="${middle + 4}">${bar.written}</text></g>`
  })
  const keys = legend.map(({ colour, name }) => ({ colour: `f${colour}`, shape: 'box' as const, name }))
  return figure(title, keys, { width: WIDTH, height }, [grid, marks, rows])
}

function isInterval(bar: Bar): bar is Bar & { readonly low: number; readonly high: number } {
  return typeof bar.low === 'number' && typeof bar.high === 'number'
}

const WIDEST_LABEL = 200

/** About the width of a sign at 12.5 px: a Chinese one is twice as wide as a Latin one. */
const signWidth = (sign: string): number => (sign > '⺀' ? 12.6 : sign === ' ' ? 3.6 : 7.3)

function widthOf(label: string): number {
  return [...label].reduce((sum, sign) => sum + signWidth(sign), 0)
}

/** True for a label that stands beside the bars uncut. */
export function labelFits(label: string): boolean {
  return widthOf(label) <= WIDEST_LABEL
}

/** A label that fits beside the bars, or into so many pixels. */
export function cut(label: string, widest = WIDEST_LABEL): string {
  let width = 0
  const fitting = [...label].filter((sign) => (width += signWidth(sign)) <= widest - 12)
  return widthOf(label) <= widest ? label : `${fitting.join('')}…`
}

export interface WoeBin {
  /** as the tables number it */
  readonly number: string
  readonly label: string
  readonly woe: number
  readonly special: boolean
  /** bad rate on each of the sets drawn, null where the bin is empty */
  readonly rates: readonly (number | null)[]
}

/** WOE bars above, bad rates of the sets as lines below, over the same bins. */
export function woePlot(title: string, bins: readonly WoeBin[], setColours: readonly number[]): Markup {
  const [width, height, left] = [240, 170, 34]
  const step = (width - left - 6) / bins.length
  const high = Math.max(0.1, ...bins.map(({ woe }) => Math.abs(woe)))
  const woeY = (value: number): number => 50 - (value / high) * 42
  const rates = bins.flatMap((bin) => bin.rates.filter((rate) => rate !== null))
  const most = Math.max(0.001, ...rates)
  const rateY = (value: number): number => 148 - (value / most) * 38
  const bars = bins.map(({ number, label, woe, special }, i) => {
    const x = left + i * step + step * 0.12
    const y = Math.min(woeY(woe), woeY(0))
    return html`<rect class="f${special ? 0 : woe > 0 ? 5 : 1}" x="${x}" width="${step * 0.76}" y="${y}" height="${Math.max(0.8, Math.abs(woeY(woe) - woeY(0)))}"><title>${label}: WOE ${woe.toFixed(4)}</title></rect><text x="${x + step * 0.38}" y="166" text-anchor="middle" font-size="10">${number}</text>`
  })
  const lines = setColours.map((colour, s) => {
    const known = bins.flatMap((bin, i) => {
      const rate = bin.rates[s]
      return rate === null || rate === undefined ? [] : [{ x: left + (i + 0.5) * step, y: rateY(rate) }]
    })
    const path = known.map((at, i) => `${i === 0 ? 'M' : 'L'}${tenth(at.x)} ${tenth(at.y)}`).join('')
    return html`<path class="curve s${colour}" d="${path}"/>`
  })
  const ticks = [
    html`<text x="${left - 4}" y="${woeY(high) + 4}" text-anchor="end" font-size="10">${high.toFixed(2)}</text>`,
    html`<text x="${left - 4}" y="${woeY(0) + 4}" text-anchor="end" font-size="10">0</text>`,
    html`<text x="${left - 4}" y="${rateY(most) + 4}" text-anchor="end" font-size="10">${`${(100 * most).toFixed(most < 0.1 ? 1 : 0)}%`}</text>`,
    html`<line class="axis" x1="${left}" x2="${width - 6}" y1="${woeY(0)}" y2="${woeY(0)}"/>`,
    html`<line class="grid" x1="${left}" x2="${width - 6}" y1="148" y2="148"/>`,
  ]
  return figure(title, [], { width, height }, [ticks, bars, lines])
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
