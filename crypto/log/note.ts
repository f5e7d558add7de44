// Checkpoints: C2SP signed notes (signed-note, tlog-checkpoint, tlog-cosignature). The text is origin, size and root;
// the coordinator signs it with its log key, and each party cosigns it with the time.
import { createHash } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { strictBase64 } from './dsse.ts'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type StatementSigner, verifyStatement } from './ed25519.ts'
import { HASH_BYTES } from './merkle.ts'

/** Signature type bytes of the signed-note registry. */
export const TYPE_ED25519 = 0x01
export const TYPE_COSIGNATURE = 0x04
export type KeyType = typeof TYPE_ED25519 | typeof TYPE_COSIGNATURE

const MAX_NOTE_BYTES = 131_072
const MAX_SIGNATURES = 256
const KEY_ID_BYTES = 4
const TIME_BYTES = 8
// no space, no plus, no control character; a name is also a line of a file
const NAME = /^[^\s+\p{Cc}\p{Z}]{1,255}$/u
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u
const SIZE = /^(0|[1-9][0-9]{0,15})$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface NoteKey {
  readonly name: string
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array
}

export interface TreeHead {
  readonly origin: string
  readonly size: number
  /** 32 bytes */
  readonly root: Uint8Array
}

export interface NoteSignature {
  readonly name: string
  /** 4 bytes */
  readonly keyId: Uint8Array
  /** without the key id */
  readonly signature: Uint8Array
}

export interface Note {
  /** with its last newline, without the blank line */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ key)[:4] */
export function noteKeyId(type: KeyType, { name, publicKey }: NoteKey): Uint8Array {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(type))
    .update(publicKey)
    .digest()
    .subarray(0, KEY_ID_BYTES)
}

/** `<name>+<key id, 8 hex>+<base64(type ‖ key)>` */
export function formatVerifierKey(type: KeyType, key: NoteKey): string {
  requireName(key.name)
  const id = Buffer.from(noteKeyId(type, key)).toString('hex')
  return `${key.name}+${id}+${Buffer.concat([Uint8Array.of(type), key.publicKey]).toString('base64')}`
}

/** @throws PlatformError log.malformed when the text is no verifier key of a known type, or its id is not its own */
export function parseVerifierKey(text: string): { readonly type: KeyType } & NoteKey {
  const [name = '', id = '', ...rest] = text.split('+')
  const material = strictBase64(rest.join('+')) // base64 has plus signs of its own
  const type = material[0]
  if (material.length !== 1 + PUBLIC_KEY_BYTES || (type !== TYPE_ED25519 && type !== TYPE_COSIGNATURE)) {
    throw malformed('verifier key')
  }
  const key = { type, name, publicKey: material.subarray(1) } as const
  if (formatVerifierKey(type, key) !== text || !/^[0-9a-f]{8}$/.test(id)) throw malformed('verifier key')
  return key
}

/** The text of a checkpoint: three lines. @throws PlatformError log.malformed */
export function formatCheckpoint({ origin, size, root }: TreeHead): string {
  requireName(origin)
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES) throw malformed('tree head')
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

/**
 * The checkpoint signed by the log; cosignatures come after it.
 * @param sign of the log's key, see openStatementSigner
 */
export function signCheckpoint(head: TreeHead, key: NoteKey, sign: StatementSigner): Uint8Array {
  const text = formatCheckpoint(head)
  const line = signatureLine(key, TYPE_ED25519, sign(Buffer.from(text, 'utf8')))
  return Buffer.from(`${text}\n${line}`, 'utf8')
}

/**
 * One cosignature line, with its newline, to be appended to the note.
 * @param note a checkpoint; its signatures are not part of what is cosigned
 * @param time of signing; seconds count
 */
export function cosign(note: Uint8Array, key: NoteKey, sign: StatementSigner, time: Date): string {
  const seconds = Math.floor(time.getTime() / 1000)
  const signature = Buffer.alloc(TIME_BYTES + SIGNATURE_BYTES)
  signature.writeBigUInt64BE(BigInt(seconds))
  signature.set(sign(cosignedMessage(parseNote(note).text, seconds)), TIME_BYTES)
  return signatureLine(key, TYPE_COSIGNATURE, signature)
}

/** The note with more signature lines. */
export function addSignatures(note: Uint8Array, lines: readonly string[]): Uint8Array {
  return Buffer.concat([note, Buffer.from(lines.join(''), 'utf8')])
}

