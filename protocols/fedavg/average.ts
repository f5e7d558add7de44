// Federated averaging, seen by any party: trains on its own rows, encrypts what that changed, and takes the same step as
// all others from the sum. All parties run the same program; in each round one of them opens the sum.
import { createHash } from 'node:crypto'
import { toDigits } from '#crypto/aggregate/quantise.ts'
import type { RoleProgram, RoundOutcome, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { averageOutput } from './average-output.ts'
import { type ModelRows, type OwnRound, ownRound, planOf, readChanges, shapeOf, valuesIn } from './average-round.ts'
import {
  type AverageState,
  commitmentsDigest,
  isLast,
  openerOf,
  packWeights,
  stateDigest,
  weightsDigest,
  withQuality,
  withSum,
} from './average-state.ts'
import { type HeardRound, tellOrHear, totalRows } from './average-sums.ts'
import type { MeanBody } from './bodies.ts'
import { type Group, type GroupSecrets, meet, openSecrets } from './group.ts'
import { GroupSum } from './group-sum.ts'
import { type FedAvgInput, type FedAvgOutput, LEAST_PARTIES, LEAST_ROWS, type SumCounts } from './params.ts'
import { roundsWithin } from './privacy/accountant.ts'
import { scalesOf, trainingRows } from './standardise.ts'
import { sumFields } from './sum-fields.ts'
import { averageTerms } from './terms.ts'
import { openEngine } from './training/engine.ts'
import { openModel } from './training/model.ts'
import { decodeServer, encodeServer, openServer, serverStep, startOf } from './training/server.ts'
import type { OpenModel } from './training/types.ts'

/** What a process keeps between the rounds of a task; made again after a restart. */
interface Opened {
  readonly model: OpenModel
  readonly rows: ModelRows
}

export function openAverage(): RoleProgram<FedAvgInput, AverageState, FedAvgOutput> {
  let opened: Promise<Opened> | undefined
  let secrets: Promise<GroupSecrets> | undefined
  const open = (input: FedAvgInput) => (opened ??= openInput(input))
  const sumOf = async (task: TaskContext, input: FedAvgInput, { group, sums, round, model, values }: SumPlace) => {
    const { pairs, own } = await (secrets ??= openSecrets(task, group))
    const { participants } = group
    const opener = openerOf(round, participants)
    const voidable = round > 0 && input.params.leastParties !== undefined
    const number = withSum(sums, opener)[opener] as number
    const facts = { round, opener, number, shared: isShared(input), voidable, model, values }
    const here = new Map([...pairs].filter(([party]) => participants.includes(party)))
    return new GroupSum(task, group, { own, pairs: here }, facts)
  }
  return {
    async setup(task, input) {
      checkInput(input)
      const { model } = await open(input)
      const first = firstWeights(task, input, model)
      const least = input.params.privacy === undefined ? LEAST_PARTIES : 2
      const group = await meet(task, averageTerms(input, weightsDigest(first)), least)
      const server = encodeServer(openServer(input.params.server, first, input.params.scaffold))
      const before = { group, server, totals: { train: 0, holdout: 0 } }
      const count = toDigits([0], fieldsOf(input, group)).length
      const place = { group, sums: input.sumsBefore, round: 0, model: stateDigest(before), values: 2 * count }
      const sum = await sumOf(task, input, place)
      const totals = await totalRows(task, input, group, sum)
      const variate = input.params.scaffold ? { variate: packWeights(new Float32Array(first.length)) } : {}
      const sums = withSum(input.sumsBefore, openerOf(0, group.participants))
      const state = { ...before, totals, ...variate, rounds: [], stoppedEarly: false, sums }
      allowedRounds(input, state, model)
      return state
    },
    async round(task, input, state, round) {
      if (state.refused !== undefined) throw new PlatformError('robustness.sum-too-long', state.refused)
      const { model, rows } = await open(input)
      const server = decodeServer(state.server)
      const start = startOf(server)
      const allowed = allowedRounds(input, state, model)
      const turn = server.round + 1
      const group = await groupIn(task, input, state.group, round)
      const shape = shapeOf(input, { ...state, group }, turn <= allowed, model.parameterCount, fieldsOf(input, group))
      const place = { group, sums: state.sums, round, model: stateDigest(state), values: valuesIn(shape) }
      const sum = await sumOf(task, input, place)
      const { participants } = group
      const here = { round, turn, opener: openerOf(round, participants), participants, sum, shape }
      let own: OwnRound | undefined
      if (participants.includes(task.self)) {
        own = await ownRound({ task, input, state: { ...state, group }, round, sum, shape, model, rows, server, start })
        await sum.contribute(own.values, rows.train.rows)
      }
      task.progress({ phase: 'waiting for the sum', done: turn, total: allowed, unit: 'rounds' })
      const told = await tellOrHear(task, input, state, here)
      if (told.quality !== undefined && turn > 1) {
        const { loss, auc, ks } = told.quality
        task.event('average', { round: turn - 1, of: allowed, loss, auc, ks })
      }
      if (input.keep !== undefined && told.sums.length > 0)
        await input.keep({
          round: turn,
          label: sum.label,
          participants,
          commitments: told.commitments ?? [],
          sums: told.sums,
          rows: told.rows ?? state.totals.train,
          allRows: state.totals.train,
          scales: scalesOf(input) ?? input.columns.map(() => null),
          start,
          ...(own !== undefined && { opening: sum.openingOf(own.values, rows.train.rows) }),
        })
      return nextState({ ...here, input, state, allowed, own, told, start })
    },
    async finish(task, input, state) {
      const { model, rows } = await open(input)
      return averageOutput(task, input, state, model, rows)
    },
  }
}

interface Ended extends HeardRound {
  readonly input: FedAvgInput
  readonly state: AverageState
  /** of the rounds that gave a sum: voided ones do not count */
  readonly turn: number
  /** training rounds at most */
  readonly allowed: number
  /** absent where this party only heard */
  readonly own: OwnRound | undefined
  readonly told: Omit<MeanBody, 'label'>
  readonly start: Float32Array
}

/** The same step as at all other parties, and whether it was the last. */
function nextState(ended: Ended): RoundOutcome<AverageState> {
  const { input, turn, opener, participants, allowed, sum, own, told, start } = ended
  const { params } = input
  const committed = commitmentsDigest(told.commitments ?? [])
  const state = { ...ended.state, committed, sums: withSum(ended.state.sums, opener) }
  const after = told.quality === undefined ? state : { ...state, ...withQuality(state, told.quality, start) }
  const { finished, stoppedEarly } = isLast(turn, allowed, params, after.best)
  if (told.sums.length === 0) return { state: { ...after, stoppedEarly }, finished }
  const change = changeIn(params, { ...state, group: { ...state.group, participants } }, told, sum)
  // All parties end the round, and have kept it for a dispute, before they refuse to go on from it.
  if ('refused' in change) {
    if (finished) throw new PlatformError('robustness.sum-too-long', change.refused)
    return { state: { ...after, refused: change.refused }, finished }
  }
  const { mean, variates } = change
  const server = encodeServer(serverStep(params.server, decodeServer(state.server), mean, variates))
  const { values: _, variate, ...report } = own ?? { values: undefined }
  const leftOut = state.group.participants.filter((party) => !participants.includes(party))
  return {
    state: {
      ...after,
      server,
      ...(variate !== undefined && { variate: packWeights(variate) }),
      rounds: [...after.rounds, { round: turn, opener, ...report, ...(leftOut.length > 0 && { leftOut }) }],
      stoppedEarly,
    },
    finished,
  }
}

/** What the sum says, or how long it was where it is longer than the settings allow. */
function changeIn(
  ...sums: Parameters<typeof readChanges>
): ReturnType<typeof readChanges> | { readonly refused: NonNullable<AverageState['refused']> } {
  try {
    return readChanges(...sums)
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'robustness.sum-too-long') throw error
    const { length, limit } = error.detail
    return { refused: { length: Number(length), limit: Number(limit) } }
  }
}

