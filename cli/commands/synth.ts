// `tributary synth`: a synthetic federation as files.
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SynthParty } from '#experiments/synth/tables/table.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'

interface SynthOptions {
  readonly size: 'XS' | 'S' | 'M' | 'L' | 'XL'
  readonly rows?: number
  readonly seed: number
  readonly intercept?: number
  readonly parties?: readonly SynthParty[]
  readonly out: string
  readonly json?: true
}

export function registerSynth(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('synth')
    .description(
      t('write the synthetic federation: a bank and four partners', '生成合成联邦数据：一家银行与四家数据方'),
    )
    .requiredOption('--out <dir>', t('folder for the files', '输出目录'))
    .addOption(
      new Option('--size <size>', t('applications: 2k, 10k, 100k, 1M, 10M', '申请笔数'))
        .choices(['XS', 'S', 'M', 'L', 'XL'])
        .default('S'),
    )
    .option('--rows <n>', t('another number of applications', '自定申请笔数'), wholeNumber)
    .option('--seed <n>', t('the same seed gives the same files', '随机种子'), wholeNumber, 20220101)
    .option(
      '--intercept <x>',
      t(
        'intercept of the log odds: -3 gives 13 % bad loans, -4.95 gives 4.4 %',
        '对数几率截距：-3 约 13% 违约，-4.95 约 4.4%',
      ),
      number,
    )
    .addOption(
      new Option('--parties <name...>', t('only these parties', '仅生成这些参与方')).choices([
        'bank',
        'tax',
        'social',
        'property',
        'parks',
      ]),
    )
    .option('--json', t('the manifest as JSON', '以 JSON 输出清单'))
    .addHelpText(
      'after',
      `
Example:
  tributary synth --size S --out ./federation`,
    )
    .action((options: SynthOptions) => synth(cli, options))
}

async function synth(cli: CliContext, options: SynthOptions): Promise<void> {
  const { writeFederation, SYNTH_SIZES } = await import('#experiments/synth/write.ts')
  const directory = resolve(options.out)
  const manifest = await writeFederation({
    directory,
    seed: options.seed,
    applications: options.rows ?? SYNTH_SIZES[options.size],
    ...(options.intercept === undefined ? {} : { intercept: options.intercept }),
    ...(options.parties === undefined ? {} : { parties: options.parties }),
  })
  if (options.json) return cli.out(JSON.stringify(manifest))
  const rows = Object.values(manifest.parties).map(({ file, rows, columns }) => [
    `  ${file}`,
    String(rows),
    String(columns.length),
  ])
  cli.out(
    cli.t(
      `${manifest.applications} applications, files in ${directory}:`,
      `${manifest.applications} 笔申请，文件位于 ${directory}：`,
    ),
  )
  for (const line of formatTable([['  file', 'rows', 'columns'], ...rows], [1, 2])) cli.out(line)
  cli.out(
    cli.t(
      `held by all: ${manifest.jointOverlap}; bad loans at the bank: ${(manifest.bankBadRate * 100).toFixed(1)} %`,
      `各方共有：${manifest.jointOverlap}；银行坏账率：${(manifest.bankBadRate * 100).toFixed(1)}%`,
    ),
  )
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number')
  return value
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number')
  return value
}
