// Plain numbers leave only with enough rows behind them.
import { expect, test } from 'vitest'
import { openRound } from './channel.ts'
import type { MessageChannel, MessageHeader } from './contract.ts'
import { step } from './schedule.ts'

const json = {
  encode: (body: { readonly none: boolean }) => Buffer.from(JSON.stringify(body)),
  decode: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as { readonly none: boolean },
}
const what = { en: 'a mean', zh: '均值' }
const at = { from: 'host', to: 'guest', arity: 'one', codec: json, reveals: 'a mean' } as const
const SCHEDULE = [
  step({ ...at, name: 'mean', kind: 'released-aggregate', release: { what, minimumRows: 10 } }),
  step({
    ...at,
    name: 'size',
    kind: 'released-aggregate',
    release: { what, minimumRows: 50, withholds: (body) => body.none },
  }),
  step({ ...at, name: 'verdict', kind: 'control' }),
] as const

function open(storedAlready = false) {
  const sent: MessageHeader[] = []
  const channel: MessageChannel = {
    peer: 'bank',
    async send(header, make) {
      if (!storedAlready) await make()
      sent.push(header)
    },
    receive: async () => new Uint8Array(),
  }
  return { sent, round: openRound(SCHEDULE, 'host', 'guest', channel, 1) }
}
const something = () => ({ none: false })
const codeOf = (done: Promise<void>) =>
  done.then(
    () => 'sent',
    (error) => (error as { code: string }).code,
  )

test.each([
  [9, undefined, 'release.too-few-rows'],
  [10, undefined, 'sent'],
  [10, 5, 'sent'],
  [99, 100, 'release.too-few-rows'],
  [Number.NaN, undefined, 'release.too-few-rows'],
  [10.5, undefined, 'release.too-few-rows'],
])('%d rows against a threshold raised to %d: %s', async (rows, minimumRows, verdict) => {
  const { sent, round } = open()
  const options = minimumRows === undefined ? { rows } : { rows, minimumRows }
  expect(await codeOf(round.send('mean', something, options))).toBe(verdict)
  expect(sent.length).toBe(verdict === 'sent' ? 1 : 0)
})

test('the record of a release goes with its header; other classes have none', async () => {
  const { sent, round } = open()
  await round.send('mean', something, { rows: 20 })
  await round.send('verdict', something)
  expect(sent.map((header) => header.release)).toEqual([{ rows: 20, minimumRows: 10, withheld: false }, undefined])
})

test('"too few" may be said with too few rows, and nothing else', async () => {
  const { sent, round } = open()
  await round.send('size', () => ({ none: true }), { rows: 0 })
  expect(sent[0]?.release).toEqual({ rows: 0, minimumRows: 50, withheld: true })
  expect(await codeOf(round.send('size', something, { rows: 49 }))).toBe('release.too-few-rows')
})

test('the refusal says no count', async () => {
  const { round } = open()
  const refusal = await round.send('mean', something, { rows: 7 }).catch((error) => error)
  expect(refusal.detail).toEqual({ step: 'mean', floor: 10 })
})

test('types: plain numbers need rows, and only they have a release', () => {
  const { round } = open()
  // @ts-expect-error rows are missing
  const untyped = () => round.send('mean', something)
  // @ts-expect-error a release is missing
  const unreleased = () => step({ ...at, name: 'x', kind: 'released-aggregate' })
  // @ts-expect-error control has no release
  const released = () => step({ ...at, name: 'x', kind: 'control', release: { what, minimumRows: 1 } })
  expect([untyped, unreleased, released].every((call) => typeof call === 'function')).toBe(true)
})
