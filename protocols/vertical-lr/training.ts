// What every role of the training has in common: its input, its checkpoint, key epochs and the step on its own weights.
import type { HeKeyPair, HePool, HePublicKey, SetName } from '#crypto/he/pool.ts'
import { SLOTS } from '#crypto/he/params.ts'
import { compareTerms, type Terms } from '#protocols/core/agreement.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { type GroupOfHosts, seatOf } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Workspace } from './columns.ts'
import { chooseLayout, type GradientLayout } from './gradient.ts'
import { SETUP, type TRAINING } from './messages.ts'
import type { GroupFacts, MemberPart, ToldRange } from './member.ts'
import { type Earlier, mix, MIXING_MEMORY, stepProducts } from './mixing.ts'
import { largestMove, takeStep, type Weights } from './optimiser.ts'
import {
  batchOf,
  LR_VERSION,
  type LrParams,
  MAX_INFORMATION_COLUMNS,
  planBatches,
  type Precision,
  PRECISIONS,
} from './params.ts'
import type { FixedColumns } from './scores.ts'
import type { WaldTest } from './wald.ts'

/** One party's columns: training rows first, then hold-out rows, then all others, in the common order. */
export interface LrInput {
  readonly params: LrParams
  readonly names: readonly string[]
  /** with `inputBits` fraction bits */
  readonly data: FixedColumns
  readonly trainRows: number
  readonly holdoutRows: number
  /** rows whose joint scores the guest gets, from … to−1, the same at all parties; absent: the hold-out rows */
  readonly scored?: readonly RowRange[]
  /** own weights to start from, one a column (of the guest, then the intercept); absent: zeros */
  readonly start?: readonly number[]
  /** hosts that are one owner, the same at all parties */
  readonly groups?: readonly GroupOfHosts[]
  /** at a member of one */
  readonly member?: MemberPart
}

export interface RowRange {
  readonly from: number
  readonly to: number
}

/** The checkpoint of a party between rounds. */
export interface TrainingState extends Weights {
  /** columns of each party, guest first (its intercept not counted) */
  readonly widths: number[]
  /** with full batches: the last rounds, oldest first */
  readonly earlier: readonly Earlier[]
  /** own weights at the start of the epoch */
  readonly epochWeights: number[]
  /** training rounds done */
  readonly rounds: number
  /** no more training: the next round is that of the information matrix, where asked for, or scores */
  readonly trained: boolean
  readonly converged: boolean
  /** bound of the mean curvature of the loss that the preconditioners are made with */
  readonly curvature: number
  /** of the own weights, after the round of the information matrix; 0 where there is none */
  readonly standardErrors?: readonly number[]
  /** at a member of a group */
  readonly group?: GroupFacts
}

/** A party's part of the model: weights of its columns. */
export interface LrPart {
  readonly weights: readonly number[]
  readonly rounds: number
  readonly converged: boolean
  /** one a weight, where standard errors were asked for */
  readonly tests?: readonly WaldTest[]
}

/** Everything about a round that both sides derive from public numbers. */
export interface RoundPlan {
  readonly round: number
  readonly batch: RowRange
  readonly rows: number
  /** blocks of SLOTS rows */
  readonly blocks: number
  readonly guestLayout: GradientLayout
  readonly pivotLayout: GradientLayout
  /** number of the key epoch, and whether its keys are sent in this round */
  readonly epoch: number
  readonly freshKeys: boolean
  readonly endsEpochOfRows: boolean
  /** full batches: steps are mixed with earlier ones; mini-batches have momentum instead */
  readonly mixes: boolean
  readonly rate: number
  readonly precision: Precision
}

/** Answers under one score key, and opened coefficients under one gradient key, that its flooding allows. */
const ANSWERS_PER_KEY = 256
const OPENED_PER_KEY = 65_536

