// Exit codes of `tributary`, and how a failure is told to a person and to a machine.
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import type { ErrorDetail, PlatformError } from '#runtime/errors.ts'
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

const WHO_ZH = {
  'data partner': '数据方',
  modeler: '建模人员',
  operator: '运维人员',
  developer: '开发人员',
  nobody: '无需处理',
} as const

/** Code, facts, who must act and what to do; lists one item a line. The stack only for developers' faults. */
export async function printError(cli: CliContext, error: PlatformError, json: boolean): Promise<void> {
  const { who, summary, mend } = ERROR_CODES[error.code]
  if (json) return cli.out(JSON.stringify({ error: { code: error.code, detail: error.detail, who, do: mend } }))
  const texts = cli.language === 'zh' ? await chineseTexts(error) : { summary, mend }
  cli.note(cli.style('red', `${error.code}: ${texts.summary}`))
  for (const line of detailLines(error.detail)) cli.note(`  ${line}`)
  cli.note(`  ${cli.t('who', '负责')}: ${cli.t(who, WHO_ZH[who])}`)
  cli.note(`  ${cli.t('do', '处理')}: ${texts.mend}`)
  if (error.code === 'internal.unexpected' && error.cause instanceof Error) {
    cli.note(cli.style('dim', error.cause.stack ?? error.cause.message))
  }
}

async function chineseTexts(error: PlatformError): Promise<{ readonly summary: string; readonly mend: string }> {
  const { ERROR_CODES_ZH } = await import('#runtime/error-catalogue.zh.ts')
  return ERROR_CODES_ZH[error.code] ?? ERROR_CODES[error.code]
}

function detailLines(detail: ErrorDetail): string[] {
  return Object.entries(detail).flatMap(([key, value]) => {
    if (!Array.isArray(value)) return [`${key}: ${value}`]
    return key === 'problems' ? value : [`${key}: ${value.join(', ')}`]
  })
}
