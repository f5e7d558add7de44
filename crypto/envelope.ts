// Messages from agent to agent, sealed and signed end to end; what lies between them can only drop or delay.
//
//   header (164 bytes) ‖ ciphertext ‖ tag (16) ‖ signature (64)
//   header = 'TRBE' ‖ version u8 ‖ 3 lengths u8 ‖ seq u64 ‖ body bytes u32 ‖ key id (16) ‖ job (64) ‖ from (32) ‖ to (32)
//
// Key: X25519 between the two job keys, HKDF-SHA-256 with job, both parties, both public keys and the direction as
// info, one AES-256-GCM key a direction, nonce = seq. The whole header is authenticated data, and the signature is
// Ed25519 over SHA-256(header ‖ ciphertext ‖ tag) in the context 'envelope'. Numbers are big-endian.
//
// Version 2 is a letter: its body is that of copied-body.ts, and what several parties get alike follows after the signature.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import { type CopiedBody, LETTER_BODY_BYTES, openCopied, sealForAll } from './copied-body.ts'
import { verifySignature } from './identity/signing.ts'

const MAGIC = Buffer.from('TRBE', 'ascii')
const VERSION = 1
const LETTER_VERSION = 2
const JOB_CHARS = 64
const PARTY_CHARS = 32
const KEY_ID_BYTES = 16
const TAG_BYTES = 16
const SIGNATURE_BYTES = 64
const SEALING_KEY_BYTES = 32

const SEQ_AT = 8
const BODY_BYTES_AT = 16
const KEY_ID_AT = 20
const JOB_AT = KEY_ID_AT + KEY_ID_BYTES
const FROM_AT = JOB_AT + JOB_CHARS
const TO_AT = FROM_AT + PARTY_CHARS
const HEADER_BYTES = TO_AT + PARTY_CHARS

/** An envelope is exactly so many bytes longer than its body. */
export const ENVELOPE_OVERHEAD = HEADER_BYTES + TAG_BYTES + SIGNATURE_BYTES
/** Where the copied body begins in an envelope with a letter: all before it is for one receiver, all after it for several. */
export const LETTER_BYTES = ENVELOPE_OVERHEAD + LETTER_BODY_BYTES
/** of one body; larger messages are cut by their protocol */
export const MAX_ENVELOPE_BODY_BYTES = 1_073_741_824

const JOB_ID = /^[\x21-\x7e]{1,64}$/
const PARTY_NAME = /^[a-z][a-z0-9-]{0,31}$/
// RFC 8410 encodings of X25519 keys, up to the 32 key bytes
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** A party's X25519 key for one job. */
export interface SealingKey {
  /** 32 bytes */
  readonly publicKey: Uint8Array
  /** 32 bytes */
  readonly privateKey: Secret
}

export function makeSealingKey(): SealingKey {
  const keys = generateKeyPairSync('x25519')
  const pkcs8 = keys.privateKey.export({ format: 'der', type: 'pkcs8' })
  const spki = keys.publicKey.export({ format: 'der', type: 'spki' })
  const privateKey = new Secret('sealing-key', Uint8Array.from(pkcs8.subarray(PKCS8_PREFIX.length)))
  pkcs8.fill(0)
  return { publicKey: Uint8Array.from(spki.subarray(SPKI_PREFIX.length)), privateKey }
}

/** The key pair whose private half are these 32 bytes: the same whenever they are the same. */
export function sealingKeyOf(privateKey: Secret): SealingKey {
  const spki = createPublicKey(privateKeyObject(privateKey)).export({ format: 'der', type: 'spki' })
  return { publicKey: Uint8Array.from(spki.subarray(SPKI_PREFIX.length)), privateKey }
}

/** Private and public key, 64 bytes, for a place on disk that is encrypted itself. */
export function encodeSealingKey(key: SealingKey): Secret {
  return key.privateKey.reveal((bytes) => new Secret('sealing-key', Buffer.concat([bytes, key.publicKey])))
}

