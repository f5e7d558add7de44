// What every role of the training has in common: its input, its checkpoint, key epochs and the step on its own weights.
import type { HeKeyPair, HePool, HePublicKey, SetName } from '#crypto/he/pool.ts'
import { SLOTS } from '#crypto/he/params.ts'
import { compareTerms, type Terms } from '#protocols/core/agreement.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Factor } from './cholesky.ts'
import { chooseLayout, type GradientLayout } from './gradient.ts'
import { SETUP, type TRAINING } from './messages.ts'
import { largestMove, takeStep, type Weights } from './optimiser.ts'
import { batchOf, LR_VERSION, type LrParams, planBatches, RESIDUAL_BITS, valueBits } from './params.ts'
import type { FixedColumns } from './scores.ts'

/** One party's columns: training rows first, then hold-out rows, in the common order. */
export interface LrInput {
  readonly params: LrParams
  readonly names: readonly string[]
  readonly data: FixedColumns
  readonly trainRows: number
  readonly holdoutRows: number
}

/** The checkpoint of a party between rounds. */
export interface TrainingState extends Weights {
  /** columns of each party, guest first (its intercept not counted) */
  readonly widths: number[]
  /** own weights at the start of the epoch */
  readonly epochWeights: number[]
  /** training rounds done */
  readonly rounds: number
  /** no more training: the next round scores the hold-out rows */
  readonly trained: boolean
  readonly converged: boolean
}

/** A party's part of the model: weights of its standardised columns. */
export interface LrPart {
  readonly weights: readonly number[]
  readonly rounds: number
  readonly converged: boolean
}

/** Everything about a round that both sides derive from public numbers. */
export interface RoundPlan {
  readonly round: number
  readonly batch: { readonly from: number; readonly to: number }
  readonly rows: number
  /** blocks of SLOTS rows */
  readonly blocks: number
  readonly guestLayout: GradientLayout
  readonly pivotLayout: GradientLayout
  /** number of the key epoch, and whether its keys are sent in this round */
  readonly epoch: number
  readonly freshKeys: boolean
  readonly endsEpochOfRows: boolean
  readonly rate: number
  readonly fractionBits: number
}

/** Answers under one score key, and opened coefficients under one gradient key, that its flooding allows. */
const ANSWERS_PER_KEY = 256
const OPENED_PER_KEY = 65_536

export function planRound(input: LrInput, widths: readonly number[], round: number): RoundPlan {
  const plan = planBatches(input.params, input.trainRows)
  const batch = batchOf(plan, input.trainRows, round)
  const rows = batch.to - batch.from
  const [guestWidth, ...hostWidths] = widths as [number, ...number[]]
  const opened = widths.reduce((sum, width) => sum + width + 1, 0)
  const answers = Math.ceil(plan.rows / SLOTS) + 1
  const roundsPerKey = Math.max(1, Math.floor(Math.min(ANSWERS_PER_KEY / answers, OPENED_PER_KEY / opened)))
  return {
    round,
    batch,
    rows,
    blocks: Math.ceil(rows / SLOTS),
    guestLayout: chooseLayout(rows, hostWidths),
    pivotLayout: chooseLayout(rows, [guestWidth + 1, ...hostWidths.slice(1)]),
    epoch: Math.floor((round - 1) / roundsPerKey),
    freshKeys: (round - 1) % roundsPerKey === 0,
    endsEpochOfRows: round % plan.batches === 0,
    // Mini-batches settle only when steps shrink; the full batch needs no such thing.
    rate: plan.batches === 1 ? 1 : 1 / (1 + Math.floor((round - 1) / plan.batches)),
    fractionBits: valueBits(plan.rows) + RESIDUAL_BITS,
  }
}

/** The terms that every party must see alike before anything else is said. */
export function termsOf(task: TaskContext, input: LrInput): Terms {
  const { params } = input
  return {
    protocol: `vertical-lr/${LR_VERSION}`,
    job: task.jobId,
    hosts: task.hosts.join(','),
    trainRows: String(input.trainRows),
    holdoutRows: String(input.holdoutRows),
    valueBits: String(input.data.bits),
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
  }
}

/** Rounds × columns ≤ rows / 10, for every owner: each round gives an owner one equation a column about the residuals. */
export function refuseTooFewRows(input: LrInput): void {
  const { params, names, trainRows } = input
  const equations = params.rounds * names.length
  if (equations > trainRows / 10) {
    const needed = 10 * equations
    throw new PlatformError('lr.too-few-rows', {
      columns: names.length,
      rounds: params.rounds,
      rows: trainRows,
      needed,
    })
  }
}

