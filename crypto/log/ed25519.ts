// Plain Ed25519 (RFC 8032) over statements that carry their own context in their first bytes, for the round log: other
// software must be able to check these, so the prefix of #crypto/identity/signing.ts is not in them.
//
// A signature is good when S is below the group order, R is no point of small order, the key is a canonical point and
// of no small order, and R equals S·B − k·A, compared as bytes. OpenSSL alone would let an R of small order pass.
import { createHash, createPrivateKey, sign } from 'node:crypto'
import sodium from 'sodium-native'

export const PUBLIC_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

/**
 * First bytes of what each key signs here. Both kinds of keys also sign what #crypto/identity/signing.ts begins with
 * `tributary/signature/v1` and a zero byte, which no checkpoint does: its first line is `tributary/<federation>/c-…`.
 */
const STATEMENTS = {
  party: ['DSSEv1 ', 'cosignature/v1\ntime '],
  log: ['tributary/'],
} as const
const WITH_CONTEXT = Buffer.from('tributary/signature/v1\0', 'ascii')

export type StatementSigner = (statement: Uint8Array) => Uint8Array

/**
 * A signer of DSSE pre-authentication encodings and cosignature messages (party), or of checkpoints (log). Other bytes
 * are a RangeError, so nothing else can be smuggled under the key.
 * @param privateKey PKCS#8 DER of an Ed25519 key, as makeSigningKey gives it
 */
export function openStatementSigner(privateKey: Uint8Array, role: keyof typeof STATEMENTS): StatementSigner {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`expected an ed25519 key, got ${key.asymmetricKeyType}`)
  const starts = STATEMENTS[role].map((text) => Buffer.from(text, 'ascii'))
  return (statement) => {
    const begins = (start: Buffer) => start.equals(statement.subarray(0, start.length))
    if (!starts.some(begins) || begins(WITH_CONTEXT))
      throw new RangeError(`these bytes are no statement of a ${role} key`)
    return sign(null, statement, key)
  }
}

/** False for a wrong length, not an error: keys and signatures come from outside. */
export function verifyStatement(publicKey: Uint8Array, statement: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  return sodium.crypto_sign_verify_detached(signature, statement, publicKey)
}

/** The id of a party's key in records: the first 16 hexadecimal digits of SHA-256 of the 32 key bytes. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16)
}
