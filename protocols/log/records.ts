// The records of the round log: one closed schema for each kind, how a party makes the next record in its own name, and
// how anybody reads one. docs/log-format.md says the same for other software.
import { createHash, hash } from 'node:crypto'
import Type, { type Static, type TObject, type TProperties } from 'typebox'
import Compile from 'typebox/compile'
import { openRecord, type SignedRecord, signRecord } from '#crypto/log/dsse.ts'
import { keyIdOf, type StatementSigner } from '#crypto/log/ed25519.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { PlatformError } from '#runtime/errors.ts'
import { ApprovalSchema } from '../core/approval.ts'

export const RECORD_VERSION = 1
/** `prev` of an author's first record */
export const NO_RECORD = '0'.repeat(64)

const closed = { additionalProperties: false } as const
const PARTY = '^[a-z][a-z0-9-]{0,31}$'
const STEP = '^[a-z][a-z0-9-]{0,63}$'
const CODE = '^[a-z][a-z0-9.-]{0,63}$'
const text = (pattern: string) => Type.String({ pattern })
const textOrNone = (pattern: string) => Type.String({ pattern: `^$|${pattern}` })
const Party = text(PARTY)
const Hash = text('^[0-9a-f]{64}$')
const HashOrNone = text('^([0-9a-f]{64})?$')
const KeyId = text('^[0-9a-f]{16}$')
/** tasks are named like parties */
const Task = text(PARTY)
const Step = text(STEP)
const Round = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** a word of a closed list of the software that wrote it, such as an error code; never free text */
const Code = text(CODE)
const Label = Type.String({ minLength: 1, maxLength: 200 })
const Time = Type.String({
  pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z$',
})
/** Message classes: the closed list of the disclosure ledger, as in protocols/core/schedule.ts. */
const Class = Type.Union([
  Type.Literal('ciphertext'),
  Type.Literal('masked-share'),
  Type.Literal('psi-points'),
  Type.Literal('public-key'),
  Type.Literal('released-aggregate'),
  Type.Literal('split-sides'),
  Type.Literal('control'),
])

/** What every record says. */
const COMMON = {
  v: Type.Literal(RECORD_VERSION),
  collaboration: Type.String({ pattern: '^c-[0-9a-f]{20}$' }),
  author: Party,
  /** the author's own count in this collaboration, from 1 */
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** SHA-256 of the author's leaf before this one */
  prev: Hash,
  time: Time,
  /** id of the job, empty where there is none */
  job: Type.String({ pattern: '^[!-~]{0,64}$' }),
}

const AT = { task: Task, round: Round, step: Step }
const MESSAGE = {
  ...AT,
  from: Party,
  to: Party,
  class: Class,
  messages: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  bytes: Count,
  /** SHA-256 over the digests of the messages in the order of sending */
  digest: Hash,
  /** of the key a ciphertext is under, or empty */
  keyId: Type.String({ pattern: '^([0-9a-f]{8,64})?$' }),
  decryptableBy: Type.Array(Party, { maxItems: 17, uniqueItems: true }),
  approval: HashOrNone,
  decision: Code,
}

