// The guest of the round of the information matrix: shares of v = p(1 − p) first, then the loops that all have in common,
// at last the matrix and everybody's standard errors.
import { SLOTS, T } from '#crypto/he/params.ts'
import type { Accumulator, HePool } from '#crypto/he/pool.ts'
import { expandUniform } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { fitCurvature } from './fourier.ts'
import type { GuestInput, GuestState } from './guest.ts'
import { type InformationBlock, type InformationParty, multiplyInformation } from './information.ts'
import { assembleInformation, standardErrors } from './information-matrix.ts'
import { INFORMATION } from './information-messages.ts'
import { INFORMATION_HARMONICS, planInformation } from './information-plan.ts'
import { characterWeights, residue } from './residual.ts'
import { countedRows, partialScores } from './scores.ts'
import { shareScoresAsGuest } from './sharing.ts'
import { openInformationParty } from './information-party.ts'

/** @param input with the intercept as the last column */
export async function informationAsGuest(
  task: TaskContext,
  pool: HePool,
  input: GuestInput,
  state: GuestState,
  round: number,
): Promise<GuestState> {
  const plan = planInformation(input, state.widths)
  const at = await openInformationParty(task, pool, input, plan, round)
  const weights = input.weights?.subarray(0, plan.rows)
  const share = await shareCurvatureAsGuest(at, input, state.weights, weights)
  const blocks: InformationBlock[] = []
  await multiplyInformation({ ...at, share }, (block) => blocks.push(block))
  const scale = effectiveRows(input.weights, input.trainRows) / effectiveRows(weights, plan.rows)
  const information = assembleInformation(plan, blocks, scale)

  const { l2, nonNegative } = input.params
  const held = state.weights.map((weight, j) => nonNegative && weight === 0 && j < state.weights.length - 1)
  const hosts = task.hosts.map((host) => openRound(INFORMATION, 'guest', 'host', task.channel(host), round))
  for (const [i, host] of hosts.entries()) {
    const flags = await host.receive('held-weights')
    refuseUnless(flags.length === state.widths[i + 1], 'a flag for each column')
    held.push(...Array.from(flags, (flag) => flag === 1))
  }
  const errors = standardErrors(information, held, l2, plan.widths[0]! - 1)
  if (errors.every((error) => error === 0)) task.event('information.singular', { round, columns: held.length })
  let at0 = plan.widths[0]!
  for (const [i, host] of hosts.entries()) {
    const own = errors.slice(at0, at0 + plan.widths[i + 1]!)
    at0 += own.length
    await host.send('standard-errors', () => own, { rows: plan.rows })
  }
  task.event('information.done', { round, rows: plan.rows, columns: held.length })
  return { ...state, information: [...information], standardErrors: errors.slice(0, plan.widths[0]) }
}

/** v on the pivot's encrypted characters, block by block: the pivot opens masked values. @returns the guest's share of v */
async function shareCurvatureAsGuest(
  { task, pool, plan, round, seed }: InformationParty,
  input: GuestInput,
  ownWeights: readonly number[],
  weights: Uint8Array | undefined,
): Promise<Float64Array> {
  const harmonics = INFORMATION_HARMONICS
  const scores = partialScores(input.data, ownWeights, plan.batch.from, plan.batch.to)
  const { shares, range, period } = await shareScoresAsGuest(task, round, scores, countedRows(scores, weights), input)
  const series = fitCurvature(range, period, harmonics)
  const pivot = openRound(INFORMATION, 'guest', 'pivot', task.channel(task.hosts[0]!), round)
  const key = await pool.readPublicKey('score', await pivot.receive('pivot-score-key'))
  const mask = expandUniform(seed, 'curvature-mask', plan.rows)
  const counts = (row: number) => weights === undefined || weights[row] === 1
  for (let block = 0; block < plan.blocks; block++) {
    const rows = [block * SLOTS, Math.min(plan.rows, (block + 1) * SLOTS)] as const
    const received = await pivot.receive('characters', { part: block })
    refuseUnless(received.length === 2 * harmonics, `${2 * harmonics} characters a block`)
    const factors = characterWeights(
      shares.subarray(...rows),
      harmonics,
      (row) => (counts(rows[0] + row) ? series : undefined),
      plan.weightBits,
    )
    const [sum] = (await pool.multiplySlots(key, received, [factors])) as [Accumulator]
    const answer = async () => [await pool.protectSlots(key, [sum], mask.subarray(...rows))]
    await pivot.send('masked-curvature', answer, { part: block, keyId: key.id })
  }
  const constant = residue(Math.round(series.constant * 2 ** plan.curvatureBits))
  return mask.map((value, row) => (T - value + (counts(row) ? constant : 0)) % T)
}

/** Rows of weight 1 among the first `rows`. */
function effectiveRows(weights: Uint8Array | undefined, rows: number): number {
  if (weights === undefined) return rows
  return weights.subarray(0, rows).reduce((sum, weight) => sum + weight, 0)
}
