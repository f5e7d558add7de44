// What each party brings to federated averaging and to the statistics before it, what it gets, and the fixed numbers.
import type { PartyId } from '#protocols/core/contract.ts'
import type { PrivacyCharge } from './privacy/accountant.ts'
import type { PrivacySettings } from './privacy/settings.ts'
import type { UpdateOpening } from './robustness/commitment.ts'
import type { ServerSettings } from './training/server.ts'
import type { LocalSettings, ModelSpec, TensorEngine } from './training/types.ts'

export const AVERAGE_VERSION = 1
/** Below it, what is opened is not a sum over several others: refused without differential privacy. */
export const LEAST_PARTIES = 3
/** Training rows of each party, and hold-out rows of all: a floor in code; the settings may ask for more. */
export const LEAST_ROWS = 50
/** Rows of all parties together behind a cell of a histogram that is told: a floor in code. */
export const LEAST_CELL_ROWS = 20
export const MAX_COLUMNS = 2000

/** Sums that each party has opened in this job: they are numbered across its tasks. */
export type SumCounts = Readonly<Record<PartyId, number>>

/** Centre and width that a number column is brought to zero and one with. */
export interface ColumnScale {
  readonly mean: number
  readonly deviation: number
}

/** Rows of one party as its data set has them. */
export interface PartyRows {
  /** by column: numbers, or codes of a category; NaN where missing */
  readonly columns: readonly Float64Array[]
  /** 1 = bad, 0 = good, a row each */
  readonly labels: Uint8Array
}

export interface FedAvgParams {
  readonly model: ModelSpec
  readonly local: LocalSettings
  readonly server: ServerSettings
  /** FedProx: μ of the term that pulls local weights to those of the round; 0 for none */
  readonly proximal: number
  /** SCAFFOLD: control variates against the drift of local training */
  readonly scaffold: boolean
  /**
   * rotating: in each round one party opens the sum, by turns. shared: no party can, all do it together; twice the bytes,
   * at most 2^21 numbers. Absent: rotating
   */
  readonly opening?: 'rotating' | 'shared'
  /** training rounds at most */
  readonly rounds: number
  /** largest change of one weight in one round by one party, times its share of the rows: larger ones are cut off */
  readonly clip: number
  /**
   * longest change of the model by one party in one round: a longer one is scaled down, and a mean that is longer is
   * refused. Absent: none. Without differential privacy, which has a bound of its own
   */
  readonly normBound?: number
  /** rounds without a lower loss of the federation's hold-out rows after which training stops; absent: never */
  readonly patience?: number
  /** training rows of each party, and hold-out rows of all together where there are any; at least LEAST_ROWS */
  readonly minimumRows: number
  /** how the last layer of the final model is fitted to the own rows; absent: it is not */
  readonly personal?: { readonly epochs: number; readonly learningRate: number }
  /** differential privacy of the updates; two parties need it */
  readonly privacy?: PrivacySettings
  /** rounds go on without parties that are away, as long as so many take part; absent: all take part */
  readonly leastParties?: number
}

export interface FedAvgInput {
  readonly params: FedAvgParams
  /** names of the columns, the same at all parties */
  readonly columns: readonly string[]
  /**
   * by column; `null` for a category. 'own': each party by its own training rows, which it tells nobody. Absent: the
   * values are standardised already
   */
  readonly scales?: readonly (ColumnScale | null)[] | 'own'
  readonly train: PartyRows
  /** may have no rows */
  readonly holdout: PartyRows
  /** the model that training goes on from, such as that of an earlier job of other parties; absent: drawn anew */
  readonly start?: Float32Array
  /** of the tasks of this job before this one */
  readonly sumsBefore: SumCounts
  /** with privacy: asks this party's own account before each round */
  readonly charge?: PrivacyCharge
  /** is given what a dispute about a round would need, before the round ends */
  readonly keep?: (round: KeptRound) => Promise<void>
}

