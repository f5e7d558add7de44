// Second moments of columns of all parties over the guest's rows, and the columns that the guest chooses by them: the
// task `select`. First the guest says which columns are worth looking at, by what their bins told. Then it is the round
// of the information matrix with v = the weight of a row, 1 or 0, which the guest alone knows; the pivot's share is zero.
import type { LrInput } from './training.ts'

/** Rows that moments are made of at most: correlations of so many are off by 0.005. */
const MOST_ROWS = 40_960

/** Means of products of two columns over the rows that count; columns of the guest, its intercept, columns of each host. */
export interface Moments {
  /** columns of each party, the intercept not counted */
  readonly widths: readonly number[]
  /** row-major */
  readonly matrix: readonly number[]
}

export interface MomentsState {
  /** candidates of each party */
  readonly widths: readonly number[]
  /** own candidates, at a host */
  readonly candidates?: readonly boolean[]
  readonly chosen?: readonly (readonly boolean[])[]
  readonly moments?: Moments
}

export interface MomentsOutput {
  /** own columns that stay: a flag for each that this party brings */
  readonly chosen: readonly boolean[]
  /** at the guest */
  readonly moments?: Moments
}

/** The flagged columns alone. */
export function only<Input extends LrInput>(input: Input, flags: readonly boolean[]): Input {
  const { names, data } = input
  const columns = data.columns.filter((_, j) => flags[j] === true)
  return { ...input, names: names.filter((_, j) => flags[j] === true), data: { ...data, columns } }
}

/** Flags of the candidates as flags of all columns. */
export function among(candidates: readonly boolean[], chosen: readonly boolean[]): boolean[] {
  let next = 0
  return candidates.map((isCandidate) => isCandidate && chosen[next++] === true)
}

/** Rows are in random order within a set: the first are a sample. */
export function firstRows<Input extends LrInput>(input: Input): Input {
  return { ...input, trainRows: Math.min(input.trainRows, MOST_ROWS) }
}
