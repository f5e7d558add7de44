// The sums of averaging: the opener of a round opens and tells, the others hear and check.
import { fromDigits, toDigits } from '#crypto/aggregate/quantise.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { RoundShape } from './average-round.ts'
import { type AverageState, openerOf } from './average-state.ts'
import type { MeanBody, RowTotals } from './bodies.ts'
import type { Group } from './group.ts'
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
    for (const party of group.participants.filter((one) => one !== opener)) {
      const peer = openRound(AVERAGING, 'opener', 'party', task.channel(party), 0)
      await peer.send('rows', () => ({ label: sum.label, train, holdout }), { rows: train, minimumRows })
    }
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

/** The opener opens the sum and tells the others; they check it. @throws PlatformError average.impossible */
export async function tellOrHear(
  task: TaskContext,
  { params }: FedAvgInput,
  { group, totals }: AverageState,
  round: number,
  sum: GroupSum,
  { changes, measures }: RoundShape,
): Promise<Omit<MeanBody, 'label'>> {
  const opener = openerOf(round, group.participants)
  const { parties, levels } = sum.fields
  let told: Omit<MeanBody, 'label'>
  if (task.self === opener) {
    const all = await sum.open()
    const quality = measures > 0 ? { quality: qualityOf(all.subarray(changes), sum.fields) } : {}
    told = { sums: all.slice(0, changes), ...quality }
  } else {
    await sum.assist()
    const peer = openRound(AVERAGING, 'party', 'opener', task.channel(opener), round)
    const { label, ...body } = await peer.receive('mean')
    sum.requireLabel(label, opener)
    told = body
  }
  const rows = told.quality?.rows ?? 0
  const isPossible =
    told.sums.length === changes &&
    rows === (measures > 0 ? totals.holdout : 0) &&
    told.sums.every((one) => one <= parties * levels)
  if (!isPossible) throw new PlatformError('average.impossible', { opener, round })
  if (task.self !== opener) return told
  for (const party of group.participants.filter((one) => one !== opener)) {
    const peer = openRound(AVERAGING, 'opener', 'party', task.channel(party), round)
    const { minimumRows } = params
    await peer.send('mean', () => ({ label: sum.label, ...told }), { rows: totals.train, minimumRows })
  }
  return told
}
