import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PlatformError } from './errors.ts'
import { SqliteFile } from './sqlite-file.ts'

const SETUP = ['CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY) STRICT']
const path = () => join(mkdtempSync(join(tmpdir(), 'sqlite-')), 'file.sqlite')
const code = (expected: string) => expect.objectContaining({ code: expected })
const insert = 'INSERT INTO numbers VALUES (?)'

test('a transaction is whole or not at all, and an error of its own comes out as it is', () => {
  using file = new SqliteFile(path(), { setup: SETUP, timeout: 0 })
  file.transaction(() => [1, 2].forEach((n) => file.run(insert, n)))
  const own = new PlatformError('log.rule-broken', {})
  expect(() =>
    file.transaction(() => {
      file.run(insert, 3)
      throw own
    }),
  ).toThrow(own)
  expect(file.all('SELECT n FROM numbers').map(({ n }) => n)).toEqual([1, 2])
  expect([...file.iterate('SELECT n FROM numbers WHERE n >= ?', 2)]).toEqual([{ n: 2 }])
  expect(file.get('SELECT n FROM numbers WHERE n = 3')).toBeUndefined()
})

test('a file that another holds is storage.locked, one that is no database storage.damaged', () => {
  const held = path()
  using _ = new SqliteFile(held, { setup: ['PRAGMA locking_mode = EXCLUSIVE', ...SETUP], timeout: 0 })
  expect(() => new SqliteFile(held, { setup: SETUP, timeout: 0 })).toThrow(code('storage.locked'))
  const text = path()
  writeFileSync(text, 'no database '.repeat(100))
  expect(() => new SqliteFile(text, { setup: SETUP, timeout: 0 })).toThrow(code('storage.damaged'))
})

test('a file that may not grow is storage.full, and says no more of itself than it was told to', () => {
  const setup = ['CREATE TABLE blobs (b BLOB) STRICT', 'PRAGMA max_page_count = 3']
  using file = new SqliteFile(path(), { setup, timeout: 0, detail: { what: 'round log' } })
  expect(() => file.run('INSERT INTO blobs VALUES (zeroblob(100000))')).toThrow(
    expect.objectContaining({ code: 'storage.full', detail: { what: 'round log' } }),
  )
})

test('writes wait for the disk again after one that does not, also when it fails', () => {
  const setup = ['PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL', ...SETUP]
  using file = new SqliteFile(path(), { setup, timeout: 0 })
  const mode = () => file.get('PRAGMA synchronous')
  const [normal, full] = [{ synchronous: 1 }, { synchronous: 2 }]
  file.withoutWaiting(() => {
    expect(mode()).toEqual(normal)
    file.transaction(() => file.run(insert, 1))
  })
  expect(mode()).toEqual(full)
  expect(() => file.withoutWaiting(() => file.run(insert, 1))).toThrow(/UNIQUE/)
  expect(mode()).toEqual(full)
  expect(file.all('SELECT n FROM numbers')).toEqual([{ n: 1 }])
})
