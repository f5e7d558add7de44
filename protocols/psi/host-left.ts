// A host of a left alignment: raises the guest's points, and learns an order of its own ids in which customers of the
// guest and decoys look alike.
import { isRow, NO_CONSENT, NO_ROW } from '#protocols/core/aligned-rows.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RowOrder } from './bodies.ts'
import { agreeWithGuest, answerGuest, receivePositions, tooSmall } from './host-exchange.ts'
import {
  checkLeftInput,
  countIds,
  type LeftHostInput,
  type LeftOutput,
  MAX_ROWS,
  MOST_ROWS_OF_AN_ID,
} from './left-params.ts'
import { hashKeys, keepLeft, keptLeft, leftTerms, type LeftState } from './left-state.ts'
import { type MaskedSet, PADDING, receiptOf } from './masking.ts'
import { LEFT_ALIGNMENT } from './messages.ts'
import { LEAST_INTERSECTION } from './params.ts'
import { reportOf } from './report.ts'

export const psiLeftHost: RoleProgram<LeftHostInput, LeftState, LeftOutput> = {
  async setup(task, input) {
    checkLeftInput(input)
    const theirs = await agreeWithGuest(task, leftTerms(input, input.coverage))
    return { startedAt: Date.now(), profiles: { [task.guest]: theirs.profile } }
  },

  async round(task, input, state, round) {
    const own = await answerGuest(task, input.bucket, await hashKeys(task, input.keys), round)
    const { rows, sets, onPadding } = await receiveRows(task, input, state, round, own)
    await keepLeft(task, { rows })
    const count = (is: (row: number) => boolean) => rows.reduce((n, row) => n + Number(is(row)), 0)
    const facts = { profile: input.profile, idCount: countIds(input.keys), mode: 'left' } as const
    const report = reportOf(task, facts, state.startedAt, {
      nIntersection: new Set(rows.filter(isRow)).size,
      points: own.pointsSent,
      positions: 0,
      pairwise: [], // the guest alone knows it
      commitments: [[task.guest, own.commitment]],
      sets,
      order: {
        rows: rows.length,
        named: count(isRow),
        noRow: count((row) => row === NO_ROW),
        onPadding,
        noConsent: count((row) => row === NO_CONSENT),
      },
    })
    return { state: { ...state, sets, report }, finished: true }
  },

  async finish(task, _input, { report, sets }) {
    if (report === undefined || sets === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    return { ...(await keptLeft(task, [])), sets, report }
  },
}

type Sets = Extract<RowOrder, { tooSmall: false }>['sets']

/** The common order as numbers of own ids. @throws PlatformError psi.too-small, psi.count, protocol.malformed */
async function receiveRows(
  task: TaskContext,
  input: LeftHostInput,
  state: LeftState,
  round: number,
  own: MaskedSet,
): Promise<{ rows: Uint32Array; sets: Sets; onPadding: number }> {
  const channel = openRound(LEFT_ALIGNMENT, 'host', 'guest', task.channel(task.guest), round)
  const order = await channel.receive('row-order')
  if (order.tooSmall) {
    await channel.send('receipt', () => ({ count: 0, sha256: new Uint8Array(32) }))
    throw tooSmall(task, leftTerms(input, input.coverage), state)
  }
  const { sets } = order
  const count = sets.reduce((sum, set) => sum + set.rows, 0)
  if (count > MAX_ROWS) throw new PlatformError('psi.count', { peer: task.guest, rows: count, atMost: MAX_ROWS })
  if (sets.some((set) => set.rows < LEAST_INTERSECTION)) {
    throw new PlatformError('psi.too-small', { minimum: LEAST_INTERSECTION, problem: 'a set of fewer rows' })
  }
  const positions = await receivePositions(count, task.guest, (part) => channel.receive('row-positions', part))
  const rows = ownersOf(positions, own)
  // The minimum of this party holds whatever the guest says.
  if (new Set(rows.filter(isRow)).size < input.minIntersection) {
    throw new PlatformError('psi.too-small', { minimum: input.minIntersection })
  }
  const sha256 = receiptOf(task, task.self, new Uint8Array(), positions)
  await channel.send('receipt', () => ({ count, sha256 }))
  const onPadding = positions.reduce((n, position) => n + Number(own.owner[position] === PADDING), 0)
  return { rows, sets, onPadding }
}

/**
 * A position on padding is a decoy that the guest could not tell from an id: no row, without a word.
 * @throws PlatformError protocol.malformed for a position outside the set, or named for more rows than one id can have
 */
function ownersOf(positions: Uint32Array, own: MaskedSet): Uint32Array {
  const named = new Uint32Array(own.owner.length)
  return positions.map((position) => {
    if (!isRow(position)) return position
    const id = own.owner[position]
    if (id === undefined) {
      throw new PlatformError('protocol.malformed', { step: 'row-positions', expected: 'positions of the own set' })
    }
    named[position]! += 1
    if ((named[position] as number) > MOST_ROWS_OF_AN_ID) {
      throw new PlatformError('protocol.malformed', { step: 'row-positions', mostRowsOfAnId: MOST_ROWS_OF_AN_ID })
    }
    return id === PADDING ? NO_ROW : id
  })
}