interface SumPlace {
  /** with those that take part */
  readonly group: Group
  readonly sums: SumCounts
  readonly round: number
  readonly model: Uint8Array
  readonly values: number
}

/**
 * The group with those that take part in a round. Whoever was told of them once is not told of others for the same round.
 * @throws PlatformError average.other-round, average.too-few-parties
 */
async function groupIn(task: TaskContext, { params }: FedAvgInput, group: Group, round: number): Promise<Group> {
  const { leastParties } = params
  if (leastParties === undefined) return group
  const told = task.takingPart?.(round) ?? group.participants
  const participants = group.participants.filter((party) => told.includes(party))
  if (participants.length < leastParties || participants.length < told.length) {
    throw new PlatformError('average.too-few-parties', { parties: participants.length, least: leastParties })
  }
  const kept = await task.vault.once(`participants ${round}`, async () => Buffer.from(participants.join()))
  if (Buffer.from(kept).toString() !== participants.join())
    throw new PlatformError('average.other-round', { round, differing: ['participants'] })
  return { ...group, participants }
}

async function openInput(input: FedAvgInput): Promise<Opened> {
  const { params, columns, train, holdout } = input
  const model = await openModel(await openEngine(), params.model, columns)
  const scales = scalesOf(input)
  return { model, rows: { train: trainingRows(train, scales), holdout: trainingRows(holdout, scales) } }
}

