// Exit codes of `tributary`, and how a failure is told to a person and to a machine.
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { explainError, type PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'

/** 0 done · 1 it failed · 2 what was given is wrong · 3 somebody cannot be reached · 4 not allowed · 130 stopped by Ctrl-C */
export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3, refused: 4, interrupted: 130 } as const

export function exitCodeOf(error: PlatformError): number {
  switch (ERROR_CODES[error.code].grpc) {
    case 'INVALID_ARGUMENT':
    case 'NOT_FOUND':
      return EXIT.usage
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
      return EXIT.unreachable
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return EXIT.refused
    default:
      return EXIT.failed
  }
}

/** Code, facts, who must act and what to do; lists of problems one a line. The cause only for developers' faults. */
export function printError(cli: CliContext, error: PlatformError, json: boolean): void {
  if (json) {
    const { who, mend } = ERROR_CODES[error.code]
    cli.out(JSON.stringify({ error: { code: error.code, detail: error.detail, who, do: mend } }))
    return
  }
  const problems = error.detail['problems']
  const [first = '', ...rest] = explainError(error).split('\n')
  if (Array.isArray(problems)) {
    const { summary } = ERROR_CODES[error.code]
    cli.note(cli.style('red', `${error.code}: ${summary}`))
    for (const problem of problems) cli.note(`  ${problem}`)
  } else cli.note(cli.style('red', first))
  for (const line of rest) cli.note(line)
  if (error.code === 'internal.unexpected' && error.cause instanceof Error)
    cli.note(cli.style('dim', error.cause.stack ?? ''))
}
