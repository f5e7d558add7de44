// Structured logs: an event name in the past tense and fields with units. Payloads and secrets never.
import { type Logger as Pino, pino } from 'pino'

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>

export interface Logger {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  /** `error` is logged with its stack and cause: they stay on this machine */
  error(event: string, error: unknown, fields?: LogFields): void
  child(context: LogFields): Logger
}

/** A logger that writes JSON lines to standard error, so that standard output stays free for results. */
export function openLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent', context: LogFields = {}): Logger {
  return wrap(
    pino(
      { level, base: { ...context }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
    ),
  )
}

/** For tests and library use: says nothing. */
export const silentLogger: Logger = wrap(pino({ level: 'silent' }))

function wrap(log: Pino): Logger {
  return {
    debug: (event, fields = {}) => log.debug(fields, event),
    info: (event, fields = {}) => log.info(fields, event),
    warn: (event, fields = {}) => log.warn(fields, event),
    error: (event, error, fields = {}) => log.error({ ...fields, err: error }, event),
    child: (context) => wrap(log.child({ ...context })),
  }
}