/** A training round, as this party saw it. But for the opening, all that took part know the same. */
export interface KeptRound {
  readonly round: number
  /** 32 bytes */
  readonly label: Uint8Array
  /** who took part */
  readonly participants: readonly PartyId[]
  /** to what each of them committed, in their order */
  readonly commitments: readonly Uint8Array[]
  /** what all were told of the sum */
  readonly sums: Uint32Array
  /** training rows of those that took part */
  readonly rows: number
  /** training rows of all parties, with which updates are weighted */
  readonly allRows: number
  /** by column, with which this party trained; null for a category */
  readonly scales: readonly (ColumnScale | null)[]
  /** weights that the round started from */
  readonly start: Float32Array
  /** of this party, and for nobody else; absent where it took no part */
  readonly opening?: UpdateOpening
}

/** Over the hold-out rows of all parties. */
export interface Quality {
  readonly rows: number
  readonly bad: number
  /** mean log loss, nats */
  readonly loss: number
  /** from a histogram of scores: the exact area lies within auc ± aucError */
  readonly auc: number
  readonly aucError: number
  readonly ks: number
}

/** One training round, as this party knows it. */
export interface RoundReport {
  readonly round: number
  readonly opener: PartyId
  /** of the local training of this party, before the round's mean; absent where it took no part */
  readonly ownLoss?: number
  /** share of this party's numbers that were beyond `clip`, and cut off */
  readonly cut?: number
  /** parties that took no part */
  readonly leftOut?: readonly PartyId[]
  /** with normBound: whether this party's change was longer, and scaled down */
  readonly scaled?: boolean
  /** with privacy: what this and all rounds before it cost */
  readonly epsilon?: number
  /** of the model that the round left, over all parties; absent without hold-out rows, and where nobody measured it */
  readonly quality?: Quality
}

/** A model over the hold-out rows of this party alone. Never leaves it. */
export interface OwnQuality {
  readonly rows: number
  readonly bad: number
  readonly loss: number
  readonly auc: number
  readonly ks: number
}

export interface FedAvgOutput {
  readonly model: ModelSpec
  readonly columns: readonly string[]
  readonly scales?: readonly (ColumnScale | null)[]
  /** flat, as training/model.ts reads them; the same at every party, bit for bit */
  readonly weights: Float32Array
  /** SHA-256 of the weights as little-endian bytes, hex */
  readonly digest: string
  /** the round whose model this is */
  readonly bestRound: number
  readonly stoppedEarly: boolean
  readonly rounds: readonly RoundReport[]
  /** of all parties together */
  readonly trainRows: number
  readonly holdoutRows: number
  readonly engine: TensorEngine
  /** probabilities of bad of this party's hold-out rows */
  readonly holdoutScores: Float64Array
  /** absent where this party has no hold-out rows */
  readonly own?: OwnQuality
  /** this party's own last layer, where the settings ask for one */
  readonly personal?: {
    readonly weights: Float32Array
    readonly holdoutScores: Float64Array
    readonly own?: OwnQuality
  }
  readonly sums: SumCounts
}

export interface StatisticsParams {
  /** rows behind each cell; at least LEAST_CELL_ROWS */
  readonly minimumRows: number
  /** cells of the histogram of a column, at most */
  readonly bins: number
}

export interface StatisticsInput {
  readonly params: StatisticsParams
  /** names of number columns, the same at all parties */
  readonly columns: readonly string[]
  /** by column, the training rows of this party; NaN where missing */
  readonly values: readonly Float64Array[]
  readonly sumsBefore: SumCounts
}

/** Neighbouring cells, each with at least the asked number of rows: [edges[i], edges[i + 1]). */
export interface Cells {
  /** empty where too few rows have a value */
  readonly edges: readonly number[]
  readonly rows: readonly number[]
  /** rows without a value; null where there are some, and too few to be told */
  readonly missing: number | null
}

export const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const

/** A column over the rows of all parties. */
export interface ColumnStatistics {
  readonly name: string
  readonly cells: Cells
  /** rows with a value, in the cells */
  readonly rows: number
  /** rounded to six digits; 0 and 1 where too few rows have a value, or all have the same */
  readonly scale: ColumnScale
  /** by share such as '0.5'; those with the asked number of rows on both sides */
  readonly quantiles: Readonly<Record<string, number>>
}

export interface StatisticsOutput {
  readonly columns: readonly ColumnStatistics[]
  readonly sums: SumCounts
}
