// A host of an alignment: raises the guest's points, and learns which of its ids all parties have, nothing else.
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkCount } from './bodies.ts'
import { agreeWithGuest, answerGuest, receivePositions, tooSmall } from './host-exchange.ts'
import {
  hashOwnIds,
  keepOrder,
  keptOrder,
  type MaskedSet,
  ownTerms,
  PADDING,
  type PsiState,
  receiptOf,
} from './masking.ts'
import { ALIGNMENT } from './messages.ts'
import { checkInput, type PsiInput, type PsiOutput } from './params.ts'
import { reportOf } from './report.ts'

export const psiHost: RoleProgram<PsiInput, PsiState, PsiOutput> = {
  async setup(task, input) {
    checkInput(input)
    const theirs = await agreeWithGuest(task, ownTerms(input))
    return { startedAt: Date.now(), profiles: { [task.guest]: theirs.profile } }
  },

  async round(task, input, state, round) {
    const hashed = await hashOwnIds(task, input.idKind, input.ids)
    const own = await answerGuest(task, input.bucket, hashed, round)
    const order = await receiveOrder(task, input, state, round, own)
    await keepOrder(task, order)
    const report = reportOf(task, { ...input, idCount: input.ids.length, mode: 'inner' }, state.startedAt, {
      nIntersection: order.length,
      points: own.pointsSent,
      positions: 0,
      pairwise: [], // the guest alone knows it
      commitments: [[task.guest, own.commitment]],
    })
    return { state: { ...state, report }, finished: true }
  },

  async finish(task, _input, state) {
    if (state.report === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    const rowKey = await task.vault.once('psi/row-key', async () => {
      throw new PlatformError('job.bad-state', { expected: 'a row key' })
    })
    return { order: await keptOrder(task), rowKey: Uint8Array.from(rowKey), report: state.report }
  },
}

/** The common rows as indexes of own ids. @throws PlatformError psi.too-small, psi.count, protocol.malformed */
async function receiveOrder(
  task: TaskContext,
  input: PsiInput,
  state: PsiState,
  round: number,
  own: MaskedSet,
): Promise<Uint32Array> {
  const channel = openRound(ALIGNMENT, 'host', 'guest', task.channel(task.guest), round)
  const found = await channel.receive('intersection')
  if (found.tooSmall) {
    await channel.send('receipt', () => ({ count: 0, sha256: new Uint8Array(32) }))
    throw tooSmall(task, ownTerms(input), state)
  }
  // The minimum of this party holds whatever the guest says.
  if (found.count < input.minIntersection) throw new PlatformError('psi.too-small', { minimum: input.minIntersection })
  if (found.count > input.ids.length) checkCount(input.ids.length, found.count, task.guest)

  const positions = await receivePositions(found.count, task.guest, (part) => channel.receive('positions', part))
  const order = ownersOf(positions, own)
  await task.vault.once('psi/row-key', async () => Uint8Array.from(found.rowKey))
  const sha256 = receiptOf(task, task.self, found.rowKey, positions)
  await channel.send('receipt', () => ({ count: order.length, sha256 }))
  return order
}

/** @throws PlatformError protocol.malformed for a position outside the set, on padding, or named twice */
function ownersOf(positions: Uint32Array, own: MaskedSet): Uint32Array {
  const named = new Uint8Array(own.owner.length)
  return positions.map((position) => {
    const id = own.owner[position]
    if (id === undefined || id === PADDING || named[position] === 1) {
      throw new PlatformError('protocol.malformed', { step: 'positions', expected: 'own ids, each once' })
    }
    named[position] = 1
    return id
  })
}