/** @param bytes what encodeSealingKey gave; copied. @throws PlatformError storage.damaged */
export function decodeSealingKey(bytes: Uint8Array): SealingKey {
  if (bytes.length !== 2 * SEALING_KEY_BYTES) {
    throw new PlatformError('storage.damaged', { what: 'sealing key', expected: 64, got: bytes.length })
  }
  const key = sealingKeyOf(new Secret('sealing-key', bytes.slice(0, SEALING_KEY_BYTES)))
  if (Buffer.compare(key.publicKey, bytes.subarray(SEALING_KEY_BYTES)) !== 0) {
    throw new PlatformError('storage.damaged', { what: 'sealing key', problem: 'the two halves do not match' })
  }
  return key
}

/** The party's statement that this X25519 key is its key for this job. */
export function signSealingKey(
  identity: { readonly party: string; sign(context: string, bytes: Uint8Array): Uint8Array },
  job: string,
  publicKey: Uint8Array,
): Uint8Array {
  return identity.sign('sealing-key', sealingKeyBytes(job, identity.party, publicKey))
}

/**
 * @param signingKey the party's Ed25519 key in the trust bundle
 * @throws PlatformError envelope.tampered when the party did not sign this key for this job
 */
export function verifySealingKey(
  signingKey: Uint8Array,
  job: string,
  party: string,
  publicKey: Uint8Array,
  signature: Uint8Array,
): void {
  const right =
    publicKey.length === SEALING_KEY_BYTES &&
    verifySignature(signingKey, 'sealing-key', sealingKeyBytes(job, party, publicKey), signature)
  if (!right) throw new PlatformError('envelope.tampered', { job, party, what: 'sealing key' })
}

export interface EnvelopePairOptions {
  readonly job: string
  /** this party */
  readonly self: string
  readonly peer: string
  readonly own: SealingKey
  /** checked with verifySealingKey before */
  readonly peerSealingKey: Uint8Array
  readonly sign: (context: string, bytes: Uint8Array) => Uint8Array
  /** from the trust bundle */
  readonly peerSigningKey: Uint8Array
}

/** Both directions between this party and one peer in one job. Keeps no count: the caller owns the numbers. */
export class EnvelopePair {
  readonly #options: EnvelopePairOptions
  readonly #sealing: Direction
  readonly #opening: Direction

  /** @throws PlatformError envelope.malformed when the peer's key is no usable X25519 key */
  constructor(options: EnvelopePairOptions) {
    const { job, self, peer, own, peerSealingKey } = options
    if (!JOB_ID.test(job)) throw new PlatformError('envelope.malformed', { what: 'job id' })
    if (!PARTY_NAME.test(self) || !PARTY_NAME.test(peer) || self === peer) {
      throw new PlatformError('envelope.malformed', { what: 'party names' })
    }
    this.#options = options
    using shared = agree(own.privateKey, peerSealingKey)
    this.#sealing = deriveDirection(shared, job, [self, own.publicKey], [peer, peerSealingKey])
    this.#opening = deriveDirection(shared, job, [peer, peerSealingKey], [self, own.publicKey])
  }

  /**
   * Seals message number `seq`. A number is sealed ONCE: the nonce is the number, so the caller stores these bytes
   * and resends them, and never seals another body under the same number.
   * @param seq from 1
   */
  seal(seq: number, body: Uint8Array): Uint8Array {
    return this.#seal(VERSION, seq, body)
  }

  /** Seals a body that several peers get alike. Any pair of this party in this job makes the same of it. */
  copiedBody(body: Uint8Array): CopiedBody {
    const { own, job } = this.#options
    return sealForAll(own.privateKey, job, body)
  }

  /** `seal` for a body that other peers get as well: from LETTER_BYTES on the envelopes to all of them are equal. */
  sealCopied(seq: number, { letter, bytes }: CopiedBody): Uint8Array {
    const sealed = letter.reveal((body) => this.#seal(LETTER_VERSION, seq, body))
    const envelope = new Uint8Array(sealed.length + bytes.length)
    envelope.set(sealed)
    envelope.set(bytes, sealed.length)
    return envelope
  }

  #seal(version: number, seq: number, body: Uint8Array): Uint8Array {
    requireSeq(seq)
    if (body.length > MAX_ENVELOPE_BODY_BYTES) {
      throw new PlatformError('transport.too-large', { bytes: body.length, limit: MAX_ENVELOPE_BODY_BYTES })
    }
    const { job, self, peer, sign } = this.#options
    const { keyId } = this.#sealing
    const header = encodeHeader({ version, job, from: self, to: peer, seq, bodyBytes: body.length, keyId })
    const cipher = this.#sealing.key.reveal((key) => createCipheriv('aes-256-gcm', key, nonceOf(seq))).setAAD(header)
    const envelope = new Uint8Array(body.length + ENVELOPE_OVERHEAD)
    envelope.set(header)
    envelope.set(cipher.update(body), HEADER_BYTES)
    cipher.final()
    envelope.set(cipher.getAuthTag(), HEADER_BYTES + body.length)
    const signedEnd = HEADER_BYTES + body.length + TAG_BYTES
    envelope.set(sign('envelope', sha256(envelope.subarray(0, signedEnd))), signedEnd)
    return envelope
  }

