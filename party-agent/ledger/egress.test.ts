import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { T } from '#crypto/he/params.ts'
import { expandBytes } from '#crypto/prg.ts'
import { domainTag, hashToPoints } from '#crypto/psi/points.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import type { Step } from '#protocols/core/schedule.ts'
import { ALIGNMENT } from '#protocols/psi/messages.ts'
import { SCORING, TRAINING } from '#protocols/vertical-lr/messages.ts'
import { Egress } from './egress.ts'
import {
  honest,
  KEY_SHAPES,
  numbersFrom,
  OWN_KEY,
  PEER_KEY,
  PLAIN_NAMES,
  plainDressed,
  SHAPES,
  uniform,
} from './egress-fixture.ts'

const schedule: readonly Step[] = [...ALIGNMENT, ...TRAINING, ...SCORING]
const parties = { self: 'tax', guest: 'bank', hosts: ['tax', 'land', 'social'] }
const headerOf = (step: string, keyId?: string): MessageHeader => {
  const { kind } = schedule.find((candidate) => candidate.name === step) as Step
  return { round: 1, step, part: 0, kind, ...(keyId === undefined ? {} : { keyId }) }
}
const encode = (step: string, body: unknown) =>
  (schedule.find((candidate) => candidate.name === step) as Step).codec.encode(body)

function openEgress(self = 'tax'): Egress {
  const egress = new Egress({ task: 'train', schedule, ...parties, self, approval: '' }, [])
  egress.sent('bank', headerOf('pivot-score-key', OWN_KEY))
  egress.received('bank', headerOf('guest-gradient-key', PEER_KEY))
  return egress
}
const says = (run: () => void): string => {
  try {
    run()
    return 'allowed'
  } catch (error) {
    return (error as { code: string }).code
  }
}
const sendCiphertext = (wire: Uint8Array, keyId = OWN_KEY, to = 'bank') =>
  says(() => openEgress().check(to, headerOf('characters', keyId), encode('characters', [wire])))

describe('ciphertexts', () => {
  test('plain vectors dressed as ciphertexts are all refused', () => {
    const passed: string[] = []
    for (let seed = 0; seed < 250; seed++) {
      const shape = SHAPES[seed % SHAPES.length]
      const name = PLAIN_NAMES[Math.floor(seed / SHAPES.length) % PLAIN_NAMES.length]
      if (shape === undefined || name === undefined) throw new RangeError()
      if (sendCiphertext(plainDressed(shape, name, seed), shape.keyId) !== 'egress.not-ciphertext')
        passed.push(`${name} as ${shape.set.name} ${shape.kind}`)
    }
    expect([...new Set(passed)]).toEqual([])
  }, 60_000)

  test('honest ones all pass', () => {
    const refused = Array.from({ length: 250 }, (_, i) => SHAPES[i % SHAPES.length] as (typeof SHAPES)[number]).filter(
      (shape) => sendCiphertext(honest(shape), shape.keyId) !== 'allowed',
    )
    expect(refused.length).toBe(0)
  }, 60_000)

  test.each([
    ['one byte short', (wire: Uint8Array) => wire.slice(0, -1)],
    ['one byte long', (wire: Uint8Array) => Uint8Array.from([...wire, 0])],
    ['another magic', (wire: Uint8Array) => wire.with(0, 1)],
    ['another version', (wire: Uint8Array) => wire.with(2, 9)],
    ['no registered set', (wire: Uint8Array) => wire.with(3, 9)],
    ['a secret key', (wire: Uint8Array) => wire.with(4, 2)],
    ['another number of primes', (wire: Uint8Array) => wire.with(5, 1)],
    ['a reserved byte', (wire: Uint8Array) => wire.with(7, 1)],
    ['another key', (wire: Uint8Array) => wire.with(20, 1)],
  ])('%s is refused', (_, change) => {
    const wire = honest(SHAPES[0] as (typeof SHAPES)[number])
    expect(sendCiphertext(Uint8Array.from(change(wire) as Uint8Array))).toBe('egress.not-ciphertext')
  })

  test('an answer goes to the owner of its key only, and a fresh one is under our own', () => {
    const [fresh, , answer] = SHAPES.map(honest) as [Uint8Array, Uint8Array, Uint8Array]
    expect(sendCiphertext(answer, PEER_KEY, 'bank')).toBe('allowed')
    expect(sendCiphertext(answer, PEER_KEY, 'land')).toBe('egress.not-ciphertext')
    const peersFresh = Uint8Array.from(fresh)
    peersFresh.set(Buffer.from(PEER_KEY, 'hex'), 16)
    expect(sendCiphertext(peersFresh, PEER_KEY)).toBe('egress.not-ciphertext')
  })

  test('public keys pass, and numbers dressed as one do not', () => {
    for (const shape of KEY_SHAPES) {
      const key = honest(shape)
      // the 18 bits of the special prime of the set `score` are not all of a power of two
      const send = (wire: Uint8Array) =>
        says(() => openEgress().check('bank', headerOf('pivot-score-key'), encode('pivot-score-key', wire)))
      if (shape.set.name === 'gradient') expect(send(key)).toBe('allowed')
      expect(send(key.fill(0, 200))).toBe('egress.not-ciphertext')
    }
  })
})

