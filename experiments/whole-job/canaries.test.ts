import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Http2Recorder } from '../lab/tap.ts'
import { spellingsIn, spellingsOf, spellingsOfText } from './canaries.ts'

const around = (bytes: Buffer) => Buffer.concat([randomBytes(1000), bytes, randomBytes(1000)])

test('a planted number is found in every spelling, and in random bytes in none', () => {
  for (const value of [271828.18284590452, 987654321]) {
    const spellings = spellingsOf(value)
    expect(spellingsIn(randomBytes(1 << 20), spellings)).toEqual([])
    for (const { name, bytes } of spellings) {
      expect(spellingsIn(around(Buffer.concat([bytes, bytes, bytes])), spellings)).toContain(name)
    }
  }
})

test('a planted text is found at every base64 alignment', () => {
  const spellings = spellingsOfText('CANARY-0001')
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([randomBytes(30 + shift), Buffer.from('CANARY-0001'), randomBytes(30)]).toString(
      'base64',
    )
    expect(spellingsIn(Buffer.from(text), spellings)).toEqual([`text as base64 (${shift})`])
  }
})

test('payloads of HTTP/2 streams come out whole, however the bytes were cut', () => {
  const frame = (stream: number, payload: string) => {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, Buffer.from(payload)])
  }
  const bytes = Buffer.concat([Buffer.alloc(24), frame(1, 'CANARY-'), frame(3, 'other'), frame(1, '0001')])
  const recorder = new Http2Recorder(true)
  for (const byte of bytes) recorder.add(Buffer.from([byte]))
  expect(recorder.payloads().map(String)).toEqual(['CANARY-0001', 'other'])
})
