// What the coordinator must not lose: jobs, closed rounds, catalogs. One interface, one contract suite for all stores.
import type { JobRecord } from '../jobs/job-record.ts'
import type { JobState } from '../jobs/states.ts'

/** One party's word that it finished a round; the first one counts. */
export interface RoundClosing {
  readonly job: string
  readonly task: string
  readonly round: number
  readonly party: string
  readonly finished: boolean
  /** SHA-256 over the party's record lines of the round, hex */
  readonly recordDigest: string
  readonly sentBytes: number
  readonly receivedBytes: number
  /** RFC 3339 */
  readonly closedAt: string
}

export interface OfferedDatasetRecord {
  readonly name: string
  readonly idKind: string
  readonly rows: number
  readonly columns: readonly string[]
  /** empty where the data set has no label */
  readonly label: string
}

export interface CatalogRecord {
  readonly party: string
  readonly software: string
  readonly datasets: readonly OfferedDatasetRecord[]
}

export interface RelayedBytes {
  readonly job: string
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly chunks: number
}

export interface JobFilter {
  /** only jobs that this party takes part in */
  readonly party?: string
  /** only jobs that have not ended */
  readonly open?: boolean
  readonly state?: JobState
  /** only jobs that come after this one in the list; none when it is unknown */
  readonly after?: string
  readonly limit?: number
}

/** Every method is durable when it returns: what was written survives a crash of the process and of the machine. */
export interface Store extends Disposable {
  /** @throws PlatformError job.exists */
  insertJob(record: JobRecord): void
  /** Replaces the record of a job that exists. @throws PlatformError job.unknown */
  saveJob(record: JobRecord): void
  job(job: string): JobRecord | undefined
  /** Newest first. */
  jobs(filter?: JobFilter): JobRecord[]
  /** False when this party closed this round before: the first closing is kept. */
  closeRound(closing: RoundClosing): boolean
  /** In the order in which they came. */
  closings(job: string, task: string, round: number): RoundClosing[]
  saveCatalog(catalog: CatalogRecord): void
  catalog(party: string): CatalogRecord | undefined
  /** Replaces the counts of these directions. */
  saveRelayed(counts: readonly RelayedBytes[]): void
  relayed(job: string): RelayedBytes[]
}
