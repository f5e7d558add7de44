// The frame of a plot: a drawing area, its scales, ticks, grid and titles.
import { type Content, html, type Markup } from '#runtime/markup.ts'

/** One axis. `log` needs a positive domain. */
export interface Axis {
  readonly from: number
  readonly to: number
  readonly title: string
  readonly log?: boolean
  /** ticks to show; round numbers when absent */
  readonly ticks?: readonly { readonly at: number; readonly label: string }[]
  readonly format: (value: number) => string
}

export interface Frame {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly width: number
  readonly height: number
  /** grid, ticks and titles, to be drawn first */
  readonly background: Markup
}

export const WIDTH = 460
const MARGIN = { left: 56, right: 22, top: 10, bottom: 42 }

export const percent = (value: number): string =>
  `${(100 * value).toFixed(Math.abs(value) < 0.0995 && Math.round(value * 1000) % 10 !== 0 ? 1 : 0)}%`
export const plain = (value: number): string => String(Number(value.toPrecision(6)))

/** Round numbers that cut the interval into about `count` parts. */
export function roundTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count
  if (!(rough > 0)) return [from]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** 1, 2 and 5 of every power of ten within the interval. */
export function logTicks(from: number, to: number): number[] {
  const found: number[] = []
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * 10 ** power).toPrecision(12))
      if (tick >= from * 0.999 && tick <= to * 1.001) found.push(tick)
    }
  }
  return found
}

/** @param left room for the labels of the y axis */
export function frame(x: Axis, y: Axis, height = 300, left = MARGIN.left): Frame {
  const area = { left, right: WIDTH - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom }
  const toX = scale(x, area.left, area.right)
  const toY = scale(y, area.bottom, area.top)
  const across = ticksOf(y, 5).map(({ at, label }) => {
    const at_ = toY(at)
    const line = html`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${at_}" y2="${at_}"/>`
    return html`${line}<text x="${area.left - 6}" y="${at_ + 4}" text-anchor="end">${label}</text>`
  })
  const down = ticksOf(x, 5).map(({ at, label }) => {
    const at_ = toX(at)
    const line = html`<line class="axis" x1="${at_}" x2="${at_}" y1="${area.bottom}" y2="${area.bottom + 4}"/>`
    return html`${line}<text x="${at_}" y="${area.bottom + 17}" text-anchor="middle">${label}</text>`
  })
  const base = html`<line class="axis" x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}"/>`
  const middle = (area.top + area.bottom) / 2
  const titles = [
    html`<text x="${(area.left + area.right) / 2}" y="${height - 7}" text-anchor="middle">${x.title}</text>`,
    y.title === ''
      ? ''
      : html`<text transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle">${y.title}</text>`,
  ]
  return { ...area, x: toX, y: toY, width: WIDTH, height, background: html`${across}${down}${base}${titles}` }
}

/** From a value to its place between two pixels. */
export function scale({ from, to, log = false }: Axis, start: number, end: number): (value: number) => number {
  const of = log ? Math.log : (value: number): number => value
  const span = of(to) - of(from) || 1
  return (value) => start + ((of(Math.min(Math.max(value, from), to)) - of(from)) / span) * (end - start)
}

/** The ticks that the axis names, else about so many round ones. */
export function ticksOf(axis: Axis, count: number): readonly { readonly at: number; readonly label: string }[] {
  if (axis.ticks !== undefined) return axis.ticks
  const at = axis.log === true ? logTicks(axis.from, axis.to) : roundTicks(axis.from, axis.to, count)
  return at.map((value) => ({ at: value, label: axis.format(value) }))
}

/** Title, legend and drawing. @param legend class of the colour, its shape, and its name */
export function figure(
  title: string,
  legend: readonly { readonly colour: string; readonly shape: 'line' | 'dashed' | 'box'; readonly name: string }[],
  { width, height }: { readonly width: number; readonly height: number },
  drawing: Content,
): Markup {
  const keys = legend.map(
    ({ colour, shape, name }) => html`<span class="key ${shape === 'line' ? '' : shape} ${colour}">${name}</span>`,
  )
  const caption = html`<figcaption>${title}${keys.length === 0 ? '' : html`<span class="legend">${keys}</span>`}</figcaption>`
  const box = `0 0 ${width} ${height}`
  return html`<figure>${caption}<svg viewBox="${box}" role="img" aria-label="${title}">${drawing}</svg></figure>\n`
}
