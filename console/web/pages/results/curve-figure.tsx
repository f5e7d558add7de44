// A plot of the report in a page: curves that a pointer can follow, or a drawing where there are intervals, named ticks or
// logarithmic axes; the numbers of either are there as a table.
import { useState } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import { type Axis, scale, ticksOf } from '#credit/report/axes.ts'
import type { Curve as PlottedCurve, CurvePlot, Histogram } from '#credit/report/plots.ts'
import { Curve } from '../../charts/curve.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { valueAt } from './interpolation.ts'
import { words } from './words.ts'

const AREA = { left: 58, right: 12, top: 10, bottom: 44, width: 460, height: 300 }

export function CurveFigure({ plot }: { readonly plot: CurvePlot }) {
  const isDrawn =
    plot.x.log === true || plot.x.ticks !== undefined || plot.curves.some(({ marks }) => marks !== undefined)
  return isDrawn ? <Drawn plot={plot} /> : <Followed plot={plot} />
}

function Followed({ plot: { title, x, y, curves, gap } }: { readonly plot: CurvePlot }) {
  const places = [...new Set(curves.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b)
  return (
    <div className="plot">
      <Curve
        title={gap === undefined ? title : `${title} · ${gap.label}`}
        xTitle={x.title}
        yTitle={y.title}
        x={places}
        isLastTold={false}
        xRange={[x.from, x.to]}
        yRange={[y.from, y.to]}
        lines={curves.map(({ name, points, dashed, colour }) => ({
          title: name,
          y: places.map((at) => valueAt(points, at)),
          look: dashed === true || colour === 0 ? 'quiet' : 'line',
        }))}
      />
    </div>
  )
}

function Drawn({ plot }: { readonly plot: CurvePlot }) {
  const { x, y, curves } = plot
  const [toX, toY] = placesOf(x, y)
  return (
    <Figure
      title={plot.title}
      legend={curves.map(({ name, colour, dashed }) => ({ name, colour, isDashed: dashed === true }))}
      table={<PointTable plot={plot} />}
    >
      <Frame x={x} y={y} />
      {curves.map((curve) => (
        <Line key={curve.name} curve={curve} toX={toX} toY={toY} />
      ))}
    </Figure>
  )
}

type Place = (value: number) => number

function Line({ curve, toX, toY }: { readonly curve: PlottedCurve; readonly toX: Place; readonly toY: Place }) {
  const { points, colour, dashed, marks = [] } = curve
  const stroke = colour === 0 ? 'stroke-quiet' : `stroke-${colour}`
  return (
    <>
      <polyline
        className={`plot-line ${stroke}`}
        strokeDasharray={dashed === true ? '5 4' : undefined}
        points={points.map((point) => `${tenth(toX(point.x))},${tenth(toY(point.y))}`).join(' ')}
      />
      {marks.map(({ label, low, high }, i) => {
        const { x, y } = points[i] ?? { x: 0, y: 0 }
        return (
          <g key={label}>
            {low === undefined || high === undefined ? null : (
              <line className={stroke} x1={toX(x)} x2={toX(x)} y1={toY(low)} y2={toY(high)} />
            )}
            <circle className={`mark-${colour}`} cx={toX(x)} cy={toY(y)} r="3.5">
              <title>{label}</title>
            </circle>
          </g>
        )
      })}
    </>
  )
}

/** Two histograms over each other, as shares of their class. */
export function HistogramFigure({ histogram }: { readonly histogram: Histogram }) {
  const { title, x, yTitle, names, bars } = histogram
  const top = Math.max(...bars.flatMap(({ good, bad }) => [good, bad]))
  const y: Axis = { from: 0, to: top * 1.05, title: yTitle, format: (value) => `${Number((100 * value).toFixed(1))}%` }
  const [toX, toY] = placesOf(x, y)
  const columns = [
    [1, names[0], (bar: (typeof bars)[number]) => bar.good],
    [5, names[1], (bar: (typeof bars)[number]) => bar.bad],
  ] as const
  return (
    <Figure
      title={title}
      legend={columns.map(([colour, name]) => ({ name, colour, isDashed: false }))}
      table={<HistogramTable histogram={histogram} />}
    >
      <Frame x={x} y={y} />
      {columns.map(([colour, name, height]) => (
        <g key={name} className={`area mark-${colour}`}>
          {bars.map((bar) => (
            <rect
              key={bar.from}
              x={toX(bar.from)}
              width={Math.max(0.5, toX(bar.to) - toX(bar.from) - 0.5)}
              y={toY(height(bar))}
              height={Math.max(0, toY(0) - toY(height(bar)))}
            />
          ))}
        </g>
      ))}
    </Figure>
  )
}

interface FigureProps {
  readonly title: string
  readonly legend: readonly { readonly name: string; readonly colour: number; readonly isDashed: boolean }[]
  readonly table: React.ReactNode
  readonly children: React.ReactNode
  /** width and height of the drawing */
  readonly size?: readonly [number, number]
}

/** A drawing with its legend, and the same numbers as a table instead. */
export function Figure({ title, legend, table, children, size = [AREA.width, AREA.height] }: FigureProps) {
  const t = useWords(words)
  const [isTable, setTable] = useState(false)
  return (
    <figure className="chart plot">
      <figcaption className="chart-head">
        <span className="chart-title">{title}</span>
        <Pressed className="button button-quiet button-small" onPress={() => setTable(!isTable)}>
          {t(isTable ? 'asChart' : 'asTable')}
        </Pressed>
      </figcaption>
      {isTable ? (
        table
      ) : (
        <>
          <svg className="plot-drawing" viewBox={`0 0 ${size[0]} ${size[1]}`} role="img" aria-label={title}>
            {children}
          </svg>
          <ul className="legend">
            {legend.map(({ name, colour, isDashed }) => (
              <li key={name}>
                <svg className="legend-key" width="28" height="10" aria-hidden="true">
                  <line
                    x1="0"
                    x2="28"
                    y1="5"
                    y2="5"
                    className={colour === 0 ? 'stroke-quiet' : `stroke-${colour}`}
                    strokeDasharray={isDashed ? '5 4' : undefined}
                  />
                </svg>
                {name}
              </li>
            ))}
          </ul>
        </>
      )}
    </figure>
  )
}

function Frame({ x, y }: { readonly x: Axis; readonly y: Axis }) {
  const [toX, toY] = placesOf(x, y)
  const { left, right, top, bottom, width, height } = AREA
  const middle = (left + width - right) / 2
  return (
    <g className="plot-frame">
      {ticksOf(y, 5).map(({ at, label }) => (
        <g key={at}>
          <line className="plot-grid" x1={left} x2={width - right} y1={toY(at)} y2={toY(at)} />
          <text x={left - 6} y={toY(at) + 4} textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {ticksOf(x, 5).map(({ at, label }) => (
        <text key={at} x={toX(at)} y={height - bottom + 17} textAnchor="middle">
          {label}
        </text>
      ))}
      <line className="plot-axis" x1={left} x2={width - right} y1={height - bottom} y2={height - bottom} />
      <text x={middle} y={height - 8} textAnchor="middle">
        {x.title}
      </text>
      <text transform={`translate(12 ${(top + height - bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {y.title}
      </text>
    </g>
  )
}

function PointTable({ plot: { title, x, curves } }: { readonly plot: CurvePlot }) {
  const ticks = new Map(x.ticks?.map(({ at, label }) => [at, label]))
  const places = [...new Set(curves.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b)
  return (
    <Table
      label={title}
      rows={places}
      rowId={(at) => at}
      columns={[
        { id: 'x', title: x.title, cell: (at) => ticks.get(at) ?? x.format(at) },
        ...curves.map(({ name, points, marks }) => ({
          id: name,
          title: name,
          align: 'end' as const,
          cell: (at: number) => {
            const i = points.findIndex((point) => point.x === at)
            const point = points[i]
            return point === undefined ? '–' : (marks?.[i]?.label ?? point.y.toFixed(4))
          },
        })),
      ]}
    />
  )
}

function HistogramTable({ histogram: { title, x, names, bars } }: { readonly histogram: Histogram }) {
  const share = (value: number) => `${(100 * value).toFixed(2)}%`
  return (
    <Table
      label={title}
      rows={bars}
      rowId={({ from }) => from}
      columns={[
        { id: 'x', title: x.title, cell: ({ from, to }) => `${x.format(from)} – ${x.format(to)}` },
        { id: 'good', title: names[0], align: 'end', cell: ({ good }) => share(good) },
        { id: 'bad', title: names[1], align: 'end', cell: ({ bad }) => share(bad) },
      ]}
    />
  )
}

function placesOf(x: Axis, y: Axis): [Place, Place] {
  const { left, right, top, bottom, width, height } = AREA
  return [scale(x, left, width - right), scale(y, height - bottom, top)]
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
