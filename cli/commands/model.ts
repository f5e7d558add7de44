// `tributary model …`: the models of this party by name and version, what each was made from, and whether its part holds.
import type { Command } from 'commander'
import type { ModelVersion } from '#party-agent/results/registry.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'
import type { Reading } from '#party-agent/log/reading.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'
import { softwareVersion } from '#runtime/version.ts'

interface ModelOptions extends ReadingOptions {
  readonly config: string
  readonly json?: true
}

export function registerModel(program: Command, cli: CliContext): void {
  const { t } = cli
  const model = program.command('model').description(t('models by name and version', '模型登记：名称、版本与来源'))
  const command = (usage: string, about: string, example: string) =>
    withReader(model.command(usage), cli)
      .description(about)
      .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
      .option('--json', t('as JSON', '以 JSON 输出'))
      .addHelpText('after', `\nExample:\n  tributary model ${example}`)
  command(
    'register',
    t('make the model of a job the next version of a name', '把某次作业的模型登记为下一个版本'),
    'register job-3f2a… --name sme-credit',
  )
    .argument('<job>')
    .requiredOption('--name <name>', t('small letters, digits, hyphens', '小写字母、数字、连字符'))
    .action((job: string, options: ModelOptions & { name: string }) => register(cli, job, options))
  command('list', t('the models that are registered here', '列出本方登记的模型'), 'list').action(
    (options: ModelOptions) => list(cli, options),
  )
  command('show', t('versions of a model and where each comes from', '查看模型的各版本及其来源'), 'show sme-credit')
    .argument('<name>')
    .action((name: string, options: ModelOptions) => show(cli, name, options))
}

async function register(
  cli: CliContext,
  job: string,
  options: ModelOptions & { readonly name: string },
): Promise<void> {
  const { registerModel: registerVersion } = await import('#party-agent/results/registry.ts')
  const { home, reading } = await openHome(cli, options)
  using _ = reading
  reading.require('model', job.slice(0, 64))
  const made = await registerVersion(home, {
    name: options.name,
    job,
    software: softwareVersion(),
    now: new Date(),
  })
  if (options.json) return cli.out(JSON.stringify(made))
  for (const line of versionLines(cli, made)) cli.out(line)
}

async function list(cli: CliContext, options: ModelOptions): Promise<void> {
  const { modelNames, modelVersions } = await import('#party-agent/results/registry.ts')
  const { home, reading } = await openHome(cli, options)
  using _ = reading
  const names = await modelNames(home)
  const models = await Promise.all(names.map(async (name) => [name, await modelVersions(home, name)] as const))
  for (const [, versions] of models) for (const { job } of versions) reading.require('model', job)
  if (options.json) return cli.out(JSON.stringify(Object.fromEntries(models)))
  if (models.length === 0) return cli.note(cli.t('no models yet', '暂无登记的模型'))
  const rows = models.map(([name, versions]) => {
    const last = versions.at(-1)
    return [name, `v${last?.version}`, last?.job ?? '', last?.registeredAt ?? '', last?.digest.slice(0, 16) ?? '']
  })
  for (const line of formatTable(rows)) cli.out(line)
}

async function show(cli: CliContext, name: string, options: ModelOptions): Promise<void> {
  const { assertOwnPart, modelVersions } = await import('#party-agent/results/registry.ts')
  const { home, reading } = await openHome(cli, options)
  using _ = reading
  const versions = await modelVersions(home, name)
  for (const { job } of versions) reading.require('model', job)
  if (options.json) return cli.out(JSON.stringify(versions))
  for (const version of versions) {
    for (const line of versionLines(cli, version)) cli.out(line)
    await assertOwnPart(home, version.job, version.parts)
    cli.out(
      `  ${cli.style('green', '✓')} ${cli.t('the part kept here is the one in the log', '本方保存的部分与日志一致')}`,
    )
  }
}

function versionLines(
  cli: CliContext,
  { name, version, job, registeredAt, digest, parts, lineage }: ModelVersion,
): string[] {
  const { t } = cli
  const approvals = new Map(lineage.approvals.map(({ party, approval }) => [party, approval]))
  const rows = lineage.datasets.map(({ party, dataset, columns }) => [
    `  ${party}`,
    dataset,
    columns === 'all' ? t('all columns', '全部列') : t(`${columns.length} columns`, `${columns.length} 列`),
    `${t('part', '部分')} ${parts.find((part) => part.party === party)?.sha256.slice(0, 12) ?? ''}`,
    approvals.get(party) ? `${t('approval', '授权')} ${approvals.get(party)?.slice(0, 12)}` : '',
  ])
  return [
    `${cli.style('bold', `${name} v${version}`)}  ${job}  ${registeredAt}`,
    `  ${t('digest of all parts', '全部部分的摘要')} ${digest}`,
    ...formatTable(rows),
    ...lineage.measures.map(({ name: measure, value }) => `  ${measure} ${value}`),
    `  ${t('log', '日志')} ${lineage.log.collaboration}, ${t('records', '记录')} ${lineage.log.size}; ${lineage.software}`,
    ...(lineage.reused === undefined ? [] : [`  ${t('goes on from', '承接自')} ${lineage.reused}`]),
  ]
}

/** Each read is stated before anything is shown. */
async function openHome(cli: CliContext, options: ModelOptions): Promise<{ home: string; reading: Reading }> {
  const { openReading } = await import('../reading.ts')
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const config = await readAgentConfig(options.config)
  return { home: config.home, reading: await openReading(cli, config, options) }
}
