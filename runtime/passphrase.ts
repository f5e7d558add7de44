// Where the passphrase of a key store comes from when nobody is at the terminal.
import { readFileSync } from 'node:fs'
import { PlatformError } from './errors.ts'

/**
 * TRIBUTARY_PASSPHRASE of the environment, else the first line of the file.
 * @returns undefined where there is neither @throws PlatformError config.unreadable for the file
 */
export function givenPassphrase(environment: NodeJS.ProcessEnv, file: string | undefined): string | undefined {
  const given = environment['TRIBUTARY_PASSPHRASE']
  if (given !== undefined && given !== '') return given
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file }, cause)
  }
}

/** The same for a program that cannot ask. @throws PlatformError config.invalid where there is none */
export function requirePassphrase(environment: NodeJS.ProcessEnv, file: string | undefined): string {
  const given = givenPassphrase(environment, file)
  if (given !== undefined) return given
  throw new PlatformError('config.invalid', {
    problems: ['passphrase: set TRIBUTARY_PASSPHRASE or passphraseFile in the configuration'],
  })
}
