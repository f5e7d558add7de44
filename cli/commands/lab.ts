// `tributary lab`: a whole federation on this machine, from one file.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { cellWord } from '#credit/report/words.ts'
import type { LabEvidence, LabReport, LabResult } from '#experiments/lab/lab-result.ts'
import { averageLines, ownTableLines } from '../average-report.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTable } from '../format.ts'
import { failureLines } from '../job-progress.ts'
import { resultLines, sentLines, valueLines } from '../job-report.ts'

interface LabOptions {
  readonly json?: string
  readonly keep?: true
  readonly evidence?: string
}

export function registerLab(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('lab')
    .description(t('run a whole federation and one job on this machine', '在本机运行一个完整联邦与一个作业'))
    .argument('<file.yaml>', t('parties with their files, and a job', '各方文件与作业'))
    .option(
      '--json <out>',
      t('write result.json to this file (- for standard output)', '将 result.json 写入该文件（- 为标准输出）'),
    )
    .option('--keep', t('keep the temporary folder with all homes', '保留临时目录'))
    .option(
      '--evidence <folder>',
      t('leave the evidence bundle, its dossier and the report there', '将证据包、卷宗与评估报告存入该目录'),
    )
    .addHelpText(
      'after',
      `
Example of a file (paths are relative to it):
  federation: lab
  parties:
    bank: { dataset: loans,   source: { csv: guest.csv }, ids: { column: id, kind: plain }, label: { column: y } }
    tax:  { dataset: filings, source: { csv: host.csv },  ids: { column: id, kind: plain } }
  job:
    name: first try
    guest: { party: bank, dataset: loans }
    hosts: [{ party: tax, dataset: filings }]
    train: { rounds: 20 }
Two people of each party, made for the lab, approve the job; \`approvals: off\` in the file asks nobody.

  tributary lab my-lab.yaml --json result.json`,
    )
    .action((file: string, options: LabOptions) => lab(cli, file, options))
}

async function lab(cli: CliContext, file: string, options: LabOptions): Promise<void> {
  const { readLabFile } = await import('#experiments/lab/lab-file.ts')
  const { runLab } = await import('#experiments/lab/lab.ts')
  const { evidence } = options
  const wishes = { cli, keep: options.keep === true, ...(evidence === undefined ? {} : { evidence }) }
  const result = await runLab(readLabFile(file), wishes)
  const text = `${JSON.stringify(result, null, 2)}\n`
  if (options.json === '-') process.stdout.write(text)
  else {
    if (options.json !== undefined) await writeFile(options.json, text)
    for (const line of labLines(cli, result)) cli.out(line)
  }
  if (result.state !== 'succeeded') process.exitCode = EXIT.failed
}

/** The result of a lab for a person. */
export function labLines(cli: CliContext, result: LabResult): string[] {
  const { t } = cli
  const lines: string[] = []
  if (result.failure !== undefined) {
    const { code, party, detail } = result.failure
    lines.push(...failureLines(cli, { failure_code: code, failure_party: party, failure_detail: { ...detail } }), '')
  }
  const { metrics, targetMetrics } = result
  const measured = resultLines(cli, {
    ...(metrics === undefined ? {} : { result: metrics }),
    ...(targetMetrics === undefined ? {} : { targetResult: targetMetrics }),
  })
  if (measured.length > 0) lines.push(...measured, '')
  const [ofGuest] = Object.values(result.averages ?? {})
  if (ofGuest !== undefined) lines.push(...averageLines(cli, ofGuest), '')
  if (result.averages !== undefined) lines.push(...ownTableLines(cli, result.averages), '')
  if (result.report !== undefined) lines.push(...reportLines(cli, result.report))
  lines.push(...sentLines(cli, result.sent))
  if (result.evidence !== undefined) lines.push('', ...evidenceLines(cli, result.evidence))
  if (result.folder !== undefined)
    lines.push(t(`Everything is kept in ${result.folder}`, `全部内容保留于 ${result.folder}`))
  return lines
}

/** Which columns were kept, what each partner is worth, and where the pages are. */
function reportLines(cli: CliContext, { selection, value, folder }: LabReport): string[] {
  const { t } = cli
  const lines: string[] = []
  if (selection !== undefined) {
    const { offered, kept } = selection
    const rules = Object.entries(selection.dropped).map(
      ([rule, count]) => `${cellWord('rule', rule, cli.language)} ${count}`,
    )
    const dropped = rules.join(t(', ', '、'))
    lines.push(
      t(
        `Columns in the model: ${kept} of ${offered} (dropped by ${dropped})`,
        `入模变量：${offered} 个中的 ${kept} 个（剔除：${dropped}）`,
      ),
      '',
    )
  }
  // without the section `value` the table knows what partners cost, and nothing of what they add
  if (value.some((row) => typeof row['delta_alone'] === 'number')) lines.push(...valueLines(cli, value), '')
  if (folder !== undefined) {
    const page = join(folder, t('report.en.html', 'report.zh.html'))
    const document = join(folder, t('model-document.en.html', 'model-document.zh.html'))
    lines.push(t(`Report: ${cli.style('bold', page)}`, `评估报告：${cli.style('bold', page)}`))
    if (existsSync(document)) lines.push(t(`Model document: ${document}`, `模型开发文档：${document}`))
    lines.push('')
  }
  return lines
}

function evidenceLines(cli: CliContext, { bundle, dossier, ok, problems, records, root }: LabEvidence): string[] {
  const { t } = cli
  const verdict = ok
    ? cli.style(
        'green',
        t('verified: complete, unchanged, cosigned by all', '核验通过：完整、未被改动、由全部参与方会签'),
      )
    : cli.style('red', t(`NOT verified: ${problems.join(', ')}`, `核验未通过：${problems.join('、')}`))
  return [
    t(`Evidence: ${records} records, ${verdict}`, `证据：${records} 条记录，${verdict}`),
    ...formatTable([
      [`  ${t('root of the log', '日志根')}`, root],
      [`  ${t('bundle', '证据包')}`, bundle],
      ...(dossier === undefined ? [] : [[`  ${t('dossier', '卷宗')}`, dossier]]),
      [`  ${t('check it', '自行核验')}`, `tributary verify ${bundle}`],
    ]),
  ]
}
