// What people of an owner sign: an approval, its withdrawal, the refusal of a job. Each signature is one of DSSE over
// canonical JSON, so that software that is not ours can check it.
import { createHash } from 'node:crypto'
import { pae, strictBase64 } from '#crypto/log/dsse.ts'
import { keyIdOf, verifyStatement } from '#crypto/log/ed25519.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { type Approval, checkApproval } from '#protocols/core/approval.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Person, PersonSigner } from '#crypto/people/people.ts'

export const APPROVAL_TYPE = 'application/vnd.tributary.approval.v1+json'
export const REVOCATION_TYPE = 'application/vnd.tributary.approval-revoked.v1+json'
export const REFUSAL_TYPE = 'application/vnd.tributary.job-refused.v1+json'

/** One person's signature over one document. */
export interface PersonSignature {
  readonly person: string
  readonly keyid: string
  /** base64 */
  readonly sig: string
}

export interface Revocation {
  readonly v: 1
  readonly approval: string
  /** of the approval that is withdrawn */
  readonly digest: string
  readonly by: string
  readonly reason: string
  readonly time: string
}

export interface JobRefusal {
  readonly v: 1
  readonly job: string
  readonly owner: string
  readonly by: string
  readonly reason: string
  readonly time: string
}

/** @throws PlatformError approval.invalid, log.not-canonical for text that is not NFC */
export function approvalBytes(approval: Approval): Uint8Array {
  return canonicalJson(checkApproval(approval))
}

/** @throws PlatformError approval.invalid, log.malformed, log.not-canonical */
export function parseApproval(bytes: Uint8Array): Approval {
  return checkApproval(parseCanonicalJson(bytes))
}

/** SHA-256 in hex of the document's canonical bytes: what records name. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function signStatement(type: string, bytes: Uint8Array, signer: PersonSigner): PersonSignature {
  const sig = Buffer.from(signer.sign(pae(type, bytes))).toString('base64')
  return { person: signer.person.id, keyid: keyIdOf(signer.person.publicKey), sig }
}

/** @throws PlatformError approval.tampered when this is not that person's signature over these bytes */
export function verifyPerson(type: string, bytes: Uint8Array, person: Person, signature: PersonSignature): void {
  const fits =
    signature.person === person.id &&
    signature.keyid === keyIdOf(person.publicKey) &&
    verifyStatement(person.publicKey, pae(type, bytes), strictBase64(signature.sig))
  if (!fits) throw new PlatformError('approval.tampered', { signatureOf: person.id, type })
}

/** The DSSE envelope of a document with all its signatures, for records and exports. */
export function envelopeOf(type: string, bytes: Uint8Array, signatures: readonly PersonSignature[]) {
  return {
    payload: Buffer.from(bytes).toString('base64'),
    payloadType: type,
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  }
}
