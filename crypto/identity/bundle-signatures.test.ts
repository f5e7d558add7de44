import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { authenticationWords, sameWords, wordList } from './authentication-words.ts'
import {
  bundleDigest,
  requireSuccessor,
  type Signer,
  signaturesNeeded,
  signBundle,
  signersOf,
} from './bundle-signatures.ts'
import { makeRoot } from './certificates.ts'
import { formatInvitation, makeInvitation, parseInvitation } from './invitation.ts'
import { signCard } from './party-card.ts'
import { extendRevocation, parseRevocation, RevocationBook, type RevocationList, signRevocation } from './revocation.ts'
import { makeSigningKey, openSigner } from './signing.ts'
import { emptyTrustBundle, formatTrustBundle, makeTrustBundle, parseTrustBundle, type TrustBundle } from './trust.ts'

const NAMES = ['bank', 'tax', 'social', 'park', 'land']
const signers = new Map<string, Signer>()
let coordinatorRoot: string
let first: TrustBundle
let all: TrustBundle

beforeAll(async () => {
  coordinatorRoot = (await makeRoot({ federation: 'credit', name: 'coordinator' })).pem
  const cards = []
  for (const party of NAMES) {
    const root = await makeRoot({ federation: 'credit', name: party, uriDomain: 'credit' })
    const { publicKey, sign } = openSigner(makeSigningKey().privateKey)
    signers.set(party, { party, sign })
    cards.push(signCard({ publicKey, sign }, { federation: 'credit', party, rootPem: root.pem }))
  }
  first = makeTrustBundle('credit', coordinatorRoot, cards.slice(0, 4))
  const grown = makeTrustBundle('credit', coordinatorRoot, cards)
  all = { ...grown, edition: 2, previous: bundleDigest(first) }
})

const signer = (party: string) => signers.get(party) as Signer
const signedBy = (bundle: TrustBundle, parties: readonly string[]): TrustBundle => ({
  ...bundle,
  signatures: parties.map((party) => signBundle(signer(party), bundle)),
})
const refused = (use: () => unknown, code: string) => expect(use).toThrowError(expect.objectContaining({ code }))

describe('the next edition of a trust bundle', () => {
  test('needs two thirds of the parties held and every new one, whoever else signs', () => {
    fc.assert(
      fc.property(fc.subarray(NAMES), (parties) => {
        const members = parties.filter((party) => party !== 'land').length
        const enough = members >= 3 && parties.includes('land')
        const next = signedBy(all, parties)
        if (enough) expect(() => requireSuccessor(first, next)).not.toThrow()
        else refused(() => requireSuccessor(first, next), 'trust.unsigned')
      }),
    )
    expect([1, 2, 3, 4, 5, 6, 7].map(signaturesNeeded)).toEqual([1, 2, 2, 3, 4, 4, 5])
  })

  test('counts a party once, and no signature over other bytes or by another key', () => {
    const twice = signedBy(all, ['bank', 'bank', 'bank', 'tax', 'land'])
    expect(signersOf(twice, first)).toEqual(['bank', 'tax'])
    const forged = { ...all, signatures: NAMES.map((party) => ({ ...signBundle(signer('bank'), all), party })) }
    expect(signersOf(forged, first)).toEqual(['bank'])
    const other = { ...all, edition: 3 }
    expect(signersOf({ ...all, signatures: signedBy(other, NAMES).signatures }, all)).toEqual([])
  })

  test('follows exactly the one that is held', () => {
    const changes: Partial<TrustBundle>[] = [
      { edition: 3 },
      { edition: 1 },
      { previous: bundleDigest(all) },
      { previous: '0'.repeat(64) },
      { federation: 'other' },
    ]
    for (const change of changes) {
      refused(() => requireSuccessor(first, signedBy({ ...all, ...change }, NAMES)), 'trust.broken-chain')
    }
    refused(() => requireSuccessor(all, signedBy(first, NAMES)), 'trust.broken-chain')
  })

  test('is signed by all founders when it is the first', () => {
    const nothing = emptyTrustBundle('credit', coordinatorRoot)
    expect(() => requireSuccessor(nothing, signedBy(first, NAMES.slice(0, 4)))).not.toThrow()
    refused(() => requireSuccessor(nothing, signedBy(first, NAMES.slice(0, 3))), 'trust.unsigned')
  })

  test('keeps edition, chain and signatures through its text, and its digest is not moved by order', () => {
    const next = signedBy(all, NAMES)
    expect(parseTrustBundle(formatTrustBundle(next))).toEqual(next)
    expect(bundleDigest({ ...next, parties: [...next.parties].reverse(), signatures: [] })).toBe(bundleDigest(next))
  })

  test('written before editions existed reads as the first, unsigned', () => {
    const { edition: _, previous: __, signatures: ___, ...old } = first
    expect(parseTrustBundle(JSON.stringify(old))).toMatchObject({
      edition: 1,
      previous: '0'.repeat(64),
      signatures: [],
    })
  })
})

