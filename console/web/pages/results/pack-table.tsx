// A table of an evaluation as the report writes it: words for codes, shares as per cent, intervals below their values; a
// long one goes on when asked, and is there as CSV.
import { useMemo, useState } from 'react'
import { resultCalls } from '#console/api/results.ts'
import type { TablePart } from '#console/api/tables.ts'
import type { Cell, EvaluationPack } from '#credit/evaluation/pack.ts'
import { type Mark, recordsOf, type ShownCell, shownCell, shownColumns } from '#credit/report/table-markup.ts'
import { tableTitle } from '#credit/report/words.ts'
import { clientOf } from '../../client.ts'
import { Download } from '../../components/button.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { State, type Tone } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { words } from './words.ts'

const calls = clientOf(resultCalls)
const TONES: Readonly<Record<Mark, Tone>> = { pass: 'good', watch: 'wait', fail: 'bad', none: 'plain' }
const REST = 500

type Numbered = { readonly at: number; readonly record: Readonly<Record<string, Cell>> }

interface PackTableProps {
  readonly pack: EvaluationPack
  readonly part: TablePart | undefined
  /** shown in this order; all when absent */
  readonly columns?: readonly string[]
  readonly where?: Readonly<Record<string, Cell>>
  readonly title?: string
  /** a title of its own above it is said already */
  readonly isUntitled?: boolean
  /** opens when asked for */
  readonly isFolded?: boolean
}

export function PackTable(props: PackTableProps) {
  const { pack, part, columns, where, title, isUntitled = false, isFolded = false } = props
  const t = useWords(words)
  const language = useLanguage()
  const rest = useRest(pack.run.jobId, part)
  const shown = useMemo(() => {
    if (part === undefined) return undefined
    const whole = { ...part, rows: rest.rows }
    const rows = recordsOf(whole, where).map((record, at): Numbered => ({ at, record }))
    const visible = shownColumns(
      whole,
      rows.map(({ record }) => record),
      language,
      columns,
    )
    return { rows, columns: visible.map((column) => columnOf(pack, column, part.columns, language)) }
    // which columns and rows are wanted is said anew at each drawing, in the same words
  }, [pack, part, rest.rows, columns?.join(' '), JSON.stringify(where), language])
  if (part === undefined || shown === undefined || shown.rows.length === 0) return null
  const label = title ?? tableTitle(part.name, language)
  const content = (
    <div className="pack-table">
      <div className="section-head">
        {isUntitled || isFolded ? <span /> : <h3>{label}</h3>}
        <Download
          look="quiet"
          name={`${pack.run.jobId}.${part.name}.csv`}
          file={() => calls.csvFile({ params: { job: pack.run.jobId, table: part.name } })}
        >
          <span aria-label={t('csvOf', { table: label })}>{t('csv')}</span>
        </Download>
      </div>
      <Table label={label} rows={shown.rows} rowId={({ at }) => at} columns={shown.columns} more={rest.more} />
      {rest.error === undefined ? null : <ProblemNote error={rest.error} />}
    </div>
  )
  if (!isFolded) return content
  return (
    <details>
      <summary>{label}</summary>
      {content}
    </details>
  )
}

function columnOf(
  pack: EvaluationPack,
  { name, title, isNumber }: ReturnType<typeof shownColumns>[number],
  all: readonly string[],
  language: 'zh' | 'en',
): Column<Numbered> {
  return {
    id: name,
    title,
    align: isNumber ? 'end' : 'start',
    cell: ({ record }) => <Written cell={shownCell(pack, record, name, all, language)} />,
    order: ({ record }) => orderOf(record[name] ?? null),
  }
}

function orderOf(cell: Cell): string | number {
  if (cell === null) return Number.NEGATIVE_INFINITY
  return typeof cell === 'boolean' ? Number(cell) : cell
}

export function Written({ cell: { text, mark, interval } }: { readonly cell: ShownCell }) {
  return (
    <>
      {mark === undefined ? <span className="numeric">{text}</span> : <State tone={TONES[mark]}>{text}</State>}
      {interval === undefined ? null : <small className="interval numeric">{interval}</small>}
    </>
  )
}

/** The rows that came with the chapter, then those that were asked for. */
function useRest(job: string, part: TablePart | undefined) {
  const [added, setAdded] = useState<TablePart['rows']>([])
  const [next, setNext] = useState(part?.next)
  const [isAsking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>()
  const ask = async (): Promise<void> => {
    if (part === undefined || next === undefined) return
    setAsking(true)
    setError(undefined)
    try {
      const found = await calls.table({ params: { job, table: part.name }, query: { after: next, limit: REST } })
      setAdded([...added, ...found.rows])
      setNext(found.next)
    } catch (failure) {
      setError(failure)
    } finally {
      setAsking(false)
    }
  }
  const rows = useMemo(() => [...(part?.rows ?? []), ...added], [part, added])
  return { rows, error, more: next === undefined ? undefined : { isAsking, ask: () => void ask() } }
}
