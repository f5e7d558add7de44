// `tributary parties`: who is in the federation, who is connected and what they offer.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'

export function registerParties(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('parties')
    .description(
      t('list the parties, who is connected, and the data sets they offer', '列出各参与方、在线状态与提供的数据集'),
    )
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Example:
  tributary parties --config bank/agent.yaml`,
    )
    .action((options: { config: string; json?: true }) => parties(cli, options))
}

async function parties(cli: CliContext, options: { readonly config: string; readonly json?: true }): Promise<void> {
  const { openSession } = await import('../session.ts')
  using session = await openSession(cli, options.config)
  const view = await session.client.describe()
  if (options.json) return cli.out(JSON.stringify(view))
  const { t } = cli
  cli.out(t(`Federation ${view.federation}`, `联邦 ${view.federation}`))
  for (const party of view.parties) {
    const mark = party.connected ? cli.style('green', '●') : cli.style('dim', '○')
    const state = party.connected ? t('connected', '在线') : t('away', '离线')
    cli.out(`${mark} ${cli.style('bold', party.party)}  ${state}${party.software === '' ? '' : `, ${party.software}`}`)
    const rows = party.datasets.map((set) => [
      `    ${set.name}`,
      t(`about ${set.rows} rows`, `约 ${set.rows} 行`),
      `${t('ids', '标识')} ${set.id_kind}`,
      set.label === '' ? '' : `${t('label', '标签')} ${set.label}`,
      set.columns.join(' '),
    ])
    for (const line of formatTable(rows)) cli.out(line)
  }
}