describe('the words that officers compare', () => {
  test('are six of a list of 2,048 that differ in their first four letters', async () => {
    expect(new Set(wordList().map((word) => word.slice(0, 4))).size).toBe(2048)
    const words = await authenticationWords(bundleDigest(all))
    expect(words.split(' ')).toHaveLength(6)
    expect(words.split(' ').every((word) => wordList().includes(word))).toBe(true)
    expect(await authenticationWords(bundleDigest(all))).toBe(words)
    expect(await authenticationWords(bundleDigest(first))).not.toBe(words)
    // fixed for ever: two versions of the software must say the same words
    expect(await authenticationWords('00'.repeat(32))).toBe('wolf solid speak daring universe plunge')
  })

  test('compare however they are typed', () => {
    expect(sameWords(' Apple, bear\nCHAIR', 'apple bear chair')).toBe(true)
    expect(sameWords('apple bear', 'apple bear chair')).toBe(false)
    expect(sameWords('', '')).toBe(false)
  })
})

describe('a revocation', () => {
  const list = (party: string, change: Partial<RevocationList> = {}) => ({
    ...extendRevocation('credit', party, undefined, { serials: ['AB12'], wholeParty: false }),
    ...change,
  })
  const by = (value: RevocationList, ...parties: string[]) =>
    parties.reduce((signed, party) => signRevocation(signer(party), signed), value)

  test('counts by the party itself, or by two thirds', () => {
    fc.assert(
      fc.property(fc.subarray(NAMES), (parties) => {
        const book = new RevocationBook()
        const signed = by(list('tax'), ...parties)
        if (parties.includes('tax') || parties.length >= 4) {
          expect(book.accept(all, signed)).toBe(true)
          expect(book.isSerialRevoked('tax', 'ab12')).toBe(true)
          expect(book.isSerialRevoked('bank', 'AB12')).toBe(false)
          expect(book.isPartyRevoked('tax')).toBe(false)
        } else refused(() => book.accept(all, signed), 'revocation.unsigned')
      }),
    )
  })

  test('only grows', () => {
    const book = new RevocationBook()
    const second = by(extendRevocation('credit', 'tax', list('tax'), { serials: ['CD34'], wholeParty: true }), 'tax')
    expect(second).toMatchObject({ edition: 2, serials: ['AB12', 'CD34'], wholeParty: true })
    expect(book.accept(all, second)).toBe(true)
    expect(book.accept(all, second)).toBe(false)
    refused(() => book.accept(all, by(list('tax'), 'tax')), 'revocation.stale')
    refused(() => book.accept(all, by(list('tax', { edition: 3 }), 'tax')), 'revocation.stale')
    const back = list('tax', { edition: 3, serials: ['AB12', 'CD34'] })
    refused(() => book.accept(all, by(back, 'tax')), 'revocation.stale')
    expect(book.isPartyRevoked('tax')).toBe(true)
  })

  test('is of a known party and federation, and of the fields it should have', () => {
    const book = new RevocationBook()
    refused(() => book.accept(all, by(list('mallory'), 'bank')), 'identity.unknown')
    refused(() => book.accept(all, by(list('tax', { federation: 'other' }), 'tax')), 'identity.unknown')
    for (const text of ['', '[]', '{}', JSON.stringify({ ...list('tax'), more: 1 }), 'x'.repeat(300_000)]) {
      refused(() => parseRevocation(text), 'protocol.malformed')
    }
    expect(parseRevocation(JSON.stringify(list('tax')))).toEqual(list('tax'))
  })
})

describe('an invitation', () => {
  const make = () =>
    makeInvitation({
      federation: 'credit',
      party: 'land',
      coordinator: 'fed.example.cn:7443',
      rootPem: coordinatorRoot,
      hours: 24,
      now: new Date(),
    })

  test('survives mail: other line ends, spaces, text around it', () => {
    const invitation = make()
    const text = formatInvitation(invitation)
    for (const mailed of [
      text,
      text.replaceAll('\n', '\r\n'),
      `Hello\n\n  ${text.replaceAll('\n', '\n  ')}\nRegards`,
    ]) {
      expect(parseInvitation(mailed)).toEqual(invitation)
    }
  })

  test('is refused when any of its text is missing or changed to another shape', () => {
    const text = formatInvitation(make())
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        refused(() => parseInvitation(text.slice(0, length)), 'config.invalid')
      }),
      { numRuns: 50 },
    )
    const changed = (change: object) =>
      formatInvitation({ ...make(), ...change } as Parameters<typeof formatInvitation>[0])
    for (const change of [
      { version: 2 },
      { token: 'short' },
      { coordinator: 'nowhere' },
      { more: 1 },
      { party: 'X' },
    ]) {
      refused(() => parseInvitation(changed(change)), 'config.invalid')
    }
  })

  test('never repeats its id or its token', () => {
    const made = Array.from({ length: 50 }, make)
    expect(new Set(made.map(({ token }) => token)).size).toBe(50)
    expect(new Set(made.map(({ id }) => id)).size).toBe(50)
  })
})
