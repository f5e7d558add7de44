import { createPrivateKey, sign as ed25519Sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { makeSigningKey } from '../identity/signing.ts'
import { openStatementSigner, verifyStatement } from './ed25519.ts'
import {
  addSignatures,
  cosign,
  formatCheckpoint,
  formatVerifierKey,
  noteKeyId,
  parseNote,
  parseTreeHead,
  parseVerifierKey,
  signCheckpoint,
  TYPE_COSIGNATURE,
  TYPE_ED25519,
  verifyCheckpoint,
} from './note.ts'

const malformed = expect.objectContaining({ code: 'log.malformed' })
const origin = 'tributary/credit/c-00000000000000000000'
const head = { origin, size: 7, root: Buffer.alloc(32, 5) }
const logKey = makeSigningKey()
const log = { name: origin, publicKey: logKey.publicKey }
const logSign = openStatementSigner(logKey.privateKey, 'log')
const parties = ['bank', 'tax'].map((name) => ({ name, ...makeSigningKey() }))
const note = signCheckpoint(head, log, logSign)
const lineOf = (name: string, seconds = 1_790_000_000, over = note) => {
  const party = parties.find((entry) => entry.name === name) as (typeof parties)[number]
  return cosign(over, party, openStatementSigner(party.privateKey, 'party'), new Date(seconds * 1000))
}
const keys = { log, cosigners: parties }

describe('the example of the Go implementation', () => {
  const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const LINE =
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

  test('verifier key and key id', () => {
    const key = parseVerifierKey(VKEY)
    expect(key.name).toBe('PeterNeumann')
    expect(Buffer.from(noteKeyId(TYPE_ED25519, key)).toString('hex')).toBe('c74f20a3')
    expect(formatVerifierKey(TYPE_ED25519, key)).toBe(VKEY)
    for (const bad of [VKEY.replace('c74f', 'c74e'), VKEY.slice(0, -4), VKEY.replace('Peter', 'Peter '), 'a+b', '']) {
      expect(() => parseVerifierKey(bad), bad).toThrow(malformed)
    }
  })

  test('note and signature', () => {
    const parsed = parseNote(Buffer.from(`${TEXT}\n${LINE}`))
    expect(parsed.text).toBe(TEXT)
    const [line] = parsed.signatures
    expect(line?.name).toBe('PeterNeumann')
    const { publicKey } = parseVerifierKey(VKEY)
    expect(verifyStatement(publicKey, Buffer.from(TEXT), line?.signature as Uint8Array)).toBe(true)
    expect(
      verifyStatement(publicKey, Buffer.from(TEXT.replace('answer', 'Answer')), line?.signature as Uint8Array),
    ).toBe(false)
  })
})

test('the checkpoint and cosignature lines of the C2SP examples parse', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const lines = [
    '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n',
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n',
  ]
  const parsed = parseNote(Buffer.from(`${text}\n${lines.join('')}`))
  expect(parseTreeHead(parsed.text)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 })
  expect(formatCheckpoint(parseTreeHead(parsed.text))).toBe(text)
  const cosignature = parsed.signatures[1]
  expect(Buffer.from(cosignature?.keyId ?? []).toString('hex')).toBe('8d66cf3f')
  expect(Buffer.from(cosignature?.signature ?? []).readBigUInt64BE()).toBe(1_679_315_147n)
  expect(cosignature?.signature).toHaveLength(72)
})

// the specifications publish no keys for their examples, so what follows is of our own making

test('a signed and cosigned checkpoint says who signed and when', () => {
  const whole = addSignatures(note, [lineOf('bank'), lineOf('tax', 1_790_000_005)])
  expect(verifyCheckpoint(whole, keys)).toEqual({
    ...head,
    root: expect.anything(),
    coordinator: true,
    cosigners: [
      { name: 'bank', time: 1_790_000_000 },
      { name: 'tax', time: 1_790_000_005 },
    ],
    invalid: [],
  })
})

test('the cosigned message is header, time and the whole text', () => {
  const [bank] = parties as [(typeof parties)[number]]
  const key = createPrivateKey({ key: Buffer.from(bank.privateKey), format: 'der', type: 'pkcs8' })
  const message = `cosignature/v1\ntime 1790000000\n${formatCheckpoint(head)}`
  const signature = ed25519Sign(null, Buffer.from(message), key)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(1_790_000_000n)
  const bytes = Buffer.concat([noteKeyId(TYPE_COSIGNATURE, bank), time, signature])
  expect(lineOf('bank')).toBe(`— bank ${bytes.toString('base64')}\n`)
})

