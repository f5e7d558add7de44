// The options of commands that read what a party keeps; needed before anything heavy is loaded.
import type { Command } from 'commander'
import type { CliContext } from './context.ts'

export interface ReadingOptions {
  readonly as?: string
  readonly purpose?: string
}

export function withReader(command: Command, { t }: CliContext): Command {
  return command
    .option('--as <person>', t('who reads (or TRIBUTARY_PERSON)', '由谁读取（或 TRIBUTARY_PERSON）'))
    .option('--purpose <text>', t('why, for the access log', '读取目的，记入访问日志'))
}
