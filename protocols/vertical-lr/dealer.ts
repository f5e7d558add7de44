// One training round of a dealer: any host but the first. It deals its scores and keeps no share of the residuals.
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Workspace } from './columns.ts'
import { gradientOf, maskedProducts, sumResidues } from './gradient.ts'
import type { Member } from './member.ts'
import { TRAINING } from './messages.ts'
import { receiveParts, sendParts } from './parts.ts'
import { partialScores } from './scores.ts'
import { dealScores, ownRange } from './sharing.ts'
import { concludeAsHost, type LrInput, peerKey, planRound, type TrainingState } from './training.ts'

export async function dealerRound(
  task: TaskContext,
  pool: HePool,
  input: LrInput,
  state: TrainingState,
  workspace: Workspace,
  round: number,
  member?: Member,
): Promise<TrainingState> {
  const plan = planRound(input, state.widths, round)
  const guest = openRound(TRAINING, 'dealer', 'guest', task.channel(task.guest), round)
  const asHost = openRound(TRAINING, 'host', 'guest', task.channel(task.guest), round)
  const pivot = openRound(TRAINING, 'dealer', 'pivot', task.channel(task.hosts[0]!), round)

  const { from, to } = plan.batch
  const scores = partialScores(input.data, state.weights, from, to)
  const told = (await member?.range(round, scores, from, state.weights)) ?? ownRange(scores, input.params.columns)
  await dealScores(task, round, scores, told)
  const guestKey = await peerKey(task, pool, 'gradient', guest, plan, () => asHost.receive('guest-gradient-key'))
  const pivotKey = await peerKey(task, pool, 'gradient', pivot, plan, () => pivot.receive('dealer-gradient-key'))

  // Own gradient: both shares are encrypted, each under its owner's key.
  const guestShare = await receiveParts(plan.guestLayout.blocks, (part) => asHost.receive('guest-residual', { part }))
  const forGuest = await maskedProducts(
    pool,
    guestKey,
    guestShare,
    workspace.gradient,
    plan.batch,
    plan.guestLayout,
    await task.vault.seed(`round/${round}/guest`),
  )
  await sendParts(forGuest.send.length, (part, some) =>
    asHost.send('host-gradient', () => forGuest.send.slice(...some), { part, keyId: guestKey.id }),
  )
  task.progress({ phase: 'gradients', done: 1, total: 2, unit: 'blocks' })
  const pivotShare = await receiveParts(plan.pivotLayout.blocks, (part) => pivot.receive('dealer-residual', { part }))
  const forPivot = await maskedProducts(
    pool,
    pivotKey,
    pivotShare,
    workspace.gradient,
    plan.batch,
    plan.pivotLayout,
    await task.vault.seed(`round/${round}/pivot`),
  )
  await sendParts(forPivot.send.length, (part, some) =>
    pivot.send('dealer-gradient', () => forPivot.send.slice(...some), { part, keyId: pivotKey.id }),
  )

  const opened = [await asHost.receive('host-gradient-opened'), await pivot.receive('dealer-gradient-opened')]
  const own = sumResidues(opened, [forGuest.keep, forPivot.keep])
  const residues = (await member?.gradient(round, own)) ?? own
  const gradient = gradientOf(residues, workspace.gradient, plan.precision.residualBits, plan.rows)
  return concludeAsHost(asHost, input, state, plan, workspace, gradient, told)
}
