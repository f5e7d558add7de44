// The store in one SQLite file: WAL, synchronous FULL, held by one process at a time.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { PlatformError } from '#runtime/errors.ts'
import { guardSqlite } from '#runtime/sqlite-file.ts'
import type { JobRecord } from '../jobs/job-record.ts'
import { partiesOfRecord } from '../jobs/job-record.ts'
import { hasEnded } from '../jobs/states.ts'
import { MIGRATIONS, type Migration } from './migrations.ts'
import type { CatalogRecord, JobFilter, Store } from './store.ts'

/**
 * Opens or creates the file and brings its schema up to date.
 * @throws PlatformError storage.locked while another process has it, storage.damaged when it is no database of ours
 */
export function openSqliteStore(path: string, migrations: readonly Migration[] = MIGRATIONS): Store {
  const db = guardSqlite({ file: path }, () => {
    const opened = new DatabaseSync(path, { timeout: 200 })
    // An exclusive lock is held until the process ends, however it ends.
    opened.exec('PRAGMA locking_mode = EXCLUSIVE')
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    return opened
  })
  guardSqlite({ file: path }, () => migrate(db, path, migrations))
  return bind(db, path)
}

function bind(db: DatabaseSync, path: string): Store {
  const sql = {
    insertJob: db.prepare('INSERT OR IGNORE INTO jobs (job, submitted_at, ended, spec, record) VALUES (?, ?, ?, ?, ?)'),
    insertParty: db.prepare('INSERT INTO job_parties (job, party) VALUES (?, ?)'),
    saveJob: db.prepare('UPDATE jobs SET ended = ?, record = ? WHERE job = ?'),
    job: db.prepare('SELECT spec, record FROM jobs WHERE job = ?'),
    jobs: db.prepare(
      `SELECT spec, record FROM jobs
       WHERE (:party IS NULL OR job IN (SELECT job FROM job_parties WHERE party = :party)) AND (:ended IS NULL OR ended = :ended)
         AND (:state IS NULL OR json_extract(record, '$.state') = :state)
         AND (:after IS NULL OR (submitted_at, number) < (SELECT submitted_at, number FROM jobs WHERE job = :after))
       ORDER BY submitted_at DESC, number DESC LIMIT :limit`,
    ),
    closeRound: db.prepare(
      `INSERT OR IGNORE INTO round_closings
       (job, task, round, party, finished, record_digest, sent_bytes, received_bytes, closed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    closings: db.prepare('SELECT * FROM round_closings WHERE job = ? AND task = ? AND round = ? ORDER BY number'),
    saveCatalog: db.prepare('INSERT OR REPLACE INTO catalogs (party, catalog) VALUES (?, ?)'),
    catalog: db.prepare('SELECT catalog FROM catalogs WHERE party = ?'),
    saveRelayed: db.prepare(
      'INSERT OR REPLACE INTO relayed (job, from_party, to_party, bytes, chunks) VALUES (?, ?, ?, ?, ?)',
    ),
    relayed: db.prepare('SELECT from_party, to_party, bytes, chunks FROM relayed WHERE job = ?'),
  }
  const run = <T>(use: () => T) => guardSqlite({ file: path }, use)
  const inTransaction = <T>(use: () => T) => run(() => transaction(db, use))
  return {
    insertJob: (record) =>
      inTransaction(() => {
        const { spec, text, ended } = split(record)
        const { changes } = sql.insertJob.run(record.job, record.submittedAt, ended, spec, text)
        if (changes === 0) throw new PlatformError('job.exists', { job: record.job })
        for (const party of partiesOfRecord(record)) sql.insertParty.run(record.job, party)
      }),
    saveJob: (record) =>
      run(() => {
        const { text, ended } = split(record)
        const { changes } = sql.saveJob.run(ended, text, record.job)
        if (changes === 0) throw new PlatformError('job.unknown', { job: record.job })
      }),
    job: (job) => run(() => joined(sql.job.get(job))),
    jobs: ({ party, open, state, after, limit = -1 }: JobFilter = {}) =>
      run(() => {
        const ended = open === undefined ? null : Number(!open)
        const filter = { party: party ?? null, ended, state: state ?? null, after: after ?? null, limit }
        return sql.jobs.all(filter).map((row) => joined(row) as JobRecord)
      }),
    closeRound: (closing) =>
      run(() => {
        const { job, task, round, party, finished, recordDigest, sentBytes, receivedBytes, closedAt } = closing
        const values = [job, task, round, party, Number(finished), recordDigest, sentBytes, receivedBytes, closedAt]
        return sql.closeRound.run(...(values as SQLInputValue[])).changes === 1
      }),
    closings: (job, task, round) =>
      run(() =>
        sql.closings.all(job, task, round).map((row) => ({
          job,
          task,
          round,
          party: String(row['party']),
          finished: row['finished'] === 1,
          recordDigest: String(row['record_digest']),
          sentBytes: Number(row['sent_bytes']),
          receivedBytes: Number(row['received_bytes']),
          closedAt: String(row['closed_at']),
        })),
      ),
    saveCatalog: (catalog) => run(() => void sql.saveCatalog.run(catalog.party, JSON.stringify(catalog))),
    catalog: (party) =>
      run(() => {
        const row = sql.catalog.get(party)
        return row === undefined ? undefined : (JSON.parse(String(row['catalog'])) as CatalogRecord)
      }),
    saveRelayed: (counts) =>
      inTransaction(() => {
        for (const { job, from, to, bytes, chunks } of counts) sql.saveRelayed.run(job, from, to, bytes, chunks)
      }),
    relayed: (job) =>
      run(() =>
        sql.relayed.all(job).map((row) => ({
          job,
          from: String(row['from_party']),
          to: String(row['to_party']),
          bytes: Number(row['bytes']),
          chunks: Number(row['chunks']),
        })),
      ),
    [Symbol.dispose]: () => db.close(),
  }
}

/** The spec never changes, and may be long: it is not written again with each state. */
function split(record: JobRecord): { spec: string; text: string; ended: number } {
  const { spec, ...rest } = record
  return { spec, text: JSON.stringify(rest), ended: Number(hasEnded(record.state)) }
}

function joined(row: Record<string, unknown> | undefined): JobRecord | undefined {
  if (row === undefined) return undefined
  return { ...(JSON.parse(String(row['record'])) as Omit<JobRecord, 'spec'>), spec: String(row['spec']) }
}

function migrate(db: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT')
  const latest = migrations.at(-1)?.version ?? 0
  const current = Number(db.prepare('SELECT max(version) AS version FROM schema_version').get()?.['version'] ?? 0)
  if (current > latest) throw new PlatformError('protocol.version', { file: path, schema: current, known: latest })
  for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
    transaction(db, () => {
      db.exec(sql)
      db.prepare("INSERT INTO schema_version VALUES (?, datetime('now'))").run(version)
    })
  }
}

function transaction<T>(db: DatabaseSync, use: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = use()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
