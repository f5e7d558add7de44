// `tributary federation`: a federation from nothing, and new parties in it. The coordinator invites; the parties sign.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { PlatformError } from '#runtime/errors.ts'
import { coordinatorTemplate } from '../config-templates.ts'
import type { CliContext } from '../context.ts'
import { confirmProposal } from '../federation-confirm.ts'
import { fingerprint } from '../fingerprint.ts'
import { readPassphrase } from '../passphrase.ts'
import { addRevoke } from './federation-revoke.ts'

interface CreateOptions {
  readonly name: string
  readonly home: string
  readonly host: readonly string[]
  readonly founder: readonly string[]
  readonly listen: string
  readonly json?: true
}

interface InviteOptions {
  readonly home: string
  readonly address?: string
  readonly hours: string
  readonly out?: string
  readonly json?: true
}

export function registerFederation(program: Command, cli: CliContext): void {
  const { t } = cli
  const home = ['--home <dir>', t('home of the coordinator', '协调方的工作目录')] as const
  const json = ['--json', t('result as JSON', '以 JSON 输出结果')] as const
  const federation = program
    .command('federation')
    .description(t('make a federation, invite and confirm its parties', '建立联邦，邀请并确认参与方'))
    .addHelpText(
      'after',
      `
A new federation, at the coordinator:
  tributary federation create --name jiangsu --home ./coordinator --host fed.example.cn --founder bank tax
  tributary coordinator --config ./coordinator/coordinator.yaml
  tributary federation invite tax --home ./coordinator --out tax.invitation
A new party, at the party:
  tributary party init --party tax --federation jiangsu --home ./tax
  tributary federation join tax.invitation --home ./tax
  tributary federation confirm --config ./tax/agent.yaml
The same \`federation confirm\` at each party that is in already.`,
    )
  federation
    .command('create')
    .description(t("make the coordinator's home", '生成协调方的工作目录'))
    .requiredOption('--name <name>', t('name of the federation', '联邦名称'))
    .requiredOption(...home)
    .requiredOption('--host <name...>', t('names and addresses under which agents reach it', '供各方连接的域名或地址'))
    .requiredOption(
      '--founder <party...>',
      t('parties that must all sign the first bundle', '创始参与方，须全部签署首版信任清单'),
    )
    .option('--listen <address:port>', t('where to listen', '监听地址'), '0.0.0.0:7443')
    .option(...json)
    .addHelpText(
      'after',
      '\nExample:\n  tributary federation create --name jiangsu --home ./coordinator --host fed.example.cn --founder bank tax',
    )
    .action((options: CreateOptions) => create(cli, options))
  federation
    .command('invite')
    .description(t('make an invitation for one party', '为一个参与方生成邀请'))
    .argument('<party>', t('its name', '参与方名称'))
    .requiredOption(...home)
    .option('--address <host:port>', t('where the party reaches the coordinator', '参与方连接协调方的地址'))
    .option('--hours <hours>', t('validity, at most 24', '有效小时数，最多 24'), '24')
    .option('--out <file>', t('write it to this file', '写入该文件'))
    .option(...json)
    .addHelpText(
      'after',
      '\nExample:\n  tributary federation invite tax --home ./coordinator --address fed.example.cn:7443 --out tax.invitation',
    )
    .action((party: string, options: InviteOptions) => invite(cli, party, options))
  federation
    .command('join')
    .description(t('join with an invitation', '凭邀请加入联邦'))
    .argument('<invitation>', t('file, or - for standard input', '邀请文件，- 为标准输入'))
    .requiredOption('--home <dir>', t('home of your party', '本方的工作目录'))
    .option(...json)
    .addHelpText('after', '\nExample:\n  tributary federation join tax.invitation --home ./tax')
    .action((file: string, options: { home: string; json?: true }) => joinFederation(cli, file, options))
  federation
    .command('confirm')
    .description(t('compare, sign and take over the proposed trust bundle', '核对、签署并采用待定的信任清单'))
    .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
    .option('--words <words>', t('the six words that the other officer read to you', '对方负责人念出的六个核对词'))
    .option('--wait <seconds>', t('wait so long for the other signatures', '等待其他签名的秒数'), '0')
    .option(...json)
    .addHelpText('after', '\nExample:\n  tributary federation confirm --config ./tax/agent.yaml')
    .action((options: { config: string; words?: string; wait: string; json?: true }) => confirmProposal(cli, options))
  addRevoke(federation, cli)
}

async function create(cli: CliContext, options: CreateOptions): Promise<void> {
  const { createCoordinatorHome } = await import('#crypto/identity/coordinator-home.ts')
  const { emptyTrustBundle, formatTrustBundle } = await import('#crypto/identity/trust.ts')
  const { requireNames } = await import('#crypto/identity/names.ts')
  const { NO_ENROLMENT, writeState } = await import('#coordinator/membership/enrolment.ts')
  const { mkdir } = await import('node:fs/promises')
  const home = resolve(options.home)
  if (existsSync(join(home, 'keys'))) throw new PlatformError('keys.exists', { home })
  for (const party of options.founder) requireNames({ federation: options.name, party })
  const founders = [...new Set(options.founder)]
  const passphrase = await readPassphrase(cli, undefined, true)
  const made = await createCoordinatorHome(home, { federation: options.name, passphrase, hosts: options.host })
  const config = join(home, 'coordinator.yaml')
  if (!existsSync(config)) await writeFile(config, coordinatorTemplate({ listen: options.listen }), { mode: 0o600 })
  await writeFile(
    join(home, 'trust.yaml'),
    formatTrustBundle(emptyTrustBundle(options.name, made.rootPem, made.logKey)),
    {
      mode: 0o600,
    },
  )
  await mkdir(join(home, 'enrolment'), { recursive: true, mode: 0o700 })
  await writeState(join(home, 'enrolment'), { ...NO_ENROLMENT, founders })
  if (options.json) return cli.out(JSON.stringify({ home, config, founders }))
  cli.out(
    cli.t(
      `The coordinator of ${options.name} is in ${home}. Next:\n  1. tributary coordinator --config ${config}\n  2. tributary federation invite PARTY --home ${home}   for each of ${founders.join(', ')}`,
      `联邦 ${options.name} 的协调方位于 ${home}。下一步：\n  1. tributary coordinator --config ${config}\n  2. tributary federation invite PARTY --home ${home}   对每个创始方：${founders.join('、')}`,
    ),
  )
}

