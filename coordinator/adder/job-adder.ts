// The adder of this coordinator: for each running job that asks for it, a peer that adds up encrypted updates which it
// cannot read. What it knows of a job lives in memory and goes with the job; only a salt of its key is on disk.
import { randomBytes } from 'node:crypto'
import { signSealingKey } from '#crypto/envelope.ts'
import type { AdderIdentity } from '#crypto/identity/coordinator-home.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { type JobSpec, usesAdder } from '#protocols/core/job-spec.ts'
import type { PartyKey } from '#protos/gen/tributary/v1/PartyKey.ts'
import type { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { type JobRecord, partiesOfRecord } from '../jobs/job-record.ts'
import type { LocalEnd, Relay } from '../relay/relay.ts'
import { AddingJob } from './adding-job.ts'
import { MemoryBudget } from './memory-budget.ts'
import type { SumTimes } from './sum-outbox.ts'

const SALT_BYTES = 32

export interface AdderTimes extends SumTimes {
  /** how long a sender waits for memory */
  readonly waitMs: number
}

export const ADDER_TIMES: AdderTimes = { gapMs: 200, stallMs: 15_000, waitMs: 10_000 }

export interface JobAdderOptions {
  readonly identity: AdderIdentity
  readonly trust: { readonly bundle: TrustBundle }
  readonly relay: Relay
  /** the job as it stands: which round is open */
  recordOf(job: string): JobRecord | undefined
  /** for updates and sums, over all jobs */
  readonly memoryBytes: number
  readonly log: Logger
  readonly times?: AdderTimes
  /** the sum of the round that is open is about to be sent to its opener: only where this says so. @throws where that cannot be written down now */
  summing(job: string, opener: string): boolean
  /** a message of this party cannot be added, or cannot be sent to it: the job ends */
  refused(job: string, party: string, error: PlatformError): void
}

/** What a job that begins must keep for its adder: nothing for a job without one. */
export function saltFor(spec: JobSpec): { readonly adderSalt?: string } {
  return usesAdder(spec) ? { adderSalt: randomBytes(SALT_BYTES).toString('base64') } : {}
}

export class JobAdder {
  readonly budget: MemoryBudget
  readonly #options: JobAdderOptions
  readonly #jobs = new Map<string, { readonly adding: AddingJob; readonly key: PartyKey }>()

  constructor(options: JobAdderOptions) {
    this.#options = options
    this.budget = new MemoryBudget(options.memoryBytes)
  }

  /** The peer of a running job, to be told of what comes for it; undefined for a job that has none. */
  open(record: JobRecord, spec: JobSpec): LocalEnd | undefined {
    if (!usesAdder(spec)) return undefined
    const { job, adderSalt = '' } = record
    const { identity, log, times = ADDER_TIMES } = this.#options
    const own = identity.sealingKey(job, Buffer.from(adderSalt, 'base64'))
    const adding = new AddingJob({
      ...this.#options,
      job,
      parties: partiesOfRecord(record),
      replies: record.replies,
      record: () => this.#options.recordOf(job) ?? record,
      own,
      budget: this.budget,
      times,
      log: log.child({ job, adder: identity.party }),
      summing: (opener) => this.#options.summing(job, opener),
      refused: (party, error) => this.#options.refused(job, party, error),
    })
    const sealing_signature = signSealingKey(identity, job, own.publicKey)
    this.#jobs.set(job, { adding, key: { party: identity.party, sealing_key: own.publicKey, sealing_signature } })
    return adding
  }

  /** What the parties of the job are told of the adder's key. */
  keyOf(job: string): PartyKey | undefined {
    return this.#jobs.get(job)?.key
  }

  /** Whether the update of this party for the round that is open is in its sum. */
  hasUpdateOf(job: string, party: string): boolean {
    return this.#jobs.get(job)?.adding.hasUpdateOf(party) === true
  }

  /** The open round of this job was voided: it has no sum, and its updates are not needed. */
  voided(job: string): void {
    this.#jobs.get(job)?.adding.voided()
  }

  /** The job is over. */
  close(job: string): void {
    this.#jobs.get(job)?.adding.close()
    this.#jobs.delete(job)
  }

  agentConnected(party: string): void {
    for (const { adding } of this.#jobs.values()) adding.connected(party)
  }

  agentDisconnected(party: string): void {
    for (const { adding } of this.#jobs.values()) adding.disconnected(party)
  }

  [Symbol.dispose](): void {
    for (const job of this.#jobs.keys()) this.close(job)
  }
}
