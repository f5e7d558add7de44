// The guest: holds the labels, one share of the scores, and its own columns with the intercept.
import { SLOTS } from '#crypto/he/params.ts'
import type { Accumulator, HePool } from '#crypto/he/pool.ts'
import { expandUniform } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Factor } from './cholesky.ts'
import { fitLoss, fitSigmoid, jointRange, periodOf } from './fourier.ts'
import { answerCount, assembleGradient, encryptShare, localProducts, maskedProducts, openProducts } from './gradient.ts'
import { TRAINING } from './messages.ts'
import { receiveParts, sendParts } from './parts.ts'
import { preconditioner } from './optimiser.ts'
import { meanLoss } from './loss.ts'
import { characterWeights, guestResidualShare } from './residual.ts'
import { collectHoldoutScores } from './scoring.ts'
import { addShares, encodeScores, partialScores, releaseRange, sharesFromSeed, withIntercept } from './scores.ts'
import {
  agreeAsGuest,
  descend,
  initialState,
  type LrInput,
  type LrPart,
  ownKey,
  peerKey,
  planRound,
  refuseTooFewRows,
  roundedMove,
  type TrainingState,
} from './training.ts'

export interface GuestInput extends LrInput {
  /** 0 or 1 for each row, in row order */
  readonly labels: Uint8Array
}

export interface GuestState extends TrainingState {
  /** joint log-odds of the hold-out rows, once they are scored */
  readonly holdoutScores: number[]
  readonly losses: number[]
}

/** The guest's part of the model: `weights` of its columns, then the intercept. */
export interface GuestOutput extends LrPart {
  readonly intercept: number
  readonly holdoutScores: Float64Array
  readonly losses: readonly number[]
}

export function openGuest(pool: HePool): RoleProgram<GuestInput, GuestState, GuestOutput> {
  let factor: Promise<Factor> | undefined
  return {
    async setup(task, input) {
      refuseTooFewRows(input)
      const widths = await agreeAsGuest(task, input)
      return { ...initialState(widths, input.names.length + 1), holdoutScores: [], losses: [] }
    },
    async round(task, input, state, round) {
      const data = withIntercept(input.data)
      if (state.trained) {
        const own = partialScores(data, state.weights, input.trainRows, input.trainRows + input.holdoutRows)
        const holdoutScores = [...(await collectHoldoutScores(task, round, own))]
        return { state: { ...state, holdoutScores }, finished: true }
      }
      const free = new Set([input.names.length])
      factor ??= preconditioner(data, input.trainRows, input.params.l2, free)
      return {
        state: await trainRound(task, pool, { ...input, data }, state, await factor, free, round),
        finished: false,
      }
    },
    async finish(_task, _input, { weights, rounds, converged, holdoutScores, losses }) {
      return {
        weights: weights.slice(0, -1),
        intercept: weights.at(-1)!,
        rounds,
        converged,
        losses,
        holdoutScores: Float64Array.from(holdoutScores),
      }
    },
  }
}

