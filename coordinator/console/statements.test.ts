import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Visitor } from '#console/server/visitor.ts'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { openStatementSigner } from '#crypto/log/ed25519.ts'
import type { PersonRole } from '#crypto/people/people.ts'
import { Statements } from './statements.ts'

const visitorOf = (id: string, role: PersonRole): Visitor => {
  const { publicKey, privateKey } = makeSigningKey()
  const person = { id, name: `The ${role}`, role, party: 'coordinator', publicKey, addedAt: '' }
  const sign = openStatementSigner(privateKey, 'party')
  return { person, how: 'passphrase', reader: { publicKey, sign, [Symbol.dispose]: () => undefined } }
}
const zhao = visitorOf('zhao-min', 'operator')
const sun = visitorOf('sun-li', 'auditor')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'statements-'))
})
afterEach(() => rmSync(home, { recursive: true }))

test('a page that asks again is one reading for ten minutes; another person, thing or job is another', () => {
  let clock = 0
  using statements = new Statements(home, 'credit', () => clock)
  statements.read(zhao, 'jobs')
  clock += 9 * 60_000
  statements.read(zhao, 'jobs')
  statements.read(sun, 'jobs')
  statements.read(zhao, 'job', 'job-1')
  statements.read(zhao, 'job', 'job-2')
  clock += 2 * 60_000
  statements.read(zhao, 'jobs')
  const said = statements.records([zhao.person, sun.person])
  expect(said.map((record) => [record.actor, 'object' in record ? record.object : '', record.job])).toEqual([
    ['The operator', 'jobs', ''],
    ['The auditor', 'jobs', ''],
    ['The operator', 'job', 'job-1'],
    ['The operator', 'job', 'job-2'],
    ['The operator', 'jobs', ''],
  ])
  expect(() => statements.records([sun.person])).toThrow(expect.objectContaining({ code: 'storage.damaged' }))
})

test('after a restart the next reading is stated again, after what was there', () => {
  for (const _ of [1, 2]) {
    using statements = new Statements(home, 'credit', () => 0)
    statements.read(zhao, 'trust')
  }
  using statements = new Statements(home, 'credit', () => 0)
  expect(statements.records([zhao.person]).map(({ seq }) => seq)).toEqual([1, 2])
})
