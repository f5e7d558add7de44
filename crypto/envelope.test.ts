import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeSealingKey,
  ENVELOPE_OVERHEAD,
  EnvelopePair,
  type EnvelopePairOptions,
  encodeSealingKey,
  envelopeDigest,
  LETTER_BYTES,
  makeSealingKey,
  signSealingKey,
  verifySealingKey,
} from './envelope.ts'
import { makeSigningKey, openSigner } from './identity/signing.ts'

const JOB = 'job-0123456789abcdef0123'

function party(name: string) {
  return { party: name, ...openSigner(makeSigningKey().privateKey), sealing: makeSealingKey() }
}
type Party = ReturnType<typeof party>

const bank = party('bank')
const tax = party('tax')
const park = party('park')

function pair(self: Party, peer: Party, changes: Partial<EnvelopePairOptions> = {}): EnvelopePair {
  return new EnvelopePair({
    job: JOB,
    self: self.party,
    peer: peer.party,
    own: self.sealing,
    peerSealingKey: peer.sealing.publicKey,
    sign: self.sign,
    peerSigningKey: peer.publicKey,
    ...changes,
  })
}

const atBank = pair(bank, tax)
const atTax = pair(tax, bank)
const BODY = Buffer.from('partial scores of round 3')

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a sealed message', () => {
  test('opens at its receiver to the same bytes, in both directions, for any body and number', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        (body, seq) => {
          expect(Buffer.from(atTax.open(seq, atBank.seal(seq, body)))).toEqual(Buffer.from(body))
          expect(Buffer.from(atBank.open(seq, atTax.seal(seq, body)))).toEqual(Buffer.from(body))
        },
      ),
    )
  })

  test('is longer than its body by exactly ENVELOPE_OVERHEAD, and an empty body is allowed', () => {
    for (const length of [0, 1, 15, 16, 17, 262_144]) {
      const envelope = atBank.seal(length + 1, Buffer.alloc(length))
      expect(envelope.length).toBe(length + ENVELOPE_OVERHEAD)
      expect(atTax.open(length + 1, envelope).length).toBe(length)
    }
  })

  test('is the same bytes when sealed again, so a crash before the write cannot reuse a nonce for two bodies', () => {
    expect(atBank.seal(9, BODY)).toEqual(atBank.seal(9, BODY))
    expect(envelopeDigest(atBank.seal(9, BODY))).toEqual(createHash('sha256').update(atBank.seal(9, BODY)).digest())
  })

  test('shows nothing of the body, and differs in each direction and number', () => {
    const body = Buffer.alloc(64)
    const ciphertexts = [atBank.seal(1, body), atBank.seal(2, body), atTax.seal(1, body)].map((envelope) =>
      Buffer.from(envelope.subarray(-144, -80)).toString('hex'),
    )
    expect(new Set([...ciphertexts, body.toString('hex')]).size).toBe(4)
    expect(Buffer.from(atBank.seal(3, BODY)).includes(BODY)).toBe(false)
  })

  test('opens from a view into a larger buffer', () => {
    const envelope = atBank.seal(1, BODY)
    const larger = new Uint8Array(envelope.length + 20)
    larger.set(envelope, 7)
    expect(Buffer.from(atTax.open(1, larger.subarray(7, 7 + envelope.length)))).toEqual(BODY)
  })
})

describe('a body that several parties get alike', () => {
  const toPark = pair(bank, park)
  const copied = atBank.copiedBody(BODY)

  test('opens at each of them; what follows the letters is the same, and shows nothing', () => {
    const [one, other] = [atBank.sealCopied(4, copied), toPark.sealCopied(9, copied)]
    expect(Buffer.from(atTax.open(4, one))).toEqual(BODY)
    expect(Buffer.from(pair(park, bank).open(9, other))).toEqual(BODY)
    expect(one.subarray(LETTER_BYTES)).toEqual(other.subarray(LETTER_BYTES))
    expect(Buffer.from(one).includes(BODY)).toBe(false)
    copied.letter.reveal((letter) => expect(Buffer.from(one).includes(Buffer.from(letter.subarray(0, 32)))).toBe(false))
  })

  test('is the same bytes when sealed again; another body is under another key', () => {
    expect(atBank.sealCopied(4, atBank.copiedBody(BODY))).toEqual(atBank.sealCopied(4, copied))
    expect(toPark.copiedBody(BODY).bytes).toEqual(copied.bytes)
    const keyOf = (body: Uint8Array) => atBank.copiedBody(body).letter.reveal((bytes) => bytes.slice(0, 32))
    expect(keyOf(BODY)).not.toEqual(keyOf(Buffer.from('partial scores of round 4')))
    expect(keyOf(BODY)).not.toEqual(
      pair(tax, bank)
        .copiedBody(BODY)
        .letter.reveal((bytes) => bytes.slice(0, 32)),
    )
  })

  test('with another body behind its letter, or none, is refused', () => {
    const letter = atBank.sealCopied(4, copied).subarray(0, LETTER_BYTES)
    const other = atBank.copiedBody(Buffer.from('partial scores of round 4'))
    const behind = (bytes: Uint8Array) => Buffer.concat([letter, bytes])
    expect(refusalOf(() => atTax.open(4, behind(other.bytes)))).toBe('envelope.tampered')
    expect(refusalOf(() => atTax.open(4, behind(copied.bytes.subarray(1))))).toBe('envelope.tampered')
    expect(refusalOf(() => atTax.open(4, letter))).toBe('envelope.malformed')
    // a letter is no message, and a message is no letter
    const [asMessage, asLetter] = [Uint8Array.from(letter), atBank.seal(4, BODY)]
    asMessage[4] = 1
    asLetter[4] = 2
    expect(refusalOf(() => atTax.open(4, asMessage))).toBe('envelope.tampered')
    expect(refusalOf(() => atTax.open(4, asLetter))).toBe('envelope.malformed')
  })
})

