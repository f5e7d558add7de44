// The keys/ folder of a home directory: made whole or not at all, and never overwritten.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, storageError, syncDirectory, writeDurably } from '#runtime/files.ts'
import { Secret } from '#runtime/secret.ts'
import { type OpenKeystore, openKeystore, sealKeystore } from '../keystore.ts'

const KEYSTORE = 'keystore.json'

/** Public copies beside the key store, for people and for the trust bundle; the key store is what counts. */
export type PublicFiles = Readonly<Record<string, string>>

export interface HomeContents {
  readonly labels: Readonly<Record<string, string>>
  readonly entries: Readonly<Record<string, Uint8Array>>
  readonly publicFiles: PublicFiles
}

/**
 * Makes <home>/keys with mode 0700 and files of mode 0600. The folder is filled under another name and renamed, so a
 * crash leaves no half-made keys, and of two processes at once one is refused.
 * @throws PlatformError keys.exists, storage.full
 */
export async function makeKeysFolder(home: string, contents: HomeContents, passphrase: string): Promise<void> {
  const keystore = await sealKeystore(contents.labels, contents.entries, passphrase)
  await requireNoKeys(home)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const partial = await mkdtemp(join(home, '.keys-'))
  try {
    await chmod(partial, 0o700)
    await writeDurably(join(partial, KEYSTORE), keystore)
    for (const [name, text] of Object.entries(contents.publicFiles)) await writeDurably(join(partial, name), text)
    await rename(partial, keysFolder(home))
    await syncDirectory(home)
  } catch (cause) {
    await rm(partial, { recursive: true, force: true })
    const errno = (cause as NodeJS.ErrnoException).code
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST') throw new PlatformError('keys.exists', { home }, cause)
    throw storageError(cause, home)
  }
}

/** Replaces the key store, then the public copies. @throws PlatformError storage.full */
export async function replaceKeys(home: string, contents: HomeContents, passphrase: string): Promise<void> {
  const folder = keysFolder(home)
  await writeDurably(join(folder, KEYSTORE), await sealKeystore(contents.labels, contents.entries, passphrase))
  for (const [name, text] of Object.entries(contents.publicFiles)) await writeDurably(join(folder, name), text)
}

/** @throws PlatformError keys.exists: asked before anything slow, so that a mistyped home is told at once */
export async function requireNoKeys(home: string): Promise<void> {
  if ((await readIfPresent(join(keysFolder(home), KEYSTORE))) !== undefined) {
    throw new PlatformError('keys.exists', { home })
  }
}

/**
 * @param kind label that the key store must carry
 * @throws PlatformError keys.missing, keys.wrong-passphrase, keys.damaged
 */
export async function openKeysFolder(home: string, kind: string, passphrase: string): Promise<OpenKeystore> {
  const bytes = await readIfPresent(join(keysFolder(home), KEYSTORE))
  if (bytes === undefined) throw new PlatformError('keys.missing', { home })
  const keystore = await openKeystore(bytes, passphrase)
  if (keystore.labels.kind !== kind) {
    throw new PlatformError('keys.damaged', { home, expected: kind, got: keystore.labels.kind ?? 'nothing' })
  }
  return keystore
}

/** A public text that is kept in the key store so that it is authenticated with the keys it belongs to. */
export function textOf(keystore: OpenKeystore, name: string): string {
  return keystore.secret(name).reveal((bytes) => Buffer.from(bytes).toString('utf8'))
}

/** A copy of the bytes, for sealing again. */
export function bytesOf(keystore: OpenKeystore, name: string): Uint8Array {
  return keystore.secret(name).reveal((bytes) => Uint8Array.from(bytes))
}

/** @throws PlatformError keys.damaged when certificate, key and root do not belong together */
export function requireMatchingTls(rootPem: string, certificatePem: string, privateKeyPem: Secret): void {
  const certificate = new X509Certificate(certificatePem)
  const key = privateKeyPem.reveal((bytes) => createPrivateKey(Buffer.from(bytes)))
  const root = new X509Certificate(rootPem)
  if (!certificate.checkPrivateKey(key) || !certificate.verify(root.publicKey)) {
    throw new PlatformError('keys.damaged', { problem: 'certificate, key and root do not belong together' })
  }
}

function keysFolder(home: string): string {
  return join(home, 'keys')
}