  /**
   * The body of an envelope that must be number `seq` from the peer. Cheap header facts are compared first, then the
   * signature, and only signed bytes are decrypted.
   * @throws PlatformError envelope.malformed, envelope.wrong-recipient (job, recipient or direction),
   *   envelope.wrong-sender, envelope.duplicate (number behind), envelope.out-of-order (number ahead),
   *   envelope.tampered (signature or tag), envelope.replayed (signed by the peer, under other job keys)
   */
  open(seq: number, envelope: Uint8Array): Uint8Array {
    requireSeq(seq)
    const header = decodeHeader(envelope)
    this.#requireAddress(header)
    const numbers = { from: header.from, expected: seq, got: header.seq }
    if (header.seq < seq) throw new PlatformError('envelope.duplicate', numbers)
    if (header.seq > seq) throw new PlatformError('envelope.out-of-order', numbers)
    const tagAt = HEADER_BYTES + header.bodyBytes
    const signedEnd = tagAt + TAG_BYTES
    const digest = sha256(envelope.subarray(0, signedEnd))
    const end = signedEnd + SIGNATURE_BYTES
    if (!verifySignature(this.#options.peerSigningKey, 'envelope', digest, envelope.subarray(signedEnd, end))) {
      throw new PlatformError('envelope.tampered', { from: header.from, seq, what: 'signature' })
    }
    if (!timingSafeEqual(header.keyId, this.#opening.keyId)) {
      throw new PlatformError('envelope.replayed', { from: header.from, seq })
    }
    const decipher = this.#opening.key
      .reveal((key) => createDecipheriv('aes-256-gcm', key, nonceOf(seq), { authTagLength: TAG_BYTES }))
      .setAAD(envelope.subarray(0, HEADER_BYTES))
      .setAuthTag(envelope.subarray(tagAt, signedEnd))
    const body = decipher.update(envelope.subarray(HEADER_BYTES, tagAt))
    try {
      decipher.final()
    } catch (cause) {
      body.fill(0) // unauthenticated plaintext must not stay around
      throw new PlatformError('envelope.tampered', { from: header.from, seq, what: 'tag' }, cause)
    }
    return header.version === VERSION ? body : openCopied(body, envelope.subarray(end))
  }

  #requireAddress(header: Header): void {
    const { job, self, peer } = this.#options
    if (header.job !== job) throw new PlatformError('envelope.wrong-recipient', { expected: job, got: header.job })
    if (header.to !== self) throw new PlatformError('envelope.wrong-recipient', { expected: self, got: header.to })
    if (header.from !== peer) throw new PlatformError('envelope.wrong-sender', { expected: peer, got: header.from })
  }
}

/** SHA-256 of the whole envelope: what inbox, records and equivocation checks compare. */
export function envelopeDigest(envelope: Uint8Array): Uint8Array {
  return sha256(envelope)
}

interface Direction {
  readonly key: Secret
  /** names the key material without giving it away: a hash of the public facts it is derived from */
  readonly keyId: Uint8Array
}

type Endpoint = readonly [party: string, publicKey: Uint8Array]

function deriveDirection(shared: Secret, job: string, from: Endpoint, to: Endpoint): Direction {
  const info = Buffer.concat([
    Buffer.from(`tributary/envelope/v1\0${job}\0${from[0]}\0${to[0]}\0`, 'ascii'),
    from[1],
    to[1],
  ])
  const key = shared.reveal((secret) => hkdfSync('sha256', secret, Buffer.alloc(0), info, 32))
  return {
    key: new Secret('envelope-key', new Uint8Array(key)),
    keyId: sha256(info).subarray(0, KEY_ID_BYTES),
  }
}

/** X25519. A key of small order gives the all-zero secret that everybody knows, so it is refused (RFC 7748, 6.1). */
function agree(own: Secret, peerKey: Uint8Array): Secret {
  if (peerKey.length !== SEALING_KEY_BYTES) {
    throw new PlatformError('envelope.malformed', {
      what: 'sealing key',
      expected: SEALING_KEY_BYTES,
      got: peerKey.length,
    })
  }
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, peerKey]), format: 'der', type: 'spki' })
  let shared: Buffer
  try {
    shared = diffieHellman({ privateKey: privateKeyObject(own), publicKey })
  } catch (cause) {
    throw new PlatformError('envelope.malformed', { what: 'sealing key', problem: 'of small order' }, cause)
  }
  // OpenSSL refuses these itself; the rule must not depend on it
  if (shared.every((byte) => byte === 0)) {
    throw new PlatformError('envelope.malformed', { what: 'sealing key', problem: 'of small order' })
  }
  return new Secret('shared-secret', shared)
}