async function invite(cli: CliContext, party: string, options: InviteOptions): Promise<void> {
  const { formatInvitation, makeInvitation } = await import('#crypto/identity/invitation.ts')
  const { parseTrustBundle } = await import('#crypto/identity/trust.ts')
  const { recordInvitation } = await import('#coordinator/membership/invitations.ts')
  const { readCoordinatorConfig } = await import('#coordinator/config.ts')
  const { readState } = await import('#coordinator/membership/enrolment.ts')
  const config = readCoordinatorConfig(join(resolve(options.home), 'coordinator.yaml'))
  const bundle = parseTrustBundle(await readFile(config.trustBundle, 'utf8'))
  const folder = join(config.home, 'enrolment')
  const { founders } = await readState(folder)
  if (bundle.edition === 0 && !founders.includes(party)) {
    const problem = `party: until all founders have signed, only they are invited: ${founders.join(', ')}`
    throw new PlatformError('config.invalid', { problems: [problem] })
  }
  const invitation = makeInvitation({
    federation: bundle.federation,
    party,
    coordinator: options.address ?? (await firstAddress(config.home, config.listen)),
    rootPem: bundle.coordinator.rootPem,
    hours: Number(options.hours),
    now: new Date(),
  })
  await recordInvitation(folder, invitation)
  const text = formatInvitation(invitation)
  if (options.out !== undefined) await writeFile(options.out, text, { mode: 0o600 })
  const { expires, coordinator } = invitation
  if (options.json) return cli.out(JSON.stringify({ party, expires, coordinator, file: options.out ?? '', text }))
  if (options.out === undefined) cli.out(text)
  cli.note(
    cli.t(
      `Invitation of ${party}, valid once until ${expires}, for ${coordinator}. Send it over a channel that others do not read.`,
      `给 ${party} 的邀请，一次有效，至 ${expires}，地址 ${coordinator}。请通过他人看不到的渠道发送。`,
    ),
  )
}

/** The first host name in the server's certificate, with the port that it listens on. */
async function firstAddress(home: string, listen: string): Promise<string> {
  const { X509Certificate } = await import('node:crypto')
  const certificate = new X509Certificate(await readFile(join(home, 'keys', 'tls.pem')))
  const host = /(?:DNS|IP Address):([^,\s]+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? 'localhost'
  return `${host.includes(':') ? `[${host}]` : host}:${listen.slice(listen.lastIndexOf(':') + 1)}`
}

async function joinFederation(cli: CliContext, file: string, options: { home: string; json?: true }): Promise<void> {
  const { text } = await import('node:stream/consumers')
  const { parseInvitation } = await import('#crypto/identity/invitation.ts')
  const { openFreshPartyHome } = await import('#crypto/identity/party-home.ts')
  const { parsePartyCard } = await import('#crypto/identity/party-card.ts')
  const { connectEnrolment } = await import('../enrolment-client.ts')
  const { keepAddress } = await import('../membership.ts')
  const home = resolve(options.home)
  const invitation = parseInvitation(file === '-' ? await text(process.stdin) : await read(file))
  const { federation, coordinator, rootPem, party } = invitation
  const identity = await openFreshPartyHome(home, await readPassphrase(cli, undefined))
  if (identity.party !== party || identity.federation !== federation) {
    const problem = `the invitation is for ${party} in ${federation}, this home is of ${identity.party} in ${identity.federation}`
    throw new PlatformError('config.invalid', { problems: [problem] })
  }
  const address = { federation, coordinator, rootPem }
  const card = parsePartyCard(await read(join(home, 'keys', 'card.json')))
  using client = connectEnrolment(address)
  const state = await client.join(invitation, identity, card)
  await keepAddress(home, address)
  await pointAgentAt(join(home, 'agent.yaml'), coordinator)
  const next = `tributary federation confirm --config ${join(home, 'agent.yaml')}`
  const finger = fingerprint(card.signingKey)
  if (options.json)
    return cli.out(JSON.stringify({ party, federation, waitingFor: state.waitingFor, fingerprint: finger }))
  cli.out(
    cli.t(
      `${party} has joined ${federation}; finger print ${finger}. The parties have to sign the new trust bundle. Next:\n  ${next}`,
      `${party} 已申请加入 ${federation}；指纹 ${finger}。新信任清单需各方签署。下一步：\n  ${next}`,
    ),
  )
}

/** The template's coordinator line gets the invitation's address; a file of another shape stays as it is. */
async function pointAgentAt(file: string, coordinator: string): Promise<void> {
  if (!existsSync(file)) return
  const before = await readFile(file, 'utf8')
  const after = before.replace(/^coordinator: .*$/m, `coordinator: ${coordinator}`)
  if (after !== before) await writeFile(file, after, { mode: 0o600 })
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file }, cause)
  }
}
