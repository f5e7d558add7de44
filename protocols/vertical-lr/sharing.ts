// The first phase of a round: the scores of all parties become two shares, at guest and pivot, modulo one period.
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { jointRange, periodOf, type ScoreRange } from './fourier.ts'
import { speaksForOwner, type ToldRange } from './member.ts'
import type { LrParams } from './params.ts'
import { addShares, clipRange, encodeScores, releaseRange, sharesFromSeed, subtractShares } from './scores.ts'
import { SHARING } from './sharing-messages.ts'
import type { LrInput } from './training.ts'

type Columns = LrParams['columns']

/** The guest's share, and the interval that every series of this round is fitted over. */
export interface SharedScores {
  readonly shares: Uint16Array
  readonly range: ScoreRange
  readonly period: number
}

/** @param counted scores of the rows that count: what the guest's own range is made of */
export async function shareScoresAsGuest(
  task: TaskContext,
  round: number,
  scores: Float64Array,
  counted: Float64Array,
  { params: { columns }, groups }: Pick<LrInput, 'params' | 'groups'>,
): Promise<SharedScores> {
  const own = releaseRange(counted, columns)
  const rows = scores.length
  const hosts = task.hosts.map((host) => openRound(SHARING, 'guest', 'host', task.channel(host), round))
  const ranges = [own]
  for (const host of hosts) if (speaksForOwner(groups, host.peer)) ranges.push(await host.receive('score-range'))
  const range = jointRange(ranges, columns)
  const period = periodOf(range)
  for (const host of hosts) await host.send('interval', () => period, { rows })
  let shares = encodeScores(scores, clipRange(own, columns), period)
  for (const dealer of task.hosts.slice(1)) {
    const channel = openRound(SHARING, 'guest', 'dealer', task.channel(dealer), round)
    shares = addShares(shares, sharesFromSeed(await channel.receive('share-seed'), rows))
  }
  return { shares, range, period }
}

/** @returns the pivot's share: its own scores, and what the dealers dealt */
export async function shareScoresAsPivot(
  task: TaskContext,
  round: number,
  scores: Float64Array,
  columns: Columns,
): Promise<Uint16Array> {
  const rows = scores.length
  const told = ownRange(scores, columns)
  let shares = encodeScores(scores, told.clip, await tellRange(task, round, told))
  for (const host of task.hosts.slice(1)) {
    const dealt = await openRound(SHARING, 'pivot', 'dealer', task.channel(host), round).receive('score-share')
    if (dealt.length !== rows)
      throw new PlatformError('protocol.malformed', { expected: `${rows} shares`, got: dealt.length, peer: host })
    shares = addShares(shares, dealt)
  }
  return shares
}

/** The range of a host in no group. */
export function ownRange(scores: Float64Array, columns: Columns): ToldRange {
  const range = releaseRange(scores, columns)
  return { range, clip: clipRange(range, columns), rows: scores.length, speaks: true }
}

/** Scores dealt in two: a seed of uniform shares to the guest, the difference to the pivot. */
export async function dealScores(
  task: TaskContext,
  round: number,
  scores: Float64Array,
  told: ToldRange,
): Promise<void> {
  const rows = scores.length
  const period = await tellRange(task, round, told)
  const dealSeed = (await task.vault.seed(`round/${round}/deal`)).reveal((bytes) => Uint8Array.from(bytes))
  const guest = openRound(SHARING, 'dealer', 'guest', task.channel(task.guest), round)
  const pivot = openRound(SHARING, 'dealer', 'pivot', task.channel(task.hosts[0]!), round)
  await guest.send('share-seed', () => dealSeed)
  await pivot.send('score-share', () =>
    subtractShares(encodeScores(scores, told.clip, period), sharesFromSeed(dealSeed, rows)),
  )
}

/** A host's range out, the period in. */
async function tellRange(task: TaskContext, round: number, { range, rows, speaks }: ToldRange): Promise<number> {
  const guest = openRound(SHARING, 'host', 'guest', task.channel(task.guest), round)
  if (speaks) await guest.send('score-range', () => range, { rows })
  return guest.receive('interval')
}
