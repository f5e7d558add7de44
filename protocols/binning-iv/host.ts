// A host: bins its columns, adds up the guest's encrypted rows by bin, and learns what each bin weighs.
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { setNamed } from '#crypto/he/params.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { OpenGroup } from '#protocols/group/group.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ColumnCells, ColumnWeights } from './bodies.ts'
import { type CellColumn, cellColumn, memberColumn, ownedColumn, ownedShape } from './host-columns.ts'
import { type GroupPart, meetMembers, openMember, sortedColumns } from './host-group.ts'
import { answerParts, cellsOf, checkRows, type Pass, passesOf, rowParts, setFor, windowsFor } from './layout.ts'
import { COUNTING, SETUP } from './messages.ts'
import { type HostInput, type HostOutput, MAX_COLUMNS } from './params.ts'
import { termsOf } from './terms.ts'

export interface HostState {
  readonly windows: number
  /** by column, once the guest has answered */
  readonly weights: readonly ColumnWeights[]
  /** at a member of a group */
  readonly group?: GroupPart
}

export function openHost(pool: HePool): RoleProgram<HostInput, HostState, HostOutput> {
  let known: Promise<readonly CellColumn[]> | undefined
  const columnsOf = (task: TaskContext, input: HostInput, group: GroupPart | undefined) =>
    (known ??= cellColumns(task, input, group))
  return {
    async setup(task, input) {
      checkRows(input.sets, input.rows?.length ?? input.columns[0]?.values.length ?? 0)
      refuseUnless(input.columns.length >= 1 && input.columns.length <= MAX_COLUMNS, `1 to ${MAX_COLUMNS} columns`)
      const group = await meetMembers(task, input)
      const counted = await columnsOf(task, input, group)
      const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
      const terms = termsOf(task, input)
      await guest.send('host-terms', () => terms)
      await guest.send('host-columns', () => counted.map(({ cells }) => cells))
      compareTerms(terms, await guest.receive('guest-terms'), task.guest)
      const windows = await guest.receive('layout')
      refuseUnless(windows >= windowsFor(counted.map(({ cells }) => cells)), 'a window for each cell')
      return { windows, weights: [], ...(group !== undefined && { group }) }
    },
    async round(task, input, state, round) {
      const { windows, group } = state
      const counted = await columnsOf(task, input, group)
      const guest = openRound(COUNTING, 'host', 'guest', task.channel(task.guest), round)
      await input.counting?.(counted.map(({ column: { name }, bins }) => ({ name, bins })))
      const passes = passesOf(input.sets, windows, counted.length)
      const member = group === undefined ? undefined : await openMember(task, input, group)
      for (const pass of passes) await answerPass(task, pool, guest, counted, windows, passes, pass, input, member)
      const weights = await guest.receive('weights')
      refuseUnless(weights.length === counted.length, 'weights for each column')
      const shapes = counted.map((column, c) => ownedShape(ownedColumn(column, weights[c]!)))
      await guest.send('shapes', () => shapes, { rows: input.sets[0]!.rows })
      return { state: { ...state, weights }, finished: true }
    },
    async finish(task, input, { weights, group }) {
      const counted = await columnsOf(task, input, group)
      return { columns: counted.map((column, c) => ownedColumn(column, weights[c]!)) }
    },
  }
}

/** Bins and cells of all columns: the same again after a restart, and at all members of a group. */
async function cellColumns(task: TaskContext, input: HostInput, group?: GroupPart): Promise<CellColumn[]> {
  const known = new Set(input.columns.map(({ alias }) => alias))
  if (known.size !== input.columns.length) throw new PlatformError('credit.bins', { expected: 'an alias once' })
  const seed = group === undefined ? await task.vault.seed('cells') : (await openMember(task, input, group)).seed
  const columns = group === undefined ? input.columns : sortedColumns(input.columns)
  const counted: CellColumn[] = []
  for (const [c, column] of columns.entries()) {
    const agreed = group?.columns[c]
    counted.push(agreed === undefined ? cellColumn(input, column, seed) : memberColumn(input, column, agreed, seed))
    await yieldToOthers() // a large table takes a while, and the agent's links must not fall silent
  }
  return counted
}

/** Receives the rows of a pass and answers with the sums of its columns. */
async function answerPass(
  task: TaskContext,
  pool: HePool,
  guest: RoleChannel<typeof COUNTING, 'host'>,
  counted: readonly CellColumn[],
  windows: number,
  passes: readonly Pass[],
  pass: Pass,
  input: HostInput,
  member: OpenGroup | undefined,
): Promise<void> {
  const set = setFor(input.sets, windows)
  const key = await pool.readPublicKey(set, await guest.receive('row-key', { part: pass.index }))
  const modulus = BigInt(setNamed(set).plainModulus)
  const masks = (cells: ColumnCells) => member?.masks(`cells/${pass.index}/${cells.alias}`, cellsOf(cells), modulus)
  const columns = counted.slice(pass.firstColumn, pass.endColumn)
  const histogram = pool.openHistogram(key, windows, columns.length)
  for (const part of rowParts(passes, pass, windows)) {
    const rows = await guest.receive('rows', { part: part.number, keyId: key.id })
    refuseUnless(rows.length === Math.ceil((part.end - part.first) / histogram.rowsPerBlock), 'all rows of the part')
    await histogram.add(
      rows,
      columns.map(({ cellOfRow }) => cellOfRow.subarray(part.first, part.end)),
    )
    task.progress({
      phase: `counting ${pass.set}`,
      done: part.end,
      total: input.sets.reduce((n, set) => n + set.rows, 0),
      unit: 'rows',
    })
  }
  for (const part of answerParts(passes, pass, counted.length)) {
    await guest.send(
      'cell-sums',
      () =>
        Promise.all(
          columns
            .slice(part.first - pass.firstColumn, part.end - pass.firstColumn)
            .map(({ cells }, i) => histogram.protect(part.first - pass.firstColumn + i, cellsOf(cells), masks(cells))),
        ),
      { part: part.number, keyId: key.id },
    )
  }
}
