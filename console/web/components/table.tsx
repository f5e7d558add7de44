// Tables for reading: sorted by a press on the heading, the head stays in sight, a row becomes a card on a phone.
import { useState, type ReactNode } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import { dictionary, useWords } from '../words.ts'
import { Button } from './button.tsx'

const words = dictionary({
  more: ['Show more', '显示更多'],
  shown: ['{n} {n|row|rows} shown', '已显示 {n} 行'],
})

export interface Column<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** makes the column sortable; numbers sort as numbers */
  readonly order?: (row: Row) => string | number
  /** numbers stand to the right */
  readonly align?: 'start' | 'end'
  /** the cell that names the row; the first column unless told */
  readonly isRowHeader?: boolean
}

interface TableProps<Row> {
  /** says what the table is of, for those who do not see the heading above it */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string | number
  readonly sortedBy?: { readonly column: string; readonly descending?: boolean }
  /** there are more at the server */
  readonly more?: { readonly isAsking: boolean; readonly ask: () => void } | undefined
  /** a class for a row that stands out */
  readonly mark?: (row: Row) => 'good' | 'wait' | 'bad' | undefined
  /** shown instead of a table without rows */
  readonly empty?: ReactNode
}

export function Table<Row>(props: TableProps<Row>) {
  const t = useWords(words)
  const { columns, rows, more, mark } = props
  const [sorted, setSorted] = useState(props.sortedBy)
  if (rows.length === 0 && props.empty !== undefined) return props.empty
  const header = columns.find((column) => column.isRowHeader === true) ?? columns[0]
  return (
    <div className="table-frame">
      {/* scrolls sideways when it must; a region with a name, so that a keyboard gets there */}
      <div className="table-scroll" role="region" aria-label={props.label} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column.id} column={column} sorted={sorted} onSort={setSorted} />
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder(rows, columns, sorted).map((row) => (
              <tr key={props.rowId(row)} data-mark={mark?.(row)}>
                {columns.map((column) => {
                  const Cell = column === header ? 'th' : 'td'
                  return (
                    <Cell
                      key={column.id}
                      {...(Cell === 'th' ? { scope: 'row' } : {})}
                      data-title={column.title}
                      className={column.align === 'end' ? 'end' : undefined}
                    >
                      <div className="cell">{column.cell(row)}</div>
                    </Cell>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more === undefined ? null : (
        <div className="table-more">
          <span className="muted" role="status">
            {t('shown', { n: rows.length })}
          </span>
          <Button isPending={more.isAsking} onPress={more.ask}>
            {t('more')}
          </Button>
        </div>
      )}
    </div>
  )
}

type Sorted = { readonly column: string; readonly descending?: boolean } | undefined

function Heading<Row>(props: { column: Column<Row>; sorted: Sorted; onSort: (sorted: Sorted) => void }) {
  const { column, sorted, onSort } = props
  const isSorted = sorted?.column === column.id
  const isDown = isSorted && sorted.descending === true
  const className = column.align === 'end' ? 'end' : undefined
  if (column.order === undefined) {
    return (
      <th scope="col" className={className}>
        {column.title}
      </th>
    )
  }
  return (
    <th scope="col" className={className} aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'}>
      <Pressed className="sort" onPress={() => onSort({ column: column.id, descending: isSorted && !isDown })}>
        {column.title}
        <span className="sort-mark" aria-hidden="true">
          {isSorted ? (isDown ? '▾' : '▴') : '↕'}
        </span>
      </Pressed>
    </th>
  )
}

function inOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorted: Sorted): readonly Row[] {
  const order = columns.find(({ id }) => id === sorted?.column)?.order
  if (order === undefined) return rows
  const sign = sorted?.descending === true ? -1 : 1
  return [...rows].sort((one, other) => {
    const [a, b] = [order(one), order(other)]
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)))
  })
}
