// This party's own part of a model: its columns with its own cut points, points and thresholds.
import { useState } from 'react'
import { type OwnPart, resultCalls } from '#console/api/results.ts'
import type { TablePart } from '#console/api/tables.ts'
import type { Cell } from '#credit/evaluation/pack.ts'
import { columnKind, columnTitle, writtenCell } from '#credit/report/columns.ts'
import { clientOf } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { Figure } from '../../components/format.tsx'
import { Section } from '../../components/layout.tsx'
import { Answer } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { words } from './words.ts'

const calls = clientOf(resultCalls)
type Own = OwnPart['columns'][number]
type Numbered = { readonly at: number; readonly cells: readonly Cell[] }

/** Asked for when it is opened: it is a read of its own. */
export function OwnPartSection({ job }: { readonly job: string }) {
  const t = useWords(words)
  const [isOpen, setOpen] = useState(false)
  return (
    <Section
      title={t('ownPart')}
      lead={t('ownPartLead')}
      actions={isOpen ? undefined : <Button onPress={() => setOpen(true)}>{t('openResult')}</Button>}
    >
      {isOpen ? <Opened job={job} /> : null}
    </Section>
  )
}

function Opened({ job }: { readonly job: string }) {
  const part = useRead(['results', job, 'part'], (signal) => calls.ownPart({ params: { job } }, { signal }))
  return <Answer of={part}>{(of) => <Part of={of} />}</Answer>
}

function Part({ of: { columns, intercept, tables } }: { readonly of: OwnPart }) {
  const t = useWords(words)
  const has = (name: 'mean' | 'standardError') => columns.some((column) => column[name] !== undefined)
  const number = (value: number | undefined) => (value === undefined ? '–' : <Figure value={value} />)
  const p = (value: number | undefined) => (value === undefined ? '–' : value < 0.0001 ? '<0.0001' : value.toFixed(4))
  const end = 'end' as const
  const scales: Column<Own>[] = [
    { id: 'mean', title: t('mean'), align: end, cell: (own) => number(own.mean) },
    { id: 'sd', title: t('sd'), align: end, cell: (own) => number(own.sd) },
  ]
  const tests: Column<Own>[] = [
    { id: 'se', title: t('standardError'), align: end, cell: (own) => number(own.standardError) },
    { id: 'p', title: t('pValue'), align: end, cell: (own) => p(own.p) },
  ]
  const shown: Column<Own>[] = [
    { id: 'name', title: t('column'), cell: ({ name }) => <code>{name}</code>, order: ({ name }) => name },
    {
      id: 'coefficient',
      title: t('coefficient'),
      align: end,
      cell: ({ coefficient }) => number(coefficient),
      order: ({ coefficient }) => coefficient,
    },
    ...(has('mean') ? scales : []),
    ...(has('standardError') ? tests : []),
  ]
  return (
    <>
      {columns.length === 0 ? null : (
        <>
          <h3>{t('coefficients')}</h3>
          <Table label={t('coefficients')} rows={columns} rowId={({ name }) => name} columns={shown} />
          {intercept === undefined ? null : (
            <p>
              {t('intercept')} <Figure value={intercept} />
            </p>
          )}
        </>
      )}
      {tables.map((table) => (
        <OwnTable key={table.name} table={table} />
      ))}
    </>
  )
}

function OwnTable({ table }: { readonly table: TablePart }) {
  const t = useWords(words)
  const language = useLanguage()
  const title = t(table.name === 'own_splits' ? 'ownSplits' : 'ownScorecard')
  const rows = table.rows.map((cells, at): Numbered => ({ at, cells }))
  const isNumber = (i: number) => columnKind(table.columns[i] ?? '') !== 'text'
  return (
    <>
      <h3>{title}</h3>
      <Table
        label={title}
        rows={rows}
        rowId={({ at }) => at}
        columns={table.columns.map((name, i) => ({
          id: name,
          title: columnTitle(name, language),
          align: isNumber(i) ? ('end' as const) : ('start' as const),
          cell: ({ cells }: Numbered) => <span className="numeric">{said(cells[i] ?? null, name, language)}</span>,
        }))}
      />
    </>
  )
}

/** A threshold is written with all of its digits: they decide on which side a row falls. */
function said(cell: Cell, column: string, language: 'zh' | 'en'): string {
  return column === 'threshold' ? String(cell ?? '–') : writtenCell(cell, columnKind(column), language)
}
