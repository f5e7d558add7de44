// `tributary job report|card|scores|compare`: what came out of jobs, computed anew from what this party keeps.
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Cell, Table } from '#credit/evaluation/pack.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'

interface ResultOptions extends ReadingOptions {
  readonly config: string
  readonly json?: true
}

export function registerJobResults(job: Command, cli: CliContext): void {
  const { t } = cli
  const command = (usage: string, about: string, example: string) =>
    withReader(job.command(usage), cli)
      .description(about)
      .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
      .option('--json', t('as JSON', '以 JSON 输出'))
      .addHelpText('after', `\nExample:\n  tributary job ${example}`)
  command(
    'report',
    t(
      'write the evaluation of a job: pages in Chinese and English, tables as CSV, the model document',
      '写出作业的评估报告：中英文网页、CSV 表格与模型开发文档',
    ),
    'report job-3f2a… --out report --config bank/agent.yaml',
  )
    .argument('<job>')
    .option('--out <folder>', t('folder to write to (default: JOB-report)', '输出目录（默认：作业编号-report）'))
    .option('--facts <file>', t('YAML with texts of the model document, by id', '模型开发文档内容的 YAML（按条目）'))
    .action((id: string, options: ResultOptions & { out?: string; facts?: string }) => report(cli, id, options))
  command(
    'card',
    t(
      'the points of your own columns with your cut points, and your own splits of the trees with their thresholds',
      '本方各列的分值（含本方切点），以及树模型中本方的分裂与阈值',
    ),
    'card job-3f2a… --config tax/agent.yaml',
  )
    .argument('<job>')
    .action((id: string, options: ResultOptions) => card(cli, id, options))
  command(
    'scores',
    t('the scores of a job that scores, one CSV line for each of your rows', '评分作业的结果：本方每行一条 CSV'),
    'scores job-3f2a… --out scores.csv --config bank/agent.yaml',
  )
    .argument('<job>')
    .option('--out <file>', t('file to write to (default: standard output)', '输出文件（默认：标准输出）'))
    .action((id: string, options: ResultOptions & { out?: string }) => scores(cli, id, options))
  command(
    'compare',
    t('measures of jobs side by side, and of both models of a job', '并排比较各次作业及同一作业中两个模型的指标'),
    'compare job-3f2a… job-9c1b…',
  )
    .argument('<jobs...>')
    .action((jobs: string[], options: ResultOptions) => compare(cli, jobs, options))
}

async function report(
  cli: CliContext,
  job: string,
  options: ResultOptions & { readonly out?: string; readonly facts?: string },
): Promise<void> {
  const { loadAverageResult } = await import('#party-agent/results/average-facts.ts')
  const { writeAverageReport } = await import('#party-agent/results/average-report.ts')
  const { writeReport } = await import('#party-agent/results/report.ts')
  const { readYaml } = await import('#runtime/config.ts')
  const home = await readAs(cli, options, 'result', [job])
  const facts = options.facts === undefined ? {} : (readYaml(options.facts).value as Record<string, string>)
  const folder = options.out ?? `${job}-report`
  const jobDir = join(home, 'jobs', job)
  const files =
    (await loadAverageResult(jobDir)) === undefined
      ? (await writeReport(jobDir, job, folder, facts)).files
      : await writeAverageReport(jobDir, job, folder)
  if (options.json) return cli.out(JSON.stringify({ folder, files }))
  cli.out(cli.t(`written: ${files.length} files in ${folder}`, `已写入：${folder} 中的 ${files.length} 个文件`))
  for (const file of files.filter((name) => name.endsWith('.html'))) cli.out(`  ${join(folder, file)}`)
}

async function card(cli: CliContext, job: string, options: ResultOptions): Promise<void> {
  const { ownScorecard } = await import('#party-agent/results/scorecard.ts')
  const { ownSplits } = await import('#party-agent/results/tree-facts.ts')
  const { PlatformError } = await import('#runtime/errors.ts')
  const home = await readAs(cli, options, 'model', [job])
  const folder = join(home, 'jobs', job)
  const tables = [await ownScorecard(folder), await ownSplits(folder)].filter((table) => table !== undefined)
  const [first] = tables
  if (first === undefined) throw new PlatformError('results.none', { job, missing: 'scorecard' })
  if (options.json) return cli.out(JSON.stringify(tables.length === 1 ? first : tables))
  for (const line of tables.flatMap((table, i) => [...(i === 0 ? [] : ['']), ...tableLines(table)])) cli.out(line)
}

async function scores(cli: CliContext, job: string, options: ResultOptions & { readonly out?: string }): Promise<void> {
  const { loadBatchScores, scoredRows } = await import('#party-agent/results/batch-scores.ts')
  const { PlatformError } = await import('#runtime/errors.ts')
  const { writeDurably } = await import('#runtime/files.ts')
  const home = await readAs(cli, options, 'result', [job])
  const bytes = await loadBatchScores(join(home, 'jobs', job))
  if (bytes === undefined) throw new PlatformError('results.none', { job, missing: 'scores' })
  const text = Buffer.from(bytes).toString('utf8')
  const rows = scoredRows(bytes)
  if (options.out === undefined) return cli.out(options.json ? JSON.stringify({ rows, csv: text }) : text.trimEnd())
  await writeDurably(options.out, bytes, { mode: 0o600 })
  if (options.json) cli.out(JSON.stringify({ rows, file: options.out }))
  else cli.out(cli.t(`written: ${rows} rows in ${options.out}`, `已写入：${options.out}，${rows} 行`))
}

async function compare(cli: CliContext, jobs: readonly string[], options: ResultOptions): Promise<void> {
  const { averagesOf, comparedRuns } = await import('#party-agent/results/compared-runs.ts')
  const { compareLines } = await import('../job-compare.ts')
  const home = await readAs(cli, options, 'result', jobs)
  const { averageCompareLines } = await import('../average-compare.ts')
  const averages = await averagesOf(home, jobs)
  if (averages !== undefined) {
    if (options.json) return cli.out(JSON.stringify(averages))
    for (const line of averageCompareLines(cli, averages)) cli.out(line)
    return
  }
  const runs = await comparedRuns(home, jobs)
  if (options.json) return cli.out(JSON.stringify(runs))
  for (const line of compareLines(cli, runs)) cli.out(line)
}

/** States the read before anything is shown. @returns the party's home */
async function readAs(
  cli: CliContext,
  options: ResultOptions,
  what: 'result' | 'model',
  jobs: readonly string[],
): Promise<string> {
  const { openReading } = await import('../reading.ts')
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const config = await readAgentConfig(options.config)
  using reading = await openReading(cli, config, options)
  for (const job of jobs) reading.require(what, job.slice(0, 64))
  return config.home
}

function tableLines({ columns, rows }: Table): string[] {
  const written = (cell: Cell) =>
    typeof cell === 'number' && !Number.isInteger(cell) ? cell.toFixed(4) : String(cell ?? '')
  const numeric = columns.flatMap((_, i) => (rows.some((row) => typeof row[i] === 'number') ? [i] : []))
  return formatTable([columns, ...rows.map((row) => row.map(written))], numeric)
}
