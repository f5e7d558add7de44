// One SQLite file: statements prepared once, transactions that are whole or not at all, and SQLite's result codes in the
// words of the catalogue. A write is on disk when it returns, but for those that say otherwise.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type ErrorDetail, PlatformError } from './errors.ts'

const BUSY = 5
const FULL = 13
/** IOERR, CORRUPT, CANTOPEN, NOTADB */
const DAMAGED: ReadonlySet<number> = new Set([10, 11, 14, 26])

type Row = Record<string, unknown>

/** @throws PlatformError storage.locked, storage.full, storage.damaged with these details; all else as it came */
export function guardSqlite<T>(detail: ErrorDetail, use: () => T): T {
  try {
    return use()
  } catch (cause) {
    const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff
    if (code === BUSY) throw new PlatformError('storage.locked', detail, cause)
    if (code === FULL) throw new PlatformError('storage.full', detail, cause)
    if (DAMAGED.has(code)) throw new PlatformError('storage.damaged', { ...detail, sqlite: code }, cause)
    throw cause
  }
}

export interface SqliteFileOptions {
  /** statements that open it: pragmas and the schema */
  readonly setup: readonly string[]
  /** milliseconds to wait for another process */
  readonly timeout: number
  readonly readOnly?: boolean
  /** what an error says of the file, where its path is nobody else's business; by default its path */
  readonly detail?: ErrorDetail
}

/** Every method throws as `guardSqlite`. */
export class SqliteFile implements Disposable {
  readonly #db: DatabaseSync
  readonly #detail: ErrorDetail
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, { setup, timeout, readOnly = false, detail }: SqliteFileOptions) {
    this.#detail = detail ?? { file: path }
    this.#db = guardSqlite({ file: path }, () => {
      const db = new DatabaseSync(path, { timeout, readOnly })
      for (const sql of setup) db.exec(sql)
      return db
    })
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#guard(() => this.#statement(sql).run(...values))
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values))
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values))
  }

  /** Row by row. A statement of its own: another query may run before the last row. */
  *iterate(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    yield* this.#guard(() => this.#db.prepare(sql).iterate(...values))
  }

  /** All of it, or nothing. */
  transaction(write: () => void): void {
    this.#guard(() => {
      this.#db.exec('BEGIN IMMEDIATE')
      try {
        write()
        this.#db.exec('COMMIT')
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
        throw error
      }
    })
  }

  /**
   * Writes what can be had again from elsewhere: a file in WAL mode that waits for the disk (synchronous FULL) does not
   * wait for these writes. They outlive the process; when the power fails, those after the last waiting write may be
   * gone, and the file is whole.
   */
  withoutWaiting(write: () => void): void {
    this.#guard(() => this.#db.exec('PRAGMA synchronous = NORMAL'))
    try {
      write()
    } finally {
      this.#guard(() => this.#db.exec('PRAGMA synchronous = FULL'))
    }
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #guard<T>(use: () => T): T {
    return guardSqlite(this.#detail, use)
  }
}
