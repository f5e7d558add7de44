// A member of a group: it deals its scores and takes inner products like any dealer, over the rows that it has, and adds
// up with the other members what would tell of its own rows. All members hold the same weights and make the same steps.
import { createHash } from 'node:crypto'
import { T } from '#crypto/he/params.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { openGroup, type OpenGroup } from '#protocols/group/group.ts'
import { type GroupState, meetGroup } from '#protocols/group/meeting.ts'
import { type GroupOfHosts, type GroupSeat, isFirst, seatOf } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { largestSum } from './columns.ts'
import type { ScoreRange } from './fourier.ts'
import { sampledRows, sumsOfProducts } from './optimiser.ts'
import { batchOf, planBatches } from './params.ts'
import { coarseRange, type FixedColumns } from './scores.ts'
import type { LrInput } from './training.ts'

/** What a member knows of its rows; its data hold weights of evidence as those of any host do. */
export interface MemberPart {
  /** by row: 1 where this member has it. A row is at one member at most. */
  readonly present: Uint8Array
  /** by column, in the fixed point of the data: what it holds where nobody in the group has the row */
  readonly elsewhere: readonly number[]
  /** by column, in the same: the least and the most that any row of the group can hold */
  readonly limits: readonly (readonly [number, number])[]
  /** SHA-256 of what makes weights of evidence of values, the same at all members */
  readonly bins: string
}

/** Part of a member's checkpoint. */
export interface GroupFacts {
  readonly met: GroupState
  /** of the columns of the group, as sumsOfProducts gives them */
  readonly sums: readonly number[]
  /** by column, Σ|x| of what all members bring to it, in the batch where it is largest; in the fixed point of the data */
  readonly spans: readonly number[]
}

/** An owner's range of scores as it is told, and what follows for its own. */
export interface ToldRange {
  readonly range: ScoreRange
  /** where own scores are clipped */
  readonly clip: ScoreRange
  /** behind what is told */
  readonly rows: number
  /** whether this party tells it */
  readonly speaks: boolean
}

/** Fraction bits of sums over the group. */
const SCORE_BITS = 16
const SQUARE_BITS = 6
/** Scores beyond are summed as if they were there: training has long diverged. */
const SCORE_LIMIT = 2 ** 13
/** The range of a group ends this many deviations from the mean of its rows: its extremes would be those of one member. */
const DEVIATIONS = 5

/** Whether a host says what an owner says once: a host in no group, or the first member of one. */
export function speaksForOwner(groups: readonly GroupOfHosts[] | undefined, host: string): boolean {
  const seat = seatOf(groups, host)
  return seat === undefined || isFirst(seat)
}

/** @throws PlatformError internal.unexpected for a member without its part, or a part of another length */
function seatAt(task: TaskContext, { groups, member, names, data }: LrInput): GroupSeat | undefined {
  const seat = seatOf(groups, task.self)
  const rows = data.columns[0]?.length ?? 0
  const fits =
    seat === undefined
      ? member === undefined
      : task.hosts[0] !== task.self &&
        member?.present.length === rows &&
        [member.elsewhere, member.limits].every(({ length }) => length === names.length)
  if (!fits) throw new PlatformError('internal.unexpected', { expected: 'rows of a member of a group', rows })
  return seat
}

/**
 * The columns as a member brings them: over all members they add up to those of the group. The first brings its own as they
 * are, with what stands where it has no row; on rows of their own the others bring the difference to that, elsewhere 0.
 */
export function columnsOfMember(data: FixedColumns, { present, elsewhere }: MemberPart, first: boolean): FixedColumns {
  return first ? data : { ...data, columns: differences(data, elsewhere, present) }
}

function differences({ columns }: FixedColumns, elsewhere: readonly number[], present?: Uint8Array): Int32Array[] {
  return columns.map((column, j) => {
    const out = new Int32Array(new SharedArrayBuffer(column.byteLength))
    for (let i = 0; i < out.length; i++) out[i] = present?.[i] === 0 ? 0 : column[i]! - elsewhere[j]!
    return out
  })
}

