// One file of named secrets under a passphrase: scrypt, then AES-256-GCM for each entry.
// The labels and the entry's name are authenticated, so entries cannot be swapped between names, files or parties.
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'

/** What new key stores are made with: RFC 7914 names, about 0.1 s and 32 MiB. */
export const SCRYPT = { N: 32_768, r: 8, p: 1 } as const

const MAX_FILE_BYTES = 65_536
const closed = { additionalProperties: false } as const
const base64 = (bytes: number) => Type.String({ pattern: `^[A-Za-z0-9+/]{${Math.ceil((bytes * 4) / 3)}}={0,2}$` })

const KeystoreSchema = Type.Object(
  {
    version: Type.Literal(1),
    labels: Type.Record(Type.String({ pattern: '^[a-z]{1,16}$' }), Type.String({ maxLength: 64 }), closed),
    // bounded, because these are read before anything is authenticated
    scrypt: Type.Object(
      {
        N: Type.Integer({ minimum: 16_384, maximum: 262_144, multipleOf: 16_384 }),
        r: Type.Literal(8),
        p: Type.Integer({ minimum: 1, maximum: 4 }),
        salt: base64(32),
      },
      closed,
    ),
    entries: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z-]{1,32}$' }),
          nonce: base64(12),
          ciphertext: Type.String({ maxLength: 16_384, pattern: '^[A-Za-z0-9+/]+={0,2}$' }),
          tag: base64(16),
        },
        closed,
      ),
      { minItems: 1, maxItems: 16 },
    ),
    // SHA-256 over all of the above: tells a damaged file from a wrong passphrase, and nothing else
    checksum: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  closed,
)
type KeystoreFile = Static<typeof KeystoreSchema>
const validator = Compile(KeystoreSchema)

export interface OpenKeystore {
  readonly labels: Readonly<Record<string, string>>
  /** @throws PlatformError keys.damaged when there is no such entry */
  secret(name: string): Secret
}

/**
 * Seals entries under a passphrase, with fresh salt and nonces each time.
 * @param labels public facts bound to the entries, such as federation and party
 * @returns the bytes of the file
 */
export async function sealKeystore(
  labels: Readonly<Record<string, string>>,
  entries: Readonly<Record<string, Uint8Array>>,
  passphrase: string,
): Promise<Uint8Array> {
  if (passphrase.length === 0)
    throw new PlatformError('config.invalid', { problems: ['passphrase: must not be empty'] })
  const salt = randomBytes(32)
  using key = await deriveKey(passphrase, salt, SCRYPT)
  const sealed = Object.entries(entries).map(([name, bytes]) => {
    const nonce = randomBytes(12)
    const cipher = key.reveal((k) => createCipheriv('aes-256-gcm', k, nonce)).setAAD(entryContext(labels, name))
    const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
    return { name, nonce: toBase64(nonce), ciphertext: toBase64(ciphertext), tag: toBase64(cipher.getAuthTag()) }
  })
  const file = { version: 1 as const, labels, scrypt: { ...SCRYPT, salt: toBase64(salt) }, entries: sealed }
  return Buffer.from(`${JSON.stringify({ ...file, checksum: checksumOf(file) }, null, 2)}\n`)
}

/**
 * Opens every entry.
 * @throws PlatformError keys.damaged (not a key store, or changed), keys.wrong-passphrase
 */
export async function openKeystore(bytes: Uint8Array, passphrase: string): Promise<OpenKeystore> {
  const file = parseKeystore(bytes)
  using key = await deriveKey(passphrase, Buffer.from(file.scrypt.salt, 'base64'), file.scrypt)
  const secrets = new Map<string, Secret>()
  const refused: string[] = []
  for (const entry of file.entries) {
    const plain = openEntry(key, file.labels, entry)
    if (plain === undefined) refused.push(entry.name)
    else secrets.set(entry.name, new Secret(entry.name, plain))
  }
  if (secrets.size === 0) throw new PlatformError('keys.wrong-passphrase')
  if (refused.length > 0) throw new PlatformError('keys.damaged', { entries: refused })
  return {
    labels: file.labels,
    secret(name) {
      const secret = secrets.get(name)
      if (secret === undefined) throw new PlatformError('keys.damaged', { missing: name })
      return secret
    },
  }
}

function parseKeystore(bytes: Uint8Array): KeystoreFile {
  if (bytes.length > MAX_FILE_BYTES)
    throw new PlatformError('keys.damaged', { bytes: bytes.length, limit: MAX_FILE_BYTES })
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // the parser's message would quote the file
    throw new PlatformError('keys.damaged', { problem: 'not JSON' })
  }
  if (!validator.Check(value)) throw new PlatformError('keys.damaged', { problem: 'not a key store of this version' })
  const { checksum, ...file } = value
  if (checksumOf(file) !== checksum) throw new PlatformError('keys.damaged', { problem: 'checksum differs' })
  if (new Set(file.entries.map((entry) => entry.name)).size !== file.entries.length) {
    throw new PlatformError('keys.damaged', { problem: 'a name occurs twice' })
  }
  return value
}

function openEntry(
  key: Secret,
  labels: Readonly<Record<string, string>>,
  entry: KeystoreFile['entries'][number],
): Uint8Array | undefined {
  const decipher = key
    .reveal((k) => createDecipheriv('aes-256-gcm', k, Buffer.from(entry.nonce, 'base64'), { authTagLength: 16 }))
    .setAAD(entryContext(labels, entry.name))
    .setAuthTag(Buffer.from(entry.tag, 'base64'))
  const plain = decipher.update(Buffer.from(entry.ciphertext, 'base64'))
  try {
    decipher.final()
  } catch {
    plain.fill(0)
    return undefined // the caller decides between a wrong passphrase and damage
  }
  return plain
}

function deriveKey(
  passphrase: string,
  salt: Uint8Array,
  cost: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Secret> {
  const { N, r, p } = cost
  const options = { N, r, p, maxmem: 256 * N * r }
  const { promise, resolve, reject } = Promise.withResolvers<Secret>()
  // NFKC: the same passphrase typed on another system must give the same bytes
  scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => {
    if (error === null) resolve(new Secret('keystore-key', key))
    else reject(error)
  })
  return promise
}

function entryContext(labels: Readonly<Record<string, string>>, name: string): Uint8Array {
  return Buffer.from(JSON.stringify(['tributary/keystore/v1', sorted(labels), name]))
}

function checksumOf(file: Omit<KeystoreFile, 'checksum'>): string {
  const { version, labels, scrypt: cost, entries } = file
  const parts = [
    version,
    sorted(labels),
    [cost.N, cost.r, cost.p, cost.salt],
    entries.map((entry) => [entry.name, entry.nonce, entry.ciphertext, entry.tag]),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
