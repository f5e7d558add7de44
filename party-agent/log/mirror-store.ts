// What an agent keeps of one round log, in one SQLite file: the leaves that it verified, the head that it cosigned, and
// its own records as it signed them. A write is whole or not at all, and on disk when it returns.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { PlatformError } from '#runtime/errors.ts'

export const MIRROR_FILE = 'log.sqlite'

export interface MirrorHead {
  readonly size: number
  /** the checkpoint, with the cosignatures that came with it */
  readonly note: Uint8Array
}

export interface MirrorAbout {
  readonly federation: string
  readonly party: string
  /** of the collaboration, sorted */
  readonly parties: readonly string[]
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS about (id INTEGER PRIMARY KEY CHECK (id = 0), about TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS leaves (number INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS own (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS trust (id INTEGER PRIMARY KEY CHECK (id = 0), edition TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS heads (name TEXT PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL) STRICT;
`
const NO_HEAD: MirrorHead = { size: 0, note: new Uint8Array() }

export class MirrorStore implements Disposable {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #statements = new Map<string, StatementSync>()

  /** @throws PlatformError storage.damaged */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#path = path
    const { readOnly = false } = options
    this.#db = this.#guard(() => new DatabaseSync(path, { timeout: 2000, readOnly }))
    if (readOnly) return
    this.#guard(() => this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'))
    this.#guard(() => this.#db.exec(SCHEMA))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  /** What the file is of, undefined before anybody said it. Written once. @throws PlatformError storage.damaged */
  about(mine?: MirrorAbout): MirrorAbout | undefined {
    const text = mine === undefined ? undefined : JSON.stringify(mine)
    if (text !== undefined) this.#run('INSERT OR IGNORE INTO about VALUES (0, ?)', text)
    const row = this.#guard(() => this.#db.prepare('SELECT about FROM about').get())
    const kept = row?.['about']
    if (kept === undefined) return undefined
    if (text !== undefined && kept !== text)
      throw new PlatformError('storage.damaged', { file: this.#path, problem: 'the log of another collaboration' })
    return JSON.parse(String(kept)) as MirrorAbout
  }

  /** The trust bundle that the log was opened with, as editionBytes writes it; undefined where it was not held. Written once. */
  trust(opened?: string): string | undefined {
    if (opened !== undefined) this.#run('INSERT OR IGNORE INTO trust VALUES (0, ?)', opened)
    const row = this.#guard(() => this.#db.prepare('SELECT edition FROM trust').get())
    return row === undefined ? undefined : String(row['edition'])
  }

  /** The last checkpoint of which every leaf was verified. */
  head(): MirrorHead {
    return this.#head('verified')
  }

  /** The last checkpoint that all participants cosigned. */
  sealed(): MirrorHead {
    return this.#head('sealed')
  }

  /** All leaves in order, one at a time. */
  *leaves(from = 0): Generator<Uint8Array> {
    for (const row of this.#db.prepare('SELECT leaf FROM leaves WHERE number >= ? ORDER BY number').iterate(from))
      yield row['leaf'] as Uint8Array
  }

  leaf(number: number): Uint8Array | undefined {
    return this.#statement('SELECT leaf FROM leaves WHERE number = ?').get(number)?.['leaf'] as Uint8Array | undefined
  }

  /** Own records from this seq on, in order. */
  own(from = 1): Uint8Array[] {
    const rows = this.#db.prepare('SELECT leaf FROM own WHERE seq >= ? ORDER BY seq').all(from)
    return rows.map((row) => row['leaf'] as Uint8Array)
  }

  ownLeaf(seq: number): Uint8Array | undefined {
    return this.#statement('SELECT leaf FROM own WHERE seq = ?').get(seq)?.['leaf'] as Uint8Array | undefined
  }

  /** @throws PlatformError storage.full */
  write(fromSeq: number, leaves: readonly Uint8Array[]): void {
    this.#transaction(() => {
      for (const [i, leaf] of leaves.entries()) this.#run('INSERT INTO own VALUES (?, ?)', fromSeq + i, leaf)
    })
  }

  /** The new leaves and the head over them, together. @throws PlatformError storage.full */
  append(from: number, leaves: readonly Uint8Array[], head: MirrorHead): void {
    this.#transaction(() => {
      for (const [i, leaf] of leaves.entries()) this.#run('INSERT INTO leaves VALUES (?, ?)', from + i, leaf)
      this.#run('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)', 'verified', head.size, head.note)
    })
  }

  /** @throws PlatformError storage.full */
  seal(head: MirrorHead): void {
    this.#run('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)', 'sealed', head.size, head.note)
  }

  #head(name: string): MirrorHead {
    const row = this.#guard(() => this.#db.prepare('SELECT size, note FROM heads WHERE name = ?').get(name))
    return row === undefined ? NO_HEAD : { size: Number(row['size']), note: row['note'] as Uint8Array }
  }

  #run(sql: string, ...values: (string | number | Uint8Array)[]): void {
    this.#guard(() => this.#statement(sql).run(...values))
  }

  /** Prepared once: a round runs the same few for every leaf. */
  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #transaction(write: () => void): void {
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

  #guard<T>(use: () => T): T {
    try {
      return use()
    } catch (cause) {
      const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff
      if (code === SQLITE_FULL) throw new PlatformError('storage.full', { path: this.#path }, cause)
      if (DAMAGED.has(code)) throw new PlatformError('storage.damaged', { file: this.#path, sqlite: code }, cause)
      throw cause
    }
  }
}

const SQLITE_FULL = 13
/** IOERR, CORRUPT, CANTOPEN, NOTADB */
const DAMAGED: ReadonlySet<number> = new Set([10, 11, 14, 26])
