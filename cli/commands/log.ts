// `tributary log export`: the evidence bundle of a job, from what this party holds of its round log.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'

interface ExportOptions {
  readonly config: string
  readonly out?: string
  readonly json?: true
}

export function registerLog(program: Command, cli: CliContext): void {
  const { t } = cli
  const log = program.command('log').description(t('the round log that all parties cosign', '各方会签的轮次日志'))
  log
    .command('export')
    .description(t('write the evidence bundle of a job', '写出某次作业的证据包'))
    .argument('<job>')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--out <file>', t('file to write (default: JOB.tar)', '要写入的文件（默认：作业编号.tar）'))
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Examples:
  tributary log export job-3f2a… --config tax/agent.yaml --out job.tar
  tributary verify job.tar
It reads this party's own files; the agent may run meanwhile.`,
    )
    .action((job: string, options: ExportOptions) => exportJob(cli, job, options))
}

async function exportJob(cli: CliContext, job: string, options: ExportOptions): Promise<void> {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { exportLog } = await import('#party-agent/log/export.ts')
  const { PlatformError } = await import('#runtime/errors.ts')
  if (!/^job-[0-9a-f]{20}$/.test(job)) throw new PlatformError('job.unknown', { job: job.slice(0, 64) })
  const { home, trustBundle } = await readAgentConfig(options.config)
  const out = options.out ?? `${job}.tar`
  const made = await exportLog({ home, trustBundle, job, out, now: new Date() })
  if (options.json) return cli.out(JSON.stringify({ file: out, ...made }))
  const { size, unsealed } = made
  cli.out(cli.t(`written: ${out} (${size} records)`, `已写入：${out}（${size} 条记录）`))
  if (unsealed > 0) {
    const text = `${unsealed} newer records are not in it: not every party has cosigned them yet`
    cli.note(cli.t(text, `另有 ${unsealed} 条较新的记录未包括在内：尚未由全部参与方会签`))
  }
  cli.out(cli.t(`check it: tributary verify ${out}`, `核验：tributary verify ${out}`))
}
