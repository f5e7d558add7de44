// A host of the round of the information matrix; the first host, the pivot, holds the other share of v.
import { SLOTS } from '#crypto/he/params.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { type InformationParty, multiplyInformation } from './information.ts'
import { INFORMATION } from './information-messages.ts'
import { INFORMATION_HARMONICS, planInformation } from './information-plan.ts'
import { characters } from './residual.ts'
import { partialScores } from './scores.ts'
import { dealScores, ownRange, shareScoresAsPivot } from './sharing.ts'
import { type LrInput, ownKey, type TrainingState } from './training.ts'
import { openInformationParty } from './information-party.ts'

export async function informationAsHost(
  task: TaskContext,
  pool: HePool,
  input: LrInput,
  state: TrainingState,
  round: number,
): Promise<TrainingState> {
  const plan = planInformation(input, state.widths)
  const at = await openInformationParty(task, pool, input, plan, round)
  const scores = partialScores(input.data, state.weights, plan.batch.from, plan.batch.to)
  if (at.self === 1) {
    const share = await shareCurvatureAsPivot(at, scores, input.params.columns)
    await multiplyInformation({ ...at, share })
  } else {
    await dealScores(task, round, scores, ownRange(scores, input.params.columns))
    await multiplyInformation(at)
  }
  const guest = openRound(INFORMATION, 'host', 'guest', task.channel(task.guest), round)
  const held = Float64Array.from(state.weights, (weight) => (input.params.nonNegative && weight === 0 ? 1 : 0))
  await guest.send('held-weights', () => held, { rows: plan.rows })
  const errors = await guest.receive('standard-errors')
  refuseUnless(errors.length === state.weights.length, 'a standard error for each column')
  return { ...state, standardErrors: [...errors] }
}

async function shareCurvatureAsPivot(
  { task, pool, plan, round }: InformationParty,
  scores: Float64Array,
  columns: LrInput['params']['columns'],
): Promise<Float64Array> {
  const shares = await shareScoresAsPivot(task, round, scores, columns)
  const guest = openRound(INFORMATION, 'pivot', 'guest', task.channel(task.guest), round)
  const key = await ownKey(task, pool, 'score', 'information')
  const keyId = key.publicKey.id
  await guest.send('pivot-score-key', () => key.publicKey.wire, { keyId })
  for (let block = 0; block < plan.blocks; block++) {
    const rows = shares.subarray(block * SLOTS, (block + 1) * SLOTS)
    const encrypt = () =>
      Promise.all(
        characters(rows, INFORMATION_HARMONICS, plan.characterBits).map((vector) => pool.encryptSlots(key, vector)),
      )
    await guest.send('characters', encrypt, { part: block, keyId })
  }
  const share = new Float64Array(plan.rows)
  for (let block = 0; block < plan.blocks; block++) {
    const [masked] = await guest.receive('masked-curvature', { part: block })
    const rows = Math.min(SLOTS, plan.rows - block * SLOTS)
    share.set((await pool.decryptSlots(key, masked!)).subarray(0, rows), block * SLOTS)
  }
  return share
}
