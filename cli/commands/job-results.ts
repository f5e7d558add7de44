// `tributary job compare`: what came out of jobs, computed anew from the scores that this party keeps.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'

interface ResultOptions extends ReadingOptions {
  readonly config: string
  readonly json?: true
}

export function registerJobResults(job: Command, cli: CliContext): void {
  const { t } = cli
  withReader(job.command('compare'), cli)
    .description(t('measures of jobs side by side', '并排比较各次作业的指标'))
    .argument('<jobs...>')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText('after', '\nExample:\n  tributary job compare job-3f2a… job-9c1b… --config bank/agent.yaml')
    .action((jobs: string[], options: ResultOptions) => compare(cli, jobs, options))
}

async function compare(cli: CliContext, jobs: readonly string[], options: ResultOptions): Promise<void> {
  const { comparedRuns, compareLines } = await import('../job-compare.ts')
  const { openReading } = await import('../reading.ts')
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const config = await readAgentConfig(options.config)
  using reading = await openReading(cli, config, options)
  for (const job of jobs) reading.require('result', job.slice(0, 64))
  const runs = await comparedRuns(config.home, jobs)
  if (options.json) return cli.out(JSON.stringify(runs))
  for (const line of compareLines(cli, runs)) cli.out(line)
}
