// Bars with their numbers beside them: shares, weights of evidence, importance. Plain HTML, so that a reader of the
// screen hears the same list that others see.
import type { ReactNode } from 'react'

export interface Bar {
  readonly id: string
  readonly title: ReactNode
  /** may be negative; bars then start from a common zero */
  readonly value: number
  /** the number in words with its unit, '12.3 %' */
  readonly text: string
  /** 1..6, the colours of tokens.css; 1 unless told */
  readonly series?: number
}

interface BarsProps {
  /** what the bars are of, with the unit */
  readonly label: string
  readonly bars: readonly Bar[]
  /** the length of a whole bar; the largest value unless told */
  readonly most?: number
}

export function Bars({ label, bars, most }: BarsProps) {
  const high = Math.max(most ?? 0, ...bars.map(({ value }) => value), 0)
  const low = Math.min(0, ...bars.map(({ value }) => value))
  const span = high - low || 1
  return (
    <figure className="chart">
      <figcaption className="chart-title">{label}</figcaption>
      <ul className="bars">
        {bars.map(({ id, title, value, text, series = 1 }) => (
          <li className="bar" key={id}>
            <span className="bar-title">{title}</span>
            <span className="bar-track" aria-hidden="true">
              <span
                className={`bar-fill fill-${series}`}
                style={{
                  insetInlineStart: `${((Math.min(0, value) - low) / span) * 100}%`,
                  inlineSize: `${(Math.abs(value) / span) * 100}%`,
                }}
              />
            </span>
            <span className="bar-text numeric">{text}</span>
          </li>
        ))}
      </ul>
    </figure>
  )
}