describe('of the library', () => {
  let pool: HePool
  beforeAll(async () => {
    pool = await HePool.open({ workers: 1 })
  }, 60_000)
  afterAll(() => pool[Symbol.asyncDispose]())

  test('keys, fresh ciphertexts of any values and answers pass', async () => {
    const egress = openEgress()
    const [score, gradient] = [await pool.generateKey('score'), await pool.generateKey('gradient')]
    for (const { publicKey } of [score, gradient]) {
      const header = headerOf('pivot-score-key', publicKey.id)
      egress.check('bank', header, encode('pivot-score-key', publicKey.wire))
      egress.sent('bank', header)
    }
    const zeros = await pool.encryptSlots(score, new Float64Array(8192))
    const few = await pool.encryptCoefficients(gradient, Float64Array.of(1, 2, 3))
    egress.check('bank', headerOf('characters', score.publicKey.id), encode('characters', [zeros]))
    egress.check('bank', headerOf('guest-residual', gradient.publicKey.id), encode('guest-residual', [few]))
    const theirs = openEgress('bank')
    theirs.received('tax', headerOf('pivot-score-key', score.publicKey.id))
    theirs.received('tax', headerOf('pivot-gradient-key', gradient.publicKey.id))
    const [sum] = await pool.multiplySlots(score.publicKey, [zeros], [[new Float64Array(8192).fill(3)]])
    const masked = await pool.protectSlots(score.publicKey, [sum as never], new Float64Array(8192))
    theirs.check('tax', headerOf('masked-residual', score.publicKey.id), encode('masked-residual', [masked]))
    const columns = [new Int32Array(new SharedArrayBuffer(4 * 512)).fill(1)]
    const products = await pool.innerProducts(gradient.publicKey, [few], columns, 512, new Float64Array(1))
    theirs.check('tax', headerOf('guest-gradient', gradient.publicKey.id), encode('guest-gradient', products))
  }, 60_000)
})

describe('points', () => {
  const send = (points: Uint8Array) =>
    says(() => openEgress().check('bank', headerOf('host-points'), encode('host-points', points)))
  const ids = Array.from({ length: 256 }, (_, i) => `id-${i}`)

  test('of hashed ids pass', () => {
    expect(send(hashToPoints(domainTag(['test']), ids))).toBe('allowed')
  })

  test('ids as text, digests of ids, counters and a point twice are refused', () => {
    const pad = (text: string) => Buffer.from(text.padEnd(32, '\0'))
    expect(send(Buffer.concat(ids.map(pad)))).toBe('egress.not-ciphertext')
    expect(send(Buffer.concat(ids.map((id) => createHash('sha256').update(id).digest())))).toBe('egress.not-ciphertext')
    const counters = Buffer.alloc(32 * 256, 7)
    for (let i = 0; i < 256; i++) counters.writeUInt32LE(i, 32 * i)
    expect(send(counters)).toBe('egress.not-ciphertext')
    const points = hashToPoints(domainTag(['test']), ids)
    points.copyWithin(0, 32, 64)
    expect(send(points)).toBe('egress.not-ciphertext')
  })
})

