import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { openKeystore, sealKeystore } from './keystore.ts'

const LABELS = { kind: 'party', federation: 'credit', party: 'bank' }
const ENTRIES = { 'signing-key': Buffer.from('the signing key'), 'storage-key': Buffer.alloc(32, 7) }
let sealed: Uint8Array
beforeAll(async () => {
  sealed = await sealKeystore(LABELS, ENTRIES, 'correct horse')
})

type File = {
  labels: Record<string, string>
  entries: { name: string; ciphertext: string; tag: string }[]
  checksum: string
}

/** Changes the parsed file and writes a checksum that fits again, as somebody who can edit the file would. */
function edited(change: (file: File) => void): Uint8Array {
  const file = JSON.parse(Buffer.from(sealed).toString()) as File
  change(file)
  const { version, labels, scrypt, entries } = file as File & { version: 1; scrypt: Record<string, unknown> }
  const parts = [
    version,
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    [scrypt.N, scrypt.r, scrypt.p, scrypt.salt],
    (entries as unknown as { name: string; nonce: string; ciphertext: string; tag: string }[]).map((entry) => [
      entry.name,
      entry.nonce,
      entry.ciphertext,
      entry.tag,
    ]),
  ]
  file.checksum = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return Buffer.from(JSON.stringify(file))
}

test('opens what was sealed, with the same labels', async () => {
  const keystore = await openKeystore(sealed, 'correct horse')
  expect(keystore.labels).toEqual(LABELS)
  expect(keystore.secret('signing-key').reveal((bytes) => Buffer.from(bytes).toString())).toBe('the signing key')
  expect(keystore.secret('storage-key').reveal((bytes) => Buffer.from(bytes))).toEqual(Buffer.alloc(32, 7))
})

test('a passphrase typed in another Unicode form opens it', async () => {
  const bytes = await sealKeystore({}, ENTRIES, 'caf\u00e9')
  await expect(openKeystore(bytes, 'cafe\u0301')).resolves.toBeDefined()
})

test('holds no entry in the clear and stores its scrypt parameters', () => {
  const text = Buffer.from(sealed).toString()
  expect(text).not.toContain('the signing key')
  expect(text).not.toContain(Buffer.from('the signing key').toString('base64'))
  expect(JSON.parse(text).scrypt).toMatchObject({ N: 32_768, r: 8, p: 1 })
})

test('an opened key store does not print its secrets', async () => {
  const secret = (await openKeystore(sealed, 'correct horse')).secret('signing-key')
  for (const text of [String(secret), inspect(secret, { showHidden: true }), JSON.stringify(secret)]) {
    expect(text).toContain('Secret(signing-key)')
    expect(text).not.toContain('the signing key')
  }
})

describe('refusals', () => {
  test('a wrong passphrase is keys.wrong-passphrase', async () => {
    await expect(openKeystore(sealed, 'wrong')).rejects.toMatchObject({ code: 'keys.wrong-passphrase', detail: {} })
  })

  test('an empty passphrase is config.invalid', async () => {
    await expect(sealKeystore({}, ENTRIES, '')).rejects.toMatchObject({ code: 'config.invalid' })
  })

  test('a file cut at any place is keys.damaged', async () => {
    await fc.assert(
      // the last two bytes are the closing brace and the line end
      fc.asyncProperty(fc.nat({ max: sealed.length - 3 }), async (length) => {
        await expect(openKeystore(sealed.subarray(0, length), 'correct horse')).rejects.toMatchObject({
          code: 'keys.damaged',
        })
      }),
    )
  })

  test('a file with any byte changed never opens to something else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: sealed.length - 2 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Uint8Array.from(sealed)
        bytes[at] = (bytes[at] as number) ^ flip
        const opened = await openKeystore(bytes, 'correct horse').then(
          (keystore) => keystore.labels, // white space may change without harm
          (error: { code?: string }) => error.code,
        )
        expect([LABELS, 'keys.damaged']).toContainEqual(opened)
      }),
    )
  })

  test('a file that is too large is keys.damaged before it is parsed', async () => {
    await expect(openKeystore(Buffer.alloc(100_000, 0x20), 'x')).rejects.toMatchObject({
      code: 'keys.damaged',
      detail: { limit: 65_536 },
    })
  })

  test('entries swapped between names do not open', async () => {
    const bytes = edited((file) => {
      const [a, b] = file.entries as [File['entries'][number], File['entries'][number]]
      ;[a.name, b.name] = [b.name, a.name]
    })
    await expect(openKeystore(bytes, 'correct horse')).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
  })

  test('one entry changed by an editor who mends the checksum is keys.damaged', async () => {
    const bytes = edited((file) => {
      const entry = file.entries[0] as { tag: string }
      entry.tag = Buffer.alloc(16, 1).toString('base64')
    })
    await expect(openKeystore(bytes, 'correct horse')).rejects.toMatchObject({
      code: 'keys.damaged',
      detail: { entries: ['signing-key'] },
    })
  })

  test('the labels of another party do not open the entries', async () => {
    const bytes = edited((file) => {
      file.labels.party = 'tax'
    })
    await expect(openKeystore(bytes, 'correct horse')).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
  })

  test('scrypt costs outside the bounds are refused before they are paid', async () => {
    for (const N of [1024, 2 ** 30]) {
      const bytes = edited((file) => {
        ;(file as unknown as { scrypt: { N: number } }).scrypt.N = N
      })
      await expect(openKeystore(bytes, 'correct horse')).rejects.toMatchObject({ code: 'keys.damaged' })
    }
  })

  test('a missing entry is keys.damaged naming it', async () => {
    const keystore = await openKeystore(sealed, 'correct horse')
    expect(() => keystore.secret('root-key')).toThrowError(
      expect.objectContaining({ code: 'keys.damaged', detail: { missing: 'root-key' } }),
    )
  })
})
