import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRecord, signRecord } from '#crypto/log/dsse.ts'
import { keyIdOf, openStatementSigner } from '#crypto/log/ed25519.ts'
import { canonicalJson } from '#crypto/log/jcs.ts'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { PROBLEM_CODES } from './problems.ts'
import {
  collaborationIdOf,
  firstState,
  leafDigest,
  makeRecord,
  NO_RECORD,
  originOf,
  RECORD_KINDS,
  readRecord,
  type RecordBody,
} from './records.ts'

const key = makeSigningKey()
const sign = openStatementSigner(key.privateKey, 'party')
const collaboration = collaborationIdOf('credit', ['bank', 'tax'])
const start = firstState({ collaboration, author: 'bank', sign, signingKey: key.publicKey })
const keyOf = (keyid: string) => (keyid === start.keyid ? key.publicKey : undefined)
const now = new Date('2026-05-01T12:00:00.000Z')
const hash = 'a'.repeat(64)
const opened: RecordBody = { kind: 'round.opened', job: 'job-1', task: 'align', round: 0 }
const sent: RecordBody = {
  kind: 'msg.sent',
  job: 'job-1',
  task: 'train',
  round: 2,
  step: 'host-gradient',
  from: 'bank',
  to: 'tax',
  class: 'ciphertext',
  messages: 3,
  bytes: 1_179_987,
  digest: hash,
  keyId: 'ab'.repeat(16),
  decryptableBy: ['tax'],
  approval: hash,
  decision: 'allowed',
}

test('the id of a collaboration is its participants in any order, and the federation', () => {
  expect(collaborationIdOf('credit', ['tax', 'bank'])).toBe(collaboration)
  expect(collaborationIdOf('credit', ['bank', 'park'])).not.toBe(collaboration)
  expect(collaborationIdOf('other', ['bank', 'tax'])).not.toBe(collaboration)
  expect(originOf('credit', ['tax', 'bank'])).toBe(`tributary/credit/${collaboration}`)
})

test('records of one author make a chain', () => {
  const first = makeRecord(start, opened, now)
  const second = makeRecord(first.next, sent, new Date(now.getTime() + 5))
  expect(readRecord(first.leaf, keyOf)).toEqual({
    ...opened,
    v: 1,
    collaboration,
    author: 'bank',
    seq: 1,
    prev: NO_RECORD,
    time: '2026-05-01T12:00:00.000Z',
  })
  expect([first.record, second.record]).toEqual([first, second].map(({ leaf }) => readRecord(leaf, keyOf)))
  expect(readRecord(second.leaf, keyOf)).toMatchObject({ ...sent, seq: 2, prev: leafDigest(first.leaf) })
  expect(second.next).toMatchObject({ seq: 3, prev: leafDigest(second.leaf), time: '2026-05-01T12:00:00.005Z' })
})

test('the time of an author never goes back', () => {
  const { next } = makeRecord(start, opened, now)
  const { leaf } = makeRecord(next, sent, new Date(0))
  expect(readRecord(leaf, keyOf).time).toBe(now.toISOString())
})

test('the same statement is the same leaf', () => {
  expect(makeRecord(start, sent, now).leaf).toEqual(makeRecord(start, sent, now).leaf)
})

test.each<[string, object]>([
  ['a field more', { ...sent, note: 'x' }],
  ['a field less', { ...sent, digest: undefined }],
  ['a float', { ...sent, bytes: 1.5 }],
  ['a negative count', { ...sent, bytes: -1 }],
  ['a class that does not exist', { ...sent, class: 'plaintext' }],
  ['free text for a code', { ...sent, decision: 'Because I say so' }],
  ['a party that is no name', { ...sent, to: 'Tax Office' }],
  ['a name with a newline', { ...sent, to: 'tax\n' }],
  ['a reader twice', { ...sent, decryptableBy: ['tax', 'tax'] }],
  ['a kind that does not exist', { ...sent, kind: 'msg.lost' }],
  [
    'a metric with an exponent',
    { kind: 'metric.released', job: '', task: 'train', round: 1, step: 'auc', name: 'AUC', value: '1e3' },
  ],
])('%s is refused when it is made', (_, body) => {
  expect(() => makeRecord(start, body as RecordBody, now)).toThrow(expect.objectContaining({ name: 'PlatformError' }))
})

test('a record under the name of another party is refused', () => {
  const { leaf } = makeRecord({ ...start, author: 'tax' }, sent, now)
  expect(() => readRecord(leaf, keyOf, () => 'bank')).toThrow(expect.objectContaining({ code: 'log.signature' }))
  expect(readRecord(leaf, keyOf, () => 'tax').author).toBe('tax')
})

test('no byte of a payload can change and be signed again into the same record', () => {
  const { payloadType, payload } = parseRecord(makeRecord(start, sent, now).leaf)
  fc.assert(
    fc.property(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Uint8Array.from(payload)
      changed[at] = (changed[at] as number) ^ change
      const leaf = signRecord(payloadType, changed, sign, keyIdOf(key.publicKey))
      let read: unknown
      try {
        read = readRecord(leaf, keyOf)
      } catch (thrown) {
        expect((thrown as { code: string }).code).toMatch(/^log\.(malformed|not-canonical)$/)
        return
      }
      const { kind: _, ...fields } = read as { kind: string }
      expect(Buffer.from(canonicalJson(fields))).toEqual(Buffer.from(changed)) // one encoding for each record
    }),
  )
})

test('the page about the format has every kind and every problem code', async () => {
  const page = await readFile(new URL('../../docs/log-format.md', import.meta.url), 'utf8')
  expect(RECORD_KINDS).toHaveLength(18)
  expect([...RECORD_KINDS, ...PROBLEM_CODES].filter((word) => !page.includes(`\`${word}\``))).toEqual([])
})
