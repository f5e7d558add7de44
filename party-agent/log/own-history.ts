// What this party has stated in a log, so that nothing is stated twice after a restart.
import { PlatformError } from '#runtime/errors.ts'
import type { LogRecord, RecordBody } from '#protocols/log/records.ts'

type Stated = Pick<LogRecord, 'kind' | 'job'> & RecordBody

export class OwnHistory {
  readonly #said = new Set<string>()
  /** task/round of a job → digest of its record */
  readonly #rounds = new Map<string, string>()

  add(record: LogRecord): void {
    const key = keyOf(record as Stated)
    if (key !== undefined) this.#said.add(key)
    if (record.kind === 'round.closed')
      this.#rounds.set(`${record.job}/${record.task}/${record.round}`, record.recordDigest)
  }

  has(kind: 'job.closed' | 'job.accepted' | 'job.proposed', job: string): boolean {
    return this.#said.has(`${kind}/${job}`)
  }

  hasGranted(approval: string): boolean {
    return this.#said.has(`approval.granted/${approval}`)
  }

  get isEmpty(): boolean {
    return this.#said.size === 0
  }

  /**
   * True when this round is stated already, with this digest.
   * @throws PlatformError storage.damaged when it is stated with another one
   */
  hasRound(job: string, task: string, round: number, recordDigest: string): boolean {
    const known = this.#rounds.get(`${job}/${task}/${round}`)
    if (known !== undefined && known !== recordDigest)
      throw new PlatformError('storage.damaged', { job, task, round, problem: 'the round log has another round' })
    return known !== undefined
  }

  /** Without what was said before, or twice in one go. */
  unsaid<S extends RecordBody>(statements: readonly S[]): S[] {
    const now = new Set<string>()
    return statements.filter((statement) => {
      const key = keyOf(statement)
      if (key === undefined) return true
      const again = this.#said.has(key) || now.has(key)
      now.add(key)
      return !again
    })
  }
}

/** Kinds that are said once have a key. */
function keyOf(record: RecordBody): string | undefined {
  switch (record.kind) {
    case 'collaboration.opened':
      return record.kind
    case 'job.proposed':
    case 'job.accepted':
    case 'job.closed':
      return `${record.kind}/${record.job}`
    case 'approval.granted':
    case 'approval.revoked':
      return `${record.kind}/${record.approval}`
    case 'key.published':
      return `${record.kind}/${record.job}/${record.keyId}`
    case 'model.digest':
      return `${record.kind}/${record.job}/${record.task}/${record.round}`
    case 'metric.released':
      return `${record.kind}/${record.job}/${record.task}/${record.name}`
    case 'access':
      return `${record.kind}/${record.object}`
    case 'export.made':
      return `${record.kind}/${record.actor}/${record.root}`
    case 'policy.refused':
      return `${record.kind}/${record.job}/${record.task}/${record.round}/${record.code}`
    default:
      return undefined
  }
}
