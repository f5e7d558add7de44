// `tributary federation revoke`: certificates of a party, or the party as a whole, count no more. By the party itself, or by as
// many parties as two thirds; each runs the same command.
import type { Command } from 'commander'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from '../context.ts'

interface RevokeOptions {
  readonly party: string
  readonly serial?: readonly string[]
  readonly config: string
  readonly json?: true
}

export function addRevoke(federation: Command, cli: CliContext): void {
  const { t } = cli
  federation
    .command('revoke')
    .description(t('make certificates of a party, or the party, count no more', '吊销某参与方的证书，或吊销该参与方'))
    .requiredOption('--party <name>', t('whose', '被吊销方'))
    .option('--serial <hex...>', t('serial numbers; without any, the whole party', '证书序列号；不给则吊销整个参与方'))
    .option('--config <file>', t('agent.yaml of the party that signs', '签署方的 agent.yaml'), 'agent.yaml')
    .option('--json', t('result as JSON', '以 JSON 输出结果'))
    .addHelpText(
      'after',
      `
Examples:
  tributary federation revoke --party tax --serial 5F0C… --config tax/agent.yaml    its own lost certificate
  tributary federation revoke --party tax --config bank/agent.yaml                  counts once two thirds ran it
The serial number: openssl x509 -in tax/keys/tls.pem -noout -serial`,
    )
    .action((options: RevokeOptions) => revoke(cli, options))
}

async function revoke(cli: CliContext, options: RevokeOptions): Promise<void> {
  const { extendRevocation, parseRevocation, signRevocation } = await import('#crypto/identity/revocation.ts')
  const { openSession } = await import('../session.ts')
  const serials = (options.serial ?? []).map((serial) => serial.replaceAll(':', '').replace(/^0x/, '').toUpperCase())
  const wrong = serials.filter((serial) => !/^[0-9A-F]{2,40}$/.test(serial))
  if (wrong.length > 0) {
    throw new PlatformError('config.invalid', { problems: wrong.map((serial) => `--serial: ${serial} is not hex`) })
  }
  using session = await openSession(cli, options.config)
  const { client, identity } = session
  const before = await client.revocations(options.party)
  const held = before.list === '' ? undefined : parseRevocation(before.list)
  const { federation } = identity
  const list = extendRevocation(federation, options.party, held, { serials, wholeParty: serials.length === 0 })
  const after = await client.revoke(JSON.stringify(signRevocation(identity, list)))
  const inForce = after.list !== '' && parseRevocation(after.list).edition >= list.edition
  const { signed, needed } = after
  if (options.json) return cli.out(JSON.stringify({ party: options.party, inForce, signed, needed }))
  const what = serials.length === 0 ? options.party : `${options.party} ${serials.join(' ')}`
  cli.out(
    inForce
      ? cli.t(`${what} is revoked; open connections end within a minute.`, `${what} 已吊销；现有连接将在一分钟内断开。`)
      : cli.t(
          `Signed: ${signed.length} of ${needed}. It counts once the others ran the same command.`,
          `已签署：${signed.length}/${needed}。其余各方运行同一命令后生效。`,
        ),
  )
}
