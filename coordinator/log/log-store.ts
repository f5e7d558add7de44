// The round logs on disk: leaves as they came, heads and cosignatures, in one SQLite file beside the store of the jobs.
// Every method is durable when it returns, but for what comes again with the next connection: cosignatures, and leaves that
// no head covers.
import { SqliteFile } from '#runtime/sqlite-file.ts'

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
  readonly #db: SqliteFile

  /** @throws PlatformError storage.locked, storage.damaged */
  constructor(path: string) {
    const pragmas = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'
    this.#db = new SqliteFile(path, { setup: [pragmas, SCHEMA], timeout: 200, detail: { what: 'round log' } })
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]()
  }

  logs(): StoredLog[] {
    return this.#db.all('SELECT * FROM logs').map((row) => {
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
    this.#db.run('INSERT INTO logs VALUES (?, ?, 0, ?, 0, ?, 0)', collaboration, JSON.stringify(parties), none, none)
  }

  /**
   * @param from number of the first of the new leaves
   * @param frontier of the tree with them
   * @param head over all leaves so far: on disk with them when this returns
   */
  append(
    collaboration: string,
    from: number,
    leaves: readonly NewLeaf[],
    frontier: readonly Uint8Array[],
    head?: StoredLog['head'],
  ): void {
    const write = () => {
      for (const [i, { author, seq, mark, leaf }] of leaves.entries())
        this.#db.run('INSERT INTO leaves VALUES (?, ?, ?, ?, ?, ?)', collaboration, from + i, author, seq, mark, leaf)
      const size = from + leaves.length
      const hashes = Buffer.concat(frontier)
      this.#db.run('UPDATE logs SET size = ?, frontier = ? WHERE collaboration = ?', size, hashes, collaboration)
      if (head !== undefined) this.publish(collaboration, head)
    }
    if (head !== undefined) this.#db.transaction(write)
    else this.#db.withoutWaiting(() => this.#db.transaction(write))
  }

  publish(collaboration: string, head: StoredLog['head']): void {
    const sql = 'UPDATE logs SET head_size = ?, head_note = ? WHERE collaboration = ?'
    this.#db.run(sql, head.size, head.note, collaboration)
  }

  /** @param sealedSize when this was the last cosignature that its head needed */
  cosign(collaboration: string, { party, size, line }: HeldCosignature, sealedSize: number | undefined): void {
    this.#db.withoutWaiting(() =>
      this.#db.transaction(() => {
        this.#db.run('INSERT OR REPLACE INTO cosignatures VALUES (?, ?, ?, ?)', collaboration, party, size, line)
        if (sealedSize === undefined) return
        this.#db.run('UPDATE logs SET sealed_size = ? WHERE collaboration = ?', sealedSize, collaboration)
      }),
    )
  }

  cosignatures(collaboration: string): HeldCosignature[] {
    return this.#db
      .all('SELECT party, size, line FROM cosignatures WHERE collaboration = ?', collaboration)
      .map((row) => ({ party: String(row['party']), size: Number(row['size']), line: String(row['line']) }))
  }

  /** Leaves [from, to), one at a time. */
  *leaves(collaboration: string, from: number, to: number): Generator<Uint8Array> {
    const sql = 'SELECT leaf FROM leaves WHERE collaboration = ? AND number = ?'
    for (let number = from; number < to; number++)
      yield this.#db.get(sql, collaboration, number)?.['leaf'] as Uint8Array
  }

  leafOf(collaboration: string, author: string, seq: number): Uint8Array | undefined {
    const sql = 'SELECT leaf FROM leaves WHERE collaboration = ? AND author = ? AND seq = ?'
    return this.#db.all(sql, collaboration, author, seq)[0]?.['leaf'] as Uint8Array | undefined
  }

  lastSeqOf(collaboration: string, author: string): number {
    const sql = 'SELECT max(seq) AS seq FROM leaves WHERE collaboration = ? AND author = ?'
    return Number(this.#db.all(sql, collaboration, author)[0]?.['seq'] ?? 0)
  }

  /** Who made a mark, and in which leaf. */
  marked(collaboration: string, mark: string): { readonly author: string; readonly number: number }[] {
    const sql = 'SELECT author, number FROM leaves WHERE collaboration = ? AND mark = ?'
    return this.#db.all(sql, collaboration, mark).map((row) => ({
      author: String(row['author']),
      number: Number(row['number']),
    }))
  }
}
