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
const SECONDS_PER_ROUND = 0.15
/** Rounds until a model of weights of evidence settles; standardised columns take more. */
const USUAL_ROUNDS = { woe: 12, standardised: 22 }

/** Rows that training will have at most: all of the guest's, or no more than the smallest party has. */
export function largestAlignment(spec: JobSpec, { guestRows, hostRows }: JobShape): number {
  return spec.align.mode === 'left'
    ? Math.round(guestRows * (1 + spec.align.decoys / 2))
    : Math.min(guestRows, ...hostRows)
}

export function estimateJob(spec: JobSpec, shape: JobShape): TaskEstimate[] {
  const rows = largestAlignment(spec, shape)
  const { guestRows, hostRows, columns } = shape
  const hostColumns = columns.slice(1).reduce((sum, width) => sum + width, 0)
  const allColumns = hostColumns + (columns[0] ?? 0)
  const hosts = spec.hosts.length
  const rounds = Math.min(spec.train.rounds, USUAL_ROUNDS[spec.train.columns])
  const model = {
    bytes: rounds * LR_BYTES_PER_ROW * rows,
    seconds: rounds * (rows * LR_SECONDS_PER_ROW + rows * allColumns * LR_SECONDS_PER_VALUE + SECONDS_PER_ROUND),
  }
  const ids = hostRows.reduce((sum, n) => sum + 2 * guestRows + n, 0)
  const of: Record<TaskName, { readonly bytes: number; readonly seconds: number }> = {
    align: { bytes: ids * POINT_BYTES + 4 * rows * hosts, seconds: ids * SECONDS_PER_ID_AND_HOST },
    bin: {
      bytes: BIN_BYTES_PER_ROW * rows * hosts + BIN_BYTES_PER_COLUMN * hostColumns,
      seconds: rows * hostColumns * BIN_SECONDS_PER_VALUE + SECONDS_PER_ROUND,
    },
    profile: { bytes: 400 * hostColumns, seconds: SECONDS_PER_ROUND },
    select: { bytes: model.bytes / rounds, seconds: model.seconds / rounds },
    train: model,
    value: times(coalitionsOf(spec).length, model),
  }
  return planTasks(spec).map(({ task }) => ({ task, ...of[task] }))
}

function times(count: number, { bytes, seconds }: { readonly bytes: number; readonly seconds: number }) {
  return { bytes: count * bytes, seconds: count * seconds }
}
