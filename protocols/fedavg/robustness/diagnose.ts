// Who spoiled a round? Where a dispute was opened all participants show their updates of that round, and only of that one;
// this compares them. Never run otherwise: it is what the encryption keeps from everybody.
import type { PartyId } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { commitUpdate, type UpdateOpening } from './commitment.ts'

export interface DisputedRound {
  readonly label: Uint8Array
  readonly participants: readonly PartyId[]
  /** what each party said of its update in the round, from the signed log */
  readonly commitments: ReadonlyMap<PartyId, Uint8Array>
  readonly openings: readonly UpdateOpening[]
  /** what all were told of the sum in that round: of the first integers of the updates, those of the change */
  readonly sum: Uint32Array
  /** rows of all parties, as told in round 0 */
  readonly rows: number
  /** The contribution that a party's integers stand for: its change of the model times its share of the rows. */
  readonly read: (values: Uint32Array) => Float64Array
  /** Loss over the guest's validation rows of the model that this mean change makes of the one before the round. */
  readonly loss: (mean: Float64Array) => number | Promise<number>
}

export interface Diagnosis {
  readonly party: PartyId
  /** of its change of the model, its weight taken out */
  readonly length: number
  /** over the median length of the others */
  readonly lengthRatio: number
  /** of the angle to the mean change of the others, −1 to 1; 0 where one of the two is nothing */
  readonly cosine: number
  /** by how much the loss is lower when its update is left out and the others weigh more instead; below 0 it helped */
  readonly harm: number
  /** harm, from an update that points against the others or is longer than three of them */
  readonly suspect: boolean
}

/** Above it an update is long. Honest ones stayed below 2.7 in experiments/poisoning. */
const LONG = 3
/**
 * Losses closer than this share of the loss are alike. In early rounds honest updates pull the same way; near the end they
 * about cancel, and leaving out the one whose rows differ most moves the loss by more: experiments/poisoning/README.md.
 */
const LEAST_HARM = 0.005

/**
 * One line a party, in the order of the participants. A suspicion is a reason to look at that party's rows and program,
 * not a proof: rows of another kind also point another way.
 * @throws PlatformError robustness.opening-missing, robustness.opening-differs
 */
export async function diagnose(round: DisputedRound): Promise<Diagnosis[]> {
  const openings = checkOpenings(round)
  const parts = openings.map(({ values }) => round.read(values.subarray(0, round.sum.length)))
  const shares = openings.map(({ rows }) => rows / round.rows)
  const lengths = parts.map((part, i) => lengthOf(part) / (shares[i] as number))
  const before = await round.loss(sumOf(parts))
  const lines: Diagnosis[] = []
  for (const [i, { party }] of openings.entries()) {
    const others = sumOf(parts.filter((_, k) => k !== i)).map((value) => value / (1 - (shares[i] as number)))
    const length = lengths[i] as number
    const usual = median(lengths.filter((_, k) => k !== i))
    const lengthRatio = usual === 0 ? (length === 0 ? 1 : Number.POSITIVE_INFINITY) : length / usual
    const cosine = cosineOf(parts[i] as Float64Array, others)
    const harm = before - (await round.loss(others))
    const suspect = harm > LEAST_HARM * before && (cosine < 0 || lengthRatio > LONG)
    lines.push({ party, length, lengthRatio, cosine, harm, suspect })
  }
  return lines
}

/** In the order of the participants: each once, as committed to, and together the sum. */
function checkOpenings({ label, participants, commitments, openings, sum, rows }: DisputedRound): UpdateOpening[] {
  const ordered = participants.map((party) => {
    const [opening, ...more] = openings.filter((one) => one.party === party)
    const commitment = commitments.get(party)
    if (opening === undefined || more.length > 0 || commitment === undefined)
      throw new PlatformError('robustness.opening-missing', { party })
    const isHeld = Buffer.compare(opening.label, label) === 0 && Buffer.compare(commitUpdate(opening), commitment) === 0
    if (!isHeld || opening.values.length < sum.length || !(opening.rows > 0 && opening.rows < rows))
      throw new PlatformError('robustness.opening-differs', { party })
    return opening
  })
  // A hash binds each to what it says it sent; that it was sent is what the sum says.
  const isSum = sum.every((value, i) => ordered.reduce((total, one) => total + (one.values[i] as number), 0) === value)
  if (!isSum || ordered.reduce((total, one) => total + one.rows, 0) !== rows)
    throw new PlatformError('robustness.opening-differs', { what: isSum ? 'rows' : 'sum' })
  return ordered
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number)
  return sum
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector))
}

function cosineOf(a: Float64Array, b: Float64Array): number {
  const lengths = lengthOf(a) * lengthOf(b)
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
}
