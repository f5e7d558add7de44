// `tributary data check`: every declared data set read once, with its counts and what to mend.
import type { Command } from 'commander'
import type { CheckReport, DatasetReport } from '#party-agent/data/data-check.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTable } from '../format.ts'

interface DataOptions {
  readonly config: string
  readonly json?: true
}

export function registerData(program: Command, cli: CliContext): void {
  const { t } = cli
  const data = program.command('data').description(t('look at your own data sets', '检查本方数据集'))
  data
    .command('check')
    .description(t('read every declared data set once and name all problems', '逐一读取所声明的数据集并列出全部问题'))
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Example:
  tributary data check --config tax/agent.yaml
Nothing leaves this machine; ids and values are counted, never shown.`,
    )
    .action((options: DataOptions) => check(cli, options))
}

async function check(cli: CliContext, options: DataOptions): Promise<void> {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { dataCheck } = await import('#party-agent/data/data-check.ts')
  const report = await dataCheck(await readAgentConfig(options.config))
  if (options.json) cli.out(JSON.stringify(report))
  else for (const line of reportLines(cli, report)) cli.out(line)
  if (!report.ok) process.exitCode = EXIT.failed
}

function reportLines(cli: CliContext, report: CheckReport): string[] {
  if (report.datasets.length === 0) return [cli.t('no data set is declared', '未声明任何数据集')]
  return report.datasets.flatMap((dataset, i) => [...(i === 0 ? [] : ['']), ...datasetLines(cli, dataset)])
}

function datasetLines(cli: CliContext, set: DatasetReport): string[] {
  const { t } = cli
  const mark = set.ok ? cli.style('green', '✓') : cli.style('red', '✗')
  const rows = set.rows === undefined ? '' : t(`${set.rows} rows`, `${set.rows} 行`)
  const lines = [`${mark} ${cli.style('bold', set.dataset)}  ${rows}`]
  if (set.ids !== undefined) {
    const { valid, total, empty, badFormat, badCheck, duplicates } = set.ids
    lines.push(
      t(
        `  ids (${set.idKind}): ${valid} of ${total} valid; ${empty} empty, ${badFormat} of another form, ${badCheck} with a wrong check character, ${duplicates} repeated`,
        `  标识（${set.idKind}）：${total} 个中 ${valid} 个有效；空 ${empty}，格式不符 ${badFormat}，校验位错误 ${badCheck}，重复 ${duplicates}`,
      ),
    )
  }
  for (const [host, rows] of Object.entries(set.consents ?? {})) {
    lines.push(t(`  consents for ${host}: ${rows} rows`, `  对 ${host} 的授权：${rows} 行`))
  }
  if (set.label !== undefined) {
    const { column, kind, zeros, ones, others, indeterminate } = set.label
    lines.push(
      kind === 'binary'
        ? t(
            `  label ${column}: ${zeros} good, ${ones} bad, ${indeterminate} neither`,
            `  标签 ${column}：好 ${zeros}，坏 ${ones}，不确定 ${indeterminate}`,
          )
        : t(
            `  label ${column}, a ${kind}: ${zeros} are 0, ${ones + others} are not, ${indeterminate} rows have none`,
            `  标签 ${column}（${kind === 'count' ? '次数' : '数值'}）：为 0 的 ${zeros} 行，不为 0 的 ${ones + others} 行，没有标签的 ${indeterminate} 行`,
          ),
    )
  }
  lines.push(...columnLines(cli, set))
  for (const problem of set.problems) {
    const style = problem.level === 'error' ? 'red' : 'yellow'
    lines.push(cli.style(style, `  ${problem.message}`), `    ${t('do', '处理')}: ${problem.mend}`)
  }
  return lines
}

/** Columns with missing values, each with its rule; the others in one word. */
function columnLines(cli: CliContext, set: DatasetReport): string[] {
  if (set.columns.length === 0) return []
  const missing = set.columns.filter((column) => column.missingShare > 0)
  const head = cli.t(
    `  ${set.columns.length} columns offered, ${missing.length} of them with missing values`,
    `  提供 ${set.columns.length} 列，其中 ${missing.length} 列有缺失值`,
  )
  const rows = missing.map((column) => [
    `    ${column.name}`,
    `${(100 * column.missingShare).toFixed(1)} %`,
    column.rule,
  ])
  return [head, ...formatTable(rows, [1])]
}
