// Bars of the report in a page: a list with its numbers, whiskers where there is an interval, limits as dotted lines.
import type { Bar, BarPlot } from '#credit/report/plots.ts'

export function BarFigure({ plot }: { readonly plot: BarPlot }) {
  const { title, bars, legend = [], from = 0, dots = false, limits = [] } = plot
  const most = Math.max(from + 1e-9, ...limits, ...bars.map(({ value, high }) => Math.max(value, high ?? value)))
  const least = Math.min(from, ...bars.map(({ value, low }) => Math.min(value, low ?? value)))
  const place = (value: number): number => ((value - least) / (most - least)) * 100
  return (
    <figure className="chart plot">
      <figcaption className="chart-title">{title}</figcaption>
      <ul className="bars">
        {bars.map((bar, i) => (
          <li className="bar" key={`${i} ${bar.label}`}>
            <span className="bar-title">{bar.label}</span>
            <span className="bar-track" aria-hidden="true">
              <Drawn bar={bar} from={from} isDot={dots} place={place} />
              {limits.map((limit) => (
                <span className="bar-limit" key={limit} style={{ insetInlineStart: `${place(limit)}%` }} />
              ))}
            </span>
            <span className="bar-text numeric">{bar.written}</span>
          </li>
        ))}
      </ul>
      {legend.length === 0 ? null : (
        <ul className="legend">
          {legend.map(({ colour, name }) => (
            <li key={name}>
              <span className={`legend-box fill-${colour}`} aria-hidden="true" />
              {name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  )
}

function Drawn(props: { bar: Bar; from: number; isDot: boolean; place: (value: number) => number }) {
  const { bar, from, isDot, place } = props
  const { value, low, high, colour } = bar
  const fill = `fill-${colour}`
  return (
    <>
      {isDot ? (
        <span className={`bar-dot ${fill}`} style={{ insetInlineStart: `${place(value)}%` }} />
      ) : (
        <span
          className={`bar-fill ${fill}`}
          style={{
            insetInlineStart: `${place(Math.min(from, value))}%`,
            inlineSize: `${Math.abs(place(value) - place(from))}%`,
          }}
        />
      )}
      {typeof low === 'number' && typeof high === 'number' ? (
        <span
          className="bar-whisker"
          style={{ insetInlineStart: `${place(low)}%`, inlineSize: `${place(high) - place(low)}%` }}
        />
      ) : null}
    </>
  )
}