/** Round 0 of the guest: terms compared with each host, widths gathered and told. */
export async function agreeAsGuest(task: TaskContext, input: LrInput): Promise<number[]> {
  const terms = termsOf(task, input)
  const hosts = task.hosts.map((host) => openRound(SETUP, 'guest', 'host', task.channel(host), 0))
  await Promise.all(hosts.map((host) => host.send('guest-terms', () => terms)))
  const widths = [input.names.length]
  for (const host of hosts) {
    compareTerms(terms, await host.receive('host-terms'), host.peer)
    const [width, ...rest] = await host.receive('host-width')
    if (width === undefined || rest.length > 0)
      throw new PlatformError('protocol.malformed', { expected: 'one width', peer: host.peer })
    widths.push(width)
  }
  await Promise.all(hosts.map((host) => host.send('widths', () => widths)))
  return widths
}

export async function agreeAsHost(task: TaskContext, input: LrInput): Promise<number[]> {
  const terms = termsOf(task, input)
  const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
  await guest.send('host-terms', () => terms)
  await guest.send('host-width', () => [input.names.length])
  compareTerms(terms, await guest.receive('guest-terms'), task.guest)
  const widths = await guest.receive('widths')
  const own = widths[task.hosts.indexOf(task.self) + 1]
  if (widths.length !== task.hosts.length + 1 || own !== input.names.length) {
    throw new PlatformError('protocol.malformed', { expected: 'one width a party, ours unchanged', peer: task.guest })
  }
  return [...widths]
}

export function initialState(widths: readonly number[], columns: number): TrainingState {
  const zeros = new Array<number>(columns).fill(0)
  return {
    widths: [...widths],
    weights: zeros,
    velocity: [...zeros],
    epochWeights: [...zeros],
    rounds: 0,
    trained: false,
    converged: false,
  }
}

/** The key pair of an epoch: made once, kept in the vault, the same after a restart. */
export async function ownKey(task: TaskContext, pool: HePool, set: SetName, epoch: number): Promise<HeKeyPair> {
  const stored = await task.vault.once(`key/${set}/${epoch}`, async () =>
    pool.encodeKeyPair(await pool.generateKey(set)),
  )
  return pool.decodeKeyPair(stored)
}

/** A peer's public key of an epoch: received in the epoch's first round, read from the vault after that. */
export async function peerKey(
  task: TaskContext,
  pool: HePool,
  set: SetName,
  { peer }: { readonly peer: string },
  plan: RoundPlan,
  receive: () => Promise<Uint8Array>,
): Promise<HePublicKey> {
  const received = plan.freshKeys ? await receive() : undefined
  const wire = await task.vault.once(`peer-key/${peer}/${set}/${plan.epoch}`, async () => {
    if (received === undefined) throw new PlatformError('storage.damaged', { missing: `key of ${peer}` })
    return received
  })
  return pool.readPublicKey(set, wire)
}

export interface Move {
  readonly state: TrainingState
  /** how far the weights moved in this epoch of rows; 0 until it ends */
  readonly moved: number
}

/** The owner's step with its own gradient. @throws PlatformError lr.diverged */
export function descend(
  input: LrInput,
  state: TrainingState,
  plan: RoundPlan,
  factor: Factor,
  gradient: Float64Array,
  free: ReadonlySet<number>,
): Move {
  const { l2, momentum } = input.params
  const next = takeStep(state, factor, gradient, { momentum, rate: plan.rate, l2, trainRows: input.trainRows, free })
  if (!next.weights.every((weight) => Math.abs(weight) < 1e3))
    throw new PlatformError('lr.diverged', { round: plan.round })
  const moved = plan.endsEpochOfRows ? largestMove(next.weights, state.epochWeights) : 0
  const epochWeights = plan.endsEpochOfRows ? [...next.weights] : state.epochWeights
  return { state: { ...state, ...next, epochWeights, rounds: plan.round }, moved }
}

/** A move as it is released: two significant digits. */
export function roundedMove(moved: number): number {
  return Number(moved.toPrecision(2))
}

/** The host's end of a round: says how far it moved, hears whether that was the last round. */
export async function concludeAsHost(
  channel: RoleChannel<typeof TRAINING, 'host'>,
  input: LrInput,
  { rows }: RoundPlan,
  move: Move,
): Promise<TrainingState> {
  await channel.send('step-size', () => roundedMove(move.moved), { rows })
  const trained = await channel.receive('verdict')
  return { ...move.state, trained, converged: trained && move.state.rounds < input.params.rounds }
}
