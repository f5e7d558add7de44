// The evidence bundle: everything that somebody without a connection needs to verify a log, in one deterministic tar.
//
//   README.txt · about.json · checkpoint · entries.jsonl · keys.json · trust/bundle.yaml · trust/history/<n>.yaml
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { MAX_RECORD_BYTES, strictBase64 } from '#crypto/log/dsse.ts'
import { PUBLIC_KEY_BYTES } from '#crypto/log/ed25519.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { PlatformError } from '#runtime/errors.ts'
import { storageError, syncDirectory } from '#runtime/files.ts'
import { BUNDLE_README } from './bundle-readme.ts'
import type { Participant } from './rules.ts'
import { type ByteSource, MAX_FILE_BYTES, readTarIndex, TAR_END, type TarFile, tarHeader, tarPadding } from './tar.ts'

const closed = { additionalProperties: false } as const
const Key = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })
const Party = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
const AboutSchema = Type.Object(
  {
    v: Type.Literal(1),
    federation: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$' }),
    collaboration: Type.String({ pattern: '^c-[0-9a-f]{20}$' }),
    /** what the export was asked for; the bundle holds the whole log of the collaboration */
    job: Type.String({ pattern: '^[!-~]{0,64}$' }),
    madeAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
    madeBy: Party,
  },
  closed,
)
const KeysSchema = Type.Object(
  {
    v: Type.Literal(1),
    origin: Type.String({ minLength: 1, maxLength: 255 }),
    /** base64 of the coordinator's log key */
    log: Key,
    parties: Type.Array(Type.Object({ party: Party, signingKey: Key }, closed), { minItems: 1, maxItems: 64 }),
  },
  closed,
)
export type BundleAbout = Static<typeof AboutSchema>
const aboutValidator = Compile(AboutSchema)
const keysValidator = Compile(KeysSchema)

/** Files of a bundle and how long they may be. */
const LIMITS: readonly (readonly [name: RegExp, bytes: number])[] = [
  [/^README\.txt$/, 65_536],
  [/^about\.json$/, 65_536],
  [/^checkpoint$/, 131_072],
  [/^entries\.jsonl$/, MAX_FILE_BYTES],
  [/^keys\.json$/, 65_536],
  [/^trust\/bundle\.yaml$/, 2_097_152],
  [/^trust\/history\/[0-9]{1,6}\.yaml$/, 2_097_152],
]
const NEEDED = ['README.txt', 'about.json', 'checkpoint', 'entries.jsonl', 'keys.json', 'trust/bundle.yaml']
const READ_BYTES = 1_048_576
const MAX_LINE_CHARS = Math.ceil(MAX_RECORD_BYTES / 3) * 4

export interface BundleKeys {
  readonly origin: string
  readonly logKey: Uint8Array
  readonly participants: readonly Participant[]
}

export interface BundleContents extends BundleKeys {
  readonly about: BundleAbout
  readonly checkpoint: Uint8Array
  /** the trust bundle, and earlier ones by their number, as editionBytes writes them; see trust-edition.ts */
  readonly trust: string
  readonly trustHistory?: ReadonlyMap<number, string>
  /** the leaves under the checkpoint, in order; asked for twice, and the same each time */
  readonly leaves: () => AsyncIterable<Uint8Array>
}

/** A bundle that was opened: small files are read, leaves are streamed. */
export interface OpenBundle extends BundleContents, AsyncDisposable {
  readonly readme: string
}

