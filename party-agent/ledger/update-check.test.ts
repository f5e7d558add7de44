import { describe, expect, test } from 'vitest'
import { writeChunk } from '#crypto/aggregate/chunk-bytes.ts'
import { addAll, encryptAll, sampleRound } from '#crypto/aggregate/sample-round.ts'
import { ShareRelease } from '#crypto/aggregate/threshold.ts'
import { ADDER, type MessageHeader } from '#protocols/core/contract.ts'
import type { Schedule } from '#protocols/core/schedule.ts'
import { sum, update, type UpdateBody } from '#protocols/fedavg/bodies.ts'
import { AVERAGING, SETUP } from '#protocols/fedavg/messages.ts'
import { Egress } from './egress.ts'

const parties = { self: 'tax', guest: 'bank', hosts: ['tax', 'social'] }
const schedule: Schedule = [...SETUP, ...AVERAGING]
const round = sampleRound(3)
const keyId = Buffer.from(round.label).toString('hex')
const VALUES = 9000
const facts = { label: round.label, opener: 'bank', number: 1, participants: ['bank', 'tax', 'social'] }
const body: UpdateBody = { ...facts, parameters: VALUES, chunks: encryptAll(round, 1, new Uint32Array(VALUES)) }
const header: MessageHeader = { round: 1, step: 'update', kind: 'ciphertext', part: 0, keyId }

const egress = (hostsAt?: () => readonly string[]) =>
  new Egress({ task: 'average', schedule, ...parties, ...(hostsAt && { hostsAt }), approval: '' }, [])
const says = (change: Partial<UpdateBody>, of: Partial<MessageHeader> = {}, to = ADDER): string => {
  try {
    egress().check(to, { ...header, ...of }, update.encode({ ...body, ...change }))
    return 'allowed'
  } catch (error) {
    return String((error as { detail: { problem?: string } }).detail.problem)
  }
}

/** Chunks of the right shape whose residues are these. */
const dressed = (value: (at: number) => number) =>
  body.chunks.map((_, chunk) => {
    const { fields, label } = round
    const residues = fields.ring.primes.map((p) =>
      Uint32Array.from({ length: fields.ring.degree }, (__, i) => value(i) % p),
    )
    return writeChunk({ kind: 'update', fields, label, chunk, chunks: body.chunks.length }, residues)
  })

describe('to the adder', () => {
  test('encrypted updates pass, whatever is in them', () => {
    expect(says({})).toBe('allowed')
  })

  test.each([
    ['numbers dressed as an update', { chunks: dressed((i) => i) }, {}, 'residues are not uniform'],
    ['small numbers', { chunks: dressed((i) => (i * 7919) % 699_050) }, {}, 'residues are not uniform'],
    ['multiples of a large one', { chunks: dressed((i) => i * 524_309) }, {}, 'residues are not uniform'],
    [
      'one plain chunk',
      { chunks: body.chunks.with(1, dressed(() => 5)[1] as Uint8Array) },
      {},
      'residues are not uniform',
    ],
    ['chunks in another order', { chunks: body.chunks.toReversed() }, {}, 'he.malformed'],
    ['another round', { label: new Uint8Array(32) }, {}, 'the key id is not the label of the round'],
    ['no key id', {}, { keyId: '' }, 'the key id is not the label of the round'],
    ['another class', {}, { kind: 'masked-share' as const }, 'not a step of the schedule'],
  ])('%s is refused', (_, change, of, problem) => {
    expect(says(change, of)).toBe(problem)
  })

  test('nothing but ciphertexts goes there, whatever the schedule says', () => {
    const release = { rows: 1000, minimumRows: 50, withheld: false }
    const numbers: MessageHeader = { round: 1, step: 'mean', kind: 'released-aggregate', part: 0, release }
    expect(() => egress().check(ADDER, numbers, new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: 'egress.not-ciphertext' }),
    )
    expect(() => egress().check('bank', numbers, new Uint8Array(1))).not.toThrow()
  })

  test('and an update goes nowhere else', () => {
    expect(says({}, {}, 'bank')).not.toBe('allowed')
  })
})

test('who could open what: an update all the others together, a sum its opener', () => {
  const at = { round: 2, keyId }
  const sent = { ...at, step: 'update', from: 'tax', to: ADDER }
  expect(egress().openersOf(sent)).toEqual(['bank', 'social'])
  expect(egress(() => ['tax', 'land']).openersOf(sent)).toEqual(['bank', 'land'])
  const sum = { ...at, step: 'sum', from: ADDER, to: 'tax' }
  expect(egress().openersOf(sum)).toEqual(['tax'])
  const shared = new Egress({ task: 'average', schedule, ...parties, sharedSums: true, approval: '' }, [])
  expect([shared.openersOf(sum), shared.openersOf(sent)]).toEqual([
    ['bank', 'social', 'tax'],
    ['bank', 'social'],
  ])
})

test('sums that all open together and shares of them pass between parties, and nothing dressed as one', () => {
  const shared = sampleRound(3, { shared: 2 ** 21 })
  const { fields, label } = shared
  const updates = shared.names.map((_, i) => encryptAll(shared, i, new Uint32Array(VALUES)))
  const sums = addAll(shared, updates)
  const shares = new ShareRelease(fields, label, VALUES, shared.keys[1] as never).release(sums)
  const plain = sums.map((_, chunk) => {
    const residues = fields.ring.primes.map(() => Uint32Array.from({ length: fields.ring.degree }, (__, i) => i))
    return writeChunk({ kind: 'share', fields, label, chunk, chunks: sums.length }, residues)
  })
  const send = (step: string, chunks: readonly Uint8Array[]) => () => {
    const shown: MessageHeader = { round: 1, step, kind: 'masked-share', part: 0 }
    egress().check('bank', shown, sum.encode({ label, shared: true, chunks }))
  }
  expect(send('sum-shown', sums)).not.toThrow()
  expect(send('share', shares)).not.toThrow()
  for (const [step, chunks] of [
    ['share', plain],
    ['share', sums],
    ['sum-shown', updates[0] as Uint8Array[]],
  ] as const)
    expect(send(step, chunks)).toThrow(expect.objectContaining({ code: 'egress.not-ciphertext' }))
  expect(egress().openersOf({ round: 1, step: 'share', from: 'tax', to: 'bank', keyId: '' })).toEqual([
    'bank',
    'social',
  ])
})

test('keys for masks pass without a key id, and are of 32 bytes', () => {
  const key: MessageHeader = { round: 0, step: 'round-key', kind: 'public-key', part: 0 }
  const send =
    (bytes: number, of: Partial<MessageHeader> = {}) =>
    () => {
      const step = SETUP[1]
      egress().check(
        'bank',
        { ...key, ...of },
        bytes === 32 ? step.codec.encode(new Uint8Array(32)) : new Uint8Array(bytes),
      )
    }
  expect(send(32)).not.toThrow()
  expect(send(32, { keyId: 'a1'.repeat(16) })).toThrow(expect.objectContaining({ code: 'egress.not-ciphertext' }))
  expect(send(31)).toThrow(expect.objectContaining({ code: 'egress.not-ciphertext' }))
})
