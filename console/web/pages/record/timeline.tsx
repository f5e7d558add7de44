// The record of a run as a picture: lanes are parties, columns are rounds, each cell says what its party sent and what
// happened there. The list beside it says the same in words, for a keyboard and a screen reader.
import type { CSSProperties } from 'react'
import type { Timeline, TimelineCell, TimelineColumn } from '#console/api/record-shapes.ts'
import { bytesText } from '../../components/format.tsx'
import { dictionary, useWords } from '../../words.ts'
import { classWords } from './record-words.ts'

const markWords = dictionary({
  approvals: ['approval', '批准书'],
  releases: ['released', '放行'],
  withheld: ['withheld', '未放行'],
  refusals: ['refusal', '拒绝'],
  anomalies: ['anomaly', '异常'],
  voided: ['voided', '作废'],
  accesses: ['read', '读取'],
})
type MarkName = keyof typeof markWords
const MARK_SIGNS: Readonly<Record<MarkName, string>> = {
  approvals: '◆',
  releases: '△',
  withheld: '▽',
  refusals: '✕',
  anomalies: '!',
  voided: '∅',
  accesses: '○',
}
const MARK_NAMES = Object.keys(MARK_SIGNS) as readonly MarkName[]
const CLASS_NAMES = Object.keys(classWords) as readonly (keyof typeof classWords)[]

const words = dictionary({
  label: [
    'Time line by party and round; the list below says the same in words',
    '按参与方与轮次的时间线；下方列表以文字说明相同内容',
  ],
  agreement: ['agreement', '约定'],
  end: ['end', '结束'],
  sends: ['Sent, from top to bottom:', '发送内容，自上而下：'],
  marks: ['Marks:', '标记：'],
  left: ['left out', '未参加'],
})

/** 'train 3–6'. */
export function useColumnTitle(): (column: TimelineColumn) => string {
  const t = useWords(words)
  return ({ kind, task, firstRound, lastRound }) =>
    kind === 'rounds' ? `${task} ${firstRound === lastRound ? firstRound : `${firstRound}–${lastRound}`}` : t(kind)
}

interface PictureProps {
  readonly timeline: Timeline
  /** a column, or one cell of it */
  readonly chosen: { readonly column: number; readonly party?: string } | undefined
  readonly onChoose: (column: number, party: string) => void
}

export function TimelinePicture({ timeline, chosen, onChoose }: PictureProps) {
  const t = useWords(words)
  const { columns, parties } = timeline
  const cells = new Map(timeline.cells.map((cell) => [`${cell.party} ${cell.column}`, cell]))
  // the two ends of a run have a word above them
  const widths = columns.map(({ kind }) => (kind === 'rounds' ? 'minmax(0.9rem, 1fr)' : 'minmax(2.75rem, 1fr)'))
  const style: CSSProperties = { gridTemplateColumns: `minmax(4.5rem, max-content) ${widths.join(' ')}` }
  return (
    // scrolls sideways on a narrow screen, and so has to be reached by keyboard
    <figure className="timeline" aria-label={t('label')} tabIndex={0}>
      <div className="timeline-grid" style={style} aria-hidden="true">
        <span />
        {tasksOf(columns).map(({ from, span, title }) => (
          <span key={from} className="timeline-task" style={{ gridColumn: `span ${span}` }}>
            {title === 'agreement' || title === 'end' ? t(title) : title}
          </span>
        ))}
        {parties.map((party) => [
          <span key={party} className="timeline-party">
            {party}
          </span>,
          ...columns.map((column, i) => (
            <Cell
              key={`${party} ${column.from}`}
              cell={cells.get(`${party} ${i}`)}
              column={column}
              isChosen={chosen?.column === i && (chosen.party === undefined || chosen.party === party)}
              onChoose={() => onChoose(i, party)}
            />
          )),
        ])}
      </div>
      <Legend />
    </figure>
  )
}

/** Neighbouring columns of one task share a heading. */
function tasksOf(columns: readonly TimelineColumn[]): { from: number; span: number; title: string }[] {
  const found: { from: number; span: number; title: string }[] = []
  for (const { kind, task, from } of columns) {
    const title = kind === 'rounds' ? task : kind
    const last = found.at(-1)
    if (last?.title === title) last.span += 1
    else found.push({ from, span: 1, title })
  }
  return found
}

interface CellProps {
  readonly cell: TimelineCell | undefined
  readonly column: TimelineColumn
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Cell({ cell, column, isChosen, onChoose }: CellProps) {
  const told = useCellWords()
  const titleOf = useColumnTitle()
  if (cell === undefined) return <span className="timeline-cell timeline-empty" data-chosen={isChosen || undefined} />
  const marks = MARK_NAMES.filter((name) => cell.marks[name] !== undefined)
  return (
    <span
      className="timeline-cell"
      data-chosen={isChosen || undefined}
      data-open={cell.isOpen}
      title={`${cell.party}, ${titleOf(column)}: ${told(cell)}`}
      onClick={onChoose}
    >
      {CLASS_NAMES.map((name) => (
        <span key={name} className="timeline-class" data-class={cell.sent[name] === undefined ? undefined : name} />
      ))}
      <span className="timeline-marks">
        {marks.map((name) => (
          <span key={name} data-mark={name}>
            {MARK_SIGNS[name]}
          </span>
        ))}
      </span>
    </span>
  )
}

/** What a cell says. */
export function useCellWords(): (cell: TimelineCell) => string {
  const t = useWords(words)
  const mark = useWords(markWords)
  const name = useWords(classWords)
  return ({ sent, bytes, marks, leftOut }) => {
    const classes = CLASS_NAMES.filter((one) => sent[one] !== undefined).map((one) => `${name(one)} ×${sent[one]}`)
    const size = bytes > 0 ? [bytesText(bytes)] : []
    const marked = MARK_NAMES.filter((one) => marks[one] !== undefined).map((one) => `${mark(one)} ×${marks[one]}`)
    return [...classes, ...size, ...marked, ...(leftOut === undefined ? [] : [`${t('left')} ×${leftOut}`])].join(', ')
  }
}

function Legend() {
  const t = useWords(words)
  const mark = useWords(markWords)
  const name = useWords(classWords)
  return (
    <figcaption className="timeline-legend">
      <span>{t('sends')}</span>
      {CLASS_NAMES.map((one) => (
        <span key={one}>
          <span className="timeline-class timeline-sample" data-class={one} aria-hidden="true" />
          {name(one)}
        </span>
      ))}
      <span>{t('marks')}</span>
      {MARK_NAMES.map((one) => (
        <span key={one}>
          <span data-mark={one} aria-hidden="true">
            {MARK_SIGNS[one]}
          </span>{' '}
          {mark(one)}
        </span>
      ))}
    </figcaption>
  )
}