const FIELDS = {
  'collaboration.opened': {
    federation: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$' }),
    participants: Type.Array(Type.Object({ party: Party, keyid: KeyId }, closed), { minItems: 1, maxItems: 64 }),
    bundleDigest: Hash,
  },
  'job.proposed': {
    specDigest: Hash,
    /** base64 of the signed bytes of the job specification */
    spec: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 131_072 }),
    parties: Type.Array(Party, { minItems: 2, maxItems: 17, uniqueItems: true }),
  },
  'job.accepted': { specDigest: Hash, approval: HashOrNone },
  'approval.granted': {
    /** SHA-256 of the canonical JSON of `document` */
    approval: Hash,
    document: ApprovalSchema,
    signers: Type.Array(Type.Object({ person: Label, role: Code, keyid: KeyId, time: Time }, closed), {
      minItems: 2,
      maxItems: 8,
    }),
  },
  'approval.revoked': { approval: Hash, person: Label, code: Code },
  'policy.refused': {
    task: textOrNone(PARTY),
    round: Round,
    step: textOrNone(STEP),
    code: Code,
    approval: HashOrNone,
    decision: Code,
  },
  'key.published': {
    task: Task,
    round: Round,
    keyId: Type.String({ pattern: '^[0-9a-f]{8,64}$' }),
    purpose: Code,
    set: Label,
    publicDigest: Hash,
  },
  'round.opened': {
    task: Task,
    round: Round,
    /** parties that take no part, and why; absent where all do */
    leftOut: Type.Optional(
      Type.Array(Type.Object({ party: Party, reason: Code }, closed), { minItems: 1, maxItems: 16 }),
    ),
  },
  'msg.sent': MESSAGE,
  'msg.received': MESSAGE,
  'cell.released': {
    ...AT,
    what: Label,
    /** bucket of the count, such as 1000-1999; never the count where it is small */
    count: Type.String({ pattern: '^[0-9]{1,15}(-[0-9]{1,15}|\\+)?$' }),
    threshold: Count,
    check: Type.Union([Type.Literal('passed'), Type.Literal('refused')]),
  },
  'metric.released': {
    ...AT,
    name: Label,
    /** decimal with a fixed point */
    value: Type.String({ pattern: '^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,12})?$' }),
  },
  'model.digest': { task: Task, round: Round, digest: Hash },
  'round.closed': {
    task: Task,
    round: Round,
    recordDigest: Hash,
    /** the round lost a party before its sum was made: it left everything as it was */
    voided: Type.Optional(Type.Literal(true)),
  },
  'job.closed': {
    state: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('cancelled')]),
    code: textOrNone(CODE),
  },
  anomaly: { task: textOrNone(PARTY), round: Round, code: Code, peer: textOrNone(PARTY) },
  access: { actor: Label, role: Code, object: Label, purpose: Label, decision: Code },
  'export.made': { actor: Label, size: Count, root: Hash },
} as const satisfies Readonly<Record<string, TProperties>>

type Fields = typeof FIELDS
export type RecordKind = keyof Fields
type Plain<P extends TProperties> = Static<TObject<P>>
export type RecordCommon = Plain<typeof COMMON>
/** What a kind says beyond the common fields, with its kind beside. */
export type RecordFields<K extends RecordKind> = { readonly kind: K } & Plain<Fields[K]>
/** What an agent states: any kind with its fields, and the job. */
export type RecordBody = { [K in RecordKind]: RecordFields<K> & { readonly job: string } }[RecordKind]
/** A record as it is read. `kind` is in the payload type, everything else in the payload. */
export type LogRecord = { [K in RecordKind]: RecordFields<K> & RecordCommon }[RecordKind]
export type RecordOf<K extends RecordKind> = Extract<LogRecord, { readonly kind: K }>

export const RECORD_KINDS = Object.keys(FIELDS) as readonly RecordKind[]
const VALIDATORS = new Map(
  RECORD_KINDS.map((kind) => [kind, Compile(Type.Object({ ...COMMON, ...FIELDS[kind] } as TProperties, closed))]),
)
const PAYLOAD_TYPE = /^application\/vnd\.tributary\.([a-z.]+)\.v1\+json$/

/** Where an author stands in its collaboration: what the next record needs. Plain values but for the signer. */
export interface AuthorState {
  readonly collaboration: string
  readonly author: string
  readonly keyid: string
  readonly sign: StatementSigner
  /** of the next record */
  readonly seq: number
  readonly prev: string
  /** of the last record; '' before the first */
  readonly time: string
}

/** An author that has written nothing yet. */
export function firstState(
  from: Pick<AuthorState, 'collaboration' | 'author' | 'sign'> & { readonly signingKey: Uint8Array },
): AuthorState {
  const { collaboration, author, sign, signingKey } = from
  return { collaboration, author, sign, keyid: keyIdOf(signingKey), seq: 1, prev: NO_RECORD, time: '' }
}