describe('a checkpoint', () => {
  const whole = Buffer.from(addSignatures(note, [lineOf('bank')])).toString()

  test('of another size or root is signed by nobody', () => {
    for (const changed of [whole.replace('\n7\n', '\n8\n'), whole.replace('BQUF', 'AQUF')]) {
      const facts = verifyCheckpoint(Buffer.from(changed), keys)
      expect(facts).toMatchObject({ coordinator: false, cosigners: [], invalid: [origin, 'bank'] })
    }
  })

  test('ignores keys it does not know, also under a known name', () => {
    const stranger = { ...makeSigningKey(), name: 'bank' }
    const line = cosign(note, stranger, openStatementSigner(stranger.privateKey, 'party'), new Date())
    const facts = verifyCheckpoint(addSignatures(note, [line]), keys)
    expect(facts).toMatchObject({ coordinator: true, cosigners: [], invalid: [] })
  })

  test('counts a key that signed once well and once badly as invalid', () => {
    const moved = lineOf('bank', 1_790_000_000, signCheckpoint({ ...head, size: 8 }, log, logSign))
    expect(verifyCheckpoint(addSignatures(note, [lineOf('bank'), moved]), keys).invalid).toEqual(['bank'])
  })

  test('with a moved time is not cosigned', () => {
    const line = lineOf('bank')
    const bytes = Buffer.from(line.split(' ')[2] as string, 'base64')
    bytes.writeUInt8((bytes[11] as number) ^ 1, 11)
    const facts = verifyCheckpoint(addSignatures(note, [`— bank ${bytes.toString('base64')}\n`]), keys)
    expect(facts).toMatchObject({ cosigners: [], invalid: ['bank'] })
  })

  test('a signature of the note type by a party is no cosignature', () => {
    const [bank] = parties as [(typeof parties)[number]]
    expect(noteKeyId(TYPE_ED25519, bank)).not.toEqual(noteKeyId(TYPE_COSIGNATURE, bank))
  })
})

test.each([
  ['no signature', formatCheckpoint(head)],
  ['an empty signature part', `${formatCheckpoint(head)}\n`],
  ['no last newline', Buffer.from(note).toString().slice(0, -1)],
  ['a hyphen for the dash', Buffer.from(note).toString().replace('—', '-')],
  ['a control character', Buffer.from(note).toString().replace('\n7', '\r\n7')],
  ['base64 without padding', Buffer.from(note).toString().replace(/=\n$/, '\n')],
  ['a short signature', `${formatCheckpoint(head)}\n— a AAAA\n`],
])('a note with %s is refused', (_, text) => {
  expect(() => parseNote(Buffer.from(text))).toThrow(malformed)
})

test.each([
  ['a size with a zero before', `${origin}\n07\n${Buffer.alloc(32).toString('base64')}\n`],
  ['a negative size', `${origin}\n-7\n${Buffer.alloc(32).toString('base64')}\n`],
  ['an unsafe size', `${origin}\n9999999999999999\n${Buffer.alloc(32).toString('base64')}\n`],
  ['a short root', `${origin}\n7\nAAAA\n`],
  ['an extension line', `${origin}\n7\n${Buffer.alloc(32).toString('base64')}\nmore\n`],
  ['no origin', `\n7\n${Buffer.alloc(32).toString('base64')}\n`],
  ['two lines', `${origin}\n7\n`],
])('a checkpoint text with %s is refused', (_, text) => {
  expect(() => parseTreeHead(text)).toThrow(malformed)
})

test('bytes that are no text, or too many, are refused', () => {
  expect(() => parseNote(Buffer.from([0xff, 0x0a, 0x0a]))).toThrow(malformed)
  expect(() => parseNote(Buffer.alloc(200_000, 0x61))).toThrow(malformed)
  expect(() => formatCheckpoint({ ...head, size: -1 })).toThrow(malformed)
  expect(() => formatCheckpoint({ ...head, origin: 'a b' })).toThrow(malformed)
})
