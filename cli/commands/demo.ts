// `tributary demo`: a bank and three partners on synthetic data, every party a process of its own.
import { type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { labLines } from './lab.ts'

interface DemoOptions {
  readonly size: 'S' | 'M'
  readonly json?: true
  readonly keep?: true
  readonly evidence?: string
}

export function registerDemo(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('demo')
    .description(
      t(
        'a bank and three partners build one scorecard on synthetic data, here and now',
        '演示：一家银行与三家数据方用合成数据联合建立评分卡',
      ),
    )
    .addOption(
      new Option('--size <size>', t('S: 10,000 applications; M: 100,000', 'S：1 万笔申请；M：10 万笔'))
        .choices(['S', 'M'])
        .default('S'),
    )
    .option('--json', t('result as JSON on standard output', '以 JSON 输出结果'))
    .option('--keep', t('keep the temporary folder with data and homes', '保留临时目录'))
    .option('--evidence <folder>', t('where evidence and report of the job go', '证据包、卷宗与评估报告的存放目录'))
    .addHelpText(
      'after',
      `
The report and the evidence of the job (a bundle that anybody can verify, and its dossier) stay in a new temporary
folder, or go to --evidence FOLDER.

Example:
  npm run demo
  tributary demo --keep`,
    )
    .action((options: DemoOptions) => demo(cli, options))
}

async function demo(cli: CliContext, options: DemoOptions): Promise<void> {
  const { runDemo } = await import('#experiments/lab/demo.ts')
  const say = options.json ? cli.note : cli.out
  for (const line of introduction(options.size)) say(line)
  const { evidence } = options
  const result = await runDemo({
    cli,
    size: options.size,
    keep: options.keep === true,
    quiet: options.json === true,
    ...(evidence === undefined ? {} : { evidence }),
  })
  if (options.json) cli.out(JSON.stringify(result))
  else {
    cli.out('')
    for (const line of labLines(cli, result)) cli.out(line)
    if (result.state === 'succeeded') for (const line of ['', ...nextSteps(cli)]) cli.out(line)
  }
  if (result.state !== 'succeeded') process.exitCode = EXIT.failed
}

/** Both languages: whoever watches over the shoulder reads one of them. */
function introduction(size: 'S' | 'M'): string[] {
  const rows = size === 'S' ? '10,000' : '100,000'
  return [
    'Tributary 汇流',
    `A bank, a tax bureau, a social-security bureau and a property registry build one scorecard. ${rows} synthetic`,
    'applications; each party is a process with its own keys and its own file. Rows stay where they are: ids are matched',
    'by private set intersection, columns are binned, chosen and weighed on encrypted numbers, relayed by a coordinator',
    'without keys; cut points stay with their owners. Then six smaller models say what each partner is worth.',
    `一家银行与税务、社保、不动产登记三方联合建立评分卡（${rows} 笔合成申请）。各方为独立进程，自有密钥与数据；`,
    '原始数据不出本方：用隐私求交对齐客户，在密文上分箱、筛选、训练，切点留在各方，协调方只转发密文、不持有任何密钥。',
    '之后再训练六个合作方较少的模型，得出每个合作方的价值。',
    'Each party has a steward and a compliance officer, who must both approve; here the demo plays these people.',
    '各方数据管理员与合规官须两人共同批准；演示中由程序代为扮演。',
    '',
  ]
}

function nextSteps(cli: CliContext): string[] {
  return cli
    .t(
      `Next: your own files        tributary lab --help
      a real federation     tributary init --help, then docs/guide
      what each party learns  docs/cards`,
      `下一步：用自己的文件      tributary lab --help
        搭建真实联邦      tributary init --help，参见 docs/guide
        各方能知道什么    docs/cards`,
    )
    .split('\n')
}
