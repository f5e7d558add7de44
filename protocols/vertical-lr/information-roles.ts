// The round of the information matrix, role by role: shares of v = p(1 − p) first, then the loops that all have in common,
// at last the matrix at the guest and everybody's standard errors.
import { SLOTS, T } from '#crypto/he/params.ts'
import type { Accumulator, HePool } from '#crypto/he/pool.ts'
import { expandBytes, expandUniform } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Secret } from '#runtime/secret.ts'
import { coarserColumns } from './columns.ts'
import { fitCurvature } from './fourier.ts'
import type { GuestInput, GuestState } from './guest.ts'
import { type InformationBlock, type InformationParty, multiplyInformation, PartNumbers } from './information.ts'
import { assembleInformation, standardErrors } from './information-matrix.ts'
import { INFORMATION } from './information-messages.ts'
import {
  COLUMN_BITS,
  INFORMATION_HARMONICS,
  type InformationPlan,
  planInformation,
  PRODUCT_BITS,
} from './information-plan.ts'
import { characters, characterWeights, residue } from './residual.ts'
import { countedRows, type FixedColumns, partialScores } from './scores.ts'
import { dealScores, shareScoresAsGuest, shareScoresAsPivot } from './sharing.ts'
import { type LrInput, ownKey, type TrainingState } from './training.ts'

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
    await dealScores(task, round, scores, input.params.columns)
    await multiplyInformation(at)
  }
  const guest = openRound(INFORMATION, 'host', 'guest', task.channel(task.guest), round)
  const held = Float64Array.from(state.weights, (weight) => (input.params.nonNegative && weight === 0 ? 1 : 0))
  await guest.send('held-weights', () => held, { rows: plan.rows })
  const errors = await guest.receive('standard-errors')
  refuseUnless(errors.length === state.weights.length, 'a standard error for each column')
  return { ...state, standardErrors: [...errors] }
}

export async function openInformationParty(
  task: TaskContext,
  pool: HePool,
  { data, names }: LrInput,
  plan: InformationPlan,
  round: number,
): Promise<InformationParty> {
  const parties = [task.guest, ...task.hosts]
  const seed = await task.vault.seed(`round/${round}`)
  const coarse = coarserColumns(data, COLUMN_BITS, plan.rows, seed)
  return {
    task,
    pool,
    round,
    plan,
    parties,
    seed,
    self: parties.indexOf(task.self),
    columns: withBits(coarse, plan.rows).slice(0, names.length),
    products: productColumns(data, plan.rows, seed),
    share: undefined,
    numbers: new PartNumbers(),
    keys: new Map(),
  }
}

/** Columns of fewer bits are widened: all have COLUMN_BITS. */
function withBits({ columns, bits }: FixedColumns, rows: number): Int32Array[] {
  const factor = 2 ** (COLUMN_BITS - bits)
  return columns.map((column) => shared(rows, (i) => column[i]! * factor))
}

/**
 * Products of two columns, rounded up or down at random, as `coarserColumns` does and for the same reason; clipped where
 * the ring's multipliers end (2^20).
 */
function productColumns({ columns, bits }: FixedColumns, rows: number, seed: Secret): Int32Array[] {
  const scale = 2 ** (PRODUCT_BITS - 2 * bits)
  const limit = 2 ** 20
  return columns.flatMap((x, j) =>
    columns.slice(0, j + 1).map((y, k) => {
      const bytes = expandBytes(seed, `products/${j}/${k}`, 2 * rows)
      const random = new Uint16Array(bytes.buffer, bytes.byteOffset, rows)
      const product = (i: number) => Math.floor(x[i]! * y[i]! * scale + (random[i]! + 0.5) / 2 ** 16)
      return shared(rows, (i) => Math.max(-limit, Math.min(limit, product(i))))
    }),
  )
}

function shared(rows: number, valueOf: (row: number) => number): Int32Array {
  const out = new Int32Array(new SharedArrayBuffer(4 * rows))
  for (let i = 0; i < rows; i++) out[i] = valueOf(i)
  return out
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
  const { shares, range, period } = await shareScoresAsGuest(
    task,
    round,
    scores,
    countedRows(scores, weights),
    input.params.columns,
  )
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

/** Rows of weight 1 among the first `rows`. */
function effectiveRows(weights: Uint8Array | undefined, rows: number): number {
  if (weights === undefined) return rows
  return weights.subarray(0, rows).reduce((sum, weight) => sum + weight, 0)
}
