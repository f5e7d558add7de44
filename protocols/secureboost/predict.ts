// Margins of other rows: each host answers the sides of these rows at all its splits at once, so that no row's path through
// a tree leaves the guest and no host sees which of its answers were needed.
import { predictMargins, type SideBits, type SplitRef, checkSides } from '#credit/trees/tree.ts'
import { compareTerms, type Terms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { PREDICTING } from './messages.ts'
import { knownRows, sidesOfValues } from './owner-columns.ts'
import { BOOST_VERSION, type BoostColumn, type GuestOutput, type HostOutput } from './params.ts'

/** The rows of one party, in an order that all parties share. */
export interface PredictedRows {
  readonly count: number
  /** values by column, found by name */
  readonly columns: readonly Pick<BoostColumn, 'name' | 'values'>[]
  /** source rows with NO_ROW and NO_CONSENT; absent when this party has every row */
  readonly rows?: Uint32Array
}

/** @returns the margin of each row. @throws PlatformError boost.invalid, task.params-differ, protocol.malformed */
export async function predictAsGuest(
  task: TaskContext,
  round: number,
  model: Pick<GuestOutput, 'start' | 'trees' | 'splits'>,
  /** how many splits each host has: HostOutput.splits */
  splitsOfHosts: readonly number[],
  rows: PredictedRows,
): Promise<Float64Array> {
  const told = await Promise.all(
    task.hosts.map(async (host, h) => {
      const channel = openRound(PREDICTING, 'guest', 'host', task.channel(host), round)
      const splits = splitsOfHosts[h]!
      await channel.send('predict-terms', () => termsOf(rows.count, splits))
      const heard: SideBits[] = []
      for (let part = 0; part < splits; part++) {
        const body = await channel.receive('all-sides', { part })
        refuseUnless(!body.refused, 'sides')
        if (body.refused) continue
        checkSides(body.sides, rows.count)
        heard.push(Uint8Array.from(body.sides))
      }
      return heard
    }),
  )
  const own = ownSides(model.splits, rows)
  const sidesAt = ({ owner, split }: SplitRef) => (owner === 0 ? own[split] : told[owner - 1]?.[split])
  return predictMargins(model.start, model.trees, rows.count, (split) => {
    const sides = sidesAt(split)
    if (sides === undefined) throw new PlatformError('boost.invalid', { what: 'split', owner: split.owner })
    return sides
  })
}

/** @throws PlatformError task.params-differ, release.too-few-rows */
export async function predictAsHost(
  task: TaskContext,
  round: number,
  { splits }: Pick<HostOutput, 'splits'>,
  rows: PredictedRows,
): Promise<void> {
  const channel = openRound(PREDICTING, 'host', 'guest', task.channel(task.guest), round)
  compareTerms(termsOf(rows.count, splits.length), await channel.receive('predict-terms'), task.guest)
  for (const [part, sides] of ownSides(splits, rows).entries()) {
    const { alias } = splits[part]!
    await channel.send('all-sides', () => ({ refused: false, alias, sides }) as const, { part, rows: rows.count })
  }
}

function termsOf(rows: number, splits: number): Terms {
  return { protocol: `secureboost-predict/${BOOST_VERSION}`, rows: String(rows), splits: String(splits) }
}

function ownSides(splits: HostOutput['splits'], { columns, rows, count }: PredictedRows): SideBits[] {
  const known = knownRows(rows)
  return splits.map((split) => {
    const values = columns.find(({ name }) => name === split.name)?.values
    if (values === undefined || values.length !== count)
      throw new PlatformError('boost.invalid', { what: 'column', alias: split.alias, rows: count })
    return sidesOfValues(split, values, known)
  })
}
