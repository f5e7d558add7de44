// `tributary ledger`: what left this party in a job, or what of a data set stood behind results so far.
import { join } from 'node:path'
import type { Command } from 'commander'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from '../context.ts'
import { cellLines, ledgerLines, ledgerTable, releaseLines, spentLines } from '../ledger-report.ts'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { readPassphrase } from '../passphrase.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'

interface LedgerOptions extends ReadingOptions {
  readonly config: string
  readonly dataSet?: string
  readonly lines?: true
  readonly json?: true
}

export function registerLedger(program: Command, cli: CliContext): void {
  const { t } = cli
  withReader(program.command('ledger'), cli)
    .description(t('what left your party: by job, or by data set', '本方发出了什么：按作业或按数据集'))
    .argument('[job]')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option(
      '--data-set <name>',
      t('the released cells of a data set, and runs used', '某数据集已公布的样本集与已用次数'),
    )
    .option('--lines', t('every line of the ledger', '逐行列出'))
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Examples:
  tributary ledger job-3f2a… --as li-wei --config tax/agent.yaml
  tributary ledger --data-set filings --as li-wei --config tax/agent.yaml
It reads this party's own files and asks nobody. Each read is stated in the access log.`,
    )
    .action((job: string | undefined, options: LedgerOptions) => ledger(cli, job, options))
}

async function ledger(cli: CliContext, job: string | undefined, options: LedgerOptions): Promise<void> {
  if ((job === undefined) === (options.dataSet === undefined)) {
    const problem = cli.t('give a job or --data-set NAME, and not both', '请给出作业编号或 --data-set NAME，二者选一')
    throw new PlatformError('config.invalid', { problems: [problem] })
  }
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const config = await readAgentConfig(options.config)
  if (job !== undefined && !/^job-[0-9a-f]{20}$/.test(job))
    throw new PlatformError('job.unknown', { job: job.slice(0, 64) })
  const { openReading } = await import('../reading.ts')
  using reading = await openReading(cli, config, options)
  reading.require(job === undefined ? 'released' : 'ledger', job ?? '')
  if (job !== undefined) return await ledgerOfJob(cli, config.home, job, options)
  const { openPartyHome } = await import('#crypto/identity/party-home.ts')
  const { DifferencingGuard } = await import('#party-agent/ledger/guard.ts')
  const { PrivacyBudget } = await import('#party-agent/ledger/privacy-budget.ts')
  const identity = await openPartyHome(config.home, await readPassphrase(cli, config.passphraseFile))
  const dataset = options.dataSet ?? ''
  const cells = await new DifferencingGuard(config.home, identity.storageKey).released(dataset)
  const budgetFor = (name: string) => config.datasets[name]?.privacy
  const privacy = await new PrivacyBudget(config.home, identity.storageKey, { budgetFor }).spent(dataset)
  if (options.json)
    return cli.out(JSON.stringify({ dataset, runs: new Set(cells.map((cell) => cell.job)).size, cells, privacy }))
  for (const line of [...cellLines(cli, dataset, cells), ...spentLines(cli, privacy)]) cli.out(line)
}

async function ledgerOfJob(cli: CliContext, home: string, job: string, options: LedgerOptions): Promise<void> {
  const { ledger: lines } = await readLocalJob(home, job)
  if (options.json) return cli.out(JSON.stringify({ job, totals: lines.at(-1)?.totals ?? {}, lines }))
  if (lines.length === 0) throw new PlatformError('job.unknown', { job, folder: join(home, 'jobs', job) })
  for (const line of ledgerLines(cli, lines)) cli.out(line)
  for (const line of releaseLines(cli, lines)) cli.out(line)
  if (options.lines) for (const line of ledgerTable(cli, lines)) cli.out(line)
}
