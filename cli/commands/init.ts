// `tributary init`: the keys of a party or of the coordinator, and a configuration to start from.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { PlatformError } from '#runtime/errors.ts'
import { agentTemplate, coordinatorTemplate } from '../config-templates.ts'
import type { CliContext } from '../context.ts'
import { fingerprint } from '../fingerprint.ts'
import { readPassphrase } from '../passphrase.ts'

interface InitOptions {
  readonly role: 'party' | 'coordinator'
  readonly party?: string
  readonly federation?: string
  readonly home: string
  readonly coordinator: string
  readonly host?: readonly string[]
  readonly listen: string
  readonly renew?: true
  /** joins with an invitation: no card is handed round */
  readonly invited?: true
  readonly json?: true
}

export function registerInit(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('init')
    .description(t('make keys and a commented configuration in a new home', '在新目录中生成密钥与带注释的配置'))
    .addOption(
      new Option('--role <role>', t('who this home is for', '角色')).choices(['party', 'coordinator']).default('party'),
    )
    .option('--party <name>', t('name of the party, such as tax', '参与方名称，如 tax'))
    .option('--federation <name>', t('name of the federation, the same at every party', '联邦名称，各方一致'))
    .requiredOption('--home <dir>', t('folder for keys, configuration and state', '存放密钥、配置与状态的目录'))
    .option('--coordinator <host:port>', t('where the coordinator listens', '协调方地址'), 'localhost:7443')
    .option(
      '--host <name...>',
      t('coordinator: names and addresses under which agents reach it', '协调方：供各方连接的域名或地址'),
    )
    .option('--listen <address:port>', t('coordinator: where to listen', '协调方：监听地址'), '0.0.0.0:7443')
    .option('--renew', t('only a new TLS certificate from the keys that are there', '仅用现有密钥更新 TLS 证书'))
    .option('--json', t('result as JSON', '以 JSON 输出结果'))
    .addHelpText(
      'after',
      `
Examples:
  tributary init --party tax --federation jiangsu --home ./tax --coordinator fed.example.cn:7443
  tributary init --role coordinator --federation jiangsu --home ./coordinator --host fed.example.cn
  tributary init --home ./tax --renew`,
    )
    .action((options: InitOptions) => (options.renew ? renew(cli, options) : init(cli, options)))
}

/** `tributary party init`: the same for a party, under the name that enrolment uses. */
export function registerParty(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('party')
    .description(t('your own party', '本方'))
    .command('init')
    .description(t("make your party's keys on this machine", '在本机生成本方密钥'))
    .requiredOption('--party <name>', t('name of the party, such as tax', '参与方名称，如 tax'))
    .requiredOption('--federation <name>', t('name of the federation', '联邦名称'))
    .requiredOption('--home <dir>', t('folder for keys, configuration and state', '存放密钥、配置与状态的目录'))
    .option('--coordinator <host:port>', t('where the coordinator listens', '协调方地址'), 'localhost:7443')
    .option('--json', t('result as JSON', '以 JSON 输出结果'))
    .addHelpText(
      'after',
      `
Example:
  tributary party init --party tax --federation jiangsu --home ./tax`,
    )
    .action((options: Omit<InitOptions, 'role' | 'listen'>) =>
      init(cli, { ...options, role: 'party', listen: '', invited: true }),
    )
}

async function init(cli: CliContext, options: InitOptions): Promise<void> {
  const problems: string[] = []
  if (options.federation === undefined) problems.push('--federation: required')
  if (options.role === 'party' && options.party === undefined) problems.push('--party: required')
  if (problems.length > 0) throw new PlatformError('config.invalid', { problems })
  const home = resolve(options.home)
  if (existsSync(join(home, 'keys'))) throw new PlatformError('keys.exists', { home })
  const passphrase = await readPassphrase(cli, undefined, true)
  const made =
    options.role === 'party'
      ? await initParty(home, options, passphrase)
      : await initCoordinator(home, options, passphrase)
  if (options.json) cli.out(JSON.stringify(made))
  else sayNext(cli, options, made)
}

