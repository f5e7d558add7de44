// Ed25519 with domain separation: a signature made for one purpose never verifies for another.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

export const SIGNATURE_BYTES = 64
export const SIGNING_KEY_BYTES = 32

const PREFIX = 'tributary/signature/v1'
// RFC 8410 SubjectPublicKeyInfo of an Ed25519 key, up to the 32 key bytes
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export interface SigningKey {
  readonly publicKey: Uint8Array
  /** PKCS#8 DER; secret */
  readonly privateKey: Uint8Array
}

export function makeSigningKey(): SigningKey {
  const keys = generateKeyPairSync('ed25519')
  return {
    publicKey: rawPublicKey(keys.publicKey),
    privateKey: keys.privateKey.export({ format: 'der', type: 'pkcs8' }),
  }
}

/** The signer for a stored private key (PKCS#8 DER). The key lives inside the closure as a KeyObject, which cannot print. */
export function openSigner(privateKey: Uint8Array): {
  readonly publicKey: Uint8Array
  readonly sign: (context: string, bytes: Uint8Array) => Uint8Array
} {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`expected an ed25519 key, got ${key.asymmetricKeyType}`)
  return {
    publicKey: rawPublicKey(createPublicKey(key)),
    sign: (context, bytes) => sign(null, signedBytes(context, bytes), key),
  }
}

/**
 * True when `signature` is the key owner's over these bytes in this context. A key or signature of a wrong length is
 * false, not an error: both come from outside.
 * @param publicKey 32 bytes
 * @param context what the bytes are, such as 'job-spec'; 1 to 64 printable ASCII characters
 */
export function verifySignature(
  publicKey: Uint8Array,
  context: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== SIGNING_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
  return verify(null, signedBytes(context, bytes), key, signature)
}

/**
 * False for a wrong length and for the points of small order: under such a key one signature can fit many messages.
 * Today's OpenSSL refuses some of them at verification; the trust bundle must not depend on that.
 */
export function isUsableSigningKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== SIGNING_KEY_BYTES) return false
  const withoutSign = Buffer.from(publicKey)
  withoutSign[31] = (withoutSign[31] as number) & 0x7f
  return !SMALL_ORDER.has(withoutSign.toString('hex'))
}

// y coordinates of the eight points of small order and their non-canonical twins (libsodium, ge25519_has_small_order)
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** prefix ‖ 0 ‖ context ‖ 0 ‖ bytes; contexts hold no zero byte, so no two pairs give the same bytes. */
function signedBytes(context: string, bytes: Uint8Array): Uint8Array {
  if (!/^[\x21-\x7e]{1,64}$/.test(context))
    throw new RangeError('a signing context is 1 to 64 printable ASCII characters')
  return Buffer.concat([Buffer.from(`${PREFIX}\0${context}\0`, 'ascii'), bytes])
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length))
}
