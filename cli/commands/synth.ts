// `tributary synth`: a synthetic federation as files.
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FileParty } from '#experiments/synth/parties.ts'
import type { FederationManifest } from '#experiments/synth/manifest.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'

interface SynthOptions {
  readonly size: 'XS' | 'S' | 'M' | 'L' | 'XL'
  readonly rows?: number
  readonly seed: number
  readonly out: string
  readonly parties?: readonly FileParty[]
  readonly scenario: 'none' | 'base' | 'severe'
  readonly defects: 'on' | 'off'
  readonly idNoise: 'on' | 'off'
  readonly overlap: number
  readonly badRate?: number
  readonly intercept?: number
  readonly labelNoise: number
  readonly raw?: 'on' | 'off'
  readonly workers?: number
  readonly format: 'csv' | 'parquet'
  readonly reference?: 'on' | 'off'
  readonly json?: true
}

/** The names of FILE_PARTIES, which this file does not load before they are needed. */
const PARTIES = ['bank', 'tax', 'social', 'property', 'park-a', 'park-b', 'park-c']

export function registerSynth(program: Command, cli: CliContext): void {
  const { t } = cli
  const onOff = (flags: string, text: string) => new Option(flags, text).choices(['on', 'off'])
  program
    .command('synth')
    .description(
      t(
        'write the synthetic federation: a bank, three bureaus and three parks',
        '生成合成联邦数据：一家银行、三个政府机构与三个园区',
      ),
    )
    .requiredOption('--out <dir>', t('folder for the files', '输出目录'))
    .addOption(
      new Option('--size <size>', t('applications: 2k, 10k, 100k, 1M, 10M', '申请笔数'))
        .choices(['XS', 'S', 'M', 'L', 'XL'])
        .default('S'),
    )
    .option('--rows <n>', t('another number of applications', '自定申请笔数'), wholeNumber)
    .option('--seed <n>', t('the same seed gives the same files', '随机种子'), wholeNumber, 20220101)
    .addOption(new Option('--parties <name...>', t('only these parties', '仅生成这些参与方')).choices(PARTIES))
    .addOption(
      new Option('--scenario <name>', t('the economy: steady, as in 2022 and 2023, or a slump', '经济情景'))
        .choices(['none', 'base', 'severe'])
        .default('base'),
    )
    .addOption(
      onOff('--defects <on|off>', t('planted incidents that monitoring must find', '预埋数据问题')).default('on'),
    )
    .addOption(onOff('--id-noise <on|off>', t('spellings, wrong codes, duplicates', '标识噪声')).default('on'))
    .option(
      '--overlap <share>',
      t("share of a partner's firms that applied at the bank; the rest are strangers", '数据方企业中申请过贷款的占比'),
      number,
      1,
    )
    .option('--bad-rate <share>', t('share of applicants who default', '申请人违约率'), number)
    .option(
      '--intercept <x>',
      t(
        'intercept of the log odds instead: -3 gives 13 % bad loans, -4.95 gives 4.4 %',
        '对数几率截距：-3 约 13% 违约，-4.95 约 4.4%',
      ),
      number,
    )
    .option('--label-noise <share>', t('share of wrong labels at the bank', '标签噪声比例'), number, 0)
    .addOption(onOff('--raw <on|off>', t('raw tables behind the features (default: on up to size M)', '原始明细表')))
    .option('--workers <n>', t('threads; the files do not depend on it', '线程数'), wholeNumber)
    .addOption(
      new Option('--format <format>', t('of the feature tables', '特征表格式'))
        .choices(['csv', 'parquet'])
        .default('csv'),
    )
    .addOption(
      onOff(
        '--reference <on|off>',
        t(
          'centralised model of the same rows in oracle/ (default: on up to size S)',
          '在 oracle/ 中写入集中式基准模型',
        ),
      ),
    )
    .option('--json', t('the manifest as JSON', '以 JSON 输出清单'))
    .addHelpText(
      'after',
      `
Example:
  tributary synth --size S --out ./federation
  tributary synth --size M --scenario severe --parties bank tax property --raw off --out ./federation`,
    )
    .action((options: SynthOptions) => synth(cli, options))
}

async function synth(cli: CliContext, options: SynthOptions): Promise<void> {
  const { writeSyntheticFederation } = await import('#experiments/synth/federation.ts')
  const { SYNTH_SIZES } = await import('#experiments/synth/plan.ts')
  const directory = resolve(options.out)
  const { rows, size, seed, scenario, overlap, labelNoise, format, parties, intercept, badRate, raw, workers } = options
  const manifest = await writeSyntheticFederation({
    directory,
    seed,
    applications: rows ?? SYNTH_SIZES[size],
    scenario,
    overlap,
    labelNoise,
    format,
    defects: options.defects === 'on',
    noise: options.idNoise === 'on',
    ...(parties === undefined ? {} : { parties }),
    ...(intercept === undefined ? {} : { intercept }),
    ...(badRate === undefined ? {} : { badRate }),
    ...(raw === undefined ? {} : { raw: raw === 'on' }),
    ...(options.reference === undefined ? {} : { reference: options.reference === 'on' }),
    ...(workers === undefined ? {} : { workers }),
  })
  if (options.json) return cli.out(JSON.stringify(manifest))
  printManifest(cli, directory, manifest)
}

function printManifest(cli: CliContext, directory: string, manifest: FederationManifest): void {
  const { t } = cli
  cli.out(
    t(
      `${manifest.applications} applications, files in ${directory}:`,
      `${manifest.applications} 笔申请，文件位于 ${directory}：`,
    ),
  )
  const lines = Object.entries(manifest.parties).map(([party, { file, ids, representativeIds, columns }]) => {
    const found = party === 'bank' ? undefined : manifest.alignment[party as Exclude<FileParty, 'bank'>]
    const rows = ids.rows + (representativeIds?.rows ?? 0)
    return [`  ${file}`, String(rows), String(columns.length), found === undefined ? '' : String(found.present.loans)]
  })
  const head = ['  file', t('rows', '行'), t('columns', '列'), t('loans matched', '匹配贷款')]
  for (const line of formatTable([head, ...lines], [1, 2, 3])) cli.out(line)
  const { loans, badRate, noLabel } = manifest.bank
  const percent = (100 * badRate).toFixed(1)
  cli.out(
    t(
      `${loans} loans, ${noLabel} without a label; bad among the labelled: ${percent} %. oracle/ is for nobody's agent.`,
      `${loans} 笔贷款，其中 ${noLabel} 笔无标签；有标签贷款坏账率 ${percent}%。oracle/ 不得提供给任何一方。`,
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
