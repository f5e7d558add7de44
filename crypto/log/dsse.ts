// Signed records: DSSE envelopes (github.com/secure-systems-lab/dsse) with exactly one Ed25519 signature, in canonical
// JSON. The bytes of the envelope are the leaf of the log, stored and hashed verbatim.
//
//   {"payload":"<base64>","payloadType":"<type>","signatures":[{"keyid":"<16 hex>","sig":"<base64>"}]}
import { PlatformError } from '#runtime/errors.ts'
import { SIGNATURE_BYTES, type StatementSigner, verifyStatement } from './ed25519.ts'
import { parseCanonicalJson } from './jcs.ts'

/** of a whole envelope */
export const MAX_RECORD_BYTES = 262_144

const KEY_ID = '[0-9a-f]{16}'
const PAYLOAD_TYPE = '[!#-[\\]-~]{1,127}'
const BASE64 = '[A-Za-z0-9+/]*={0,2}'
// The canonical form of this shape is one fixed text with four holes; what matches is canonical but for the base64.
const ENVELOPE = new RegExp(
  `^\\{"payload":"(${BASE64})","payloadType":"(${PAYLOAD_TYPE})",` +
    `"signatures":\\[\\{"keyid":"(${KEY_ID})","sig":"(${BASE64})"\\}\\]\\}$`,
)

export interface SignedRecord {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly keyid: string
  /** 64 bytes */
  readonly signature: Uint8Array
}

/** PAE of the DSSE specification: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload; lengths in bytes. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8')
  const head = Buffer.from(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `, 'utf8')
  return Buffer.concat([head, payload])
}

/**
 * @param sign Ed25519 over exactly the bytes it is given, see openStatementSigner
 * @param keyid see keyIdOf
 * @returns the leaf
 * @throws PlatformError log.malformed when type, key id or size are not those of a record
 */
export function signRecord(payloadType: string, payload: Uint8Array, sign: StatementSigner, keyid: string): Uint8Array {
  const sig = Buffer.from(sign(pae(payloadType, payload))).toString('base64')
  const signatures = `"signatures":[{"keyid":"${keyid}","sig":"${sig}"}]`
  const text = `{"payload":"${Buffer.from(payload).toString('base64')}","payloadType":"${payloadType}",${signatures}}`
  if (!ENVELOPE.test(text)) throw malformed('payload type or key id')
  if (text.length > MAX_RECORD_BYTES) throw malformed('too long')
  return Buffer.from(text, 'latin1')
}

/** Takes a leaf apart without checking the signature. @throws PlatformError log.malformed, log.not-canonical */
export function parseRecord(leaf: Uint8Array): SignedRecord {
  if (leaf.length > MAX_RECORD_BYTES) throw malformed('too long')
  const text = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString('latin1')
  const match = ENVELOPE.exec(text)
  if (match === null) {
    parseCanonicalJson(leaf) // tells another encoding from another shape
    throw malformed('not an envelope with one signature')
  }
  const [, payload, payloadType, keyid, sig] = match as unknown as [string, string, string, string, string]
  const signature = strictBase64(sig)
  if (signature.length !== SIGNATURE_BYTES) throw malformed('signature length')
  return { payloadType, payload: strictBase64(payload), keyid, signature }
}

/**
 * Takes a leaf apart and checks its signature.
 * @param keyOf Ed25519 public key with this id, or undefined
 * @throws PlatformError log.malformed, log.not-canonical, log.unknown-key, log.signature
 */
export function openRecord(leaf: Uint8Array, keyOf: (keyid: string) => Uint8Array | undefined): SignedRecord {
  const record = parseRecord(leaf)
  const key = keyOf(record.keyid)
  if (key === undefined) throw new PlatformError('log.unknown-key', { keyid: record.keyid })
  if (!verifyStatement(key, pae(record.payloadType, record.payload), record.signature)) {
    throw new PlatformError('log.signature', { keyid: record.keyid })
  }
  return record
}

/** RFC 4648 section 4 with its padding and zero pad bits. @throws PlatformError log.malformed, log.not-canonical */
export function strictBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') === text) return bytes
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw malformed('base64')
  throw new PlatformError('log.not-canonical', { problem: 'base64 with pad bits' })
}

function malformed(problem: string): PlatformError {
  return new PlatformError('log.malformed', { what: 'record', problem })
}
