// One training round of the guest. It holds one share of the scores and of the residuals, and decides when to stop.
import { SLOTS } from '#crypto/he/params.ts'
import type { Accumulator, HeKeyPair, HePool, HePublicKey } from '#crypto/he/pool.ts'
import { expandUniform } from '#crypto/prg.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { seatOf } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { GradientColumns, Workspace } from './columns.ts'
import { fitLoss, fitSigmoid, type Series } from './fourier.ts'
import {
  answerCount,
  encryptShare,
  gradientOf,
  localProducts,
  maskedProducts,
  maskOfMember,
  openProducts,
  sumResidues,
} from './gradient.ts'
import type { GuestInput, GuestState } from './guest.ts'
import { meanLoss } from './loss.ts'
import { speaksForOwner } from './member.ts'
import { solveMixing } from './mixing.ts'
import { TRAINING } from './messages.ts'
import { receiveParts, sendParts } from './parts.ts'
import { characterWeights, guestResidualShare } from './residual.ts'
import { countedRows, partialScores } from './scores.ts'
import { shareScoresAsGuest } from './sharing.ts'
import { move, ownKey, peerKey, planRound, type Proposal, propose, roundedMove, type RoundPlan } from './training.ts'

type Host = RoleChannel<typeof TRAINING, 'guest'>

/** The round of this guest: what its phases share. */
interface Round {
  readonly task: TaskContext
  readonly pool: HePool
  /** with the intercept as the last column */
  readonly input: GuestInput
  readonly plan: RoundPlan
  readonly seed: Secret
  readonly labels: Uint8Array
  readonly weights: Uint8Array | undefined
  /** own columns as the gradient takes them */
  readonly columns: GradientColumns
  readonly hosts: readonly Host[]
  /** of a group the one that speaks for it, and all others */
  readonly speakers: readonly Host[]
  readonly pivot: Host
}

interface AllSeries {
  readonly sigmoid: Series
  /** by label */
  readonly losses: readonly [Series, Series]
}

export async function guestRound(
  task: TaskContext,
  pool: HePool,
  input: GuestInput,
  state: GuestState,
  workspace: Workspace,
  round: number,
): Promise<GuestState> {
  const plan = planRound(input, state.widths, round)
  const open = (role: string) => (host: string) => openRound(TRAINING, 'guest', role, task.channel(host), round)
  const hosts = task.hosts.map(open('host'))
  const at: Round = {
    task,
    pool,
    input,
    plan,
    seed: await task.vault.seed(`round/${round}`),
    labels: input.labels.subarray(plan.batch.from, plan.batch.to),
    weights: input.weights?.subarray(plan.batch.from, plan.batch.to),
    columns: workspace.gradient,
    hosts,
    speakers: hosts.filter(({ peer }) => speaksForOwner(input.groups, peer)),
    pivot: open('pivot')(task.hosts[0]!),
  }
  const scores = partialScores(input.data, state.weights, plan.batch.from, plan.batch.to)
  const key = await ownKey(task, pool, 'gradient', plan.epoch)
  const { shares, range, period } = await shareScoresAsGuest(
    task,
    round,
    scores,
    countedRows(scores, at.weights),
    input,
  )
  if (plan.freshKeys)
    for (const host of at.hosts)
      await host.send('guest-gradient-key', () => key.publicKey.wire, { keyId: key.publicKey.id })
  const loss = (label: 0 | 1) => fitLoss(label, range, period, input.params.harmonics)
  const sigmoid = fitSigmoid(range, period, input.params.harmonics)
  const series: AllSeries = { sigmoid, losses: [loss(0), loss(1)] }

  const scoreKey = await peerKey(task, pool, 'score', at.pivot, plan, () => at.pivot.receive('pivot-score-key'))
  const pivotKey = await peerKey(task, pool, 'gradient', at.pivot, plan, () => at.pivot.receive('pivot-gradient-key'))
  const mask = expandUniform(at.seed, 'residual-mask', plan.rows)
  const lossMask = await shareResiduals(at, series, shares, mask, scoreKey)
  const { residualBits } = plan.precision
  const share = guestResidualShare(sigmoid.constant, at.labels, mask, residualBits, at.weights)
  await sendShare(at, share, key)
  const lossShare = await at.pivot.receive('loss-share')
  const meanOfRound = meanLoss(lossShare, lossMask, at.labels, series.losses, residualBits, at.weights)

  const gradient = await ownGradient(at, state.widths, share, key, pivotKey)
  const proposal = propose(input, state, plan, workspace, gradient)
  const { factors, shortest } = await agreeMixing(at, state, proposal)
  const own = move(input, state, plan, workspace, proposal, factors)
  const moves = [roundedMove(own.moved)]
  for (const host of at.speakers) moves.push(await host.receive('step-size'))
  const step = Math.max(...moves)
  const converged = plan.endsEpochOfRows && step <= input.params.tolerance
  const trained = converged || round >= input.params.rounds
  for (const host of at.hosts) await host.send('verdict', () => trained)
  task.event('round.trained', { round, loss: meanOfRound, step, rows: plan.rows, period })
  if (!(meanOfRound < 20)) throw new PlatformError('lr.diverged', { round })
  return {
    ...own.state,
    ...(shortest === undefined ? {} : { shortest }),
    trained,
    converged,
    scores: [],
    losses: [...state.losses, meanOfRound],
  }
}