describe('refuses', () => {
  test.each([
    ['a message', () => atBank.seal(5, BODY)],
    ['a message of a letter and a copied body', () => atBank.sealCopied(5, atBank.copiedBody(BODY))],
  ])('any changed byte of %s', (_, seal) => {
    const envelope = seal()
    const codes = new Set<string>()
    for (let at = 0; at < envelope.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Uint8Array.from(envelope)
        changed[at] = (changed[at] as number) ^ flip
        codes.add(refusalOf(() => atTax.open(5, changed)))
      }
    }
    expect([...codes].sort()).toEqual([
      'envelope.duplicate',
      'envelope.malformed',
      'envelope.out-of-order',
      'envelope.tampered',
      'envelope.wrong-recipient',
      'envelope.wrong-sender',
    ])
  })

  test('any random change of several bytes, any cut and any addition', () => {
    const envelope = atBank.seal(5, BODY)
    const change = fc.tuple(fc.nat({ max: envelope.length - 1 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(fc.uniqueArray(change, { minLength: 1, maxLength: 8, selector: ([at]) => at }), (changes) => {
        const changed = Uint8Array.from(envelope)
        for (const [at, flip] of changes) changed[at] = (changed[at] as number) ^ flip
        expect(refusalOf(() => atTax.open(5, changed))).toMatch(/^envelope\./)
      }),
    )
    fc.assert(
      fc.property(fc.nat({ max: envelope.length - 1 }), fc.uint8Array({ minLength: 1 }), (length, more) => {
        expect(() => atTax.open(5, envelope.subarray(0, length))).toThrowError(code('envelope.malformed'))
        expect(() => atTax.open(5, Buffer.concat([envelope, more]))).toThrowError(code('envelope.malformed'))
      }),
    )
  })

  test('bytes that are no envelope', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(() => atTax.open(1, bytes)).toThrowError(code('envelope.malformed'))
      }),
    )
  })

  test('a number behind as a duplicate and a number ahead as out of order', () => {
    const envelope = atBank.seal(5, BODY)
    expect(() => atTax.open(6, envelope)).toThrowError(code('envelope.duplicate'))
    expect(() => atTax.open(4, envelope)).toThrowError(
      expect.objectContaining({ code: 'envelope.out-of-order', detail: { from: 'bank', expected: 4, got: 5 } }),
    )
  })

  test('its own envelope sent back (direction)', () => {
    expect(() => atBank.open(1, atBank.seal(1, BODY))).toThrowError(code('envelope.wrong-recipient'))
  })

  test('an envelope for another party', () => {
    expect(() => pair(park, bank).open(1, atBank.seal(1, BODY))).toThrowError(code('envelope.wrong-recipient'))
  })

  test('an envelope of another job', () => {
    const other = pair(bank, tax, { job: 'job-other' })
    expect(() => atTax.open(1, other.seal(1, BODY))).toThrowError(code('envelope.wrong-recipient'))
  })

  test('an envelope from another party', () => {
    expect(() => atTax.open(1, pair(park, tax).seal(1, BODY))).toThrowError(code('envelope.wrong-sender'))
  })

  test("another party's signature under the right name", () => {
    const forged = pair(bank, tax, { sign: park.sign })
    expect(() => atTax.open(1, forged.seal(1, BODY))).toThrowError(code('envelope.tampered'))
  })

  test('an envelope that a third party sealed to us with its own key in the name of the peer', () => {
    const forged = pair(bank, tax, { own: park.sealing, sign: park.sign })
    expect(() => atTax.open(1, forged.seal(1, BODY))).toThrowError(code('envelope.tampered'))
  })

  test('a signed envelope of the same job under other job keys (replay)', () => {
    const earlier = pair(bank, tax, { own: makeSealingKey() })
    expect(() => atTax.open(1, earlier.seal(1, BODY))).toThrowError(code('envelope.replayed'))
    const staleReceiver = pair(bank, tax, { peerSealingKey: makeSealingKey().publicKey })
    expect(() => atTax.open(1, staleReceiver.seal(1, BODY))).toThrowError(code('envelope.replayed'))
  })

  test('a ciphertext whose sender signed bytes that do not decrypt', () => {
    const sign = (context: string, bytes: Uint8Array) => bank.sign(context, bytes)
    const envelope = Uint8Array.from(pair(bank, tax, { sign }).seal(1, BODY))
    const signedEnd = envelope.length - 64
    envelope[signedEnd - 1] = (envelope[signedEnd - 1] as number) ^ 1
    envelope.set(sign('envelope', createHash('sha256').update(envelope.subarray(0, signedEnd)).digest()), signedEnd)
    expect(() => atTax.open(1, envelope)).toThrowError(
      expect.objectContaining({ code: 'envelope.tampered', detail: { from: 'bank', seq: 1, what: 'tag' } }),
    )
  })

  test('a version that it does not speak, before anything else', () => {
    const envelope = Uint8Array.from(atBank.seal(1, BODY))
    envelope[4] = 3
    expect(() => atTax.open(1, envelope)).toThrowError(
      expect.objectContaining({ code: 'envelope.malformed', detail: { problem: 'version 3' } }),
    )
  })

  test('numbers that are not integers from 1', () => {
    for (const seq of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => atBank.seal(seq, BODY)).toThrowError(RangeError)
      expect(() => atTax.open(seq, atBank.seal(1, BODY))).toThrowError(RangeError)
    }
  })
})