/** @throws PlatformError average.settings, release.too-few-rows */
function checkInput({ params, train, columns }: FedAvgInput): void {
  const { minimumRows, rounds, clip, patience, privacy, scaffold, normBound, leastParties } = params
  const rules: readonly [boolean, string][] = [
    [minimumRows >= LEAST_ROWS, 'minimumRows'],
    [Number.isInteger(rounds) && rounds >= 1, 'rounds'],
    [Number.isFinite(clip) && clip > 0, 'clip'],
    [patience === undefined || patience >= 1, 'patience'],
    [normBound === undefined || (normBound > 0 && privacy === undefined), 'normBound'],
    [privacy === undefined || !scaffold, 'privacy with scaffold'],
    [leastParties === undefined || leastParties >= LEAST_PARTIES, 'leastParties'],
    [train.columns.length === columns.length, 'columns'],
  ]
  const wrong = rules.find(([holds]) => !holds)
  if (wrong !== undefined) throw new PlatformError('average.settings', { setting: wrong[1] })
  if (train.labels.length < minimumRows) throw new PlatformError('release.too-few-rows', { floor: minimumRows })
}

/** Training rounds that settings and budget allow. @throws PlatformError privacy.budget-spent where that is none */
function allowedRounds(
  { params }: FedAvgInput,
  state: Pick<AverageState, 'group' | 'totals'>,
  model: OpenModel,
): number {
  const { privacy, leastParties } = params
  if (privacy === undefined) return params.rounds
  const all = state.group.participants
  // as if the dearest set of parties took part in every round
  const sets = all.map((_, i) => all.slice(0, i + 1)).slice((leastParties ?? all.length) - 1)
  const within = Math.min(
    ...sets.map((participants) => {
      const plan = planOf(params, { ...state, group: { ...state.group, participants } }, model.parameterCount)
      return plan === undefined ? params.rounds : roundsWithin(plan.mechanism, privacy, params.rounds)
    }),
  )
  if (within === 0) throw new PlatformError('privacy.budget-spent', { of: 'job', budget: privacy.budget })
  return within
}

/** All parties have the same: their digest is among the terms. @throws PlatformError average.settings for another length */
function firstWeights({ jobId, taskId }: TaskContext, { start }: FedAvgInput, model: OpenModel): Float32Array {
  if (start === undefined) return model.initial(createHash('sha256').update(`${jobId}\0${taskId}`).digest())
  if (start.length !== model.parameterCount) throw new PlatformError('average.settings', { setting: 'start' })
  return start
}

function isShared({ params }: FedAvgInput): boolean {
  return params.opening === 'shared'
}

function fieldsOf(input: FedAvgInput, { participants }: Group) {
  return sumFields(participants.length, isShared(input))
}
