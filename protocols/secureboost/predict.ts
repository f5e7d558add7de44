// Margins of other rows: each host answers the sides of these rows at all its splits at once, so that no row's path through
// a tree leaves the guest and no host sees which of its answers were needed.
import { predictMargins, type SideBits, type SplitRef, checkSides } from '#credit/trees/tree.ts'
import { compareTerms, type Terms } from '#protocols/core/agreement.ts'
import { openRound, type RoleChannel } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { packMargins, type PackedMargins, unpackMargins } from './guest-state.ts'
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

/** @param trainedBy the job that grew the trees: both sides name it before anything is told */
export interface PredictionInput<Model> {
  readonly model: Model
  readonly trainedBy: string
  readonly rows: PredictedRows
}

export type GuestModel = Pick<GuestOutput, 'start' | 'trees' | 'splits' | 'aliases'>
export type HostModel = Pick<HostOutput, 'splits'>

/** One round. Its output is the margin of each row. @throws PlatformError boost.invalid, protocol.malformed */
export const predictAsGuest: RoleProgram<PredictionInput<GuestModel>, PackedMargins, Float64Array> = {
  async setup() {
    return ''
  },
  async round(task, { model, trainedBy, rows }, _state, round) {
    const told = await Promise.all(
      task.hosts.map((host, h) => {
        const channel = openRound(PREDICTING, 'guest', 'host', task.channel(host), round)
        return askHost(channel, trainedBy, rows.count, model.aliases[h + 1] ?? [])
      }),
    )
    const own = ownSides(model.splits, rows)
    const sidesAt = ({ owner, split }: SplitRef) => (owner === 0 ? own[split] : told[owner - 1]?.[split])
    const margins = predictMargins(model.start, model.trees, rows.count, (split) => {
      const sides = sidesAt(split)
      if (sides === undefined) throw new PlatformError('boost.invalid', { what: 'split', owner: split.owner })
      return sides
    })
    return { state: packMargins(margins), finished: true }
  },
  async finish(_task, _input, margins) {
    return unpackMargins(margins)
  },
}

/** The sides of all rows at all splits of a host. @param aliases of the column of each, by number */
async function askHost(
  channel: RoleChannel<typeof PREDICTING, 'guest'>,
  trainedBy: string,
  rows: number,
  aliases: readonly string[],
): Promise<SideBits[]> {
  await channel.send('predict-terms', () => termsOf(trainedBy, rows, aliases.length))
  const heard: SideBits[] = []
  for (const [part, alias] of aliases.entries()) {
    const body = await channel.receive('all-sides', { part })
    refuseUnless(!body.refused && body.alias === alias, 'the sides of every split of the model')
    if (body.refused) continue
    checkSides(body.sides, rows)
    heard.push(Uint8Array.from(body.sides))
  }
  return heard
}

/** One round. @throws PlatformError task.params-differ, release.too-few-rows */
export const predictAsHost: RoleProgram<PredictionInput<HostModel>, null, null> = {
  async setup() {
    return null
  },
  async round(task, { model, trainedBy, rows }, _state, round) {
    const { splits } = model
    const channel = openRound(PREDICTING, 'host', 'guest', task.channel(task.guest), round)
    const own = termsOf(trainedBy, rows.count, splits.length)
    compareTerms(own, await channel.receive('predict-terms'), task.guest)
    for (const [part, sides] of ownSides(splits, rows).entries()) {
      const { alias } = splits[part]!
      await channel.send('all-sides', () => ({ refused: false, alias, sides }) as const, { part, rows: rows.count })
    }
    return { state: null, finished: true }
  },
  async finish() {
    return null
  },
}

function termsOf(model: string, rows: number, splits: number): Terms {
  return { protocol: `secureboost-predict/${BOOST_VERSION}`, model, rows: String(rows), splits: String(splits) }
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
