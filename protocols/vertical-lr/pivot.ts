// One training round of the pivot: the first host. It holds one share of the scores and of the residuals.
import { SLOTS } from '#crypto/he/params.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Workspace } from './columns.ts'
import {
  answerCount,
  encryptShare,
  gradientOf,
  localProducts,
  maskedProducts,
  openProducts,
  sumResidues,
} from './gradient.ts'
import { TRAINING } from './messages.ts'
import { receiveParts, sendParts } from './parts.ts'
import { roundedSum } from './loss.ts'
import { characters } from './residual.ts'
import { partialScores } from './scores.ts'
import { shareScoresAsPivot } from './sharing.ts'
import { concludeAsHost, type LrInput, ownKey, peerKey, planRound, type TrainingState } from './training.ts'

export async function pivotRound(
  task: TaskContext,
  pool: HePool,
  input: LrInput,
  state: TrainingState,
  workspace: Workspace,
  round: number,
): Promise<TrainingState> {
  const plan = planRound(input, state.widths, round)
  const { harmonics } = input.params
  const { gradient: columns } = workspace
  const { characterBits, residualBits, limbs } = plan.precision
  const seed = await task.vault.seed(`round/${round}`)
  const asHost = openRound(TRAINING, 'host', 'guest', task.channel(task.guest), round)
  const guest = openRound(TRAINING, 'pivot', 'guest', task.channel(task.guest), round)
  const dealers = task.hosts.slice(1).map((host) => openRound(TRAINING, 'pivot', 'dealer', task.channel(host), round))

  const scores = partialScores(input.data, state.weights, plan.batch.from, plan.batch.to)
  const shares = await shareScoresAsPivot(task, round, scores, input.params.columns)
  const guestKey = await peerKey(task, pool, 'gradient', guest, plan, () => asHost.receive('guest-gradient-key'))
  const scoreKey = await ownKey(task, pool, 'score', plan.epoch)
  const gradientKey = await ownKey(task, pool, 'gradient', plan.epoch)
  if (plan.freshKeys) {
    await guest.send('pivot-score-key', () => scoreKey.publicKey.wire, { keyId: scoreKey.publicKey.id })
    await guest.send('pivot-gradient-key', () => gradientKey.publicKey.wire, { keyId: gradientKey.publicKey.id })
    for (const dealer of dealers)
      await dealer.send('dealer-gradient-key', () => gradientKey.publicKey.wire, { keyId: gradientKey.publicKey.id })
  }

  // Characters of the share out, masked residuals back: what they decrypt to is the pivot's share of the residuals.
  for (let block = 0; block < plan.blocks; block++) {
    const rows = [block * SLOTS, Math.min(plan.rows, (block + 1) * SLOTS)] as const
    const encrypt = () =>
      Promise.all(
        characters(shares.subarray(...rows), harmonics, characterBits).map((vector) =>
          pool.encryptSlots(scoreKey, vector),
        ),
      )
    await guest.send('characters', encrypt, { part: block, keyId: scoreKey.publicKey.id })
    task.progress({ phase: 'scores', done: rows[1], total: plan.rows, unit: 'rows' })
  }
  const share = new Float64Array(plan.rows)
  for (let block = 0; block < plan.blocks; block++) {
    const [masked] = await guest.receive('masked-residual', { part: block })
    const rows = Math.min(SLOTS, plan.rows - block * SLOTS)
    share.set((await pool.decryptSlots(scoreKey, masked!)).subarray(0, rows), block * SLOTS)
  }
  const [maskedLoss] = await guest.receive('masked-loss')
  await guest.send(
    'loss-share',
    async () =>
      Float64Array.of(roundedSum(await pool.decryptSlots(scoreKey, maskedLoss!), seed, plan.rows, residualBits)),
    { rows: plan.rows },
  )

  // The pivot's share to every other owner, under the pivot's key.
  await sendParts(plan.pivotLayout.blocks, async (part) => {
    const encrypted = encryptShare(pool, gradientKey, share, plan.pivotLayout, part)
    const options = { part, keyId: gradientKey.publicKey.id }
    await guest.send('pivot-residual', () => encrypted, options)
    for (const dealer of dealers) await dealer.send('dealer-residual', () => encrypted, options)
    await encrypted
  })

  // Own gradient: own share in the clear, the guest's share under its key.
  const guestShare = await receiveParts(plan.guestLayout.blocks, (part) => asHost.receive('guest-residual', { part }))
  const { keep: masks, send: answers } = await maskedProducts(
    pool,
    guestKey,
    guestShare,
    columns,
    plan.batch,
    plan.guestLayout,
    seed,
  )
  await sendParts(answers.length, (part, some) =>
    asHost.send('host-gradient', () => answers.slice(...some), { part, keyId: guestKey.id }),
  )
  task.progress({ phase: 'gradients', done: 1, total: 2, unit: 'blocks' })

  // The other owners' products with the pivot's share: opened, still masked by their owners.
  for (const [i, peer] of [guest, ...dealers].entries()) {
    const width = limbs * (i === 0 ? state.widths[0]! + 1 : state.widths[i + 1]!)
    const masked = await receiveParts(answerCount(width, plan.pivotLayout.rowsPerBlock), (part) =>
      peer === guest ? guest.receive('guest-gradient', { part }) : dealers[i - 1]!.receive('dealer-gradient', { part }),
    )
    const opened = () => openProducts(pool, gradientKey, masked, width, plan.pivotLayout)
    await (peer === guest
      ? guest.send('guest-gradient-opened', opened)
      : dealers[i - 1]!.send('dealer-gradient-opened', opened))
  }

  const opened = await asHost.receive('host-gradient-opened')
  const local = localProducts(columns, plan.batch, share)
  const gradient = gradientOf(sumResidues([local, opened], [masks]), columns, residualBits, plan.rows)
  return concludeAsHost(asHost, input, state, plan, workspace, gradient)
}