/** "c-" and the first 20 hex digits of SHA-256 of the canonical {federation, parties}: the same set is the same log. */
export function collaborationIdOf(federation: string, parties: readonly string[]): string {
  const bytes = canonicalJson({ federation, parties: parties.toSorted() })
  return `c-${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}`
}

/** The origin line of a collaboration's checkpoints. */
export function originOf(federation: string, parties: readonly string[]): string {
  return `tributary/${federation}/${collaborationIdOf(federation, parties)}`
}

/** SHA-256 of the canonical approval document, in hex: the `approval` of every record. */
export function approvalDigest(document: unknown): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex')
}

/** SHA-256 of a leaf in hex: `prev` of its author's next record. */
export function leafDigest(leaf: Uint8Array): string {
  return hash('sha256', leaf, 'hex')
}

/**
 * Makes an author's next record. The caller keeps the leaf durably before it makes another from `next`.
 * @param now of the author's clock; where it went back the last record's time stands instead
 * @returns the leaf, what readRecord would read of it, and the state after it
 * @throws PlatformError log.malformed, log.not-canonical when the body is not of its schema
 */
export function makeRecord(
  state: AuthorState,
  body: RecordBody,
  now: Date,
): { readonly leaf: Uint8Array; readonly record: LogRecord; readonly next: AuthorState } {
  const { kind, ...fields } = body
  const { collaboration, author, seq, prev } = state
  const time = now.toISOString() > state.time ? now.toISOString() : state.time
  const payload = { ...fields, v: RECORD_VERSION, collaboration, author, seq, prev, time }
  requireSchema(kind, payload)
  const bytes = canonicalJson(payload)
  const leaf = signRecord(`application/vnd.tributary.${kind}.v1+json`, bytes, state.sign, state.keyid)
  const record = { kind, ...payload } as LogRecord
  return { leaf, record, next: { ...state, seq: seq + 1, prev: leafDigest(leaf), time } }
}

/**
 * Reads a leaf: envelope, signature, canonical form, schema, and that the key is the author's.
 * @param keyOf public key with this id, or undefined
 * @param authorOf party that a key id belongs to
 * @throws PlatformError log.malformed, log.not-canonical, log.unknown-key, log.signature
 */
export function readRecord(
  leaf: Uint8Array,
  keyOf: (keyid: string) => Uint8Array | undefined,
  authorOf?: (keyid: string) => string | undefined,
): LogRecord {
  const signed = openRecord(leaf, keyOf)
  const record = recordIn(signed)
  if (authorOf !== undefined && authorOf(signed.keyid) !== record.author) {
    throw new PlatformError('log.signature', { author: record.author, problem: 'signed with the key of another party' })
  }
  return record
}

/** The record in an envelope whose signature is checked. @throws PlatformError log.malformed, log.not-canonical */
export function recordIn({ payloadType, payload }: Pick<SignedRecord, 'payloadType' | 'payload'>): LogRecord {
  const kind = PAYLOAD_TYPE.exec(payloadType)?.[1] as RecordKind | undefined
  if (kind === undefined || !VALIDATORS.has(kind)) {
    throw new PlatformError('log.malformed', { what: 'record', problem: 'a kind that does not exist' })
  }
  const value = parseCanonicalJson(payload)
  requireSchema(kind, value)
  return { kind, ...(value as object) } as LogRecord
}

function requireSchema(kind: RecordKind, value: unknown): void {
  const validator = VALIDATORS.get(kind)
  if (validator?.Check(value)) {
    const { time } = value as { time: string }
    // the pattern lets a 31st of April pass
    if (time.slice(8, 10) < '29' || new Date(time).toISOString() === time) return
  }
  const [error] = validator?.Errors(value) ?? []
  throw new PlatformError('log.malformed', { what: `record ${kind}`, problem: error?.instancePath ?? '/time' })
}
