// `tributary coordinator`: runs the coordinator.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { runDaemon } from '../run-daemon.ts'

export function registerCoordinator(program: Command, cli: CliContext): void {
  program
    .command('coordinator')
    .description(cli.t('run the coordinator', '运行协调方'))
    .option('--config <file>', cli.t('its configuration', '配置文件'), 'coordinator.yaml')
    .addHelpText(
      'after',
      `
Example:
  TRIBUTARY_PASSPHRASE=… tributary coordinator --config coordinator/coordinator.yaml`,
    )
    .action((options: { config: string }) => runDaemon(cli, 'coordinator', options.config))
}