/** Round 0 of a member, after the guest has been met; undefined at a host in no group. @throws PlatformError lr.too-few-rows */
export async function joinGroup(task: TaskContext, input: LrInput): Promise<GroupFacts | undefined> {
  const seat = seatAt(task, input)
  if (seat === undefined) return undefined
  const { trainRows, names } = input
  const { present, elsewhere, bins } = input.member!
  const met = await meetGroup(task, seat, {
    columns: digest(names),
    elsewhere: digest(elsewhere),
    bins,
  })
  const group = await openGroup(task, seat, met)
  const [rows] = (await group.count(0, 'training rows', [ones(present, 0, trainRows)])) as [number]
  refuseTooFewOfGroup(names.length, rows)
  return { met, sums: await addUpProducts(group, input), spans: await addUpSpans(group, input) }
}

/** Products do not add up over members where one of them stands for rows that another has; those of differences do. */
async function addUpProducts(group: OpenGroup, { data, member, trainRows }: LrInput): Promise<number[]> {
  const { present, elsewhere } = member!
  const columns = differences(data, elsewhere, isFirst(group.seat) ? undefined : present)
  const { stride, rows } = sampledRows(trainRows)
  const firsts = columns.map((column) => {
    let sum = 0
    for (let i = 0; i < trainRows; i += stride) sum += column[i]!
    return sum
  })
  const own = [...firsts, ...(await sumsOfProducts({ ...data, columns }, trainRows))].map(BigInt)
  const summed = await group.sum(0, 'products of columns', own)
  return productsOfGroup(summed.map(Number), elsewhere, rows)
}

async function addUpSpans(group: OpenGroup, { data, member, params, trainRows }: LrInput): Promise<number[]> {
  const { columns } = columnsOfMember(data, member!, isFirst(group.seat))
  const plan = planBatches(params, trainRows)
  const batches = Array.from({ length: plan.batches }, (_, i) => batchOf(plan, trainRows, i + 1))
  const own = columns.flatMap((column) => batches.map((batch) => largestSum(column, [batch])))
  const summed = await group.count(0, 'spans of columns', own)
  return columns.map((_, j) => Math.max(...summed.slice(j * batches.length, (j + 1) * batches.length)))
}

/**
 * A group of q columns adds up q(q + 3)/2 means and products, over rows of q weights of evidence each: no more than a
 * tenth as many sums as there are values.
 */
function refuseTooFewOfGroup(columns: number, rows: number): void {
  const needed = 5 * (columns + 3)
  if (rows < needed) throw new PlatformError('lr.too-few-rows', { columns, rows, needed, of: 'a group' })
}

/** Σ (d_a + e_a)(d_b + e_b) from Σ d_a, then Σ d_a·d_b, over `rows` rows. */
function productsOfGroup(summed: readonly number[], elsewhere: readonly number[], rows: number): number[] {
  let at = elsewhere.length
  return elsewhere.flatMap((atA, a) =>
    elsewhere.slice(0, a + 1).map((atB, b) => summed[at++]! + summed[a]! * atB + summed[b]! * atA + rows * atA * atB),
  )
}

/** A member between its checkpoints. */
export class Member {
  /** says for the group what an owner says once */
  readonly speaks: boolean
  readonly #group: OpenGroup
  readonly #part: MemberPart
  readonly #bits: number

  constructor(group: OpenGroup, part: MemberPart, bits: number) {
    this.speaks = isFirst(group.seat)
    this.#group = group
    this.#part = part
    this.#bits = bits
  }

  /** Undefined at a host in no group. */
  static async open(task: TaskContext, input: LrInput, facts: GroupFacts | undefined): Promise<Member | undefined> {
    const seat = seatAt(task, input)
    if (seat === undefined || facts === undefined) return undefined
    return new Member(await openGroup(task, seat, facts.met), input.member!, input.data.bits)
  }

