// Lines over a common axis: ROC, loss by round, stability. Drawn by uPlot on a canvas; the same numbers are there as a
// table for those who do not see it.
import { useEffect, useRef, useState } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { figureText } from '../components/format.tsx'
import { Table } from '../components/table.tsx'
import { useIsDark } from '../theme.ts'
import { dictionary, useLanguage, useWords } from '../words.ts'
import { colourOf, DASHES } from './colours.ts'

const words = dictionary({
  asTable: ['As a table', '以表格显示'],
  asChart: ['As a chart', '以图表显示'],
  every: ['every {n}th point is listed', '每 {n} 个点列出一个'],
})

export interface Line {
  readonly title: string
  /** one for each x; null leaves a gap */
  readonly y: readonly (number | null)[]
  /** quiet: a line to compare with, such as chance */
  readonly look?: 'line' | 'quiet'
}

interface CurveProps {
  readonly title: string
  /** words with the unit: 'round', 'false positive rate' */
  readonly xTitle: string
  readonly yTitle: string
  /** ascending */
  readonly x: readonly number[]
  readonly lines: readonly Line[]
  readonly xRange?: readonly [number, number]
  readonly yRange?: readonly [number, number]
  /** places behind the point; 4 unless told */
  readonly digits?: number
  /** pixels; 260 unless told */
  readonly height?: number
  /** as wide as high, for curves of rates */
  readonly isSquare?: boolean
  /** whether the legend tells the last value of each line; not of curves that all end in the same place */
  readonly isLastTold?: boolean
}

const MOST_ROWS = 100
/** What is counted has no halves on its axis. */
const WHOLE = { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] }

export function Curve(props: CurveProps) {
  const t = useWords(words)
  const [isTable, setTable] = useState(false)
  return (
    <figure className="chart" data-square={props.isSquare === true ? '' : undefined}>
      <figcaption className="chart-head">
        <span className="chart-title">{props.title}</span>
        <Pressed className="button button-quiet button-small" onPress={() => setTable(!isTable)}>
          {t(isTable ? 'asChart' : 'asTable')}
        </Pressed>
      </figcaption>
      {isTable ? <Points {...props} /> : <Drawing {...props} />}
    </figure>
  )
}

function Drawing(props: CurveProps) {
  const frame = useRef<HTMLDivElement>(null)
  const drawn = useRef<uPlot | null>(null)
  const isDark = useIsDark()
  const language = useLanguage()
  const { x, lines, xTitle, yTitle, digits = 4, height = 260, isSquare = false } = props
  const [xLow, xHigh] = props.xRange ?? []
  const [yLow, yHigh] = props.yRange ?? []
  const isCounted = x.every((value) => Number.isInteger(value))
  const looks = lines.map(({ title, look }) => `${look ?? 'line'} ${title}`).join('\n')

  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const size = () => {
      const width = Math.max(200, element.clientWidth)
      return { width, height: isSquare ? Math.min(width, 420) : height }
    }
    const text = colourOf(element, '--muted')
    const axis = { stroke: text, grid: { stroke: colourOf(element, '--line'), width: 1 }, ticks: { show: false } }
    const font = `12px ${getComputedStyle(element).fontFamily}`
    const chart = new uPlot(
      {
        ...size(),
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: false, ...(xLow === undefined ? {} : { range: [xLow, xHigh!] as [number, number] }) },
          y: yLow === undefined ? {} : { range: [yLow, yHigh!] as [number, number] },
        },
        axes: [
          { ...axis, ...(isCounted ? WHOLE : {}), font, labelFont: font, label: xTitle, labelSize: 20, size: 28 },
          { ...axis, font, labelFont: font, label: yTitle, labelSize: 20, size: 60 },
        ],
        series: [{}, ...looks.split('\n').map((line, i) => strokeOf(element, line, i))],
      },
      dataOf(x, lines),
      element,
    )
    drawn.current = chart
    const watch = new ResizeObserver(() => chart.setSize(size()))
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
      drawn.current = null
    }
    // the numbers come by the effect below: a chart that grows is not built anew for each
  }, [looks, xTitle, yTitle, xLow, xHigh, yLow, yHigh, height, isSquare, isCounted, isDark, language])

  useEffect(() => drawn.current?.setData(dataOf(x, lines)), [x, lines])

  return (
    <>
      {/* what a canvas shows is said by the legend: the last value of each line */}
      <div className="chart-canvas" ref={frame} role="img" aria-label={`${props.title}: ${xTitle}, ${yTitle}`} />
      <ul className="legend">
        {lines.map(({ title, y, look }, i) => {
          const last = y.findLast((value) => value !== null)
          return (
            <li key={title}>
              <Key index={i} isQuiet={look === 'quiet'} />
              {title}
              {last === undefined || last === null || look === 'quiet' || props.isLastTold === false ? null : (
                <span className="numeric muted"> {figureText(last, digits)}</span>
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Key({ index, isQuiet }: { readonly index: number; readonly isQuiet: boolean }) {
  return (
    <svg className="legend-key" width="28" height="10" aria-hidden="true">
      <line
        x1="0"
        x2="28"
        y1="5"
        y2="5"
        className={isQuiet ? 'stroke-quiet' : `stroke-${(index % DASHES.length) + 1}`}
        strokeDasharray={isQuiet ? '3 3' : DASHES[index % DASHES.length]!.join(' ')}
      />
    </svg>
  )
}

function strokeOf(element: HTMLElement, line: string, index: number): uPlot.Series {
  const isQuiet = line.startsWith('quiet ')
  return {
    stroke: colourOf(element, isQuiet ? '--line-strong' : `--series-${(index % DASHES.length) + 1}`),
    dash: isQuiet ? [3, 3] : [...DASHES[index % DASHES.length]!],
    width: isQuiet ? 1 : 2,
    points: { show: false },
  }
}

const dataOf = (x: readonly number[], lines: readonly Line[]): uPlot.AlignedData => [
  [...x],
  ...lines.map(({ y }) => [...y]),
]

function Points({ title, xTitle, x, lines, digits = 4 }: CurveProps) {
  const t = useWords(words)
  const step = Math.max(1, Math.ceil(x.length / MOST_ROWS))
  const rows = x.map((_, i) => i).filter((i) => i % step === 0 || i === x.length - 1)
  const plain = (value: number) => (Number.isInteger(value) ? String(value) : figureText(value, digits))
  return (
    <>
      {step > 1 ? <p className="muted">{t('every', { n: step })}</p> : null}
      <Table
        label={title}
        rows={rows}
        rowId={(i) => i}
        columns={[
          { id: 'x', title: xTitle, cell: (i) => plain(x[i]!), align: 'end' },
          ...lines.map((line) => ({
            id: line.title,
            title: line.title,
            align: 'end' as const,
            cell: (i: number) => {
              const value = line.y[i]
              return value === null || value === undefined ? '–' : figureText(value, digits)
            },
          })),
        ]}
      />
    </>
  )
}
