// What each set of parties reaches together, on pooled data: the table that a federation of the same rows is held to.
import type { SynthParty } from '../tables/table.ts'
import { type Sample, SETS } from './sample.ts'
import { type BinnedColumn, binColumn, fitWoe, type Model, type Separation, scoresOf, separation } from './woe-lr.ts'

export interface CoalitionResult {
  readonly parties: readonly SynthParty[]
  readonly columns: readonly string[]
  readonly model: Model
  readonly holdout: Separation
  readonly oot: Separation
}

export const ALL_PARTIES: readonly SynthParty[] = ['bank', 'tax', 'social', 'property', 'parks']
const HOSTS = ALL_PARTIES.slice(1)

/** The coalitions of the design's table: each alone, the bank with each, growing, all, and all but one. */
export const COALITIONS: readonly (readonly SynthParty[])[] = [
  ...ALL_PARTIES.map((party) => [party]),
  ...HOSTS.map((host) => ['bank', host] as const),
  ['bank', 'tax', 'social'],
  ['bank', 'tax', 'social', 'property'],
  ALL_PARTIES,
  ...HOSTS.slice(0, 3).map((left) => ALL_PARTIES.filter((party) => party !== left)),
]

const MINIMUM_IV = 0.02
const L2 = 1

/** Columns with an information value of 0.02 and more. */
export function selectColumns(sample: Sample): { readonly all: BinnedColumn[]; readonly kept: BinnedColumn[] } {
  const all = sample.columns.map((column) => binColumn(sample, column))
  return { all, kept: all.filter(({ iv }) => iv >= MINIMUM_IV) }
}

export function fitCoalition(
  sample: Sample,
  kept: readonly BinnedColumn[],
  parties: readonly SynthParty[],
): CoalitionResult & { readonly scores: Float64Array } {
  const columns = kept.filter(({ party }) => parties.includes(party))
  const model = fitWoe(sample, columns, L2)
  const scores = scoresOf(sample, columns, model)
  return {
    parties,
    columns: columns.map(({ code }) => code),
    model,
    holdout: separation(sample, scores, SETS.indexOf('holdout')),
    oot: separation(sample, scores, SETS.indexOf('oot')),
    scores,
  }
}
