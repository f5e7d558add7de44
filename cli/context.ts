// What every command may use of the outside world: language, output, environment, cancellation.
import { styleText } from 'node:util'

export type Language = 'en' | 'zh'

export interface CliContext {
  readonly language: Language
  /** the text in the language of this run */
  readonly t: (en: string, zh: string) => string
  /** one line of result, on standard output */
  readonly out: (line: string) => void
  /** one line for the person in front, on standard error */
  readonly note: (line: string) => void
  readonly environment: Readonly<Record<string, string | undefined>>
  /** standard output is a terminal: live lines are welcome */
  readonly live: boolean
  /** standard output takes colours */
  readonly colour: boolean
  readonly columns: () => number
  readonly style: (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string
  /** aborted by Ctrl-C or a termination signal */
  readonly signal: AbortSignal
}

/** The language asked for by `--lang`, or by LANG and its relatives. */
export function pickLanguage(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const asked = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  if (asked === 'zh' || asked === 'en') return asked
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || ''
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** The context of this process. */
export function processContext(argv: readonly string[], signal: AbortSignal): CliContext {
  const language = pickLanguage(argv, process.env)
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  return {
    language,
    t: (en, zh) => (language === 'zh' ? zh : en),
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    environment: process.env,
    live: process.stdout.isTTY === true && process.env['TERM'] !== 'dumb',
    colour,
    columns: () => process.stdout.columns || 100,
    style: (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text),
    signal,
  }
}
