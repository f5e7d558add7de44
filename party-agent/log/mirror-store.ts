// What an agent keeps of one round log, in one SQLite file: the leaves that it verified, the head that it cosigned, and
// its own records as it signed them. A write is whole or not at all, and on disk when it returns, but for the last sealed
// head: its cosignatures come again with the next connection.
import { PlatformError } from '#runtime/errors.ts'
import { SqliteFile } from '#runtime/sqlite-file.ts'

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
  readonly #db: SqliteFile
  readonly #path: string

  /** @throws PlatformError storage.damaged */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#path = path
    const { readOnly = false } = options
    const setup = readOnly ? [] : ['PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL', SCHEMA]
    this.#db = new SqliteFile(path, { setup, timeout: 2000, readOnly })
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]()
  }

  /** What the file is of, undefined before anybody said it. Written once. @throws PlatformError storage.damaged */
  about(mine?: MirrorAbout): MirrorAbout | undefined {
    const text = mine === undefined ? undefined : JSON.stringify(mine)
    if (text !== undefined) this.#db.run('INSERT OR IGNORE INTO about VALUES (0, ?)', text)
    const row = this.#db.get('SELECT about FROM about')
    const kept = row?.['about']
    if (kept === undefined) return undefined
    if (text !== undefined && kept !== text)
      throw new PlatformError('storage.damaged', { file: this.#path, problem: 'the log of another collaboration' })
    return JSON.parse(String(kept)) as MirrorAbout
  }

  /** The trust bundle that the log was opened with, as editionBytes writes it; undefined where it was not held. Written once. */
  trust(opened?: string): string | undefined {
    if (opened !== undefined) this.#db.run('INSERT OR IGNORE INTO trust VALUES (0, ?)', opened)
    const row = this.#db.get('SELECT edition FROM trust')
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
    for (const row of this.#db.iterate('SELECT leaf FROM leaves WHERE number >= ? ORDER BY number', from))
      yield row['leaf'] as Uint8Array
  }

  leaf(number: number): Uint8Array | undefined {
    return this.#db.get('SELECT leaf FROM leaves WHERE number = ?', number)?.['leaf'] as Uint8Array | undefined
  }

  /** Own records from this seq on, in order. */
  own(from = 1): Uint8Array[] {
    const rows = this.#db.all('SELECT leaf FROM own WHERE seq >= ? ORDER BY seq', from)
    return rows.map((row) => row['leaf'] as Uint8Array)
  }

  ownLeaf(seq: number): Uint8Array | undefined {
    return this.#db.get('SELECT leaf FROM own WHERE seq = ?', seq)?.['leaf'] as Uint8Array | undefined
  }

  /** @throws PlatformError storage.full */
  write(fromSeq: number, leaves: readonly Uint8Array[]): void {
    this.#db.transaction(() => {
      for (const [i, leaf] of leaves.entries()) this.#db.run('INSERT INTO own VALUES (?, ?)', fromSeq + i, leaf)
    })
  }

  /** The new leaves and the head over them, together. @throws PlatformError storage.full */
  append(from: number, leaves: readonly Uint8Array[], head: MirrorHead): void {
    this.#db.transaction(() => {
      for (const [i, leaf] of leaves.entries()) this.#db.run('INSERT INTO leaves VALUES (?, ?)', from + i, leaf)
      this.#db.run('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)', 'verified', head.size, head.note)
    })
  }

  /** @throws PlatformError storage.full */
  seal(head: MirrorHead): void {
    this.#db.withoutWaiting(() =>
      this.#db.run('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)', 'sealed', head.size, head.note),
    )
  }

  #head(name: string): MirrorHead {
    const row = this.#db.get('SELECT size, note FROM heads WHERE name = ?', name)
    return row === undefined ? NO_HEAD : { size: Number(row['size']), note: row['note'] as Uint8Array }
  }
}