export function planRound(input: LrInput, widths: readonly number[], round: number): RoundPlan {
  const plan = planBatches(input.params, input.trainRows)
  const batch = batchOf(plan, input.trainRows, round)
  const rows = batch.to - batch.from
  const [guestWidth, ...hostWidths] = widths as [number, ...number[]]
  const precision = PRECISIONS[input.params.precision]
  const { limbs } = precision
  const opened = limbs * widths.reduce((sum, width) => sum + width + 1, 0)
  const answers = Math.ceil(plan.rows / SLOTS) + 1
  const roundsPerKey = Math.max(1, Math.floor(Math.min(ANSWERS_PER_KEY / answers, OPENED_PER_KEY / opened)))
  return {
    round,
    batch,
    rows,
    blocks: Math.ceil(rows / SLOTS),
    guestLayout: chooseLayout(
      rows,
      hostWidths.map((width) => limbs * width),
    ),
    pivotLayout: chooseLayout(
      rows,
      [guestWidth + 1, ...hostWidths.slice(1)].map((width) => limbs * width),
    ),
    epoch: Math.floor((round - 1) / roundsPerKey),
    freshKeys: (round - 1) % roundsPerKey === 0,
    endsEpochOfRows: round % plan.batches === 0,
    mixes: plan.batches === 1,
    // Mini-batches settle only when steps shrink; the full batch needs no such thing.
    rate: plan.batches === 1 ? 1 : 1 / (1 + Math.floor((round - 1) / plan.batches)),
    precision,
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
    scored: scoredRanges(input)
      .map(({ from, to }) => `${from}-${to}`)
      .join(','),
    valueBits: String(input.data.bits),
    ...(input.groups === undefined ? {} : { groups: JSON.stringify(input.groups) }),
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
  }
}

/**
 * Rounds × columns ≤ rows / 10, for every owner: each round gives an owner one equation a column about the residuals, with
 * fine precision two.
 */
