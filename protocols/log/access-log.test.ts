// Who read what: signed by the reader, and chained.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ACCESS_FILE, AccessLog, CheckedSignatures } from './access-log.ts'
import { READ, readerOf, threeReads as readThrice } from './access-log-fixture.ts'

const FEDERATION = 'test'
const JOB = `job-${'1'.repeat(20)}`
const PARTY = { federation: FEDERATION, party: 'tax' }
const wang = readerOf('Wang Fang', 'compliance')
const zhao = readerOf('Zhao Min', 'auditor')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'access-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const threeReads = () => readThrice(home, PARTY, JOB, [wang, zhao])

test('every read is there, in order, signed by who read', () => {
  threeReads()
  using log = new AccessLog(home, PARTY)
  expect(log.records([wang, zhao])).toMatchObject([
    { kind: 'access', seq: 1, author: 'tax', job: JOB, actor: 'Wang Fang', role: 'compliance', ...READ },
    { kind: 'access', seq: 2, actor: 'Zhao Min', role: 'auditor', object: 'model', decision: 'refused' },
    { kind: 'export.made', seq: 3, actor: 'Wang Fang', size: 12, root: 'ab'.repeat(32) },
  ])
})

test.each<[string, string, (db: DatabaseSync) => void]>([
  ['a record changed', 'not signed by a person of this party', (db) => flip(db, 2)],
  ['a record left out', 'the chain is broken', (db) => db.exec('DELETE FROM records WHERE seq = 2')],
  ['the first left out', 'the chain is broken', (db) => db.exec('DELETE FROM records WHERE seq = 1')],
  [
    'two records swapped',
    'the chain is broken',
    (db) => db.exec('UPDATE records SET seq = 9 WHERE seq = 1; UPDATE records SET seq = 1 WHERE seq = 2'),
  ],
])('%s is found, also by who has checked it before', (_, problem, tamper) => {
  threeReads()
  using log = new AccessLog(home, PARTY)
  const checked = new CheckedSignatures()
  expect(log.records([wang, zhao], checked)).toEqual(log.records([wang, zhao], checked))
  using db = new DatabaseSync(join(home, ACCESS_FILE))
  tamper(db)
  const damaged = new RegExp(`^storage\\.damaged.*${problem}`)
  expect(() => log.records([wang, zhao])).toThrowError(damaged)
  expect(() => log.records([wang, zhao], checked)).toThrowError(damaged)
})

test('what was checked under other keys counts for nothing', () => {
  threeReads()
  using log = new AccessLog(home, PARTY)
  const checked = new CheckedSignatures()
  log.records([wang, zhao], checked)
  expect(() => log.records([wang], checked)).toThrowError(/not signed by a person of this party/)
  expect(() => log.records([wang, { ...zhao, role: 'steward' }], checked)).toThrowError(/another person/)
})

test('a record in the name of another, of a stranger, or of another party is found', () => {
  using log = new AccessLog(home, PARTY)
  log.read({ ...wang, name: zhao.name }, JOB, READ)
  expect(() => log.records([wang, zhao])).toThrowError(/signed by another person than it names/)
  expect(() => log.records([zhao])).toThrowError(/not signed by a person of this party/)
  const elsewhere = mkdtempSync(join(tmpdir(), 'access-'))
  using other = new AccessLog(elsewhere, { federation: FEDERATION, party: 'land' })
  other.read(wang, JOB, READ)
  copyFileSync(join(elsewhere, ACCESS_FILE), join(home, 'copy.sqlite'))
  rmSync(elsewhere, { recursive: true })
  const copied = mkdtempSync(join(tmpdir(), 'access-'))
  copyFileSync(join(home, 'copy.sqlite'), join(copied, ACCESS_FILE))
  using copy = new AccessLog(copied, PARTY)
  expect(() => copy.records([wang])).toThrowError(/the chain is broken/)
  rmSync(copied, { recursive: true })
})

test('a file that is no database is storage.damaged', () => {
  copyFileSync(new URL(import.meta.url), join(home, ACCESS_FILE))
  expect(() => new AccessLog(home, PARTY)).toThrowError(/^storage\.damaged/)
})

function flip(db: DatabaseSync, seq: number): void {
  const leaf = Buffer.from(db.prepare('SELECT leaf FROM records WHERE seq = ?').get(seq)?.['leaf'] as Uint8Array)
  const at = leaf.indexOf('"payload":"') + 60
  leaf.writeUInt8(leaf.readUInt8(at) === 65 ? 66 : 65, at)
  db.prepare('UPDATE records SET leaf = ? WHERE seq = ?').run(leaf, seq)
}
