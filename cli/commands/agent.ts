// `tributary agent`: runs the agent of a party.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { runDaemon } from '../run-daemon.ts'

interface ConfigOption {
  readonly config: string
  readonly json?: true
}

export function registerAgent(program: Command, cli: CliContext): void {
  const { t } = cli
  const configOption = ['--config <file>', t('its configuration', '配置文件'), 'agent.yaml'] as const
  program
    .command('agent')
    .description(t("run your party's agent", '运行本方代理'))
    .option(...configOption)
    .addHelpText(
      'after',
      `
Example:
  TRIBUTARY_PASSPHRASE=… tributary agent --config tax/agent.yaml`,
    )
    .action((options: ConfigOption) => runDaemon(cli, 'party-agent', options.config))
}
