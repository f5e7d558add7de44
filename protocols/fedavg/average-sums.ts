// The sums of averaging: the opener of a round opens and tells, the others hear and check.
import { fromDigits, toDigits } from '#crypto/aggregate/quantise.ts'
import { openAudience, openRound } from '#protocols/core/channel.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RoundShape } from './average-round.ts'
import { type AverageState, openerOf } from './average-state.ts'
import type { MeanBody, RowTotals } from './bodies.ts'
import { type Group, othersOf } from './group.ts'
import type { GroupSum } from './group-sum.ts'
import { AVERAGING } from './messages.ts'
import type { FedAvgInput } from './params.ts'
import { qualityOf } from './round-vector.ts'

/** Round 0: how many rows all parties have together. @throws PlatformError release.too-few-rows, average.impossible */
export async function totalRows(
  task: TaskContext,
  input: FedAvgInput,
  group: Group,
  sum: GroupSum,
): Promise<RowTotals> {
  const own = { train: input.train.labels.length, holdout: input.holdout.labels.length }
  const { minimumRows } = input.params
  await sum.contribute(toDigits([own.train, own.holdout], sum.fields), own.train)
  const opener = openerOf(0, group.participants)
  let totals: RowTotals
  if (task.self === opener) {
    const [train = 0, holdout = 0] = fromDigits(await sum.open(), sum.fields)
    totals = { train, holdout }
    requireTotals(totals, own, minimumRows)
    const others = openAudience(AVERAGING, 'opener', 'party', task.audience(othersOf(group, opener)), 0)
    await others.send('rows', () => ({ label: sum.label, train, holdout }), { rows: train, minimumRows })
    return totals
  }
  await sum.assist()
  const { label, ...told } = await openRound(AVERAGING, 'party', 'opener', task.channel(opener), 0).receive('rows')
  sum.requireLabel(label, opener)
  totals = told
  requireTotals(totals, own, minimumRows)
  return totals
}

function requireTotals({ train, holdout }: RowTotals, own: RowTotals, floor: number): void {
  if (train < own.train || holdout < own.holdout) throw new PlatformError('average.impossible', { what: 'rows' })
  if (holdout > 0 && holdout < floor) throw new PlatformError('release.too-few-rows', { floor, set: 'holdout' })
}

/** A round that this party runs, or only hears of. */
export interface HeardRound {
  readonly round: number
  readonly opener: PartyId
  /** who takes part */
  readonly participants: readonly PartyId[]
  readonly sum: GroupSum
  readonly shape: RoundShape
}

/** The opener opens the sum and tells all others, also those that took no part; they check it. @throws PlatformError average.impossible */
export async function tellOrHear(
  task: TaskContext,
  { params }: FedAvgInput,
  { group, totals }: AverageState,
  { round, opener, participants, sum, shape }: HeardRound,
): Promise<Omit<MeanBody, 'label'>> {
  const { changes, measures } = shape
  let told: Omit<MeanBody, 'label'>
  if (task.self === opener) {
    const all = await sum.open()
    const quality = measures > 0 ? { quality: qualityOf(all.subarray(changes, changes + measures), sum.fields) } : {}
    const [rows] = shape.rows > 0 ? fromDigits(all.subarray(changes + measures), sum.fields) : []
    const { commitments } = sum
    told = { sums: all.slice(0, changes), commitments, ...quality, ...(rows !== undefined && { rows }) }
  } else {
    if (participants.includes(task.self)) await sum.assist()
    const peer = openRound(AVERAGING, 'party', 'opener', task.channel(opener), round)
    const { label, ...body } = await peer.receive('mean')
    sum.requireLabel(label, opener)
    told = body
  }
  sum.requireCommitments(told.commitments ?? [])
  const { parties, levels } = sum.fields
  const isPossible =
    told.sums.length === changes &&
    areRowsPossible(told, shape, totals, participants.length === group.participants.length) &&
    told.sums.every((one) => one <= parties * levels)
  if (!isPossible) throw new PlatformError('average.impossible', { opener, round })
  if (task.self !== opener) return told
  const others = openAudience(AVERAGING, 'opener', 'party', task.audience(othersOf(group, opener)), round)
  const { minimumRows } = params
  await others.send('mean', () => ({ label: sum.label, ...told }), { rows: told.rows ?? totals.train, minimumRows })
  return told
}

/** As many rows as all have; no more than that where somebody is left out. */
function areRowsPossible(
  { quality, rows = 0 }: Omit<MeanBody, 'label'>,
  shape: RoundShape,
  { train, holdout }: RowTotals,
  isWhole: boolean,
): boolean {
  const fits = (got: number, all: number) => (isWhole ? got === all : got > 0 && got <= all)
  const measured = quality?.rows ?? 0
  return (
    (shape.measures > 0 ? fits(measured, holdout) : measured === 0) && (shape.rows > 0 ? fits(rows, train) : rows === 0)
  )
}
