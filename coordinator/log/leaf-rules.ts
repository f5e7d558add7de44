// The rules of a log, asked before a record goes into it: what is out of place by its own author's doing is refused, and
// the log stays as it was. What two parties disagree about goes in, for it is the evidence.
import { parseRecord } from '#crypto/log/dsse.ts'
import type { Problem, ProblemCode } from '#protocols/log/problems.ts'
import { leafDigest, type LogRecord, recordIn } from '#protocols/log/records.ts'
import { LogRules, type Participant } from '#protocols/log/rules.ts'
import { PlatformError } from '#runtime/errors.ts'

const OUT_OF_PLACE: ReadonlySet<ProblemCode> = new Set([
  'leaf-malformed',
  'author-unknown',
  'author-seq',
  'author-prev',
  'duplicate-seq',
  'time-backwards',
  'unknown-key',
  'job-order',
  'round-order',
  'round-open-without-close',
  'released-without-record',
])
/** after so many different records out of place, nothing new of this party is looked at until a restart */
const MAX_REFUSED = 8

export interface NewRecord {
  readonly record: LogRecord
  /** SHA-256 of the leaf, hex */
  readonly digest: string
}

interface LogSoFar {
  readonly collaboration: string
  readonly participants: () => readonly Participant[]
  readonly leaves: () => Iterable<Uint8Array>
}

export class LeafRules {
  readonly #log: LogSoFar
  /** undefined where it has to be made anew from the leaves */
  #rules: LogRules | undefined
  #found: Problem[] = []
  #size = 0
  /** party → digest of a refused record → why */
  readonly #refused = new Map<string, Map<string, PlatformError>>()

  constructor(log: LogSoFar) {
    this.#log = log
  }

  /**
   * Takes all of these records, or none: they are in the log when the caller has written them, and `forget` is for
   * when that failed.
   * @throws PlatformError log.rule-broken
   */
  admit(party: string, fresh: readonly NewRecord[]): void {
    const refused = this.#refused.get(party) ?? new Map<string, PlatformError>()
    for (const { digest } of fresh) {
      const known = refused.get(digest) ?? (refused.size >= MAX_REFUSED ? [...refused.values()].at(-1) : undefined)
      if (known !== undefined) throw known
    }
    const rules = this.#current()
    for (const { record, digest } of fresh) {
      const index = this.#size
      rules.add(index, record, digest)
      this.#size += 1
      const own = this.#taken().find((problem) => isOwnFault(problem, party, index))
      if (own === undefined) continue
      const { code: problem, text } = own
      const error = new PlatformError('log.rule-broken', { party, problem, text, seq: record.seq })
      this.#refused.set(party, refused.set(digest, error))
      this.forget()
      throw error
    }
  }

  /** What was admitted last is not in the log. */
  forget(): void {
    this.#rules = undefined
  }

  #current(): LogRules {
    if (this.#rules !== undefined) return this.#rules
    const { collaboration, participants, leaves } = this.#log
    const rules = new LogRules({ collaboration, participants: participants() }, (problem) => this.#found.push(problem))
    this.#size = 0
    // they were checked when they came
    for (const leaf of leaves()) {
      rules.add(this.#size, recordIn(parseRecord(leaf)), leafDigest(leaf))
      this.#size += 1
    }
    this.#taken()
    this.#rules = rules
    return rules
  }

  #taken(): readonly Problem[] {
    const found = this.#found
    this.#found = []
    return found
  }
}

function isOwnFault({ code, who, index }: Problem, party: string, at: number): boolean {
  return OUT_OF_PLACE.has(code) && who === party && index === at
}