describe('sealing keys', () => {
  // RFC 7748 and curve25519's points of order 1, 2, 4, 8 with their non-canonical twins
  const SMALL_ORDER = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]

  test.each(SMALL_ORDER)('of small order are refused: %s', (hex) => {
    expect(() => pair(bank, tax, { peerSealingKey: Buffer.from(hex, 'hex') })).toThrowError(code('envelope.malformed'))
  })

  test('of a wrong length are refused, as are a party talking to itself and names that are none', () => {
    const wrong: Partial<EnvelopePairOptions>[] = [
      { peerSealingKey: Buffer.alloc(31, 9) },
      { peerSealingKey: Buffer.alloc(33, 9) },
      { peer: 'bank' },
      { peer: 'Tax' },
      { job: '' },
      { job: 'a job' },
      { job: 'x'.repeat(65) },
    ]
    for (const changes of wrong) expect(() => pair(bank, tax, changes)).toThrowError(code('envelope.malformed'))
  })

  test('verify only for the party, job and key that were signed', () => {
    const key = bank.sealing.publicKey
    const signature = signSealingKey(bank, JOB, key)
    verifySealingKey(bank.publicKey, JOB, 'bank', key, signature)
    const wrong: [Uint8Array, string, string, Uint8Array, Uint8Array][] = [
      [tax.publicKey, JOB, 'bank', key, signature],
      [bank.publicKey, 'job-other', 'bank', key, signature],
      [bank.publicKey, JOB, 'tax', key, signature],
      [bank.publicKey, JOB, 'bank', tax.sealing.publicKey, signature],
      [bank.publicKey, JOB, 'bank', key.subarray(1), signature],
      [bank.publicKey, JOB, 'bank', key, signature.subarray(1)],
      [bank.publicKey, JOB, 'bank', key, bank.sign('envelope', key)],
    ]
    for (const facts of wrong) expect(() => verifySealingKey(...facts)).toThrowError(code('envelope.tampered'))
  })

  test('come back from storage and work', () => {
    const stored = encodeSealingKey(bank.sealing).reveal((bytes) => Uint8Array.from(bytes))
    const again = pair(bank, tax, { own: decodeSealingKey(stored) })
    expect(Buffer.from(atTax.open(2, again.seal(2, BODY)))).toEqual(BODY)
  })

  test('that are damaged in storage are refused', () => {
    const stored = encodeSealingKey(bank.sealing).reveal((bytes) => Uint8Array.from(bytes))
    const changed = Uint8Array.from(stored)
    changed[5] = (changed[5] as number) ^ 1
    for (const bytes of [changed, stored.subarray(1), Buffer.alloc(0)]) {
      expect(() => decodeSealingKey(bytes)).toThrowError(code('storage.damaged'))
    }
  })

  test('do not print', () => {
    const hex = bank.sealing.privateKey.reveal((bytes) => Buffer.from(bytes).toString('hex'))
    for (const text of [inspect(bank.sealing), JSON.stringify(bank.sealing), inspect(atBank, { showHidden: true })]) {
      expect(text.replace(/[^0-9a-f]/g, '')).not.toContain(hex)
    }
    expect(inspect(bank.sealing)).toContain('Secret(sealing-key)')
  })
})

function refusalOf(open: () => unknown): string {
  try {
    open()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'opened'
}
