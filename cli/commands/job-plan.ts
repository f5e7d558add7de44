// `tributary job template` and `tributary job preflight`: before a job is submitted.
import { type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, formatSeconds, formatTable } from '../format.ts'
import type { Preflight } from '#party-agent/planning/preflight.ts'
import { TEMPLATES, type TemplateName } from '#party-agent/planning/templates.ts'

export function registerJobPlan(job: Command, cli: CliContext): void {
  const { t } = cli
  job
    .command('template')
    .description(t('print a job file to start from', '打印作业文件模板'))
    .argument('[name]', TEMPLATES.join(', '))
    .addOption(new Option('--guest <party>', t('your party', '本方名称')).default('bank'))
    .addHelpText('after', '\nExample:\n  tributary job template scorecard > scorecard.yaml')
    .action((name: string | undefined, options: { guest: string }) => template(cli, name, options.guest))
  job
    .command('preflight')
    .description(
      t(
        'check a job file against what the parties offer, and what it would cost; nobody is asked yet',
        '对照各方提供的数据检查作业文件并估算代价；尚不通知任何人',
      ),
    )
    .argument('<file>')
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText('after', '\nExample:\n  tributary job preflight scorecard.yaml --config bank/agent.yaml')
    .action((file: string, options: { config: string; json?: true }) => check(cli, file, options))
}

async function template(cli: CliContext, name: string | undefined, guest: string): Promise<void> {
  const { jobTemplate, TEMPLATE_TITLES, usualParts } = await import('#party-agent/planning/templates.ts')
  const known = TEMPLATES.find((candidate) => candidate === name)
  if (known !== undefined) return cli.out(jobTemplate(cli.t, known, usualParts(known, guest)).trimEnd())
  const list = formatTable(TEMPLATES.map((each: TemplateName) => [`  ${each}`, TEMPLATE_TITLES[each][cli.language]]))
  if (name === undefined) return list.forEach((line) => cli.out(line))
  cli.note(cli.t(`there is no template ${name}; there are:`, `没有模板 ${name}；有：`))
  for (const line of list) cli.note(line)
  process.exitCode = EXIT.usage
}

async function check(cli: CliContext, file: string, options: { readonly config: string; readonly json?: true }) {
  const { readJobFile } = await import('#party-agent/planning/job-file.ts')
  const { preflight } = await import('#party-agent/planning/preflight.ts')
  const { openSession } = await import('../session.ts')
  const spec = readJobFile(file)
  using session = await openSession(cli, options.config)
  await session.client.describe() // the first call pays for the handshake
  const askedAt = performance.now()
  const view = await session.client.describe()
  const roundTripMs = Math.round(performance.now() - askedAt)
  const result = preflight(spec, view)
  const failed = result.findings.some(({ level }) => level === 'problem')
  const { checks: _, ...facts } = result
  const findings = result.findings.map(({ level, party, text }) => ({ level, party, text: text[cli.language] }))
  if (options.json) cli.out(JSON.stringify({ ...facts, findings, roundTripMs }))
  else for (const line of preflightLines(cli, result, roundTripMs)) cli.out(line)
  if (failed) process.exitCode = EXIT.failed
}

function preflightLines(
  cli: CliContext,
  { findings, shape, estimate, rows }: Preflight,
  roundTripMs: number,
): string[] {
  const { t } = cli
  const marks = { problem: cli.style('red', '✗'), warning: cli.style('yellow', '!') }
  const lines = findings.map(({ level, text }) => `${marks[level]} ${text[cli.language]}`)
  if (findings.every(({ level }) => level !== 'problem'))
    lines.push(
      `${cli.style('green', '✓')} ${t('parties, data sets, columns and kinds of ids fit', '参与方、数据集、列与标识类型相符')}`,
    )
  lines.push(t(`round trip to the coordinator: ${roundTripMs} ms`, `到协调方的往返时间：${roundTripMs} 毫秒`))
  if (shape === undefined) return lines
  const head = [t('task', '任务'), t('sent by all', '各方发送合计'), t('time', '时间')]
  const sum = estimate.reduce(
    (all, { bytes, seconds }) => ({ bytes: all.bytes + bytes, seconds: all.seconds + seconds }),
    {
      bytes: 0,
      seconds: 0,
    },
  )
  const row = (name: string, { bytes, seconds }: { bytes: number; seconds: number }) => [
    name,
    formatBytes(Math.round(bytes)),
    formatSeconds(Math.ceil(seconds)),
  ]
  return [
    ...lines,
    t(
      `at most ${rows} rows; estimated from two cores on one machine, right within a factor of two or three:`,
      `至多 ${rows} 行；以一台双核机器为准估算，误差在两三倍以内：`,
    ),
    ...formatTable([head, ...estimate.map((each) => row(each.task, each)), row(t('total', '合计'), sum)], [1, 2]).map(
      (line) => `  ${line}`,
    ),
  ]
}