/** @throws PlatformError log.malformed */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw malformed('note: too long')
  let note: string
  try {
    note = utf8.decode(bytes)
  } catch (cause) {
    throw new PlatformError('log.malformed', { problem: 'note: not UTF-8' }, cause)
  }
  if (/[\x00-\x09\x0b-\x1f]/.test(note)) throw malformed('note: control character') // oxlint-disable-line no-control-regex
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw malformed('note: no signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed('note: too many signatures')
  return { text: note.slice(0, split + 1), signatures: lines.map(readSignatureLine) }
}

/** The three lines of a checkpoint; extension lines are refused. @throws PlatformError log.malformed */
export function parseTreeHead(text: string): TreeHead {
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n')
  if (end !== '' || more.length > 0 || !SIZE.test(size) || !NAME.test(origin)) throw malformed('checkpoint text')
  const rootBytes = strictBase64(root)
  const count = Number(size)
  if (rootBytes.length !== HASH_BYTES || !Number.isSafeInteger(count)) throw malformed('checkpoint text')
  return { origin, size: count, root: rootBytes }
}

export type SignatureState = 'valid' | 'missing' | 'invalid'

export interface CheckpointFacts extends TreeHead {
  /** the log's own signature is there and good */
  readonly coordinator: boolean
  /** good ones, in the order of the keys; time in seconds since 1970 */
  readonly cosigners: readonly { readonly name: string; readonly time: number }[]
  /** names of keys that have a line which does not verify */
  readonly invalid: readonly string[]
}

/**
 * Reads a checkpoint and checks the signatures of the keys given. Lines of other keys are ignored, as the note
 * format demands. Who must have signed is for the caller to decide.
 * @throws PlatformError log.malformed
 */
export function verifyCheckpoint(
  note: Uint8Array,
  keys: { readonly log: NoteKey; readonly cosigners: readonly NoteKey[] },
): CheckpointFacts {
  const { text, signatures } = parseNote(note)
  const head = parseTreeHead(text)
  const invalid: string[] = []
  const message = Buffer.from(text, 'utf8')
  const own = linesOf(signatures, TYPE_ED25519, keys.log)
  const coordinator = own.length > 0 && own.every((line) => verifyStatement(keys.log.publicKey, message, line))
  if (own.length > 0 && !coordinator) invalid.push(keys.log.name)
  const cosigners: { name: string; time: number }[] = []
  for (const key of keys.cosigners) {
    const lines = linesOf(signatures, TYPE_COSIGNATURE, key)
    const times = lines.map((line) => verifyCosignature(text, line, key))
    const last = times.at(-1)
    if (times.includes(undefined)) invalid.push(key.name)
    else if (last !== undefined) cosigners.push({ name: key.name, time: last })
  }
  return { ...head, coordinator, cosigners, invalid }
}

/** The time of a good cosignature. @param signature time (8 bytes) ‖ Ed25519 */
function verifyCosignature(text: string, signature: Uint8Array, key: NoteKey): number | undefined {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined
  const time = Buffer.from(signature.slice(0, TIME_BYTES)).readBigUInt64BE()
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const message = cosignedMessage(text, Number(time))
  return verifyStatement(key.publicKey, message, signature.subarray(TIME_BYTES)) ? Number(time) : undefined
}

function cosignedMessage(text: string, seconds: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`, 'utf8')
}

function linesOf(signatures: readonly NoteSignature[], type: KeyType, key: NoteKey): Uint8Array[] {
  const id = noteKeyId(type, key)
  return signatures
    .filter((line) => line.name === key.name && Buffer.compare(line.keyId, id) === 0)
    .map((line) => line.signature)
}

function signatureLine(key: NoteKey, type: KeyType, signature: Uint8Array): string {
  requireName(key.name)
  return `— ${key.name} ${Buffer.concat([noteKeyId(type, key), signature]).toString('base64')}\n`
}

function readSignatureLine(line: string): NoteSignature {
  const match = SIGNATURE_LINE.exec(line)
  if (match === null || !NAME.test(match[1] as string)) throw malformed('note: signature line')
  const bytes = strictBase64(match[2] as string)
  if (bytes.length <= KEY_ID_BYTES) throw malformed('note: signature line')
  return {
    name: match[1] as string,
    keyId: bytes.subarray(0, KEY_ID_BYTES),
    signature: bytes.subarray(KEY_ID_BYTES),
  }
}

function requireName(name: string): void {
  if (!NAME.test(name)) throw malformed('note: name')
}

function malformed(problem: string): PlatformError {
  return new PlatformError('log.malformed', { problem })
}
