// The record of a run by party and round, reduced to as many columns as fit on a screen: neighbouring rounds of a task
// share one, and a reader asks for a part of the axis to see them apart.
import type { Timeline, TimelineCell, TimelineColumn } from '#console/api/record-shapes.ts'
import { endOf, type IndexedJob, placeOf } from '../log/indexed-log.ts'
import type { HeldLog } from '../log/log-index.ts'
import type { ColumnRow } from '../log/log-columns.ts'
import { timeOf } from './record-runs.ts'

const COLUMNS = 48

export interface TimelineRange {
  readonly from?: number
  readonly to?: number
  readonly columns?: number
}

export function timelineOf({ index }: HeldLog, job: IndexedJob, asked: TimelineRange): Timeline {
  const columns = columnsOf(job, asked)
  const columnAt = new Map<number, number>()
  for (const [number, { from, to }] of columns.entries())
    for (let position = from; position <= to; position++) columnAt.set(position, number)
  const cells = new Map<string, GrowingCell>()
  for (const number of [...index.approvalRecords(job), ...job.numbers]) {
    const row = index.columns.row(number)
    const column = columnAt.get(placeOf(job, row.position))
    if (column === undefined) continue
    const key = `${column} ${row.author}`
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = {
        party: row.author,
        column,
        opened: Infinity,
        closed: 0,
        open: 0,
        leftOut: 0,
        sent: {},
        bytes: 0,
        marks: {},
      }
      cells.set(key, cell)
    }
    addTo(cell, row)
  }
  const seen = new Set([...cells.values()].map(({ party }) => party))
  const parties = [...job.parties, ...[...seen].filter((party) => !job.parties.includes(party)).toSorted()]
  return { job: job.job, parties, size: endOf(job) + 1, columns, cells: [...cells.values()].map(told) }
}

/** The parts of the axis; rounds of different tasks never share a column. */
function columnsOf(job: IndexedJob, { from = 0, to = Infinity, columns = COLUMNS }: TimelineRange): TimelineColumn[] {
  const end = endOf(job)
  const found: TimelineColumn[] = []
  const phase = (kind: 'agreement' | 'end', position: number) =>
    found.push({ kind, task: '', firstRound: 0, lastRound: 0, from: position, to: position })
  if (from <= 0) phase('agreement', 0)
  const [first, last] = [Math.max(1, from), Math.min(end - 1, to)]
  const most = Math.max(1, Math.ceil((last - first + 1) / columns))
  for (let position = first; position <= last; position++) {
    const { task, round } = job.rounds[position - 1] as IndexedJob['rounds'][number]
    const open = found.at(-1)
    if (open?.kind === 'rounds' && open.task === task && position - open.from < most) {
      open.to = position
      open.lastRound = round
    } else found.push({ kind: 'rounds', task, firstRound: round, lastRound: round, from: position, to: position })
  }
  if (to >= end) phase('end', end)
  return found
}

interface GrowingCell {
  readonly party: string
  readonly column: number
  opened: number
  closed: number
  /** rounds that were opened and not closed */
  open: number
  leftOut: number
  readonly sent: Record<string, number>
  bytes: number
  readonly marks: TimelineCell['marks']
}

type Mark = keyof TimelineCell['marks']

function addTo(cell: GrowingCell, { kind, time, bytes, flag, class: name }: ColumnRow): void {
  const mark = (which: Mark, times = 1) => {
    if (times > 0) cell.marks[which] = (cell.marks[which] ?? 0) + times
  }
  switch (kind) {
    case 'round.opened':
      cell.opened = Math.min(cell.opened, time)
      cell.open += 1
      cell.leftOut = Math.max(cell.leftOut, flag)
      return
    case 'round.closed':
      cell.closed = Math.max(cell.closed, time)
      cell.open -= 1
      return mark('voided', flag)
    case 'msg.sent':
      cell.sent[name] = (cell.sent[name] ?? 0) + 1
      cell.bytes += bytes
      return
    case 'cell.released':
      return mark(flag > 0 ? 'withheld' : 'releases')
    case 'metric.released':
      return mark('releases')
    case 'approval.granted':
    case 'approval.revoked':
      return mark('approvals')
    case 'policy.refused':
      return mark('refusals')
    case 'anomaly':
      return mark('anomalies')
    case 'access':
    case 'export.made':
      return mark('accesses')
    default:
  }
}

function told({ opened, closed, open, leftOut, ...cell }: GrowingCell): TimelineCell {
  return {
    ...cell,
    ...(opened === Infinity ? {} : { opened: timeOf(opened) }),
    ...(closed === 0 ? {} : { closed: timeOf(closed) }),
    ...(open > 0 ? { isOpen: true } : {}),
    ...(leftOut > 0 ? { leftOut } : {}),
  }
}
