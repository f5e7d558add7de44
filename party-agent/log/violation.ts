// What an agent does not cosign, in the words of the error catalogue, and whom it names.
import type { CheckedLeaf } from '#protocols/log/leaf-check.ts'
import type { Problem, ProblemCode } from '#protocols/log/problems.ts'
import { type ErrorCode, type ErrorDetail, PlatformError } from '#runtime/errors.ts'

/** as `who` of what only the coordinator can have done */
export const COORDINATOR = 'coordinator'

const CODES: Readonly<Partial<Record<ProblemCode, ErrorCode>>> = {
  'author-seq': 'log.omission',
  'author-prev': 'log.equivocation',
  'duplicate-seq': 'log.equivocation',
  'sent-without-received': 'log.mismatch',
  'received-without-sent': 'log.mismatch',
  'message-mismatch': 'log.mismatch',
}
/** They show in every verification of the log; the owner's agent is who enforces them, so others go on. */
const NOTED: ReadonlySet<ProblemCode> = new Set(['approval-missing', 'approval-after-use', 'approval-exceeded'])

export function violation(code: ErrorCode, who: string, detail: ErrorDetail = {}): PlatformError {
  return new PlatformError(code, { party: who, ...detail })
}

/** A leaf that is no record signed by a participant: nobody but who orders the log can have put it there. */
export function violationOfLeaf(index: number, problem: NonNullable<CheckedLeaf['problem']>): PlatformError {
  return violation('log.insertion', COORDINATOR, { index, problem: problem.code, claimed: problem.who ?? '' })
}

/** Undefined for what is noted only. */
export function violationOf({ code, index, who, text }: Problem): PlatformError | undefined {
  if (NOTED.has(code)) return undefined
  const at = index === undefined ? {} : { index }
  // a gap in an author's chain: whoever orders the log left a record out
  const named = code === 'author-seq' ? COORDINATOR : (who ?? COORDINATOR)
  return violation(CODES[code] ?? 'log.rule-broken', named, { ...at, problem: code, text, author: who ?? '' })
}
