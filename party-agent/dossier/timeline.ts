// The time line of a dossier: one row for each party, one bar for each round, as an SVG inside the page.
import { html, type Markup } from '#runtime/markup.ts'
import type { Evidence, RoundFact } from './evidence.ts'

const WIDTH = 1000
const LEFT = 130
const ROW = 30
const TOP = 34
const MIN_BAR = 1.5
const COLOURS = ['#2a6f97', '#5fa8d3', '#3d7a4f', '#86bf91', '#8a5a2b', '#cfa26e']

interface Scale {
  readonly from: number
  readonly to: number
  readonly x: (time: number) => number
}

export interface TimelineLabels {
  readonly title: string
  readonly granted: string
  readonly refused: string
  readonly rounds: string
}

/** Empty when no round was opened. */
export function drawTimeline(evidence: Evidence, labels: TimelineLabels): Markup {
  const { rounds, approvals, refusals } = evidence
  if (rounds.length === 0) return html``
  const parties = [...new Set(rounds.map(({ party }) => party))].toSorted()
  const tasks = [...new Set(rounds.map(({ task }) => task))]
  const scale = scaleOf(rounds)
  const yOf = (party: string) => TOP + parties.indexOf(party) * ROW
  const height = TOP + parties.length * ROW + 44
  const inRange = (time: string) => Date.parse(time) >= scale.from && Date.parse(time) <= scale.to
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${labels.title}">
${ticks(scale, height)}
${parties.map((party) => html`<text x="${LEFT - 10}" y="${yOf(party) + 19}" text-anchor="end">${party}</text>\n`)}
${rounds.map((round) => bar(round, scale, yOf(round.party), tasks))}
${approvals.filter(({ granted, owner }) => inRange(granted) && parties.includes(owner)).map(({ granted, owner }) => mark(scale.x(Date.parse(granted)), yOf(owner), 'granted'))}
${refusals.filter(({ time, author }) => inRange(time) && parties.includes(author)).map(({ time, author }) => mark(scale.x(Date.parse(time)), yOf(author), 'refused'))}
${legend(tasks, labels, height - 12)}
</svg>`
}

function scaleOf(rounds: readonly RoundFact[]): Scale {
  const times = rounds
    .flatMap(({ opened, closed }) => [opened, closed])
    .filter((time) => time !== '')
    .map((time) => Date.parse(time))
  const from = times.reduce((a, b) => Math.min(a, b))
  const to = Math.max(
    times.reduce((a, b) => Math.max(a, b)),
    from + 1,
  )
  return { from, to, x: (time) => LEFT + ((time - from) / (to - from)) * (WIDTH - LEFT - 10) }
}

function colourOf(task: string, round: number, tasks: readonly string[]): string {
  return COLOURS[((tasks.indexOf(task) * 2) % COLOURS.length) + (round % 2)] ?? '#777'
}

function bar(fact: RoundFact, scale: Scale, y: number, tasks: readonly string[]): Markup {
  const { task, round, opened, closed, party } = fact
  const x = scale.x(Date.parse(opened))
  const end = closed === '' ? scale.to : Date.parse(closed)
  const width = Math.max(MIN_BAR, scale.x(end) - x)
  const title = `${party} ${task} ${round}: ${opened} – ${closed}`
  return html`<rect x="${x.toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW - 10}" fill="${colourOf(task, round, tasks)}"><title>${title}</title></rect>\n`
}

function mark(x: number, y: number, kind: 'granted' | 'refused'): Markup {
  const points =
    kind === 'granted'
      ? [
          [0, 8],
          [5, 14],
          [0, 20],
          [-5, 14],
        ]
      : [
          [-6, 20],
          [6, 20],
          [0, 8],
        ]
  const path = points.map(([dx, dy]) => `${(x + (dx ?? 0)).toFixed(1)},${y + (dy ?? 0)}`).join(' ')
  return html`<polygon points="${path}" fill="${kind === 'granted' ? '#e0b000' : '#c0281c'}" stroke="#fff"/>\n`
}

function ticks({ from, to, x }: Scale, height: number): Markup[] {
  const count = 5
  return Array.from({ length: count }, (_, i) => {
    const time = from + ((to - from) * i) / (count - 1)
    const at = x(time).toFixed(1)
    const anchor = i === 0 ? 'start' : i === count - 1 ? 'end' : 'middle'
    const text = new Date(time).toISOString().slice(0, 19).replace('T', ' ')
    return html`<line x1="${at}" x2="${at}" y1="22" y2="${height - 34}" stroke="#d5dae2"/><text x="${at}" y="14" text-anchor="${anchor}" class="tick">${text}</text>\n`
  })
}

function legend(tasks: readonly string[], labels: TimelineLabels, y: number): Markup[] {
  const entry = (i: number, sign: Markup, text: string) =>
    html`<g transform="translate(${LEFT + i * 190} ${y - 14})">${sign}<text x="22" y="13">${text}</text></g>\n`
  const box = (fill: string) => html`<rect x="0" y="2" width="14" height="12" fill="${fill}"/>`
  const entries = tasks.map((task, i) => entry(i, box(colourOf(task, 0, tasks)), `${task} ${labels.rounds}`))
  const more = [
    entry(tasks.length, mark(7, -6, 'granted'), labels.granted),
    entry(tasks.length + 1, mark(7, -6, 'refused'), labels.refused),
  ]
  return [...entries, ...more]
}