async function trainRound(
  task: TaskContext,
  pool: HePool,
  input: GuestInput,
  state: GuestState,
  factor: Factor,
  free: ReadonlySet<number>,
  round: number,
): Promise<GuestState> {
  const plan = planRound(input, state.widths, round)
  const seed = await task.vault.seed(`round/${round}`)
  const hosts = task.hosts.map((host) => openRound(TRAINING, 'guest', 'host', task.channel(host), round))
  const dealers = task.hosts.slice(1).map((host) => openRound(TRAINING, 'guest', 'dealer', task.channel(host), round))
  const pivot = openRound(TRAINING, 'guest', 'pivot', task.channel(task.hosts[0]!), round)

  // The interval of this round, from every owner's released range.
  const scores = partialScores(input.data, state.weights, plan.batch.from, plan.batch.to)
  const ownRange = releaseRange(scores)
  const ranges = [ownRange]
  for (const host of hosts) ranges.push(await host.receive('score-range'))
  const range = jointRange(ranges)
  const period = periodOf(range)
  const { harmonics } = input.params
  const sigmoid = fitSigmoid(range, period, harmonics)
  const losses = [fitLoss(0, range, period, harmonics), fitLoss(1, range, period, harmonics)] as const
  const gradientKey = await ownKey(task, pool, 'gradient', plan.epoch)
  for (const host of hosts) {
    await host.send('interval', () => period)
    if (plan.freshKeys)
      await host.send('guest-gradient-key', () => gradientKey.publicKey.wire, { keyId: gradientKey.publicKey.id })
  }

  // The guest's share of all scores: its own, and what the dealers dealt.
  let shares = encodeScores(scores, ownRange, period)
  for (const dealer of dealers)
    shares = addShares(shares, sharesFromSeed(await dealer.receive('share-seed'), plan.rows))

  // p(z) − y on the pivot's encrypted characters, block by block; the pivot opens a masked share.
  const pivotScoreKey = await peerKey(task, pool, 'score', pivot.peer, plan, () => pivot.receive('pivot-score-key'))
  const pivotGradientKey = await peerKey(task, pool, 'gradient', pivot.peer, plan, () =>
    pivot.receive('pivot-gradient-key'),
  )
  const labels = input.labels.subarray(plan.batch.from, plan.batch.to)
  const mask = expandUniform(seed, 'residual-mask', plan.rows)
  const lossSums: Accumulator[] = []
  for (let block = 0; block < plan.blocks; block++) {
    const rows = [block * SLOTS, Math.min(plan.rows, (block + 1) * SLOTS)] as const
    const characters = await pivot.receive('characters', { part: block })
    refuseUnless(characters.length === 2 * harmonics, `${2 * harmonics} characters a block`)
    const blockShares = shares.subarray(...rows)
    const blockLabels = labels.subarray(...rows)
    const [residual, loss] = (await pool.multiplySlots(pivotScoreKey, characters, [
      characterWeights(blockShares, harmonics, () => sigmoid),
      characterWeights(blockShares, harmonics, (row) => losses[blockLabels[row] as 0 | 1]),
    ])) as [Accumulator, Accumulator]
    lossSums.push(loss)
    await pivot.send(
      'masked-residual',
      async () => [await pool.protectSlots(pivotScoreKey, [residual], mask.subarray(...rows))],
      {
        part: block,
        keyId: pivotScoreKey.id,
      },
    )
    task.progress({ phase: 'residuals', done: rows[1], total: plan.rows, unit: 'rows' })
  }
  const lossMask = expandUniform(seed, 'loss-mask', SLOTS)
  await pivot.send('masked-loss', async () => [await pool.protectSlots(pivotScoreKey, lossSums, lossMask)], {
    keyId: pivotScoreKey.id,
  })

  // The guest's own share, encrypted for every host.
  const share = guestResidualShare(sigmoid.constant, labels, mask)
  await sendParts(plan.guestLayout.blocks, async (part) => {
    const encrypted = encryptShare(pool, gradientKey, share, plan.guestLayout, part)
    for (const host of hosts)
      await host.send('guest-residual', () => encrypted, { part, keyId: gradientKey.publicKey.id })
    await encrypted
  })

  const loss = meanLoss(await pivot.receive('loss-share'), lossMask, labels, losses, plan.rows)

  // Own gradient: own share in the clear, the pivot's share under its key.
  const pivotShare = await receiveParts(plan.pivotLayout.blocks, (part) => pivot.receive('pivot-residual', { part }))
  const { keep: masks, send: answers } = await maskedProducts(
    pool,
    pivotGradientKey,
    pivotShare,
    input.data,
    plan.batch,
    plan.pivotLayout,
    seed,
  )
  await sendParts(answers.length, (part, some) =>
    pivot.send('guest-gradient', () => answers.slice(...some), { part, keyId: pivotGradientKey.id }),
  )
  task.progress({ phase: 'gradients', done: 1, total: 2, unit: 'blocks' })
  for (const [i, host] of hosts.entries()) {
    const width = state.widths[i + 1]!
    const count = answerCount(width, plan.guestLayout.rowsPerBlock)
    const masked = await receiveParts(count, (part) => host.receive('host-gradient', { part }))
    await host.send('host-gradient-opened', () => openProducts(pool, gradientKey, masked, width, plan.guestLayout))
  }
  const opened = await pivot.receive('guest-gradient-opened')
  const local = localProducts(input.data, plan.batch, share)
  const gradient = assembleGradient({ plus: [local, opened], minus: [masks] }, plan.fractionBits, plan.rows)

  const move = descend(input, state, plan, factor, gradient, free)
  const moves = [roundedMove(move.moved)]
  for (const host of hosts) moves.push(await host.receive('step-size'))
  const largest = Math.max(...moves)
  const converged = plan.endsEpochOfRows && largest <= input.params.tolerance
  const trained = converged || round >= input.params.rounds
  for (const host of hosts) await host.send('verdict', () => trained)
  task.event('round.trained', { round, loss, step: largest, rows: plan.rows, period })
  if (!(loss < 20)) throw new PlatformError('lr.diverged', { round })
  return { ...move.state, trained, converged, holdoutScores: [], losses: [...state.losses, loss] }
}
