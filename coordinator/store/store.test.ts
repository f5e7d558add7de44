import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openMemoryStore } from './memory.ts'
import { MIGRATIONS } from './migrations.ts'
import { openSqliteStore } from './sqlite.ts'
import { sampleJob, storeContract } from './store.contract.ts'

const freshPath = () => join(mkdtempSync(join(tmpdir(), 'tributary-store-')), 'coordinator.sqlite')

describe('memory', () => storeContract(openMemoryStore))
describe('sqlite', () => storeContract(() => openSqliteStore(freshPath())))

test('sqlite keeps everything over a reopening, and one process at a time has the file', () => {
  const path = freshPath()
  const first = openSqliteStore(path)
  first.insertJob(sampleJob('job-a'))
  expect(() => openSqliteStore(path)).toThrowError(/^storage\.locked/)
  first[Symbol.dispose]()
  using second = openSqliteStore(path)
  expect(second.job('job-a')).toEqual(sampleJob('job-a'))
})

test('a newer migration is applied to an older file, once', () => {
  const path = freshPath()
  {
    using store = openSqliteStore(path)
    store.insertJob(sampleJob('job-a'))
  }
  const added = { version: MIGRATIONS.length + 1, sql: 'CREATE TABLE extra (x INTEGER) STRICT' }
  for (const _ of [1, 2]) {
    using store = openSqliteStore(path, [...MIGRATIONS, added])
    expect(store.job('job-a')).toBeDefined()
  }
  expect(() => openSqliteStore(path)).toThrowError(/^protocol\.version/)
})

test('versions of migrations count up from 1', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1))
})

test('a file that is no database is refused', () => {
  const path = freshPath()
  writeFileSync(path, 'not a database, but long enough to look like one'.repeat(50))
  expect(() => openSqliteStore(path)).toThrowError(/^storage\.damaged/)
})
