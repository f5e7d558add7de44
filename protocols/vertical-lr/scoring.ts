// The scoring round: hosts answer integer scores whose masks cancel in the sum, so that with two hosts or more the
// guest learns the joint score of a row and no host's part. With one host its part is the joint score minus
// the guest's own, whatever the protocol: it is released on a grid, and the leakage statement says so.
import { expandBytes } from '#crypto/prg.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { SCORING } from './messages.ts'
import { SCORE_GRID_BITS } from './params.ts'
import { partialScores } from './scores.ts'
import { type LrInput, scoredRanges } from './training.ts'

const GRID = 2 ** SCORE_GRID_BITS

/** An owner's partial scores of the rows that are scored, range after range. */
export function scoredRows(input: LrInput, weights: readonly number[]): Float64Array {
  const parts = scoredRanges(input).map(({ from, to }) => partialScores(input.data, weights, from, to))
  const scores = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    scores.set(part, at)
    at += part.length
  }
  return scores
}

/** @returns joint log-odds of the scored rows: the guest's own scores and all hosts' */
export async function collectScores(task: TaskContext, round: number, own: Float64Array): Promise<Float64Array> {
  const sum = new Int32Array(own.length)
  for (const host of task.hosts) {
    const channel = task.channel(host)
    const scores =
      task.hosts.length === 1
        ? await openRound(SCORING, 'guest', 'lone-host', channel, round).receive('lone-scores')
        : await openRound(SCORING, 'guest', 'host', channel, round).receive('holdout-scores')
    if (scores.length !== own.length)
      throw new PlatformError('protocol.malformed', {
        expected: `${own.length} scores`,
        got: scores.length,
        peer: host,
      })
    addMask(sum, scores, 1)
  }
  return Float64Array.from(own, (score, i) => score + sum[i]! / GRID)
}

export async function answerScores(task: TaskContext, round: number, scores: Float64Array): Promise<void> {
  const answer = Int32Array.from(scores, (score) => Math.round(score * GRID))
  const guest = task.channel(task.guest)
  if (task.hosts.length === 1) {
    // Nothing to mask it with: plain numbers, and released as such.
    const alone = openRound(SCORING, 'lone-host', 'guest', guest, round)
    return await alone.send('lone-scores', () => answer, { rows: answer.length })
  }
  const self = task.hosts.indexOf(task.self)
  for (const [i, peer] of task.hosts.entries()) {
    if (i === self) continue
    const seed = i > self ? await tellSeed(task, round, peer) : await hearSeed(task, round, peer)
    const mask = expandBytes(seed, 'holdout-scores', 4 * answer.length)
    addMask(answer, new Int32Array(mask.buffer, mask.byteOffset, answer.length), i > self ? 1 : -1)
  }
  await openRound(SCORING, 'host', 'guest', guest, round).send('holdout-scores', () => answer)
}

async function tellSeed(task: TaskContext, round: number, peer: string): Promise<Uint8Array> {
  const seed = (await task.vault.seed(`scoring/${peer}`)).reveal((bytes) => Uint8Array.from(bytes))
  await openRound(SCORING, 'earlier-host', 'later-host', task.channel(peer), round).send('score-mask-seed', () => seed)
  return seed
}

async function hearSeed(task: TaskContext, round: number, peer: string): Promise<Uint8Array> {
  return openRound(SCORING, 'later-host', 'earlier-host', task.channel(peer), round).receive('score-mask-seed')
}

/** sum ± mask modulo 2^32: Int32Array wraps by itself. */
function addMask(sum: Int32Array, mask: Int32Array, sign: 1 | -1): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + sign * mask[i]!
}
