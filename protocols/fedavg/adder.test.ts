// The adder gives the sum once all are in, in any order, and refuses what does not belong to the round.
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { encryptAll, openAll, type SampleRound, sampleRound } from '#crypto/aggregate/sample-round.ts'
import { decodeUpdate, sumBytes, UpdateSum } from './adder.ts'
import { sum, type UpdateBody, update } from './bodies.ts'

const PARAMETERS = 5000

interface Sent {
  readonly from: string
  readonly body: UpdateBody
  readonly digest: Uint8Array
}

let round: SampleRound
let sent: Sent[]
let values: Uint32Array[]
beforeAll(() => {
  round = sampleRound(3)
  values = round.names.map((_, i) => Uint32Array.from({ length: PARAMETERS }, (__, k) => (k * (i + 3)) % 1000))
  sent = round.names.map((from, i) => {
    const header = {
      label: round.label,
      opener: 'park-1',
      number: 4,
      participants: round.names,
      parameters: PARAMETERS,
    }
    const payload = update.encode({ ...header, chunks: encryptAll(round, i, values[i]!) })
    return { from, body: decodeUpdate(payload), digest: createHash('sha256').update(payload).digest() }
  })
})

function summed(order: readonly number[]): UpdateSum {
  const adder = new UpdateSum(sent[order[0]!]!.body)
  for (const i of order) {
    const { from, body, digest } = sent[i]!
    expect(adder.add(from, body, digest)).toBe(true)
  }
  return adder
}

test('the sum opens to the sum of the vectors, whatever the order in which they came', () => {
  const adder = summed([2, 0, 1])
  expect(adder.missing).toEqual([])
  expect(adder.header).toMatchObject({ opener: 'park-1', number: 4, parameters: PARAMETERS })
  const payload = adder.payload()
  expect(payload).toEqual(summed([0, 1, 2]).payload())
  const opened = openAll(round, [...sum.decode(payload).chunks], PARAMETERS)
  expect([...opened]).toEqual([...opened.keys()].map((k) => values.reduce((total, own) => total + own[k]!, 0)))
})

test('there is no sum while a party is missing', () => {
  const adder = new UpdateSum(sent[0]!.body)
  adder.add(sent[0]!.from, sent[0]!.body, sent[0]!.digest)
  expect(adder.missing).toEqual(['park-2', 'park-3'])
  expect(() => adder.payload()).toThrow('aggregate.incomplete')
})

test('the same update once more changes nothing; another one of the same party is refused, late or not', () => {
  const adder = summed([0, 1, 2])
  const before = adder.payload()
  expect(adder.add('park-2', sent[1]!.body, sent[1]!.digest)).toBe(false)
  expect(() => adder.add('park-2', sent[1]!.body, new Uint8Array(32))).toThrow('aggregate.repeated')
  expect(adder.payload()).toEqual(before)
})

test('what is held does not grow with the number of parties', () => {
  expect(sumBytes({ parameters: 1, shared: false })).toBe(16_384)
  expect(sumBytes({ parameters: 4_194_304, shared: false })).toBe(16_777_216)
  expect(sumBytes({ parameters: 2_097_152, shared: true })).toBe(16_777_216)
})

describe('refusals', () => {
  const add = (from: string, change: Partial<UpdateBody>) => () => {
    const adder = new UpdateSum(sent[0]!.body)
    adder.add(from, { ...sent[0]!.body, ...change }, sent[0]!.digest)
  }

  test('a stranger', () => {
    expect(add('stranger', {})).toThrow('aggregate.repeated')
  })

  test.each<[string, Partial<UpdateBody>]>([
    ['another label', { label: new Uint8Array(32) }],
    ['another opener', { opener: 'park-2' }],
    ['another number', { number: 5 }],
    ['other participants', { participants: ['park-1', 'park-3', 'park-2'] }],
    ['another length', { parameters: PARAMETERS - 1 }],
    ['another way of opening', { shared: true }],
  ])('%s under one label', (_, change) => {
    expect(add('park-1', change)).toThrow('average.other-round')
  })

  test('chunks of another round', () => {
    const other = sampleRound(3, { round: 2 })
    expect(add('park-1', { chunks: encryptAll(other, 0, values[0]!) })).toThrow('he.wrong-key')
  })

  test.each<[string, (body: UpdateBody) => Partial<UpdateBody>]>([
    ['a label that is too short', () => ({ label: new Uint8Array(16) })],
    ['an opener that takes no part', () => ({ opener: 'park-9' })],
    ['a participant twice', () => ({ participants: ['park-1', 'park-1', 'park-2'] })],
    ['a name that is none', () => ({ participants: ['park-1', 'park-2', 'Park 3'] })],
    ['one participant', () => ({ participants: ['park-1'] })],
    ['no number', () => ({ number: 0 })],
    ['no parameters', () => ({ parameters: 0 })],
    ['a chunk too few', ({ chunks }) => ({ chunks: chunks.slice(1) })],
    ['half a chunk', ({ chunks }) => ({ chunks: [chunks[0]!, chunks[1]!.subarray(1)] })],
    ['more parameters than a model may have', () => ({ parameters: 2 ** 23 })],
  ])('%s is malformed', (_, change) => {
    const { body } = sent[0]!
    expect(() => decodeUpdate(update.encode({ ...body, ...change(body) }))).toThrow('protocol.malformed')
  })
})
