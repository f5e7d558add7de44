// `tributary verify` and `tributary dossier`: an evidence bundle checked, and told on paper. No server, no keys.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

interface VerifyOptions {
  readonly trust?: string
  readonly json?: true
}

interface DossierOptions {
  readonly out: string
  readonly trust?: string
}

export function registerVerify(program: Command, cli: CliContext): void {
  const { t } = cli
  const trust = t('your own trust bundle, to compare the keys with', '自己的信任包，用来核对公钥')
  program
    .command('verify')
    .description(t('check an evidence bundle, with no server and no keys', '核验证据包，不需要服务器，也不需要密钥'))
    .argument('<bundle>')
    .option('--trust <file>', trust)
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText(
      'after',
      `
Examples:
  tributary verify job-3f2a….tar
  tributary verify job-3f2a….tar --trust tax/trust.yaml
Exit code 0 only when nothing is wrong. The page verifier/verify.html checks the same without this program.`,
    )
    .action((bundle: string, options: VerifyOptions) => verify(cli, bundle, options))
  program
    .command('dossier')
    .description(
      t('a printable page from an evidence bundle, in Chinese or English', '由证据包生成可打印的卷宗，中文或英文'),
    )
    .argument('<bundle>')
    .requiredOption('--out <file>', t('HTML file to write', '要写入的 HTML 文件'))
    .option('--trust <file>', trust)
    .addHelpText(
      'after',
      `
Example:
  tributary dossier job-3f2a….tar --out job.html --lang zh
The page says on its first line whether the bundle is verified; exit code 0 only when it is.`,
    )
    .action((bundle: string, options: DossierOptions) => dossier(cli, bundle, options))
}

async function verify(cli: CliContext, bundle: string, options: VerifyOptions): Promise<void> {
  const { readEvidence } = await import('#party-agent/dossier/read-evidence.ts')
  const { verifyLines } = await import('../verify-lines.ts')
  const read = await readEvidence(bundle, options.trust)
  const { report, evidence, keys, compared } = read
  if (options.json) cli.out(JSON.stringify({ ...report, keys, compared, evidence }))
  else for (const line of verifyLines(cli, read)) cli.out(line)
  if (!report.ok) process.exitCode = EXIT.failed
}

async function dossier(cli: CliContext, bundle: string, options: DossierOptions): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  const { dossierOf, readEvidence } = await import('#party-agent/dossier/read-evidence.ts')
  const read = await readEvidence(bundle, options.trust)
  await writeFile(options.out, await dossierOf(bundle, read, cli.language))
  cli.out(cli.t(`written: ${options.out}`, `已写入：${options.out}`))
  if (read.report.ok) return
  cli.note(cli.style('red', cli.t('the bundle is NOT verified; the page says why', '证据包核验未通过，原因见该页')))
  process.exitCode = EXIT.failed
}
