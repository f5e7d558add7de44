// `tributary demo`: a bank and three partners on synthetic data, every party a process of its own.
import { Argument, type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import type { LabResult } from '#experiments/lab/lab-result.ts'
import { EXIT } from '../exit-codes.ts'
import { labLines } from './lab.ts'

/** What is shown: partners with other columns of the same firms, parks with the same columns of other firms, or both. */
const STORIES = ['scorecard', 'parks', 'hybrid'] as const
type Story = (typeof STORIES)[number]

interface DemoOptions {
  readonly size: 'S' | 'M'
  readonly json?: true
  readonly keep?: true
  readonly evidence?: string
  readonly console?: boolean
  readonly open: boolean
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
    .addArgument(
      new Argument(
        '[story]',
        t(
          'scorecard: a bank and three partners; parks: three parks train one model by averaging; hybrid: the bank, the partners, and the parks as one partner',
          'scorecard：银行与三家数据方建评分卡；parks：三家园区以联邦平均训练同一模型；hybrid：银行、三家数据方，另有三家园区合为一方',
        ),
      )
        .choices(STORIES)
        .default('scorecard'),
    )
    .addOption(
      new Option('--size <size>', t('S: 10,000 applications; M: 100,000', 'S：1 万笔申请；M：10 万笔'))
        .choices(['S', 'M'])
        .default('S'),
    )
    .option('--json', t('result as JSON on standard output', '以 JSON 输出结果'))
    .option('--keep', t('keep the temporary folder with data and homes', '保留临时目录'))
    .option(
      '--console',
      t(
        'keep the pages of all parties open after the job (default on a terminal)',
        '作业结束后保留各方控制台（终端中默认开启）',
      ),
    )
    .option('--no-console', t('end with the job', '作业结束即退出'))
    .option('--no-open', t('start no browser', '不启动浏览器'))
    .option('--evidence <folder>', t('where evidence and report of the job go', '证据包、卷宗与评估报告的存放目录'))
    .addHelpText(
      'after',
      `
On a terminal the pages of all parties stay open after the job, until Ctrl-C.
The report and the evidence of the job (a bundle that anybody can verify, and its dossier) stay in a new temporary
folder, or go to --evidence FOLDER.

Example:
  npm run demo
  tributary demo parks
  tributary demo hybrid
  tributary demo --no-console
  tributary demo --keep`,
    )
    .action((story: Story, options: DemoOptions) => demo(cli, story, options))
}

const RUNS = {
  scorecard: async () => (await import('#experiments/lab/demo.ts')).runDemo,
  parks: async () => (await import('#experiments/lab/parks-demo.ts')).runParksDemo,
  hybrid: async () => (await import('#experiments/lab/hybrid-demo.ts')).runHybridDemo,
} as const

const INTRODUCTIONS: Readonly<Record<Story, (size: 'S' | 'M') => string[]>> = {
  scorecard: introduction,
  parks: parksIntroduction,
  hybrid: hybridIntroduction,
}

async function demo(cli: CliContext, story: Story, options: DemoOptions): Promise<void> {
  const run = await RUNS[story]()
  const say = options.json ? cli.note : cli.out
  for (const line of INTRODUCTIONS[story](options.size)) say(line)
  const { size, evidence, console = cli.live && !options.json && cli.environment['CI'] === undefined } = options
  const pages = console ? (await import('../demo-console.ts')).demoConsole(cli, options.open) : undefined
  const tell = (result: LabResult): void => {
    if (options.json) cli.out(JSON.stringify(result))
    else {
      cli.out('')
      for (const line of labLines(cli, result)) cli.out(line)
      if (result.state === 'succeeded') for (const line of ['', ...nextSteps(cli)]) cli.out(line)
    }
    if (result.state !== 'succeeded') process.exitCode = EXIT.failed
  }
  const wishes = {
    cli,
    size,
    keep: options.keep === true,
    quiet: options.json === true,
    ...(evidence === undefined ? {} : { evidence }),
  }
  if (pages === undefined) return tell(await run(wishes))
  const { passphrase } = pages
  await run({
    ...wishes,
    console: { passphrase },
    before: async (lab, result) => {
      tell(result)
      await pages.stay(lab, result)
    },
  })
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

function parksIntroduction(size: 'S' | 'M'): string[] {
  const rows = size === 'S' ? '2,800' : '28,000'
  return [
    'Tributary 汇流',
    `Three industrial parks that lend to their tenants train one model on ${rows} synthetic loans: the same columns, other`,
    'firms at each. Every park trains on its own rows; its update leaves encrypted, the coordinator adds what it cannot',
    'read, and only the sum is ever opened, by another park each round. All three end with the same model.',
    `三家产业园区向各自的入园企业放贷，以联邦平均训练同一模型（共约 ${rows} 笔合成贷款；特征相同，企业不同）。`,
    '各园区在本地训练，更新以密文送出，协调方只做密文相加，每轮由一家园区打开合计；三方得到同一模型。',
    'Each party has a steward and a compliance officer, who must both approve; here the demo plays these people.',
    '各方数据管理员与合规官须两人共同批准；演示中由程序代为扮演。',
    '',
  ]
}

function hybridIntroduction(size: 'S' | 'M'): string[] {
  const rows = size === 'S' ? '10,000' : '100,000'
  return [
    'Tributary 汇流',
    `A bank, a tax bureau, a social-security bureau, a property registry and three parks: ${rows} synthetic applications. The parks`,
    'have the same columns of different firms and take part as one partner: cut points are agreed over the rows of all three,',
    'and only sums over all three reach the bank. One scorecard, and boosted trees as its challenger.',
    `一家银行与税务、社保、不动产登记三方及三家产业园区（${rows} 笔合成申请）。三家园区特征相同、企业不同，合为一个合作方：`,
    '切分点由三方样本共同商定，到达银行的只有三方之和。建立一张评分卡，另以提升树作挑战者。',
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