describe('shares', () => {
  const send = (step: string, body: unknown) =>
    says(() => openEgress().check('land', headerOf(step), encode(step, body)))
  // the same in each run: one honest message in 10^9 fails a test, and each has several
  const u16 = (count: number, i: number) =>
    new Uint16Array(expandBytes(new Uint8Array(32).fill(1), `${i}`, 2 * count).buffer)

  test('uniform ones pass, 1,000 times, at lengths from 256 to 20,000', () => {
    const next = numbersFrom(5)
    for (let i = 0; i < 1000; i++)
      expect(send('score-share', u16(256 + Math.floor(next() ** 4 * 20_000), i))).toBe('allowed')
    expect(send('guest-gradient-opened', uniform(4096, T, 0).map(Math.floor))).toBe('allowed')
  })

  test('scores without a mask are refused, and short vectors are counted only', () => {
    const next = numbersFrom(9)
    const scores = (count: number) =>
      Uint16Array.from({ length: count }, () => 65_536 + Math.round((next() - 0.5) * 4000))
    for (const count of [256, 1000, 20_000]) expect(send('score-share', scores(count))).toBe('egress.not-ciphertext')
    expect(send('score-share', scores(255))).toBe('allowed')
    expect(
      send(
        'holdout-scores',
        Int32Array.from({ length: 300 }, () => Math.round((next() - 0.5) * 4000)),
      ),
    ).toBe('egress.not-ciphertext')
    const gradient = Float64Array.from({ length: 300 }, () => Math.floor(next() * 2 ** 40))
    expect(send('guest-gradient-opened', gradient)).toBe('egress.not-ciphertext')
  })
})

describe('what else must not leave', () => {
  test('a step that is not in the schedule, or of another class', () => {
    const egress = openEgress()
    const unknown: MessageHeader = { round: 1, step: 'rows', part: 0, kind: 'control' }
    expect(says(() => egress.check('bank', unknown, new Uint8Array(8)))).toBe('egress.not-ciphertext')
    expect(says(() => egress.check('bank', { ...headerOf('characters'), kind: 'control' }, new Uint8Array(8)))).toBe(
      'egress.not-ciphertext',
    )
  })

  test('plain numbers without their release record', () => {
    const egress = openEgress()
    const header = headerOf('step-size')
    expect(says(() => egress.check('bank', header, encode('step-size', 0.5)))).toBe('release.unrecorded')
    const release = { rows: 100, minimumRows: 10, withheld: false }
    expect(says(() => egress.check('bank', { ...header, release }, encode('step-size', 0.5)))).toBe('allowed')
  })
})

test('a key that a peer sends is not taken for ours', () => {
  expect(says(() => openEgress().received('bank', headerOf('guest-gradient-key', OWN_KEY)))).toBe('he.wrong-key')
})

test('who could open what, as the ledger says it', () => {
  const egress = openEgress()
  const line = (step: string, to: string, keyId = '') => {
    const { kind } = headerOf(step)
    const at = { job: 'job-1', task: 'train', round: 1, step, from: 'tax', to, direction: 'sent' as const, kind, keyId }
    return { ...at, messages: 1, bytes: 1, envelopeBytes: 2, sha256: '', time: '' }
  }
  const openers = (step: string, to: string, keyId?: string) =>
    egress.disclosuresOf([line(step, to, keyId)])[0]?.decryptableBy
  expect(openers('characters', 'bank', OWN_KEY)).toEqual(['tax'])
  expect(openers('host-gradient', 'bank', PEER_KEY)).toEqual(['bank'])
  expect(openers('guest-gradient-opened', 'bank')).toEqual(['bank'])
  expect(openers('score-share', 'tax')).toEqual(['bank', 'tax'])
  expect(openers('holdout-scores', 'bank')).toEqual(['bank', 'land', 'social'])
  expect(openers('step-size', 'bank')).toEqual(['bank'])
})
