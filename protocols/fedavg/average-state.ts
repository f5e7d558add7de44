// What a round of averaging leaves behind: the checkpoint from which the next one starts, and when training ends.
import { createHash } from 'node:crypto'
import type { PartyId } from '#protocols/core/contract.ts'
import type { RowTotals } from './bodies.ts'
import type { Group } from './group.ts'
import type { FedAvgParams, Quality, RoundReport, SumCounts } from './params.ts'
import type { StoredServer } from './training/server.ts'

/** Float32 as base64 of little-endian bytes: JSON that keeps every bit. */
export type PackedWeights = string

export interface AverageState {
  readonly group: Group
  readonly totals: RowTotals
  /** the same at all parties */
  readonly server: StoredServer
  /** SCAFFOLD: this party's own variate */
  readonly variate?: PackedWeights
  /** the model with the lowest loss so far; round 0 is the model before training */
  readonly best?: BestModel
  readonly rounds: readonly RoundReport[]
  readonly stoppedEarly: boolean
  /** what the parties committed to in the last round: SHA-256, hex */
  readonly committed?: string
  /** the last mean was longer than the settings allow: no party goes on from it */
  readonly refused?: { readonly length: number; readonly limit: number }
  /** sums that each party has opened in this job */
  readonly sums: SumCounts
}

export interface BestModel {
  readonly round: number
  readonly loss: number
  readonly weights: PackedWeights
}

export function packWeights({ buffer, byteOffset, byteLength }: Float32Array): PackedWeights {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

export function unpackWeights(packed: PackedWeights): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(packed, 'base64')).buffer)
}

/** SHA-256 of the weights, hex. */
export function weightsDigest(weights: Float32Array): string {
  return createHash('sha256').update(packWeights(weights)).digest('hex')
}

/** SHA-256 of all that a round starts from and that all parties have alike: who differs cannot take part unnoticed. */
export function stateDigest({
  server,
  totals,
  committed = '',
}: Pick<AverageState, 'server' | 'totals' | 'committed'>): Uint8Array {
  const { round, weights, moment, square, variate } = server
  const facts = [round, weights, moment, square, variate, totals.train, totals.holdout, committed]
  return new Uint8Array(createHash('sha256').update(JSON.stringify(facts)).digest())
}

/** Of what the parties of a round committed to: whoever was told something else has another label in the next round. */
export function commitmentsDigest(commitments: readonly Uint8Array[]): string {
  return createHash('sha256').update(Buffer.concat(commitments)).digest('hex')
}

/** The opener changes from round to round, among those that take part; the guest begins. */
export function openerOf(round: number, participants: readonly PartyId[]): PartyId {
  return participants[round % participants.length] as PartyId
}

/** With one more sum at its opener. */
export function withSum(sums: SumCounts, opener: PartyId): SumCounts {
  return { ...sums, [opener]: (sums[opener] ?? 0) + 1 }
}

/** What the rounds so far say, with the quality of the model that this round started from. */
export function withQuality(
  { rounds, best }: Pick<AverageState, 'rounds' | 'best'>,
  quality: Quality,
  start: Float32Array,
): Pick<AverageState, 'rounds' | 'best'> {
  const round = rounds.length
  const better = best === undefined || quality.loss < best.loss
  return {
    rounds: rounds.map((report) => (report.round === round ? { ...report, quality } : report)),
    best: better ? { round, loss: quality.loss, weights: packWeights(start) } : best,
  }
}

/**
 * Whether this round was the last. With hold-out rows one more round than training takes measures the last model.
 * @param allowed training rounds, of the settings and of the budget of privacy
 */
export function isLast(
  round: number,
  allowed: number,
  { patience }: Pick<FedAvgParams, 'patience'>,
  best: BestModel | undefined,
): { readonly finished: boolean; readonly stoppedEarly: boolean } {
  if (best === undefined) return { finished: round >= allowed, stoppedEarly: false }
  const measured = round - 1
  const stalled = patience !== undefined && measured - best.round >= patience
  return { finished: round > allowed || stalled, stoppedEarly: stalled && measured < allowed }
}