  columns(data: FixedColumns): FixedColumns {
    return columnsOfMember(data, this.#part, this.speaks)
  }

  /**
   * The range of the group's scores: mean and deviation are those of all members together.
   * @param scores of this member, rows `from` on @throws PlatformError lr.other-weights
   */
  async range(round: number, scores: Float64Array, from: number, weights: readonly number[]): Promise<ToldRange> {
    const constant = this.#part.elsewhere.reduce((sum, value, j) => sum + (value / 2 ** this.#bits) * weights[j]!, 0)
    let [sum, squares] = [0, 0]
    for (const score of scores) {
      const apart = Math.max(-SCORE_LIMIT, Math.min(SCORE_LIMIT, this.speaks ? score - constant : score))
      sum += apart
      squares += apart ** 2
    }
    const present = ones(this.#part.present, from, from + scores.length)
    const fixed = [Math.round(sum * 2 ** SCORE_BITS), Math.round(squares * 2 ** SQUARE_BITS)]
    const own = [present, ...fixed, fingerprint(weights)]
    const [rows, first, second, prints] = (await this.#group.count(round, 'scores', own)) as [
      number,
      number,
      number,
      number,
    ]
    this.#refuseOtherWeights(prints, weights, round)
    const sums = { rows, sum: first / 2 ** SCORE_BITS, squares: second / 2 ** SQUARE_BITS }
    const range = rangeOfGroup(sums, scores.length, constant, this.#limits(weights))
    return { range, clip: this.#clip(range, constant), rows, speaks: this.speaks }
  }

  /** No score of the group lies beyond. */
  #limits(weights: readonly number[]): readonly [number, number] {
    const scale = 2 ** this.#bits
    const ends = this.#part.limits.map((limit, j) => limit.map((value) => (value / scale) * weights[j]!))
    const sum = (end: (...values: number[]) => number) => ends.reduce((total, both) => total + end(...both), 0)
    return [sum(Math.min), sum(Math.max)]
  }

  /** Own scores are those of the group on own rows; on others the first member says the constant, and the rest nothing. */
  #clip(range: ScoreRange, constant: number): ScoreRange {
    const shift = this.speaks ? 0 : constant
    return { ...range, low: range.low - shift, high: range.high - shift }
  }

  /**
   * The inner products of the group's columns modulo T, one a column.
   * @param own of this member, masked by the guest: the masks cancel in the sum
   */
  async gradient(round: number, own: Float64Array): Promise<Float64Array> {
    const sums = await this.#group.sum(round, 'gradient', Array.from(own, BigInt))
    return Float64Array.from(sums, (sum) => Number(sum % BigInt(T)))
  }

  /** Before rows are scored. @throws PlatformError lr.other-weights */
  async compareWeights(round: number, weights: readonly number[]): Promise<void> {
    const [prints] = (await this.#group.count(round, 'weights', [fingerprint(weights)])) as [number]
    this.#refuseOtherWeights(prints, weights, round)
  }

  /** The fingerprints add up to n times each member's own only where all are the same. */
  #refuseOtherWeights(prints: number, weights: readonly number[], round: number): void {
    const { name, members } = this.#group.seat
    if (prints !== members.length * fingerprint(weights))
      throw new PlatformError('lr.other-weights', { group: name, round })
  }
}

/**
 * Mean and deviation over all rows of the batch; bounds around the mean of the group's own rows, so that a group of few
 * rows is not clipped for it.
 * @param sums of the group's scores less the constant, which is the score of a row that it does not have
 * @param limits between which all scores lie
 */
function rangeOfGroup(
  { rows, sum, squares }: { readonly rows: number; readonly sum: number; readonly squares: number },
  batch: number,
  constant: number,
  [least, most]: readonly [number, number],
): ScoreRange {
  const over = (count: number) => {
    const mean = sum / Math.max(1, count)
    return { mean: mean + constant, deviation: Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean ** 2)) }
  }
  const own = over(rows)
  const reach = DEVIATIONS * own.deviation
  const all = over(batch)
  return coarseRange(
    Math.min(constant, Math.max(least, own.mean - reach)),
    Math.max(constant, Math.min(most, own.mean + reach)),
    all.mean,
    all.deviation,
  )
}

/** 48 bits of SHA-256. */
function fingerprint(weights: readonly number[]): number {
  return createHash('sha256').update(Float64Array.from(weights)).digest().readUIntBE(0, 6)
}

function digest(values: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex')
}

function ones(flags: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) count += flags[i]!
  return count
}
