// Where the passphrase of a key store comes from: the environment, a file, or the person at the terminal.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { PlatformError } from '#runtime/errors.ts'
import { givenPassphrase } from '#runtime/passphrase.ts'
import type { CliContext } from './context.ts'

/**
 * @param file `passphraseFile` of the configuration; its first line counts
 * @param confirm ask twice, for new keys
 * @throws PlatformError config.invalid when there is none; config.unreadable for the file
 */
export async function readPassphrase(cli: CliContext, file: string | undefined, confirm = false): Promise<string> {
  const given = givenPassphrase(cli.environment, file)
  if (given !== undefined) return given
  if (process.stdin.isTTY !== true) {
    throw new PlatformError('config.invalid', {
      problems: ['passphrase: set TRIBUTARY_PASSPHRASE or passphraseFile in the configuration'],
    })
  }
  const first = await ask(cli, cli.t('Passphrase: ', '口令：'))
  if (confirm && (await ask(cli, cli.t('Again: ', '再输一次：'))) !== first) {
    throw new PlatformError('config.invalid', { problems: ['passphrase: the two entries differ'] })
  }
  if (first === '') throw new PlatformError('config.invalid', { problems: ['passphrase: must not be empty'] })
  return first
}

/**
 * The passphrase of one person, which is not that of the party: from TRIBUTARY_PERSON_PASSPHRASE, or asked for.
 * @throws PlatformError config.invalid when there is none
 */
export async function readPersonPassphrase(cli: CliContext, person: string, confirm = false): Promise<string> {
  const given = cli.environment['TRIBUTARY_PERSON_PASSPHRASE']
  if (given !== undefined && given !== '') return given
  const problem = `passphrase of ${person}: set TRIBUTARY_PERSON_PASSPHRASE, or run this in a terminal`
  if (process.stdin.isTTY !== true) throw new PlatformError('config.invalid', { problems: [problem] })
  const first = await ask(cli, cli.t(`Passphrase of ${person}: `, `${person} 的口令：`))
  if (confirm && (await ask(cli, cli.t('Again: ', '再输一次：'))) !== first) {
    throw new PlatformError('config.invalid', { problems: ['passphrase: the two entries differ'] })
  }
  if (first === '') throw new PlatformError('config.invalid', { problems: [problem] })
  return first
}

/** One line from the terminal that is not echoed. */
async function ask(cli: CliContext, prompt: string): Promise<string> {
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('line', resolve)
      reader.once('SIGINT', () => reject(new PlatformError('job.cancelled')))
      cli.signal.addEventListener('abort', () => reject(new PlatformError('job.cancelled')), { once: true })
    })
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
