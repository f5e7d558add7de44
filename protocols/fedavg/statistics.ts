// Statistics of columns over the rows of all parties, seen by any party: two encrypted sums, both opened by the guest,
// which tells the others what enough rows stand behind.
import { createHash } from 'node:crypto'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { openAudience, openRound } from '#protocols/core/channel.ts'
import type { RoleProgram, RoundOutcome, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ToldColumn } from './bodies.ts'
import {
  encodeSpread,
  encodeSummary,
  readSpread,
  readSummary,
  requireSameRows,
  spreadLength,
  summaryLength,
} from './column-sums.ts'
import { type Group, type GroupSecrets, meet, openSecrets } from './group.ts'
import { GroupSum } from './group-sum.ts'
import { STATISTICS } from './messages.ts'
import { type Cells, LEAST_CELL_ROWS, MAX_COLUMNS, type StatisticsInput, type StatisticsOutput } from './params.ts'
import { statisticsTerms } from './terms.ts'

export interface StatisticsState {
  readonly group: Group
  /** after round 1 */
  readonly spread: readonly Cells[]
  /** after round 2 */
  readonly columns: readonly ToldColumn[]
}

const ROUNDS = 2

export function openStatistics(): RoleProgram<StatisticsInput, StatisticsState, StatisticsOutput> {
  let secrets: Promise<GroupSecrets> | undefined
  return {
    async setup(task, input) {
      checkInput(input)
      return { group: await meet(task, statisticsTerms(input)), spread: [], columns: [] }
    },
    async round(task, input, state, round): Promise<RoundOutcome<StatisticsState>> {
      const own = await (secrets ??= openSecrets(task, state.group))
      if (round === 1)
        return { state: { ...state, spread: await spreadRound(task, input, state, own) }, finished: false }
      return { state: { ...state, columns: await summaryRound(task, input, state, own) }, finished: true }
    },
    async finish(task, { columns, sumsBefore }, state) {
      return {
        columns: state.columns.map((told, c) => {
          const rows = told.cells.rows.reduce((sum, count) => sum + count, 0)
          return { name: columns[c] as string, rows, ...told }
        }),
        sums: { ...sumsBefore, [task.guest]: (sumsBefore[task.guest] ?? 0) + ROUNDS },
      }
    },
  }
}

async function spreadRound(task: TaskContext, input: StatisticsInput, state: StatisticsState, secrets: GroupSecrets) {
  const fields = fieldsFor(state.group.participants.length)
  const lengths = input.columns.map(() => spreadLength(fields))
  const { minimumRows } = input.params
  const sum = sumOf(task, input, state, secrets, 1, lengths)
  await sum.contribute(joined(input.values.map((values) => encodeSpread(values, fields))), rowsOf(input))
  if (task.self !== task.guest) {
    const spread = await openRound(STATISTICS, 'party', 'opener', task.channel(task.guest), 1).receive('spread')
    requireFloor(input, spread)
    return spread
  }
  const spread = parts(await sum.open(), lengths).map((own) => readSpread(own, fields, minimumRows))
  const rows = leastRows(spread, minimumRows)
  const others = openAudience(STATISTICS, 'opener', 'party', task.audience(task.hosts), 1)
  await others.send('spread', () => spread, { rows, minimumRows })
  return spread
}

async function summaryRound(task: TaskContext, input: StatisticsInput, state: StatisticsState, secrets: GroupSecrets) {
  const fields = fieldsFor(state.group.participants.length)
  const { params } = input
  const { minimumRows } = params
  const lengths = state.spread.map((cells) => summaryLength(cells, minimumRows, fields))
  const sum = sumOf(task, input, state, secrets, 2, lengths)
  await sum.contribute(
    joined(input.values.map((values, c) => encodeSummary(values, state.spread[c] as Cells, minimumRows, fields))),
    rowsOf(input),
  )
  let columns: readonly ToldColumn[]
  if (task.self === task.guest) {
    const opened = parts(await sum.open(), lengths)
    columns = opened.map((own, c) => readSummary(own, state.spread[c] as Cells, params, fields))
  } else {
    columns = await openRound(STATISTICS, 'party', 'opener', task.channel(task.guest), 2).receive('summary')
  }
  const cells = columns.map((told) => told.cells)
  requireFloor(input, cells)
  for (const [c, told] of cells.entries()) requireSameRows(told, state.spread[c] as Cells)
  if (task.self !== task.guest) return columns
  const rows = leastRows(cells, minimumRows)
  const others = openAudience(STATISTICS, 'opener', 'party', task.audience(task.hosts), 2)
  await others.send('summary', () => columns, { rows, minimumRows })
  return columns
}

function sumOf(
  task: TaskContext,
  { sumsBefore }: StatisticsInput,
  { group, spread }: StatisticsState,
  secrets: GroupSecrets,
  round: number,
  lengths: readonly number[],
): GroupSum {
  return new GroupSum(task, group, secrets, {
    round,
    opener: task.guest,
    number: (sumsBefore[task.guest] ?? 0) + round,
    model: new Uint8Array(createHash('sha256').update(JSON.stringify(spread)).digest()),
    values: lengths.reduce((total, length) => total + length, 0),
    shared: false,
  })
}

/** @throws PlatformError average.settings, average.rows */
function checkInput({ params, columns, values }: StatisticsInput): void {
  const { minimumRows, bins } = params
  if (!(minimumRows >= LEAST_CELL_ROWS)) throw new PlatformError('average.settings', { setting: 'minimumRows' })
  if (!(Number.isInteger(bins) && bins >= 1)) throw new PlatformError('average.settings', { setting: 'bins' })
  const fits = columns.length >= 1 && columns.length <= MAX_COLUMNS && values.length === columns.length
  if (!fits || values.some(({ length }) => length !== values[0]?.length)) {
    throw new PlatformError('average.rows', { columns: columns.length, values: values.length })
  }
}

/** The guest keeps to the floor, or is found out. @throws PlatformError average.impossible */
function requireFloor({ columns, params }: StatisticsInput, told: readonly Cells[]): void {
  const enough = told.every(({ rows }) => rows.every((count) => count >= params.minimumRows))
  if (told.length !== columns.length || !enough) throw new PlatformError('average.impossible', { what: 'cells' })
}

/** Rows behind the least of the cells. @throws PlatformError release.too-few-rows where no column has any */
function leastRows(told: readonly Cells[], floor: number): number {
  const rows = told.flatMap((cells) => cells.rows)
  if (rows.length === 0) throw new PlatformError('release.too-few-rows', { floor })
  return Math.min(...rows)
}

function rowsOf({ values }: StatisticsInput): number {
  return values[0]?.length ?? 0
}

function joined(vectors: readonly Uint32Array[]): Uint32Array {
  const out = new Uint32Array(vectors.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const vector of vectors) {
    out.set(vector, at)
    at += vector.length
  }
  return out
}

function parts(all: Uint32Array, lengths: readonly number[]): Uint32Array[] {
  let at = 0
  return lengths.map((length) => {
    const from = at
    at += length
    return all.subarray(from, at)
  })
}
