// A body that several parties get alike, sealed once: under a key of its own, which the letter to each of them carries
// together with a digest of the sealed bytes. Who signed a letter thereby signed the body.
//
//   letter = key (32) ‖ SHA-256 of copied (32)      copied = ciphertext ‖ tag (16)
//   key    = HKDF-SHA-256 of a secret of the sender's with job and SHA-256 of the body as info
//
// So the same body sealed again after a crash gives the same bytes, and no key seals two bodies.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'

const KEY_BYTES = 32
const DIGEST_BYTES = 32
const TAG_BYTES = 16
export const LETTER_BODY_BYTES = KEY_BYTES + DIGEST_BYTES
/** A key seals one body, so the number used once may always be the same. */
const NONCE = Buffer.alloc(12)
const CONTEXT = Buffer.from('tributary/copied/v1', 'ascii')

export interface CopiedBody {
  /** what the letter to each receiver says, 64 bytes */
  readonly letter: Secret
  /** the same for all, 16 bytes longer than the body */
  readonly bytes: Uint8Array
}

/** @param own a secret of the sender's for this job, 32 bytes */
export function sealForAll(own: Secret, job: string, body: Uint8Array): CopiedBody {
  const info = Buffer.concat([CONTEXT, Buffer.from(`\0${job}\0`), digestOf(body)])
  const key = own.reveal((secret) => Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, KEY_BYTES)))
  const cipher = createCipheriv('aes-256-gcm', key, NONCE).setAAD(CONTEXT)
  const bytes = new Uint8Array(body.length + TAG_BYTES)
  bytes.set(cipher.update(body))
  cipher.final()
  bytes.set(cipher.getAuthTag(), body.length)
  const letter = new Secret('copied-body', Buffer.concat([key, digestOf(bytes)]))
  key.fill(0)
  return { letter, bytes }
}

/**
 * @param letter as it was opened from its envelope
 * @throws PlatformError envelope.malformed, envelope.tampered where these are not the bytes that the letter is about
 */
export function openCopied(letter: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (letter.length !== LETTER_BODY_BYTES || bytes.length < TAG_BYTES)
    throw new PlatformError('envelope.malformed', { problem: 'not a letter with a copied body' })
  const [key, digest] = [letter.subarray(0, KEY_BYTES), letter.subarray(KEY_BYTES)]
  if (!timingSafeEqual(digestOf(bytes), digest)) throw new PlatformError('envelope.tampered', { what: 'copied body' })
  const end = bytes.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG_BYTES })
    .setAAD(CONTEXT)
    .setAuthTag(bytes.subarray(end))
  const body = decipher.update(bytes.subarray(0, end))
  try {
    decipher.final()
  } catch (cause) {
    body.fill(0) // unauthenticated plaintext must not stay around
    throw new PlatformError('envelope.tampered', { what: 'tag of a copied body' }, cause)
  }
  return body
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