interface Made {
  readonly home: string
  readonly config: string
  /** what to hand to whoever writes the trust bundle */
  readonly handOut: string
  /** of a party's card, to compare by telephone */
  readonly fingerprint?: string
}

async function initParty(home: string, options: InitOptions, passphrase: string): Promise<Made> {
  const { createPartyHome } = await import('#crypto/identity/party-home.ts')
  const { party = '', federation = '' } = options
  const card = await createPartyHome(home, { federation, party, passphrase })
  const config = await writeTemplate(home, 'agent.yaml', agentTemplate({ party, coordinator: options.coordinator }))
  return { home, config, handOut: join(home, 'keys', 'card.json'), fingerprint: fingerprint(card.signingKey) }
}

async function initCoordinator(home: string, options: InitOptions, passphrase: string): Promise<Made> {
  const { createCoordinatorHome } = await import('#crypto/identity/coordinator-home.ts')
  const hosts = options.host ?? ['localhost', '127.0.0.1']
  await createCoordinatorHome(home, { federation: options.federation ?? '', passphrase, hosts })
  const config = await writeTemplate(home, 'coordinator.yaml', coordinatorTemplate({ listen: options.listen }))
  return { home, config, handOut: join(home, 'keys', 'root.pem') }
}

/** A configuration that is there already stays. */
async function writeTemplate(home: string, name: string, text: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const file = join(home, name)
  if (!existsSync(file)) await writeFile(file, text, { mode: 0o600 })
  return file
}

function sayNext(cli: CliContext, options: InitOptions, made: Made): void {
  const { t, out } = cli
  out(
    t(
      `Keys are in ${join(made.home, 'keys')}; keep the passphrase, nobody can replace it.`,
      `密钥已生成于 ${join(made.home, 'keys')}；请保管好口令，遗失无法恢复。`,
    ),
  )
  out(t('Next:', '下一步：'))
  if (options.invited) return out(`  tributary federation join INVITATION --home ${made.home}`)
  out(t(`  1. give ${made.handOut} to whoever writes the trust bundle`, `  1. 将 ${made.handOut} 交给信任清单的编制人`))
  if (made.fingerprint !== undefined)
    out(
      t(
        `     and compare its finger print by telephone: ${made.fingerprint}`,
        `     并通过电话核对指纹：${made.fingerprint}`,
      ),
    )
  out(
    t(
      `  2. put the trust bundle they return beside it, as ${join(made.home, 'trust.yaml')}`,
      `  2. 将返回的信任清单存为 ${join(made.home, 'trust.yaml')}`,
    ),
  )
  const start = options.role === 'party' ? 'agent' : 'coordinator'
  if (options.role === 'party')
    out(
      t(
        `  3. declare your data sets in ${made.config}, then: tributary doctor --config ${made.config}`,
        `  3. 在 ${made.config} 中声明数据集，然后运行：tributary doctor --config ${made.config}`,
      ),
    )
  out(
    t(
      `  ${options.role === 'party' ? 4 : 3}. start: tributary ${start} --config ${made.config}`,
      `  ${options.role === 'party' ? 4 : 3}. 启动：tributary ${start} --config ${made.config}`,
    ),
  )
}

async function renew(cli: CliContext, options: InitOptions): Promise<void> {
  const home = resolve(options.home)
  const passphrase = await readPassphrase(cli, undefined)
  if (options.role === 'party') {
    const { renewTlsCertificate } = await import('#crypto/identity/party-home.ts')
    await renewTlsCertificate(home, passphrase)
  } else {
    const { renewServerCertificate } = await import('#crypto/identity/coordinator-home.ts')
    await renewServerCertificate(home, passphrase, options.host)
  }
  if (options.json) cli.out(JSON.stringify({ home, renewed: true }))
  else
    cli.out(
      cli.t(
        'The TLS certificate is new; restart to use it. The trust bundle stays as it is.',
        'TLS 证书已更新，重启后生效；信任清单无需改动。',
      ),
    )
}