function privateKeyObject(privateKey: Secret) {
  return privateKey.reveal((bytes) =>
    createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bytes]), format: 'der', type: 'pkcs8' }),
  )
}

interface Header {
  readonly version: number
  readonly job: string
  readonly from: string
  readonly to: string
  readonly seq: number
  readonly bodyBytes: number
  readonly keyId: Uint8Array
}

function encodeHeader(header: Header): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.set(MAGIC)
  bytes.set([header.version, header.job.length, header.from.length, header.to.length], MAGIC.length)
  bytes.writeBigUInt64BE(BigInt(header.seq), SEQ_AT)
  bytes.writeUInt32BE(header.bodyBytes, BODY_BYTES_AT)
  bytes.set(header.keyId, KEY_ID_AT)
  bytes.write(header.job, JOB_AT, 'ascii')
  bytes.write(header.from, FROM_AT, 'ascii')
  bytes.write(header.to, TO_AT, 'ascii')
  return bytes
}

/** One encoding for each header: lengths must fit, padding must be zero, names must be names. */
function decodeHeader(envelope: Uint8Array): Header {
  if (envelope.length < ENVELOPE_OVERHEAD) throw malformed('shorter than an empty envelope')
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, HEADER_BYTES)
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed('not an envelope')
  const version = bytes[MAGIC.length] as number
  if (version !== VERSION && version !== LETTER_VERSION) throw malformed(`version ${version}`)
  const bodyBytes = bytes.readUInt32BE(BODY_BYTES_AT)
  const isWhole =
    version === VERSION
      ? envelope.length === bodyBytes + ENVELOPE_OVERHEAD
      : bodyBytes === LETTER_BODY_BYTES && envelope.length > LETTER_BYTES
  if (!isWhole) throw malformed('length differs from its header')
  const seq = bytes.readBigUInt64BE(SEQ_AT)
  if (seq < 1n || seq > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('number out of range')
  return {
    version,
    job: readName(bytes, JOB_AT, JOB_CHARS, bytes[5] as number, JOB_ID),
    from: readName(bytes, FROM_AT, PARTY_CHARS, bytes[6] as number, PARTY_NAME),
    to: readName(bytes, TO_AT, PARTY_CHARS, bytes[7] as number, PARTY_NAME),
    seq: Number(seq),
    bodyBytes,
    keyId: bytes.subarray(KEY_ID_AT, KEY_ID_AT + KEY_ID_BYTES),
  }
}

function readName(bytes: Buffer, at: number, fieldChars: number, length: number, shape: RegExp): string {
  if (length > fieldChars) throw malformed('a name is longer than its field')
  const field = bytes.subarray(at, at + fieldChars)
  const name = field.toString('latin1', 0, length)
  if (!shape.test(name) || field.subarray(length).some((byte) => byte !== 0)) throw malformed('a name is not a name')
  return name
}

/** 96 bits: four zero bytes and the number. */
function nonceOf(seq: number): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(seq), 4)
  return nonce
}

function requireSeq(seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`an envelope number is an integer from 1, got ${seq}`)
}

function sealingKeyBytes(job: string, party: string, publicKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${job}\0${party}\0`, 'utf8'), publicKey])
}

function malformed(problem: string): PlatformError {
  return new PlatformError('envelope.malformed', { problem })
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
