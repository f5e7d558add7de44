// Keys of a round. Two parties agree by X25519 once a job; from that secret follow, for each round, the mask seed of the
// pair and, where one of the two is the opener, the ternary key under which the other encrypts. The opener's key of a
// round is the sum of those keys: nobody else can form it.
import { createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import type { SealingKey } from '../envelope.ts'
import { addInto, OPENER_RING, type Residues, transform } from './ring-transform.ts'
import { Expansion } from './streams.ts'

const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
export const AGREEMENT_KEY_BYTES = 32
export const LABEL_BYTES = 32

/** What makes a round another round. Names must be those all parties agreed on, in the same order. */
export interface RoundFacts {
  readonly job: string
  readonly task: string
  readonly round: number
  /** in their agreed order, at least two */
  readonly participants: readonly string[]
  /** one of the participants; absent where all of them open together */
  readonly opener?: string
  /** SHA-256 of the model that the round starts from: who was told another model cannot take part unnoticed */
  readonly model: Uint8Array
}

/** SHA-256 over the facts of a round, 32 bytes. @throws PlatformError he.range for facts that name no round */
export function roundLabel({ job, task, round, participants, opener, model }: RoundFacts): Uint8Array {
  const distinct = new Set(participants)
  if (!Number.isSafeInteger(round) || round < 0) throw new PlatformError('he.range', { round })
  if (model.length !== LABEL_BYTES) throw new PlatformError('he.range', { model: model.length, limit: LABEL_BYTES })
  if (distinct.size !== participants.length || distinct.size < 2 || !(opener === undefined || distinct.has(opener))) {
    throw new PlatformError('he.range', { participants: participants.length, opener: opener ?? 'nobody' })
  }
  const facts = JSON.stringify(['tributary/aggregate/v1', job, task, round, participants, opener ?? null])
  return new Uint8Array(createHash('sha256').update(facts).update('\0').update(model).digest())
}

/**
 * The secret that two parties share in this job. @param info public facts of the pair, the same at both ends
 * @throws PlatformError he.malformed for a key of another length or of small order
 */
export function pairSecret(own: SealingKey, peer: Uint8Array, info: string): Secret {
  if (peer.length !== AGREEMENT_KEY_BYTES)
    throw new PlatformError('he.malformed', { field: 'round key', got: peer.length })
  const shared = own.privateKey.reveal((bytes) => agree(bytes, peer))
  const keys = [own.publicKey, peer].toSorted(Buffer.compare)
  const salt = createHash('sha256').update(Buffer.concat(keys)).digest()
  const secret = new Secret(
    'pair secret',
    new Uint8Array(hkdfSync('sha256', shared, salt, `tributary/pair/v1\0${info}`, 32)),
  )
  shared.fill(0)
  return secret
}

function agree(privateBytes: Uint8Array, peer: Uint8Array): Buffer {
  const der = Buffer.concat([PKCS8_PREFIX, privateBytes])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, peer]), format: 'der', type: 'spki' })
  const refused = (cause?: unknown) =>
    new PlatformError('he.malformed', { field: 'round key', got: 'of small order' }, cause)
  let shared: Buffer
  try {
    shared = diffieHellman({ privateKey, publicKey })
  } catch (cause) {
    throw refused(cause)
  }
  if (shared.every((byte) => byte === 0)) throw refused()
  return shared
}

const named = (use: string, label: Uint8Array) => `tributary/aggregate/${use}\0${Buffer.from(label).toString('hex')}`

/** The masks of a pair in a round, chunk after chunk. One of the two adds them, the other subtracts. */
export function maskStream(pair: Secret, label: Uint8Array): Expansion {
  return new Expansion(pair, named('mask', label))
}

/** The public polynomials a of a round, already in transformed form, chunk after chunk: c1 of every ciphertext. */
export function publicStream(label: Uint8Array): Expansion {
  return new Expansion(label, named('public', label))
}

/** The noise of this party's ciphertexts in a round. @param own this party's seed for the round, told to nobody */
export function noiseStream(own: Secret, label: Uint8Array): Expansion {
  return new Expansion(own, named('noise', label))
}

/** The flooding of this party's shares in a round. @param own as for noiseStream */
export function floodStream(own: Secret, label: Uint8Array): Expansion {
  return new Expansion(own, named('flood', label))
}

/**
 * The masks of a pair on their shares of one sum, chunk after chunk. Who was shown another sum draws other masks, and
 * nothing opens. @param sum SHA-256 of its chunks
 */
export function shareMaskStream(pair: Secret, label: Uint8Array, sum: Uint8Array): Expansion {
  return new Expansion(pair, `${named('share', label)}\0${Buffer.from(sum).toString('hex')}`)
}

/** A ternary secret in transformed form. */
export type RoundKey = Residues

/**
 * The key under which one party encrypts in one round.
 * @param pair the secret that it shares with the opener; its own seed where it is the opener, or where nobody is
 */
export function roundKey(pair: Secret, label: Uint8Array, ring = OPENER_RING): RoundKey {
  const ternary = new Expansion(pair, named('key', label)).ternary(ring.degree)
  return ring.primes.map((p) => {
    const residues = Uint32Array.from(ternary, (value) => (value < 0 ? p - 1 : value))
    transform(residues, p)
    return residues
  })
}

/** The opener's key of the round. */
export function sumOfKeys(keys: readonly RoundKey[], ring = OPENER_RING): RoundKey {
  return ring.primes.map((p, j) => {
    const total = new Uint32Array(ring.degree)
    for (const key of keys) addInto(total, key[j] as Uint32Array, p)
    return total
  })
}
