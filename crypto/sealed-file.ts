// A file that only the storage key of its home opens. version (1) · nonce (12) · tag (16) · AES-256-GCM.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import { Secret } from '#runtime/secret.ts'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BODY_AT = 1 + NONCE_BYTES + TAG_BYTES

/** @param use separates the files of one use from all others */
export function sealingKey(storageKey: Secret, use: string): Secret {
  const info = `tributary/sealed-file/v1\0${use}`
  return new Secret(
    'sealed-file-key',
    storageKey.reveal((bytes) => new Uint8Array(hkdfSync('sha256', bytes, new Uint8Array(), info, 32))),
  )
}

/** @param name is bound to the contents: a sealed file does not open in the place of another */
export async function writeSealed(path: string, name: string, key: Secret, bytes: Uint8Array): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES)
  const sealed = key.reveal((raw) => {
    const cipher = createCipheriv('aes-256-gcm', raw, nonce).setAAD(Buffer.from(name))
    const body = Buffer.concat([cipher.update(bytes), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body])
  })
  await writeDurably(path, sealed)
}

/** Undefined where there is no such file. @throws PlatformError storage.damaged */
export async function readSealed(path: string, name: string, key: Secret): Promise<Uint8Array | undefined> {
  const stored = await readIfPresent(path)
  if (stored === undefined) return undefined
  try {
    if (stored[0] !== VERSION || stored.length < BODY_AT) throw new Error('not a sealed file')
    return key.reveal((raw) => {
      const decipher = createDecipheriv('aes-256-gcm', raw, stored.subarray(1, 1 + NONCE_BYTES))
        .setAAD(Buffer.from(name))
        .setAuthTag(stored.subarray(1 + NONCE_BYTES, BODY_AT))
      return new Uint8Array(Buffer.concat([decipher.update(stored.subarray(BODY_AT)), decipher.final()]))
    })
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: path }, cause)
  }
}
