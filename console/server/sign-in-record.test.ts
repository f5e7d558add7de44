// The record of sign-ins: complete, in order, and every change of it found.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import { SIGN_INS_FILE, SignInRecord } from './sign-in-record.ts'

const signer = openSigner(makeSigningKey().privateKey)
const tax = { party: 'tax', signingPublicKey: signer.publicKey, sign: signer.sign }
const other = openSigner(makeSigningKey().privateKey)

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sign-ins-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const open = (key = tax, now = () => Date.UTC(2026, 10, 22)) => new SignInRecord(home, key, now)

function fill(): void {
  using record = open()
  for (let i = 1; i <= 6; i++)
    record.state({
      event: 'signed-in',
      person: i % 2 === 0 ? 'li-wei' : 'wang-fang',
      how: 'passphrase',
      session: `${i}`,
    })
}

test('pages come newest first, over restarts, and time never goes back', () => {
  fill()
  using record = open(tax, () => 0)
  record.state({ event: 'started' })
  expect(record.page(3).map(({ seq, event }) => [seq, event])).toEqual([
    [7, 'started'],
    [6, 'signed-in'],
    [5, 'signed-in'],
  ])
  expect(record.page(3, 5).map(({ seq }) => seq)).toEqual([4, 3, 2])
  expect(record.page(3, 2)).toMatchObject([{ seq: 1, person: 'wang-fang', address: '', amr: [] }])
  expect(record.page(3, 1)).toEqual([])
  expect(record.pageOf('li-wei', 2).map(({ seq }) => seq)).toEqual([6, 4])
  expect(record.pageOf('li-wei', 2, 4).map(({ seq }) => seq)).toEqual([2])
  expect(record.page(9).every(({ time }) => time === '2026-11-22T00:00:00.000Z')).toBe(true)
})

test.each<[string, string]>([
  ['a record left out', 'DELETE FROM records WHERE seq = 3'],
  ['the first left out', 'DELETE FROM records WHERE seq = 1'],
  [
    'two swapped',
    'UPDATE records SET seq = 9 WHERE seq = 2; UPDATE records SET seq = 2 WHERE seq = 3; UPDATE records SET seq = 3 WHERE seq = 9',
  ],
  [
    'one changed',
    `UPDATE records SET leaf = CAST(replace(CAST(leaf AS TEXT), 'wang-fang', 'wang-feng') AS BLOB) WHERE seq = 3`,
  ],
  ['one of another key', 'UPDATE records SET signature = zeroblob(64) WHERE seq = 3'],
  ['the newest cut off while it runs', 'DELETE FROM records WHERE seq = 6'],
])('%s is found', (_, tamper) => {
  fill()
  using record = open()
  using db = new DatabaseSync(join(home, SIGN_INS_FILE))
  db.exec(tamper)
  expect(() => record.page(10)).toThrowError(/^storage\.damaged/)
})

test('a record put in at the end by somebody without the key is found at the next start', () => {
  fill()
  {
    using forged = new SignInRecord(home, { ...tax, sign: other.sign })
    forged.state({ event: 'signed-in', person: 'li-wei' })
  }
  expect(() => open()).toThrowError(/^storage\.damaged/)
})
