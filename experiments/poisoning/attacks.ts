// A federation with one holder that poisons its updates, in the clear or through the encrypted sum of quantised updates.
import { createHash } from 'node:crypto'
import { dequantiseSum, quantise } from '#crypto/aggregate/quantise.ts'
import {
  addAll,
  encryptAll,
  openAll,
  sampleParties,
  type SampleRound,
  sampleRound,
} from '#crypto/aggregate/sample-round.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { boundContribution, checkSum } from '#protocols/fedavg/robustness/bound.ts'
import { commitUpdate, type UpdateOpening } from '#protocols/fedavg/robustness/commitment.ts'
import { type Diagnosis, diagnose } from '#protocols/fedavg/robustness/diagnose.ts'
import { PlatformError } from '#runtime/errors.ts'
import { aucOn, changeOf, COLUMNS, drawHolders, flipped, type Holders, lossOn } from './holders.ts'

/** honest; the own change turned round; trained on turned labels; the latter a hundredfold; the latter as long as allowed */
export const ATTACKS = ['none', 'sign flip', 'label flip', 'scaling', 'just below the bound'] as const
export type Attack = (typeof ATTACKS)[number]
/** the sum of doubles; integers of the lattice; the same, with lengths bounded and the sum checked */
export type Defence = 'none' | 'clip' | 'clip and bound'

export interface Settings {
  readonly attack: Attack
  readonly defence: Defence
  readonly rounds: number
  /** encrypt, add and open; without it the integers are added as they are */
  readonly encrypted: boolean
  /** where coordinates are cut off */
  readonly clip: number
  /** longest change of the model by one party in one round */
  readonly bound: number
}

export const USUAL: Settings = {
  attack: 'none',
  defence: 'clip and bound',
  rounds: 15,
  encrypted: false,
  clip: 1,
  bound: 1.4,
}

export interface Outcome {
  /** of the hold-out rows, under the last model */
  readonly auc: number
  readonly loss: number
  /** the round in which the sum was refused; the model is the one before it */
  readonly refusedIn?: number
  /** what a dispute about each round says */
  readonly diagnoses: readonly (readonly Diagnosis[])[]
}

/** Place of the holder that poisons. */
export const ATTACKER = 2
const SCALE = 100

export async function run(seed: number, settings: Settings, holders: Holders = drawHolders(seed)): Promise<Outcome> {
  const { parties, holdout, validation } = holders
  const names = parties.map((_, i) => `park-${i + 1}`)
  const total = parties.reduce((sum, { labels }) => sum + labels.length, 0)
  const shares = parties.map(({ labels }) => labels.length / total)
  const agreed = sampleParties(parties.length)
  const diagnoses: (readonly Diagnosis[])[] = []
  let weights = new Float64Array(COLUMNS + 1)
  for (let round = 1; round <= settings.rounds; round++) {
    const parts = parties.map((_, i) => contribution(weights, holders, i, shares[i] as number, settings))
    const keys = sampleRound(agreed, { round })
    const mean = settings.defence === 'none' ? plainSum(parts) : undefined
    if (mean !== undefined) {
      weights = moved(weights, mean)
      continue
    }
    const values = parts.map((part, i) => quantise(part, settings.clip, keys.fields, coinsOf(seed, round, i)))
    const sum = settings.encrypted ? encryptedSum(keys, values) : integerSum(values)
    const openings = values.map((one, i): UpdateOpening => {
      const salt = createHash('sha256').update(`${seed}/${round}/${i}`).digest()
      const rows = (parties[i] as Holders['validation']).labels.length
      return { label: keys.label, party: names[i] as string, salt, rows, values: one }
    })
    const before = weights
    const own = { ...keys.fields, parties: 1 }
    diagnoses.push(
      await diagnose({
        label: keys.label,
        participants: names,
        commitments: new Map(openings.map((opening) => [opening.party, commitUpdate(opening)])),
        openings,
        sum,
        rows: total,
        read: (one) => dequantiseSum(one, settings.clip, own),
        loss: (change) => lossOn(moved(before, change), validation),
      }),
    )
    const change = dequantiseSum(sum, settings.clip, keys.fields)
    const step = (2 * settings.clip) / keys.fields.levels
    if (settings.defence === 'clip and bound' && isTooLong(change, settings.bound, parties.length, step))
      return { auc: aucOn(weights, holdout), loss: lossOn(weights, holdout), refusedIn: round, diagnoses }
    weights = moved(weights, change)
  }
  return { auc: aucOn(weights, holdout), loss: lossOn(weights, holdout), diagnoses }
}

/** Of one holder, times its share of the rows. The attacker leaves out every bound that is not built into the numbers. */
function contribution(
  weights: Float64Array,
  { parties }: Holders,
  i: number,
  share: number,
  { attack, defence, clip, bound }: Settings,
): Float64Array {
  const rows = parties[i] as Holders['validation']
  const weigh = (change: Float64Array, by = 1) => change.map((value) => by * share * value)
  if (i === ATTACKER && attack !== 'none') {
    if (attack === 'sign flip') return weigh(changeOf(weights, rows), -1)
    const poison = weigh(changeOf(weights, flipped(rows)), attack === 'label flip' ? 1 : SCALE)
    if (attack === 'just below the bound') boundContribution(poison, { share, bound, clip: Number.POSITIVE_INFINITY })
    return poison
  }
  const honest = weigh(changeOf(weights, rows))
  if (defence === 'clip and bound') boundContribution(honest, { share, bound, clip })
  return honest
}

function isTooLong(mean: Float64Array, bound: number, parties: number, step: number): boolean {
  try {
    checkSum(mean, { bound, parties, step })
    return false
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'robustness.sum-too-long') return true
    throw error
  }
}

function encryptedSum(round: SampleRound, values: readonly Uint32Array[]): Uint32Array {
  const updates = values.map((one, i) => encryptAll(round, i, one))
  return openAll(round, addAll(round, updates), values[0]?.length ?? 0)
}

function integerSum(values: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(values[0] ?? [], (_, i) => values.reduce((sum, one) => sum + (one[i] as number), 0))
}

function plainSum(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts[0] ?? [], (_, i) => parts.reduce((sum, one) => sum + (one[i] as number), 0))
}

function moved(weights: Float64Array, change: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(weights, (value, i) => value + (change[i] as number))
}

/** The same coins whether the sum is encrypted or not. */
function coinsOf(seed: number, round: number, party: number): Expansion {
  return new Expansion(new Uint8Array(32).fill(seed), `coins/${round}/${party}`)
}