/**
 * p(z) − y and the loss on the pivot's encrypted characters, block by block: the pivot opens masked values.
 * @returns the mask of the sum of losses
 */
async function shareResiduals(
  { task, pool, input, plan, seed, labels, weights, pivot }: Round,
  { sigmoid, losses }: AllSeries,
  shares: Uint16Array,
  mask: Float64Array,
  key: HePublicKey,
): Promise<Float64Array> {
  const { harmonics } = input.params
  const { weightBits } = plan.precision
  const lossSums: Accumulator[] = []
  for (let block = 0; block < plan.blocks; block++) {
    const rows = [block * SLOTS, Math.min(plan.rows, (block + 1) * SLOTS)] as const
    const characters = await pivot.receive('characters', { part: block })
    refuseUnless(characters.length === 2 * harmonics, `${2 * harmonics} characters a block`)
    const blockShares = shares.subarray(...rows)
    const blockLabels = labels.subarray(...rows)
    const counts = (row: number) => weights === undefined || weights[rows[0] + row] === 1
    const [residual, loss] = (await pool.multiplySlots(key, characters, [
      characterWeights(blockShares, harmonics, (row) => (counts(row) ? sigmoid : undefined), weightBits),
      characterWeights(
        blockShares,
        harmonics,
        (row) => (counts(row) ? losses[blockLabels[row] as 0 | 1] : undefined),
        weightBits,
      ),
    ])) as [Accumulator, Accumulator]
    lossSums.push(loss)
    const answer = async () => [await pool.protectSlots(key, [residual], mask.subarray(...rows))]
    await pivot.send('masked-residual', answer, { part: block, keyId: key.id })
    task.progress({ phase: 'residuals', done: rows[1], total: plan.rows, unit: 'rows' })
  }
  const lossMask = expandUniform(seed, 'loss-mask', SLOTS)
  await pivot.send('masked-loss', async () => [await pool.protectSlots(key, lossSums, lossMask)], { keyId: key.id })
  return lossMask
}

/** The guest's share of the residuals, encrypted once, to every host. */
async function sendShare({ pool, plan, hosts }: Round, share: Float64Array, key: HeKeyPair): Promise<void> {
  await sendParts(plan.guestLayout.blocks, async (part) => {
    const encrypted = encryptShare(pool, key, share, plan.guestLayout, part)
    for (const host of hosts) await host.send('guest-residual', () => encrypted, { part, keyId: key.publicKey.id })
    await encrypted
  })
}

/** Own share in the clear, the pivot's share under its key; on the way the hosts' masked products are opened for them. */
async function ownGradient(
  { task, pool, input, plan, seed, columns, hosts, pivot }: Round,
  widths: readonly number[],
  share: Float64Array,
  key: HeKeyPair,
  pivotKey: HePublicKey,
): Promise<Float64Array> {
  const { batch, pivotLayout, guestLayout } = plan
  const pivotShare = await receiveParts(pivotLayout.blocks, (part) => pivot.receive('pivot-residual', { part }))
  const products = await maskedProducts(pool, pivotKey, pivotShare, columns, batch, pivotLayout, seed)
  await sendParts(products.send.length, (part, some) =>
    pivot.send('guest-gradient', () => products.send.slice(...some), { part, keyId: pivotKey.id }),
  )
  task.progress({ phase: 'gradients', done: 1, total: 2, unit: 'blocks' })
  for (const [i, host] of hosts.entries()) {
    const width = widths[i + 1]! * plan.precision.limbs
    const count = answerCount(width, guestLayout.rowsPerBlock)
    const masked = await receiveParts(count, (part) => host.receive('host-gradient', { part }))
    const group = seatOf(input.groups, host.peer)
    await host.send('host-gradient-opened', async () => {
      const opened = await openProducts(pool, key, masked, width, guestLayout)
      return group === undefined ? opened : sumResidues([opened, maskOfMember(seed, group, host.peer, width)], [])
    })
  }
  const opened = await pivot.receive('guest-gradient-opened')
  const local = localProducts(columns, batch, share)
  return gradientOf(sumResidues([local, opened], [products.keep]), columns, plan.precision.residualBits, plan.rows)
}

/** Sums what all owners say of their steps, and says how to mix them with the earlier ones. */
async function agreeMixing({ plan, hosts, speakers }: Round, state: GuestState, { products }: Proposal) {
  if (!plan.mixes) return { factors: [], shortest: undefined }
  const sums = [...products]
  for (const host of speakers) {
    const theirs = await host.receive('step-products')
    refuseUnless(theirs.length === sums.length, `${sums.length} products`)
    for (const [i, product] of theirs.entries()) sums[i]! += product
  }
  const mixing = solveMixing(sums, state.earlier.length, state.shortest ?? Number.POSITIVE_INFINITY)
  for (const host of hosts) await host.send('mixing', () => mixing.factors, { rows: plan.rows })
  return mixing
}
