// The round logs on disk: leaves as they came, heads and cosignatures, in one SQLite file beside the store of the jobs.
// Every method is durable when it returns.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { PlatformError } from '#runtime/errors.ts'

export interface StoredLog {
  readonly collaboration: string
  readonly parties: readonly string[]
  readonly size: number
  /** roots of the perfect subtrees, see CompactRange */
  readonly frontier: readonly Uint8Array[]
  /** the last checkpoint that was published; size 0 before the first */
  readonly head: { readonly size: number; readonly note: Uint8Array }
  /** size of the last head that all participants cosigned */
  readonly sealedSize: number
}

export interface NewLeaf {
  readonly author: string
  readonly seq: number
  /** see protocols/log/marks.ts; empty where there is none */
  readonly mark: string
  readonly leaf: Uint8Array
}

export interface HeldCosignature {
  readonly party: string
  readonly size: number
  readonly line: string
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS logs (
    collaboration TEXT PRIMARY KEY,
    parties TEXT NOT NULL,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    head_size INTEGER NOT NULL,
    head_note BLOB NOT NULL,
    sealed_size INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leaves (
    collaboration TEXT NOT NULL REFERENCES logs (collaboration),
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    seq INTEGER NOT NULL,
    mark TEXT NOT NULL,
    leaf BLOB NOT NULL,
    PRIMARY KEY (collaboration, number)
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS leaves_by_author ON leaves (collaboration, author, seq);
  CREATE INDEX IF NOT EXISTS leaves_by_mark ON leaves (collaboration, mark) WHERE mark <> '';
  CREATE TABLE IF NOT EXISTS cosignatures (
    collaboration TEXT NOT NULL,
    party TEXT NOT NULL,
    size INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (collaboration, party)
  ) STRICT, WITHOUT ROWID;
`
const HASH_BYTES = 32

export class LogStore implements Disposable {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** @throws PlatformError storage.locked, storage.damaged */
  constructor(path: string) {
    try {
      this.#db = new DatabaseSync(path, { timeout: 200 })
      this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.#db.exec(SCHEMA)
    } catch (cause) {
      const code = (cause as { errcode?: number }).errcode === SQLITE_BUSY ? 'storage.locked' : 'storage.damaged'
      throw new PlatformError(code, { file: path }, cause)
    }
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  logs(): StoredLog[] {
    return this.#all('SELECT * FROM logs').map((row) => {
      const frontier = row['frontier'] as Uint8Array
      return {
        collaboration: String(row['collaboration']),
        parties: JSON.parse(String(row['parties'])) as string[],
        size: Number(row['size']),
        frontier: Array.from({ length: frontier.length / HASH_BYTES }, (_, i) =>
          frontier.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
        ),
        head: { size: Number(row['head_size']), note: row['head_note'] as Uint8Array },
        sealedSize: Number(row['sealed_size']),
      }
    })
  }

  create(collaboration: string, parties: readonly string[]): void {
    const none = Buffer.alloc(0)
    this.#run('INSERT INTO logs VALUES (?, ?, 0, ?, 0, ?, 0)', collaboration, JSON.stringify(parties), none, none)
  }

  /** @param from number of the first of the new leaves, @param frontier of the tree with them */
  append(collaboration: string, from: number, leaves: readonly NewLeaf[], frontier: readonly Uint8Array[]): void {
    this.#transaction(() => {
      for (const [i, { author, seq, mark, leaf }] of leaves.entries())
        this.#run('INSERT INTO leaves VALUES (?, ?, ?, ?, ?, ?)', collaboration, from + i, author, seq, mark, leaf)
      const size = from + leaves.length
      const hashes = Buffer.concat(frontier)
      this.#run('UPDATE logs SET size = ?, frontier = ? WHERE collaboration = ?', size, hashes, collaboration)
    })
  }

  publish(collaboration: string, head: StoredLog['head']): void {
    const sql = 'UPDATE logs SET head_size = ?, head_note = ? WHERE collaboration = ?'
    this.#run(sql, head.size, head.note, collaboration)
  }

  /** @param sealedSize when this was the last cosignature that its head needed */
  cosign(collaboration: string, { party, size, line }: HeldCosignature, sealedSize: number | undefined): void {
    this.#transaction(() => {
      this.#run('INSERT OR REPLACE INTO cosignatures VALUES (?, ?, ?, ?)', collaboration, party, size, line)
      if (sealedSize === undefined) return
      this.#run('UPDATE logs SET sealed_size = ? WHERE collaboration = ?', sealedSize, collaboration)
    })
  }

  cosignatures(collaboration: string): HeldCosignature[] {
    return this.#all('SELECT party, size, line FROM cosignatures WHERE collaboration = ?', collaboration).map(
      (row) => ({ party: String(row['party']), size: Number(row['size']), line: String(row['line']) }),
    )
  }

  /** Leaves [from, to), one at a time. */
  *leaves(collaboration: string, from: number, to: number): Generator<Uint8Array> {
    const sql = 'SELECT leaf FROM leaves WHERE collaboration = ? AND number = ?'
    const statement = this.#statement(sql)
    for (let number = from; number < to; number++) yield statement.get(collaboration, number)?.['leaf'] as Uint8Array
  }

  leafOf(collaboration: string, author: string, seq: number): Uint8Array | undefined {
    const sql = 'SELECT leaf FROM leaves WHERE collaboration = ? AND author = ? AND seq = ?'
    return this.#all(sql, collaboration, author, seq)[0]?.['leaf'] as Uint8Array | undefined
  }

  lastSeqOf(collaboration: string, author: string): number {
    const sql = 'SELECT max(seq) AS seq FROM leaves WHERE collaboration = ? AND author = ?'
    return Number(this.#all(sql, collaboration, author)[0]?.['seq'] ?? 0)
  }

  /** Who made a mark, and in which leaf. */
  marked(collaboration: string, mark: string): { readonly author: string; readonly number: number }[] {
    const sql = 'SELECT author, number FROM leaves WHERE collaboration = ? AND mark = ?'
    return this.#all(sql, collaboration, mark).map((row) => ({
      author: String(row['author']),
      number: Number(row['number']),
    }))
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values)
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

  #guard(write: () => void): void {
    try {
      write()
    } catch (cause) {
      const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff
      if (code === SQLITE_FULL) throw new PlatformError('storage.full', { what: 'round log' }, cause)
      if (code === SQLITE_IOERR) throw new PlatformError('storage.damaged', { what: 'round log' }, cause)
      throw cause
    }
  }
}

const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_FULL = 13
