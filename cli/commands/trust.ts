// `tributary trust`: the trust bundle of a federation, from the cards of its parties.
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from '../context.ts'
import { fingerprint } from '../fingerprint.ts'
import { formatTable } from '../format.ts'

interface TrustOptions {
  readonly out: string
  readonly coordinatorRoot: string
  readonly coordinatorLogKey?: string
  readonly json?: true
}

export function registerTrust(program: Command, cli: CliContext): void {
  const { t } = cli
  program
    .command('trust')
    .description(t('put the cards of all parties into one trust bundle', '由各方名片生成信任清单'))
    .argument('<card...>', t('keys/card.json of each party', '各方的 keys/card.json'))
    .requiredOption('--coordinator-root <file>', t('keys/root.pem of the coordinator', '协调方的 keys/root.pem'))
    .option(
      '--coordinator-log-key <file>',
      t(
        'keys/log-key.txt of the coordinator (default: beside root.pem)',
        '协调方的 keys/log-key.txt（默认与 root.pem 同目录）',
      ),
    )
    .option('--out <file>', t('where to write it', '输出文件'), 'trust.yaml')
    .option('--json', t('result as JSON', '以 JSON 输出结果'))
    .addHelpText(
      'after',
      `
Example:
  tributary trust bank/card.json tax/card.json --coordinator-root coordinator/root.pem --out trust.yaml
Compare the finger prints with each party by telephone before anybody uses the bundle.`,
    )
    .action((cards: readonly string[], options: TrustOptions) => makeBundle(cli, cards, options))
}

async function makeBundle(cli: CliContext, files: readonly string[], options: TrustOptions): Promise<void> {
  const { makeTrustBundle, formatTrustBundle } = await import('#crypto/identity/trust.ts')
  const { parsePartyCard } = await import('#crypto/identity/party-card.ts')
  const cards = []
  for (const file of files) cards.push(parsePartyCard(await read(file)))
  const rootPem = await read(options.coordinatorRoot)
  const logKey = await read(options.coordinatorLogKey ?? join(dirname(options.coordinatorRoot), 'log-key.txt'))
  const bundle = makeTrustBundle(cards[0]?.federation ?? '', rootPem, cards, logKey.trim())
  await writeFile(options.out, formatTrustBundle(bundle))
  const parties = bundle.parties.map(({ party, signingKey }) => ({ party, fingerprint: fingerprint(signingKey) }))
  if (options.json) return cli.out(JSON.stringify({ federation: bundle.federation, file: options.out, parties }))
  cli.out(
    cli.t(
      `Trust bundle of ${bundle.federation} is in ${options.out}:`,
      `联邦 ${bundle.federation} 的信任清单已写入 ${options.out}：`,
    ),
  )
  for (const line of formatTable(parties.map(({ party, fingerprint }) => [`  ${party}`, fingerprint]))) cli.out(line)
  cli.out(cli.t('Compare the finger prints with each party before anybody uses it.', '使用前请与各方核对指纹。'))
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file }, cause)
  }
}
