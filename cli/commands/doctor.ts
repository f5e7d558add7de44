// `tributary doctor`: everything that an agent needs, red or green, each red with its mend.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

interface DoctorOptions {
  readonly config: string
  readonly json?: true
}

export function registerDoctor(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('doctor')
    .description(
      t(
        'check keys, clock, disk, connection and data of an agent, and say how to mend what is red',
        '检查代理的密钥、时钟、磁盘、连通性与数据，并给出处理办法',
      ),
    )
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Example:
  tributary doctor --config tax/agent.yaml`,
    )
    .action((options: DoctorOptions) => doctor(cli, options))
}

async function doctor(cli: CliContext, options: DoctorOptions): Promise<void> {
  const { readPassphrase } = await import('../passphrase.ts')
  const { runDoctor } = await import('#party-agent/doctor/doctor.ts')
  const { formatDoctor } = await import('#party-agent/doctor/report.ts')
  const report = await runDoctor(options.config, await readPassphrase(cli, await passphraseFileOf(options.config)))
  cli.out(options.json ? JSON.stringify(report) : formatDoctor(report, { lang: cli.language, colour: cli.colour }))
  if (!report.ok) process.exitCode = EXIT.failed
}

/** A configuration that cannot be read is the doctor's to report. */
async function passphraseFileOf(config: string): Promise<string | undefined> {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  return readAgentConfig(config).then(
    ({ passphraseFile }) => passphraseFile,
    () => undefined,
  )
}
