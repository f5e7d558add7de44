// What there is to say of a thing's state, always with a word; and the states of a page: loading, empty, failed.
import type { ReactNode } from 'react'
import { Meter } from 'react-aria-components/Meter'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import { dictionary, useWords } from '../words.ts'
import { durationText } from './format.tsx'
import { ProblemNote } from './problem.tsx'

const words = dictionary({
  loading: ['Loading …', '正在加载…'],
  left: ['about {time} left', '约剩 {time}'],
  offline: [
    'The connection is lost. What you see is from before; it is renewed as soon as the server answers.',
    '连接已断开。当前显示的是此前的内容，服务器恢复后会自动更新。',
  ],
})

/** good: as it should be; busy: under way; wait: somebody must act; bad: failed or refused; plain: none of them */
export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'plain'
const MARKS: Readonly<Record<Tone, string>> = { good: '✓', busy: '▸', wait: '!', bad: '✕', plain: '·' }

/** A state with its word; the mark and the colour only repeat it. */
export function State({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className={`state state-${tone}`}>
      <span className="state-mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      {children}
    </span>
  )
}

/** A short word that sorts things: a method, a role. */
export function Badge({ children }: { readonly children: ReactNode }) {
  return <span className="badge">{children}</span>
}

/** A remark that stands out. `wait` for what the reader has to know before acting. */
export function Note({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={`note note-${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      {title === undefined ? null : <p className="note-title">{title}</p>}
      {children}
    </div>
  )
}

export function Loading({ what }: { readonly what?: string }) {
  const t = useWords(words)
  return (
    <p className="loading" role="status">
      {what ?? t('loading')}
    </p>
  )
}

/** There is nothing: says why, and what would change it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  )
}

export function OfflineBanner() {
  const t = useWords(words)
  return (
    <div className="offline" role="status">
      {t('offline')}
    </div>
  )
}

interface AnswerProps<T> {
  readonly of: { readonly data: T | undefined; readonly error: unknown }
  /** drawn instead where there is nothing */
  readonly empty?: ReactNode
  /** of what is neither a list nor has its `items` */
  readonly isEmpty?: (data: T) => boolean
  readonly children: (data: T) => ReactNode
}

/** An answer of the server in whichever state it is. What was there before stays in sight when asking again fails. */
export function Answer<T>({ of, empty, isEmpty = hasNoItems, children }: AnswerProps<T>) {
  const { data, error } = of
  return (
    <>
      {error === null || error === undefined ? null : <ProblemNote error={error} />}
      {data === undefined ? error ? null : <Loading /> : empty !== undefined && isEmpty(data) ? empty : children(data)}
    </>
  )
}

function hasNoItems(data: unknown): boolean {
  const items = Array.isArray(data) ? data : (data as { readonly items?: readonly unknown[] }).items
  return items?.length === 0
}

interface ProgressProps {
  readonly label: string
  /** 0..1; undefined: nobody knows how far it is */
  readonly done: number | undefined
  /** what the bar says in words, '120 of 500 rounds' */
  readonly words?: string
  readonly secondsLeft?: number | undefined
}

/** How far something long is, with the time that it will take where that is known. */
export function Progress({ label, done, words: said, secondsLeft }: ProgressProps) {
  const t = useWords(words)
  const text = said ?? (done === undefined ? t('loading') : `${Math.floor(done * 100)} %`)
  const left = secondsLeft === undefined ? '' : t('left', { time: durationText(secondsLeft) })
  return (
    <ProgressBar
      className="progress"
      aria-label={label}
      value={(done ?? 0) * 100}
      isIndeterminate={done === undefined}
      valueLabel={[text, left].filter(Boolean).join(', ')}
    >
      {({ percentage, valueText }) => (
        <>
          <div className="progress-track">
            <div
              className={done === undefined ? 'progress-fill progress-unknown' : 'progress-fill'}
              style={{ inlineSize: `${percentage ?? 30}%` }}
            />
          </div>
          <div className="progress-words">
            <span>{label}</span>
            <span className="numeric">{valueText}</span>
          </div>
        </>
      )}
    </ProgressBar>
  )
}

/** How much of something is used, as part of a whole. @param value of `most` */
export function Gauge({
  label,
  value,
  most,
  words: said,
}: {
  label: string
  value: number
  most: number
  words: string
}) {
  return (
    <Meter className="progress" aria-label={label} value={value} maxValue={most} valueLabel={said}>
      {({ percentage }) => (
        <>
          <div className="progress-track">
            <div className="progress-fill" style={{ inlineSize: `${percentage}%` }} />
          </div>
          <div className="progress-words">
            <span>{label}</span>
            <span className="numeric">{said}</span>
          </div>
        </>
      )}
    </Meter>
  )
}