export function refuseTooFewRows(input: LrInput, trainRows = input.trainRows): void {
  const { params, names } = input
  const equations = params.rounds * names.length * PRECISIONS[params.precision].limbs
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

/** An information matrix of q columns tells the guest q(q + 1)/2 sums over the rows: no more than a tenth of them. */
export function refuseTooManyColumns(input: LrInput, widths: readonly number[]): void {
  if (!input.params.standardErrors) return
  const columns = widths.reduce((sum, width) => sum + width, 1)
  const needed = 5 * columns * (columns + 1)
  if (columns - 1 > MAX_INFORMATION_COLUMNS || needed > input.trainRows)
    throw new PlatformError('lr.too-few-rows', {
      columns,
      limit: MAX_INFORMATION_COLUMNS,
      rows: input.trainRows,
      needed,
    })
}

/** Round 0 of the guest: terms compared with each host, widths gathered and told. */
export async function agreeAsGuest(
  task: TaskContext,
  input: LrInput,
  curvature: number,
  effectiveRows: number,
): Promise<number[]> {
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
  refuseOtherWidths(task, input, widths)
  await Promise.all(hosts.map((host) => host.send('widths', () => widths)))
  for (const host of hosts) await host.send('curvature', () => curvature, { rows: effectiveRows })
  return widths
}

/** All members of a group bring the same columns. @throws PlatformError protocol.malformed */
function refuseOtherWidths({ hosts }: TaskContext, { groups }: LrInput, widths: readonly number[]): void {
  for (const [i, host] of hosts.entries()) {
    const first = seatOf(groups, host)?.members[0] ?? host
    if (widths[i + 1] !== widths[hosts.indexOf(first) + 1])
      throw new PlatformError('protocol.malformed', { expected: `as many columns as ${first} brings`, peer: host })
  }
}

/** Round 0 of a host. @returns widths, and the guest's bound of the curvature */
export async function agreeAsHost(
  task: TaskContext,
  input: LrInput,
): Promise<{ readonly widths: number[]; readonly curvature: number }> {
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
  return { widths: [...widths], curvature: await guest.receive('curvature') }
}

/** The rows that are scored. */
export function scoredRanges({ scored, trainRows, holdoutRows }: LrInput): readonly RowRange[] {
  return scored ?? [{ from: trainRows, to: trainRows + holdoutRows }]
}

/** What the next round is for. */
export function stageOf({ params }: LrInput, state: TrainingState): 'train' | 'inform' | 'score' {
  if (!state.trained) return 'train'
  return params.standardErrors && state.standardErrors === undefined ? 'inform' : 'score'
}

/** @param zeros where the weights start when nothing else is given @throws PlatformError internal.unexpected */
export function startWeights({ start, params, names }: LrInput, zeros: readonly number[]): readonly number[] {
  if (start === undefined) return zeros
  const least = params.nonNegative ? 0 : -1e3
  const fits = start.every((weight, j) => Math.abs(weight) < 1e3 && (weight >= least || j >= names.length))
  if (start.length !== zeros.length || !fits)
    throw new PlatformError('internal.unexpected', {
      expected: `${zeros.length} weights to start from`,
      got: start.length,
    })
  return start
}

export function initialState(widths: readonly number[], start: readonly number[], curvature: number): TrainingState {
  return {
    widths: [...widths],
    weights: [...start],
    velocity: start.map(() => 0),
    earlier: [],
    epochWeights: [...start],
    rounds: 0,
    trained: false,
    converged: false,
    curvature,
  }
}

/** The key pair of an epoch, or of another purpose: made once, kept in the vault, the same after a restart. */
export async function ownKey(
  task: TaskContext,
  pool: HePool,
  set: SetName,
  epoch: number | string,
): Promise<HeKeyPair> {
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

/** What an owner's own gradient asks for. */
export interface Proposal {
  /** where the step leads before it is mixed with earlier ones */
  readonly next: Weights
  /** to be summed over all owners (mixing.ts); empty with mini-batches, whose steps are not mixed */
  readonly products: readonly number[]
}

export interface Move {
  readonly state: TrainingState
  /** how far the weights moved in this epoch of rows; 0 until it ends */
  readonly moved: number
}

/** The owner's step with its own gradient. */
export function propose(
  input: LrInput,
  state: TrainingState,
  plan: RoundPlan,
  { factor, free }: Workspace,
  gradient: Float64Array,
): Proposal {
  const { l2, nonNegative } = input.params
  const momentum = plan.mixes ? 0 : input.params.momentum
  const options = { momentum, rate: plan.rate, l2, trainRows: input.trainRows, free, nonNegative }
  const next = takeStep(state, factor, gradient, options)
  return { next, products: plan.mixes ? stepProducts(stepTo(next, state), state.earlier, factor) : [] }
}

/** The owner's next weights. @throws PlatformError lr.diverged */
export function move(
  input: LrInput,
  state: TrainingState,
  plan: RoundPlan,
  { free }: Workspace,
  { next }: Proposal,
  factors: readonly number[],
): Move {
  let { weights, velocity } = next
  let { earlier } = state
  if (plan.mixes) {
    refuseUnless(factors.length === 0 || factors.length === earlier.length, `${earlier.length} factors`)
    const step = stepTo(next, state)
    weights = mix(state.weights, step, earlier, factors)
    if (input.params.nonNegative) weights = weights.map((weight, j) => (free.has(j) ? weight : Math.max(0, weight)))
    velocity = weights.map(() => 0)
    earlier = [...(factors.length === 0 ? [] : earlier), { weights: state.weights, step }].slice(-MIXING_MEMORY)
  }
  if (!weights.every((weight) => Math.abs(weight) < 1e3)) throw new PlatformError('lr.diverged', { round: plan.round })
  // A mixed step may be short by chance: training is over when the step before mixing is short too.
  const proposed = plan.mixes ? largestMove(next.weights, state.weights) : 0
  const moved = plan.endsEpochOfRows ? Math.max(proposed, largestMove(weights, state.epochWeights)) : 0
  const epochWeights = plan.endsEpochOfRows ? [...weights] : state.epochWeights
  return { state: { ...state, weights, velocity, earlier, epochWeights, rounds: plan.round }, moved }
}

function stepTo(next: Weights, { weights }: TrainingState): number[] {
  return next.weights.map((weight, j) => weight - weights[j]!)
}

/** A move as it is released: two significant digits. */
export function roundedMove(moved: number): number {
  return Number(moved.toPrecision(2))
}

/** The host's end of a round: proposes a step, hears how to mix it, says how far it moved, hears whether that was all. */
export async function concludeAsHost(
  channel: RoleChannel<typeof TRAINING, 'host'>,
  input: LrInput,
  state: TrainingState,
  plan: RoundPlan,
  workspace: Workspace,
  gradient: Float64Array,
  { rows, speaks }: Pick<ToldRange, 'rows' | 'speaks'> = { rows: plan.rows, speaks: true },
): Promise<TrainingState> {
  const proposal = propose(input, state, plan, workspace, gradient)
  if (plan.mixes && speaks) await channel.send('step-products', () => proposal.products, { rows })
  const factors = plan.mixes ? await channel.receive('mixing') : []
  const moved = move(input, state, plan, workspace, proposal, factors)
  if (speaks) await channel.send('step-size', () => roundedMove(moved.moved), { rows })
  const trained = await channel.receive('verdict')
  return { ...moved.state, trained, converged: trained && moved.state.rounds < input.params.rounds }
}
