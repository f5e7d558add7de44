// What a job will cost, before anyone is asked to approve it. Rough by design: from the figures of one machine of two
// cores (README, "Figures"), scaled by rows and columns; another machine is faster or slower by its own factor.
import { coalitionsOf, type JobSpec, planTasks, type TaskName } from '#protocols/core/job-spec.ts'

export interface JobShape {
  /** of the guest's data set */
  readonly guestRows: number
  /** by host, in job order */
  readonly hostRows: readonly number[]
  /** columns that enter, guest first */
  readonly columns: readonly number[]
}

export interface TaskEstimate {
  readonly task: TaskName
  /** sent by all parties together */
  readonly bytes: number
  readonly seconds: number
}

/** ids: a point is 32 bytes, raised once more by the peer; two of three are sent for the guest's own. */
const POINT_BYTES = 32
const SECONDS_PER_ID_AND_HOST = 75e-6
/** vertical LR: 39.9 MB and 4.6 s a round at 100,000 x 330, 8.1 MB at 20,000 x 30 */
const LR_BYTES_PER_ROW = 400
const LR_SECONDS_PER_ROW = 25e-6
const LR_SECONDS_PER_VALUE = 63e-9
/** binning: one stream of label ciphertexts a host, one answer a column */
const BIN_BYTES_PER_ROW = 120
const BIN_BYTES_PER_COLUMN = 70_000
const BIN_SECONDS_PER_VALUE = 0.3e-6
/** trees: 328 MB and 11.7 s a tree at 100,000 x 30, depth 5; 252 MB and 18.4 s at 100,000 x 300, depth 3; visible a third */
const TREE_BYTES_PER_ROW = 158
const TREE_BYTES_PER_CELL = 4800
const TREE_SECONDS_PER_VALUE = 0.14e-6
const TREE_SECONDS_PER_ROW = { hidden: 19e-6, visible: 5e-6 }
/** of the hosts together, in 30 trees of depth 3 */
const USUAL_SPLITS = 100
/** averaging: 3.4 bytes a parameter up in every update, 8 in the mean that the opener tells */
const UPDATE_BYTES_PER_PARAMETER = 3.4
const MEAN_BYTES_PER_PARAMETER = 8
const SECONDS_PER_PARAMETER = 1e-6
const SECONDS_PER_TRAINED_ROW = 10e-6
const STATISTICS_BYTES = 100_000
const SECONDS_PER_ROUND = 0.15
/** Rounds until a model of weights of evidence settles; standardised columns take more. */
const USUAL_ROUNDS = { woe: 12, standardised: 22 }

/** Training rows that standard errors of a regression on so many columns need: its information matrix tells so many sums. */
export const rowsForErrors = (columns: number): number => 5 * (columns + 1) * (columns + 2)

/** Rows that training will have at most: all of the guest's, no more than the smallest party has, or those of all parties. */
export function largestAlignment(spec: JobSpec, { guestRows, hostRows }: JobShape): number {
  const { align } = spec
  if (align === undefined) return hostRows.reduce((sum, rows) => sum + rows, guestRows)
  return align.mode === 'left' ? Math.round(guestRows * (1 + align.decoys / 2)) : Math.min(guestRows, ...hostRows)
}