/** The bytes of a bundle, in pieces. Equal contents give equal bytes. */
export async function* bundleBytes(contents: BundleContents): AsyncGenerator<Uint8Array> {
  const { about, checkpoint, trust, trustHistory = new Map<number, string>() } = contents
  const keys = {
    v: 1,
    origin: contents.origin,
    log: base64(contents.logKey),
    parties: contents.participants.map(({ name, signingKey }) => ({ party: name, signingKey: base64(signingKey) })),
  }
  const files = new Map<string, Uint8Array | 'entries'>([
    ['README.txt', Buffer.from(BUNDLE_README, 'utf8')],
    ['about.json', canonicalJson(about)],
    ['checkpoint', checkpoint],
    ['entries.jsonl', 'entries'],
    ['keys.json', canonicalJson(keys)],
    ['trust/bundle.yaml', Buffer.from(trust, 'utf8')],
  ])
  for (const [number, text] of trustHistory) files.set(`trust/history/${number}.yaml`, Buffer.from(text, 'utf8'))
  for (const [name, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (bytes === 'entries') yield* entriesBytes(name, contents.leaves)
    else {
      yield tarHeader(name, bytes.length)
      yield bytes
      yield tarPadding(bytes.length)
    }
  }
  yield TAR_END
}

/** One leaf a line; the size comes before them, so they are counted first. */
async function* entriesBytes(name: string, leaves: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const { length } of leaves()) size += Math.ceil(length / 3) * 4 + 1
  yield tarHeader(name, size)
  let written = 0
  let lines: string[] = []
  for await (const leaf of leaves()) {
    lines.push(base64(leaf))
    if (lines.length < 1000) continue
    const bytes = Buffer.from(`${lines.join('\n')}\n`, 'ascii')
    written += bytes.length
    lines = []
    yield bytes
  }
  const rest = Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`, 'ascii')
  if (written + rest.length !== size) throw new RangeError('the leaves changed while the bundle was written')
  yield rest
  yield tarPadding(size)
}

/** Writes a bundle under another name first, so a reader finds the whole of it or none. @throws PlatformError storage.full */
export async function writeBundle(path: string, contents: BundleContents): Promise<void> {
  const partial = `${path}.partial`
  try {
    await using file = await open(partial, 'w', 0o600)
    for await (const bytes of bundleBytes(contents)) await file.appendFile(bytes)
    await file.sync()
    await rename(partial, path)
    await syncDirectory(dirname(path))
  } catch (cause) {
    await rm(partial, { force: true })
    throw storageError(cause, path)
  }
}

/**
 * Opens a bundle from memory or from a file. What is inside is not verified, only read; see verifyBundle.
 * @throws PlatformError log.malformed, log.not-canonical
 */
export async function openBundle(from: Uint8Array | string): Promise<OpenBundle> {
  const source = typeof from === 'string' ? await fileSource(from) : memorySource(from)
  try {
    const files = new Map((await readTarIndex(source)).map((file) => [file.name, file]))
    return await readBundle(source, files)
  } catch (cause) {
    await source[Symbol.asyncDispose]()
    throw cause
  }
}

async function readBundle(source: Source, files: ReadonlyMap<string, TarFile>): Promise<OpenBundle> {
  for (const { name, size } of files.values()) {
    const limit = LIMITS.find(([pattern]) => pattern.test(name))?.[1]
    if (limit === undefined || size > limit) throw malformed(`file ${name}`)
  }
  const missing = NEEDED.filter((name) => !files.has(name))
  if (missing.length > 0) throw malformed(`without ${missing.join(', ')}`)
  const bytesOf = ({ at, size }: TarFile) => source.read(at, size)
  const needed = (name: string) => files.get(name) as TarFile
  const textOf = async (file: TarFile) => decode(await bytesOf(file), file.name)
  const about = parseCanonicalJson(await bytesOf(needed('about.json')))
  if (!aboutValidator.Check(about)) throw malformed('about.json')
  const trustHistory = new Map<number, string>()
  for (const [name, file] of files) {
    const number = /^trust\/history\/([0-9]+)\.yaml$/.exec(name)?.[1]
    if (number !== undefined) trustHistory.set(Number(number), await textOf(file))
  }
  return {
    about,
    ...readKeys(await bytesOf(needed('keys.json'))),
    checkpoint: await bytesOf(needed('checkpoint')),
    readme: await textOf(needed('README.txt')),
    trust: await textOf(needed('trust/bundle.yaml')),
    trustHistory,
    leaves: () => linesOf(source, needed('entries.jsonl')),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}

function readKeys(bytes: Uint8Array): BundleKeys {
  const keys = parseCanonicalJson(bytes)
  if (!keysValidator.Check(keys)) throw malformed('keys.json')
  const participants = keys.parties.map(({ party, signingKey }) => ({ name: party, signingKey: keyIn(signingKey) }))
  if (new Set(participants.map(({ name }) => name)).size < participants.length) throw malformed('keys.json')
  if (new Set(keys.parties.map(({ signingKey }) => signingKey)).size < participants.length) throw malformed('keys.json')
  return { origin: keys.origin, logKey: keyIn(keys.log), participants }
}

function keyIn(text: string): Uint8Array {
  const key = strictBase64(text)
  if (key.length !== PUBLIC_KEY_BYTES) throw malformed('keys.json')
  return key
}

async function* linesOf(source: ByteSource, { at, size }: TarFile): AsyncGenerator<Uint8Array> {
  let rest = ''
  for (let done = 0; done < size; done += READ_BYTES) {
    const bytes = await source.read(at + done, Math.min(READ_BYTES, size - done))
    const lines = (rest + Buffer.from(bytes).toString('latin1')).split('\n')
    rest = lines.pop() as string
    if (rest.length > MAX_LINE_CHARS) throw malformed('a line of entries.jsonl is too long')
    for (const line of lines) yield strictBase64(line)
  }
  if (rest !== '') throw malformed('entries.jsonl ends without a newline')
}

type Source = ByteSource & AsyncDisposable

function memorySource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read: async (at, length) => bytes.subarray(at, at + length),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function fileSource(path: string): Promise<Source> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  return {
    size,
    async read(at, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)))
      let done = 0
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done)
        if (bytesRead === 0) throw malformed('the file became shorter')
        done += bytesRead
      }
      return bytes
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PlatformError('log.malformed', { what: 'bundle', problem: `${name}: not UTF-8` }, cause)
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function malformed(problem: string): PlatformError {
  return new PlatformError('log.malformed', { what: 'bundle', problem })
}
