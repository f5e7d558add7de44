// The two documents of a dispute about one training round. The guest's request, signed, names job, round and reason and
// carries a key; what a party shows after its people agreed is sealed to that key, and signed. How the files travel is the
// parties' own choice: nobody else can read or change them.
import { createHash } from 'node:crypto'
import {
  decodeSealingKey,
  encodeSealingKey,
  EnvelopePair,
  makeSealingKey,
  type SealingKey,
  signSealingKey,
  verifySealingKey,
} from '#crypto/envelope.ts'
import { verifySignature } from '#crypto/identity/signing.ts'
import { canonicalJson } from '#crypto/log/jcs.ts'
import type { UpdateOpening } from '#protocols/fedavg/robustness/commitment.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { base64, bytesOf, unpack } from './round-archive.ts'

const CONTEXT = 'dispute'
const MOST_REASON = 500

export interface DisputeRequest {
  readonly v: 1
  readonly job: string
  readonly round: number
  /** who asks, and gets the report: the guest of the job */
  readonly guest: string
  /** name of the person who opened it */
  readonly by: string
  readonly reason: string
  readonly time: string
  /** X25519, base64 */
  readonly sealingKey: string
}

export interface SignedRequest {
  readonly request: DisputeRequest
  /** base64; Ed25519 of the guest over the canonical JSON */
  readonly signature: string
}

/** What a party shows of its update of the round, for the guest alone. */
export interface ShownOpening {
  readonly v: 1
  /** id of the request */
  readonly dispute: string
  readonly party: string
  /** names of the people who agreed */
  readonly by: string
  readonly sealingKey: string
  readonly sealingSignature: string
  /** base64 */
  readonly envelope: string
}

/** A party that signs. */
export interface Signing {
  readonly party: string
  sign(context: string, bytes: Uint8Array): Uint8Array
}

type Asked = Pick<DisputeRequest, 'job' | 'round' | 'by' | 'reason'>

/** @returns the request, and the secret that opens the answers, 64 bytes */
export function openDispute(
  guest: Signing,
  { job, round, by, reason }: Asked,
  now: Date,
): { readonly signed: SignedRequest; readonly key: Secret } {
  const text = reason.normalize('NFC').trim()
  if (text === '' || text.length > MOST_REASON) throw invalid(`a reason of 1 to ${MOST_REASON} characters`)
  if (!Number.isInteger(round) || round < 1) throw invalid('a training round, from 1')
  const own = makeSealingKey()
  const sealingKey = base64(own.publicKey)
  const request: DisputeRequest = {
    v: 1,
    job,
    round,
    guest: guest.party,
    by,
    reason: text,
    time: now.toISOString(),
    sealingKey,
  }
  const signature = base64(guest.sign(CONTEXT, canonicalJson(request)))
  return { signed: { request, signature }, key: encodeSealingKey(own) }
}

/** The same at every party: a hash of the whole request. */
export function disputeId(request: DisputeRequest): string {
  return `dispute-${createHash('sha256').update(canonicalJson(request)).digest('hex').slice(0, 20)}`
}

/**
 * @param signingKeyOf from the trust bundle @param job that the request must be about, and its guest
 * @throws PlatformError dispute.invalid
 */
export function readRequest(
  text: string,
  { job, guest }: Pick<DisputeRequest, 'job' | 'guest'>,
  signingKeyOf: (party: string) => Uint8Array,
): DisputeRequest {
  const { request, signature } = parse<SignedRequest>(text)
  const names = ['job', 'guest', 'by', 'reason', 'time', 'sealingKey'] as const
  const isRequest =
    request?.v === 1 && Number.isInteger(request.round) && names.every((name) => typeof request[name] === 'string')
  if (!isRequest || typeof signature !== 'string') throw invalid('not a request for a dispute')
  if (request.job !== job) throw invalid(`of ${request.job.slice(0, 64)} and not of ${job}`)
  if (request.guest !== guest) throw invalid(`${request.guest} is not the guest of the job`)
  if (!verifySignature(signingKeyOf(guest), CONTEXT, canonicalJson(request), unpack(signature)))
    throw invalid(`not signed by ${guest}`)
  return request
}

/** Seals what a party shows to the guest. Whoever calls this has the agreement of the party's people. */
export function showOpening(
  party: Signing,
  request: DisputeRequest,
  guestSigningKey: Uint8Array,
  opening: UpdateOpening,
  by: string,
): ShownOpening {
  const dispute = disputeId(request)
  const own = makeSealingKey()
  const pair = pairOf(party, request.guest, dispute, own, unpack(request.sealingKey), guestSigningKey)
  const { salt, rows, values, label } = opening
  const body = { label: base64(label), salt: base64(salt), rows, values: base64(bytesOf(values)) }
  return {
    v: 1,
    dispute,
    party: party.party,
    by,
    sealingKey: base64(own.publicKey),
    sealingSignature: base64(signSealingKey(party, dispute, own.publicKey)),
    envelope: base64(pair.seal(1, Buffer.from(JSON.stringify(body)))),
  }
}

/** @param key what openDispute gave. @throws PlatformError dispute.invalid, envelope.* */
export function readOpening(
  guest: Signing,
  request: DisputeRequest,
  key: Uint8Array,
  text: string,
  signingKeyOf: (party: string) => Uint8Array,
): UpdateOpening {
  const { dispute, party, sealingKey, sealingSignature, envelope } = parse<ShownOpening>(text)
  if (dispute !== disputeId(request) || [party, sealingKey, sealingSignature, envelope].some((one) => !one))
    throw invalid('not an answer to this request')
  const theirs = unpack(sealingKey)
  verifySealingKey(signingKeyOf(party), dispute, party, theirs, unpack(sealingSignature))
  const pair = pairOf(guest, party, dispute, decodeSealingKey(key), theirs, signingKeyOf(party))
  const body = Buffer.from(pair.open(1, unpack(envelope))).toString('utf8')
  const { label, salt, rows, values } = parse<{ label: string; salt: string; rows: number; values: string }>(body)
  const bytes = unpack(values)
  if (bytes.length % 4 !== 0 || !Number.isSafeInteger(rows)) throw invalid('not an opened update')
  return { label: unpack(label), party, salt: unpack(salt), rows, values: new Uint32Array(bytes.buffer) }
}

function pairOf(
  { party: self, sign }: Signing,
  peer: string,
  job: string,
  own: SealingKey,
  peerSealingKey: Uint8Array,
  peerSigningKey: Uint8Array,
): EnvelopePair {
  return new EnvelopePair({ job, self, peer, own, peerSealingKey, sign, peerSigningKey })
}

function parse<T>(text: string): Partial<T> & T {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as T
  } catch {
    // said below
  }
  throw invalid('not JSON')
}

function invalid(problem: string): PlatformError {
  return new PlatformError('dispute.invalid', { problem })
}
