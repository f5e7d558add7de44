// What `tributary doctor` found, in both languages, and how it is printed.
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { type PlatformError, toPlatformError } from '#runtime/errors.ts'

/** A sentence for the operator, in English and Chinese. */
export interface Said {
  readonly en: string
  readonly zh: string
}

export type CheckName =
  | 'configuration'
  | 'keys'
  | 'certificate'
  | 'trust-bundle'
  | 'disk'
  | 'kernels'
  | 'network'
  | 'secure-connection'
  | 'clock'
  | 'dataset'
  | 'ids'

export interface DoctorCheck {
  readonly check: CheckName
  /** the data set, for checks of one */
  readonly subject?: string
  /** green; a check that could not be made because another is red is neither: ok and skipped */
  readonly ok: boolean
  readonly skipped: boolean
  readonly found: Said
  /** what to do, where the check is red */
  readonly mend?: Said
}

export interface DoctorReport {
  /** no check is red and none was skipped */
  readonly ok: boolean
  readonly checks: readonly DoctorCheck[]
}

export function green(check: CheckName, found: Said, subject?: string): DoctorCheck {
  return { check, ...(subject === undefined ? {} : { subject }), ok: true, skipped: false, found }
}

export function red(check: CheckName, found: Said, mend: Said, subject?: string): DoctorCheck {
  return { check, ...(subject === undefined ? {} : { subject }), ok: false, skipped: false, found, mend }
}

export function skipped(check: CheckName, because: Said): DoctorCheck {
  return { check, ok: true, skipped: true, found: because }
}

/** A refusal as a red check; the catalogue has the English mend. */
export function redFrom(check: CheckName, thrown: unknown, mendZh: string, subject?: string): DoctorCheck {
  const error: PlatformError = toPlatformError(thrown)
  const problems = error.detail['problems']
  const text = Array.isArray(problems) ? [error.code, ...problems].join('\n      ') : error.message
  return red(check, { en: text, zh: text }, { en: ERROR_CODES[error.code].mend, zh: mendZh }, subject)
}

/** What each check is about. */
export const TITLES: Readonly<Record<CheckName, Said>> = {
  configuration: { en: 'Configuration', zh: '配置文件' },
  keys: { en: 'Keys and passphrase', zh: '密钥与口令' },
  certificate: { en: 'Certificate', zh: '证书' },
  'trust-bundle': { en: 'Trust bundle', zh: '信任清单' },
  disk: { en: 'Disk', zh: '磁盘' },
  kernels: { en: 'Encryption kernels', zh: '加密内核' },
  network: { en: 'Network to the coordinator', zh: '到协调方的网络' },
  'secure-connection': { en: 'Secure connection', zh: '安全连接' },
  clock: { en: 'Clock', zh: '时钟' },
  dataset: { en: 'Data set', zh: '数据集' },
  ids: { en: 'Ids of', zh: '标识：' },
}

/** One line a check, green or red with the mend under it, and a last line that sums up. */
export function formatDoctor(report: DoctorReport, options: { lang: 'en' | 'zh'; colour: boolean }): string {
  const { lang, colour } = options
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const word = (en: string, zh: string) => (lang === 'zh' ? zh : en)
  const lines = report.checks.flatMap((check) => {
    const title = `${TITLES[check.check][lang]}${check.subject === undefined ? '' : ` ${check.subject}`}`
    const mark = check.skipped
      ? paint(33, word('skipped', '跳过'))
      : check.ok
        ? paint(32, word('green', '正常'))
        : paint(31, word('RED', '异常'))
    const line = `${mark}  ${title}: ${check.found[lang]}`
    return check.mend === undefined ? [line] : [line, `      ${word('mend', '处理')}: ${check.mend[lang]}`]
  })
  const bad = report.checks.filter((check) => !check.ok).length
  const left = report.checks.filter((check) => check.skipped).length
  const sum = report.ok
    ? paint(32, word('All is well.', '一切正常。'))
    : paint(31, word(`${bad} to mend, ${left} not checked.`, `${bad} 项待处理，${left} 项未检查。`))
  return [...lines, sum].join('\n')
}
