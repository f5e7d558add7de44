import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeSigningKey } from '../identity/signing.ts'
import { openRecord, pae, parseRecord, signRecord, strictBase64 } from './dsse.ts'
import { keyIdOf, openStatementSigner, verifyStatement } from './ed25519.ts'
import { parseCanonicalJson } from './jcs.ts'

const TYPE = 'application/vnd.tributary.test.v1+json'
const key = makeSigningKey()
const sign = openStatementSigner(key.privateKey, 'party')
const keyid = keyIdOf(key.publicKey)
const keyOf = (id: string) => (id === keyid ? key.publicKey : undefined)
const leafOf = (payload: string | Uint8Array) => signRecord(TYPE, Buffer.from(payload), sign, keyid)
const codeOf = (leaf: string | Uint8Array): string => {
  try {
    openRecord(Buffer.from(leaf), keyOf)
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
  return 'no error'
}

test('PAE of the DSSE specification', () => {
  expect(Buffer.from(pae('http://example.com/HelloWorld', Buffer.from('hello world'))).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  )
  expect(Buffer.from(pae('', Buffer.alloc(0))).toString()).toBe('DSSEv1 0  0 ')
  expect(Buffer.from(pae('ಠ', Buffer.from('é'))).toString()).toBe('DSSEv1 3 ಠ 2 é')
})

test('what is signed is opened again, and its bytes are canonical JSON', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      const leaf = leafOf(payload)
      expect(openRecord(leaf, keyOf)).toMatchObject({ payloadType: TYPE, keyid })
      expect(Buffer.from(openRecord(leaf, keyOf).payload)).toEqual(Buffer.from(payload))
      expect(parseCanonicalJson(leaf)).toMatchObject({ payloadType: TYPE, signatures: [{ keyid }] })
    }),
    { numRuns: 50 },
  )
})

test('no flipped bit of a leaf leaves it good', () => {
  const leaf = leafOf('{"a":1}')
  for (let bit = 0; bit < leaf.length * 8; bit++) {
    const changed = Uint8Array.from(leaf)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(codeOf(changed), `bit ${bit}`).toMatch(/^log\./)
  }
})

describe('refused', () => {
  const good = Buffer.from(leafOf('{"a":1}')).toString()
  const parts = JSON.parse(good) as {
    payload: string
    payloadType: string
    signatures: [{ keyid: string; sig: string }]
  }

  test.each([
    ['spaces', good.replace('":', '": '), 'log.not-canonical'],
    [
      'another order',
      JSON.stringify({ signatures: parts.signatures, payload: parts.payload, payloadType: TYPE }),
      'log.not-canonical',
    ],
    ['a name twice', good.replace('{"payload"', '{"payload":"","payload"'), 'log.not-canonical'],
    ['an escape', good.replace('payloadType":"a', 'payloadType":"\\u0061'), 'log.not-canonical'],
    ['an unknown member', good.replace('{"payload"', '{"a":1,"payload"'), 'log.malformed'],
    ['no signature', good.replace(/\[.*\]/, '[]'), 'log.malformed'],
    ['two signatures', good.replace(/\[(.*)\]/, '[$1,$1]'), 'log.malformed'],
    ['no JSON', good.slice(0, -1), 'log.malformed'],
    ['a type with a space', good.replace(TYPE, 'a b'), 'log.malformed'],
    ['base64 without padding', good.replace(parts.payload, parts.payload.replaceAll('=', '')), 'log.malformed'],
    ['base64 for URLs', good.replace(parts.payload, '-_-_'), 'log.malformed'],
    ['base64 with pad bits', good.replace(parts.payload, 'eyJhIjoxff=='), 'log.not-canonical'],
    ['a short signature', good.replace(parts.signatures[0].sig, 'AAAA'), 'log.malformed'],
    ['an unknown key', good.replace(keyid, 'f'.repeat(16)), 'log.unknown-key'],
    ['another payload', good.replace(parts.payload, 'e30='), 'log.signature'],
    ['another type', good.replace(TYPE, TYPE.replace('test', 'tess')), 'log.signature'],
    ['a huge leaf', good.replace(parts.payload, 'A'.repeat(300_000)), 'log.malformed'],
  ])('%s', (_, leaf, code) => {
    expect(codeOf(leaf)).toBe(code)
  })

  test('to sign: other bytes than statements, bad key ids', () => {
    expect(() => sign(Buffer.from('transfer'))).toThrow(RangeError)
    expect(() => sign(Buffer.from('tributary/signature/v1\0'))).toThrow(RangeError)
    const log = openStatementSigner(makeSigningKey().privateKey, 'log')
    expect(() => log(Buffer.from('tributary/signature/v1\0envelope\0'))).toThrow(RangeError)
    expect(log(Buffer.from('tributary/signature/c-'))).toHaveLength(64) // a federation may have any name
    expect(() => signRecord(TYPE, Buffer.of(1), sign, 'x')).toThrow(expect.objectContaining({ code: 'log.malformed' }))
  })
})

test('a key or an R of small order is refused, which OpenSSL alone would accept', () => {
  // the neutral element as R and S = 0 fit every message under a key of small order
  const neutral = Buffer.concat([Uint8Array.of(1), Buffer.alloc(31)])
  expect(verifyStatement(neutral, Buffer.from('DSSEv1 '), Buffer.concat([neutral, Buffer.alloc(32)]))).toBe(false)
  expect(verifyStatement(key.publicKey.subarray(1), Buffer.of(1), Buffer.alloc(64))).toBe(false)
  expect(verifyStatement(key.publicKey, Buffer.of(1), Buffer.alloc(63))).toBe(false)
})

test('RFC 8032 test 3 verifies', () => {
  const publicKey = Buffer.from('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'hex')
  const signature = Buffer.from(
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    'hex',
  )
  expect(verifyStatement(publicKey, Buffer.from('af82', 'hex'), signature)).toBe(true)
  expect(verifyStatement(publicKey, Buffer.from('af83', 'hex'), signature)).toBe(false)
})

test('base64 has one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(Buffer.from(strictBase64(Buffer.from(bytes).toString('base64')))).toEqual(Buffer.from(bytes))
    }),
  )
  for (const text of ['A', 'AA', 'AAA', 'A===', 'AAA=\n', ' AAAA', 'AA=A', 'AB==']) {
    expect(() => strictBase64(text), text).toThrow(expect.objectContaining({ name: 'PlatformError' }))
  }
})

test('parseRecord does not look at the signature', () => {
  expect(parseRecord(leafOf('{}')).signature).toHaveLength(64)
})
