// What a verifier of the round log can find: the closed list of codes, shared by all verifiers, and the report.

/** In the order in which a verifier looks for them. docs/log-format.md says when each applies. */
export const PROBLEM_CODES = [
  'bundle-malformed',
  'trust-mismatch',
  'checkpoint-signature',
  'cosignature-missing',
  'cosignature-invalid',
  'root-mismatch',
  'size-mismatch',
  'leaf-malformed',
  'leaf-not-canonical',
  'leaf-signature',
  'unknown-key',
  'author-unknown',
  'author-seq',
  'author-prev',
  'duplicate-seq',
  'time-backwards',
  'job-order',
  'round-order',
  'round-open-without-close',
  'sent-without-received',
  'received-without-sent',
  'message-mismatch',
  'released-without-record',
  'adder-misused',
  'approval-missing',
  'approval-after-use',
  'approval-exceeded',
] as const
export type ProblemCode = (typeof PROBLEM_CODES)[number]

export interface Problem {
  readonly code: ProblemCode
  /** number of the leaf, from 0, where one leaf shows it */
  readonly index?: number
  /** the party it concerns */
  readonly who?: string
  /** in English, for a person */
  readonly text: string
}

export interface VerifyFacts {
  readonly origin: string
  /** leaves read */
  readonly size: number
  /** recomputed from the leaves, hex */
  readonly root: string
  /** time in seconds since 1970 */
  readonly cosigners: readonly { readonly name: string; readonly time: number }[]
  /** records of each kind */
  readonly kinds: Readonly<Record<string, number>>
  /** records of each author, and the times of its first and last */
  readonly authors: readonly {
    readonly name: string
    readonly records: number
    readonly first: string
    readonly last: string
  }[]
  /** digest of the trust bundle that the log was opened with; empty when nothing opened it */
  readonly trust: string
  readonly jobs: { readonly proposed: number; readonly closed: number }
  /** what each party says it sent, by class */
  readonly sent: readonly {
    readonly party: string
    readonly class: string
    readonly messages: number
    readonly bytes: number
  }[]
}

export interface VerifyReport {
  readonly ok: boolean
  /** the first problems found; `problemCount` counts those beyond the limit too */
  readonly problems: readonly Problem[]
  readonly problemCount: number
  readonly facts: VerifyFacts
}

export const MAX_PROBLEMS = 1000

/** Keeps the first problems and counts the rest, so that a log of nothing but problems stays small. */
export class ProblemList {
  readonly kept: Problem[] = []
  count = 0

  add(problem: Problem): void {
    this.count += 1
    if (this.kept.length < MAX_PROBLEMS) this.kept.push(problem)
  }
}
