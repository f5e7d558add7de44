// `tributary log show|export|access`: what this party holds of the round log of a job, to read or as an evidence bundle,
// and who of this party read what.
import type { Command } from 'commander'
import type { LogRecord } from '#protocols/log/records.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'

interface ShowOptions extends ReadingOptions {
  readonly config: string
  readonly job?: string
  readonly json?: true
}

interface ExportOptions extends ReadingOptions {
  readonly config: string
  readonly out?: string
  readonly json?: true
}

export function registerLog(program: Command, cli: CliContext): void {
  const { t } = cli
  const log = program.command('log').description(t('the round log that all parties cosign', '各方会签的轮次日志'))
  withReader(log.command('show'), cli)
    .description(t('the records of a job, and who has cosigned them', '某次作业的记录及联署情况'))
    .argument('<job>')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText('after', '\nExample:\n  tributary log show job-3f2a… --as wang-fang --config tax/agent.yaml')
    .action((job: string, options: ExportOptions) => showJob(cli, job, options))
  withReader(log.command('export'), cli)
    .description(t('write the evidence bundle of a job', '写出某次作业的证据包'))
    .argument('<job>')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--out <file>', t('file to write (default: JOB.tar)', '要写入的文件（默认：作业编号.tar）'))
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Examples:
  tributary log export job-3f2a… --as wang-fang --config tax/agent.yaml --out job.tar
  tributary verify job.tar
It reads this party's own files; the agent may run meanwhile.`,
    )
    .action((job: string, options: ExportOptions) => exportJob(cli, job, options))
  withReader(log.command('access'), cli)
    .description(t('who of your party read what, and took which evidence', '本方何人读取了什么、导出了哪些证据'))
    .option('--job <job>', t('of this job only', '只列某次作业'))
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText('after', '\nExample:\n  tributary log access --as wang-fang --config tax/agent.yaml')
    .action((options: ShowOptions) => showAccess(cli, options))
}

async function showJob(cli: CliContext, job: string, options: ShowOptions): Promise<void> {
  const { readJobLog } = await import('#party-agent/log/read-log.ts')
  await requireJobId(job)
  const { home, reading } = await open(cli, options)
  using _ = reading
  reading.require('log', job)
  const held = readJobLog(home, job)
  if (options.json) return cli.out(JSON.stringify(held))
  const { t, out } = cli
  const { collaboration, parties, size, sealedSize, incidents, records } = held
  out(t(`${collaboration} of ${parties.join(', ')}`, `${collaboration}：${parties.join('、')}`))
  const rows = records.map(({ number, record }) => {
    return [`  ${number}`, record.time, record.author, record.kind, gistOf(record)]
  })
  for (const line of formatTable(rows)) out(line)
  out(
    t(
      `${size} records in the log; all parties have cosigned the first ${sealedSize}.`,
      `日志共 ${size} 条记录；前 ${sealedSize} 条已由各方联署。`,
    ),
  )
  for (const code of incidents)
    cli.note(t(`This log is frozen: ${code}. See ${home}/log.`, `该日志已冻结：${code}。见 ${home}/log。`))
}

/** What a record says, in a few words. */
function gistOf(record: LogRecord): string {
  if (record.kind === 'msg.sent' || record.kind === 'msg.received') {
    const { task, round, step, from, to, class: name, bytes } = record
    return `${task}/${round}/${step} ${from} → ${to} ${name} ${bytes} B`
  }
  if (record.kind === 'round.opened' || record.kind === 'round.closed') return `${record.task}/${record.round}`
  if (record.kind === 'cell.released') return `${record.what} ${record.count} ≥ ${record.threshold}`
  if (record.kind === 'job.closed') return [record.state, record.code].filter(Boolean).join(' ')
  return 'code' in record ? record.code : ''
}

async function showAccess(cli: CliContext, options: ShowOptions): Promise<void> {
  const { reading } = await open(cli, options)
  using _ = reading
  reading.require('access', options.job ?? '')
  const all = await reading.records()
  const records = all.filter(({ job }) => options.job === undefined || job === options.job)
  if (options.json) return cli.out(JSON.stringify(records))
  const rows = records.map((record) => {
    const what =
      record.kind === 'access'
        ? [record.role, record.object, record.purpose, record.decision]
        : ['', cli.t('evidence', '证据'), `${record.size} ${cli.t('records', '条记录')}`, record.root.slice(0, 16)]
    return [`  ${record.seq}`, record.time, record.job || '—', record.actor, ...what]
  })
  for (const line of formatTable(rows)) cli.out(line)
}

async function open(cli: CliContext, options: ReadingOptions & { readonly config: string }) {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { openReading } = await import('../reading.ts')
  const config = await readAgentConfig(options.config)
  return { ...config, reading: await openReading(cli, config, options) }
}

async function requireJobId(job: string): Promise<void> {
  const { PlatformError } = await import('#runtime/errors.ts')
  if (!/^job-[0-9a-f]{20}$/.test(job)) throw new PlatformError('job.unknown', { job: job.slice(0, 64) })
}

async function exportJob(cli: CliContext, job: string, options: ExportOptions): Promise<void> {
  const { exportLog } = await import('#party-agent/log/export.ts')
  await requireJobId(job)
  const { home, trustBundle, reading } = await open(cli, options)
  using _ = reading
  reading.require('export', job)
  const out = options.out ?? `${job}.tar`
  const made = await exportLog({ home, trustBundle, job, out, now: new Date() })
  reading.exported(job, made)
  if (options.json) return cli.out(JSON.stringify({ file: out, ...made }))
  const { size, unsealed } = made
  cli.out(cli.t(`written: ${out} (${size} records)`, `已写入：${out}（${size} 条记录）`))
  if (unsealed > 0) {
    const text = `${unsealed} newer records are not in it: not every party has cosigned them yet`
    cli.note(cli.t(text, `另有 ${unsealed} 条较新的记录未包括在内：尚未由全部参与方会签`))
  }
  cli.out(cli.t(`check it: tributary verify ${out}`, `核验：tributary verify ${out}`))
}