export function estimateJob(spec: JobSpec, shape: JobShape): TaskEstimate[] {
  const rows = largestAlignment(spec, shape)
  const { guestRows, hostRows, columns } = shape
  const hostColumns = columns.slice(1).reduce((sum, width) => sum + width, 0)
  const allColumns = hostColumns + (columns[0] ?? 0)
  const hosts = spec.hosts.length
  const { train, boost, average } = spec
  const rounds = train === undefined ? 0 : Math.min(train.rounds, USUAL_ROUNDS[train.columns])
  const oneRound = {
    bytes: LR_BYTES_PER_ROW * rows,
    seconds: rows * LR_SECONDS_PER_ROW + rows * allColumns * LR_SECONDS_PER_VALUE + SECONDS_PER_ROUND,
  }
  const regression = times(rounds, oneRound)
  const trees = boost === undefined ? times(0, oneRound) : treesOf(boost, { rows, hosts, hostColumns })
  const ids = hostRows.reduce((sum, n) => sum + 2 * guestRows + n, 0)
  const of: Record<TaskName, { readonly bytes: number; readonly seconds: number }> = {
    align: { bytes: ids * POINT_BYTES + 4 * rows * hosts, seconds: ids * SECONDS_PER_ID_AND_HOST },
    bin: {
      bytes: BIN_BYTES_PER_ROW * rows * hosts + BIN_BYTES_PER_COLUMN * hostColumns,
      seconds: rows * hostColumns * BIN_SECONDS_PER_VALUE + SECONDS_PER_ROUND,
    },
    profile: { bytes: 400 * hostColumns, seconds: SECONDS_PER_ROUND },
    select: oneRound,
    train: regression,
    boost: trees,
    // one bit a row and split: of trees of an earlier job, whose number is not known here
    score: { bytes: (rows / 8) * USUAL_SPLITS, seconds: SECONDS_PER_ROUND },
    statistics: { bytes: STATISTICS_BYTES * (hosts + 1), seconds: SECONDS_PER_ROUND },
    average: times(average?.rounds ?? 0, averageRound(spec, shape)),
    value: times(coalitionsOf(spec).length, train === undefined ? trees : regression),
  }
  return planTasks(spec).map(({ task }) => ({ task, ...of[task] }))
}

/** Hidden: every node that is asked for is a stream over all rows; visible: after the root half of the rows of each level. */
function treesOf(
  { trees, depth, bins, membership, guestFirst, precision }: NonNullable<JobSpec['boost']>,
  { rows, hosts, hostColumns }: { readonly rows: number; readonly hosts: number; readonly hostColumns: number },
) {
  const nodes = 2 ** (depth - 1)
  const streams = membership === 'hidden' ? nodes : (depth + 1) / 2
  const cells = nodes * hostColumns * (bins + 1)
  const perRow = hosts * TREE_SECONDS_PER_ROW[membership]
  const grown = (trees - guestFirst) * (precision === 'exact' ? 2 : 1)
  return times(grown, {
    bytes: streams * rows * hosts * TREE_BYTES_PER_ROW + cells * TREE_BYTES_PER_CELL,
    seconds: depth * rows * (hostColumns * TREE_SECONDS_PER_VALUE + perRow) + SECONDS_PER_ROUND,
  })
}

/** Rounds of averaging: each party's update up, the sum and its mean down; rows through the model as often as it trains. */
function averageRound({ average, hosts }: JobSpec, { guestRows, hostRows, columns }: JobShape) {
  if (average === undefined) return { bytes: 0, seconds: 0 }
  const parameters = parametersOf(average.model, columns[0] ?? 0) * (average.algorithm.kind === 'scaffold' ? 2 : 1)
  const parties = hosts.length + 1
  const slowest = Math.max(guestRows, ...hostRows) * average.localEpochs
  return {
    bytes: parameters * (parties * UPDATE_BYTES_PER_PARAMETER + parties * MEAN_BYTES_PER_PARAMETER),
    seconds:
      SECONDS_PER_ROUND +
      slowest * SECONDS_PER_TRAINED_ROW * Math.max(1, parameters / 10_000) +
      parameters * parties * SECONDS_PER_PARAMETER,
  }
}

/** Of a Keras model the text alone does not say it: as of a hidden layer of 64. */
function parametersOf(model: NonNullable<JobSpec['average']>['model'], columns: number): number {
  if (model.kind === 'logistic') return columns + 1
  const embeddings = model.kind === 'mlp' ? (model.embeddings ?? []) : []
  const hidden = model.kind === 'mlp' ? model.hidden : [64]
  const inputs = embeddings.reduce((sum, { width }) => sum + width - 1, columns)
  const vectors = embeddings.reduce((sum, { cardinality, width }) => sum + (cardinality + 1) * width, 0)
  const widths = [inputs, ...hidden, 1]
  return widths.slice(1).reduce((sum, width, i) => sum + width * ((widths[i] ?? 0) + 1), vectors)
}

function times(count: number, { bytes, seconds }: { readonly bytes: number; readonly seconds: number }) {
  return { bytes: count * bytes, seconds: count * seconds }
}
