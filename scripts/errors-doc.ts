// Writes docs/errors.md and docs/errors.zh-CN.md from the catalogue. `--check` compares and writes nothing.
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'
import { syncFiles } from './generated-files.ts'

const HEAD = `# Error codes

Every refusal of the platform carries one of these codes: on the command line, in the log, in \`job show\` and on the
wire. What happened, who must act, what to do. This file is generated from \`runtime/error-catalogue.ts\` by
\`npm run check:fix\`; a check compares the two.

"Try again" says what may be repeated without changing anything: \`step\` and \`round\` are repeated by the platform
itself, \`job\` means that you may submit the same job again, \`never\` means that something has to be mended first.
`

const HEAD_ZH = `# 错误码

平台的每一次拒绝都带有下列错误码之一：命令行、日志、\`job show\` 和网络报文里都是同一个。
表中说明发生了什么、由谁处理、怎么处理。本文件由 \`npm run check:fix\` 生成，检查程序会核对它与目录一致。

“可重试”一栏：步骤和轮次由平台自动重试；“作业”表示可以原样重新提交；“否”表示必须先处理再试。
`

const AREAS: readonly (readonly [prefix: string, english: string, chinese: string])[] = [
  ['config', 'Configuration', '配置'],
  ['keys', 'Keys', '密钥'],
  ['storage', 'Storage', '存储'],
  ['data', 'Data sets', '数据集'],
  ['job', 'Jobs', '作业'],
  ['policy', 'Policy', '策略'],
  ['person', 'People', '人员'],
  ['approval', 'Approvals', '批准'],
  ['task', 'Tasks', '任务'],
  ['peer', 'Peers', '对方机构'],
  ['protocol', 'Protocol', '协议'],
  ['log', 'Round log', '轮次日志'],
  ['envelope', 'Envelopes', '信封'],
  ['transport', 'Transport', '传输'],
  ['identity', 'Identity', '身份'],
  ['enrolment', 'Enrolment', '入网'],
  ['trust', 'Trust bundle', '信任清单'],
  ['revocation', 'Revocation', '吊销'],
  ['release', 'Released numbers', '公布的数值'],
  ['egress', 'The way out', '出口检查'],
  ['guard', 'Cross-run guard', '跨作业防护'],
  ['psi', 'Alignment (PSI)', '对齐（隐私集合求交）'],
  ['lr', 'Training', '训练'],
  ['binning', 'Binning', '分箱'],
  ['credit', 'Bins of columns', '变量分箱'],
  ['boost', 'Boosted trees', '提升树'],
  ['evaluation', 'Evaluation', '评估'],
  ['results', 'Results', '结果'],
  ['model', 'Models', '模型'],
  ['he', 'Homomorphic encryption', '同态加密'],
  ['aggregate', 'Sums of updates', '更新的汇总'],
  ['group', 'Groups of hosts', '数据方分组'],
  ['average', 'Federated averaging', '联邦平均'],
  ['privacy', 'Differential privacy', '差分隐私'],
  ['robustness', 'Disputed updates', '有争议的更新'],
  ['dispute', 'Disputes', '争议'],
  ['console', 'Console', '控制台'],
  ['internal', 'Internal', '内部'],
]
const WHO_ZH = {
  'data partner': '数据提供方',
  modeler: '建模人员',
  operator: '运维',
  developer: '开发者',
  nobody: '无需',
}
const RETRY_ZH = { never: '否', step: '步骤', round: '轮次', job: '作业' }

const codes = Object.entries(ERROR_CODES)
const codesOf = (area: string) => codes.filter(([code]) => code.startsWith(`${area}.`))
const strays = codes.filter(([code]) => !AREAS.some(([area]) => code.startsWith(`${area}.`)))

/** The two documents, by path from the root of the project. */
export function errorDocuments(): Map<string, string> {
  if (strays.length > 0)
    throw new Error(`scripts/errors-doc.ts has no area for ${strays.map(([code]) => code).join(', ')}`)
  const used = AREAS.filter(([area]) => codesOf(area).length > 0)
  const english = used.map(([area, title]) =>
    table(
      title,
      ['code', 'what happened', 'who', 'what to do', 'try again', 'gRPC status'],
      codesOf(area).map(([code, e]) => [`\`${code}\``, e.summary, e.who, e.mend, e.retry, e.grpc]),
    ),
  )
  const chinese = used.map(([area, , title]) =>
    table(
      title,
      ['错误码', '发生了什么', '谁来处理', '怎么处理', '可重试'],
      codesOf(area).map(([code, e]) => [
        `\`${code}\``,
        ERROR_CODES_ZH[code]?.summary ?? e.summary,
        WHO_ZH[e.who],
        ERROR_CODES_ZH[code]?.mend ?? e.mend,
        RETRY_ZH[e.retry],
      ]),
    ),
  )
  return new Map([
    ['docs/errors.md', [HEAD, ...english].join('\n')],
    ['docs/errors.zh-CN.md', [HEAD_ZH, ...chinese].join('\n')],
  ])
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

if (import.meta.main) process.exitCode = syncFiles(errorDocuments(), process.argv.includes('--check'))
