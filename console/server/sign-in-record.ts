// Who signed in, who was refused, and what changed about the ways in: <home>/sign-ins.sqlite, a chain of records in
// canonical JSON, each with the digest of the one before, signed by the running program's key. A name that nobody here
// has is not written down: people type passphrases into the wrong field.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SignInEntry } from '#console/api/account.ts'
import { verifySignature } from '#crypto/identity/signing.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { PlatformError } from '#runtime/errors.ts'
import { SqliteFile } from '#runtime/sqlite-file.ts'

export const SIGN_INS_FILE = 'sign-ins.sqlite'
const CONTEXT = 'sign-in-record'
const NO_RECORD = '0'.repeat(64)
const SCHEMA =
  'CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, person TEXT NOT NULL, link TEXT NOT NULL, leaf BLOB NOT NULL, signature BLOB NOT NULL) STRICT'

export interface ProgramKey {
  readonly party: string
  /** Ed25519, 32 bytes */
  readonly signingPublicKey: Uint8Array
  readonly sign: (context: string, bytes: Uint8Array) => Uint8Array
}

/** What is stated; the rest is empty. */
export type Stated = Pick<SignInEntry, 'event'> & Partial<Omit<SignInEntry, 'seq' | 'time' | 'event'>>

interface Row {
  readonly seq: number
  readonly leaf: Uint8Array
  readonly signature: Uint8Array
}

export class SignInRecord implements Disposable {
  readonly #path: string
  readonly #key: ProgramKey
  readonly #now: () => number
  readonly #db: SqliteFile
  /** of the newest record, as this process knows it: one cut off meanwhile is missed */
  #last: { readonly seq: number; readonly digest: string; readonly time: string }

  /** Opens or makes it; one process writes. @throws PlatformError storage.damaged when the end is not as it was signed */
  constructor(home: string, key: ProgramKey, now: () => number = Date.now) {
    this.#path = join(home, SIGN_INS_FILE)
    this.#key = key
    this.#now = now
    this.#db = new SqliteFile(this.#path, { setup: ['PRAGMA synchronous = FULL', SCHEMA], timeout: 5000 })
    const [newest] = this.#rows('ORDER BY seq DESC LIMIT 1')
    this.#last =
      newest === undefined
        ? { seq: 0, digest: NO_RECORD, time: '' }
        : { seq: newest.seq, digest: digestOf(newest.leaf), time: this.#read(newest).time }
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]()
  }

  /** On disk when it returns. @throws PlatformError storage.* */
  state(stated: Stated): void {
    const { seq, digest, time } = this.#last
    const now = new Date(this.#now()).toISOString()
    const empty = { person: '', how: '', address: '', code: '', reason: '', link: '', session: '', acr: '', amr: [] }
    const entry = { ...empty, ...stated, seq: seq + 1, time: now > time ? now : time }
    const leaf = canonicalJson({ ...entry, v: 1, party: this.#key.party, prev: digest })
    const signature = this.#key.sign(CONTEXT, leaf)
    this.#db.run('INSERT INTO records VALUES (?, ?, ?, ?, ?)', entry.seq, entry.person, entry.link, leaf, signature)
    this.#last = { seq: entry.seq, digest: digestOf(leaf), time: entry.time }
  }

  /**
   * The newest first, with signatures and chain checked.
   * @param before the number that the page ends before; the newest unless given
   * @throws PlatformError storage.damaged when a record was changed, left out, put in or cut off
   */
  page(limit: number, before = this.#last.seq + 1): SignInEntry[] {
    const rows = this.#rows('WHERE seq < ? ORDER BY seq DESC LIMIT ?', before, limit + 1)
    let follower = before > this.#last.seq ? undefined : this.#rows('WHERE seq = ?', before)[0]
    let [expected, prev] =
      follower === undefined ? [this.#last.seq, this.#last.digest] : [before - 1, this.#prevOf(follower)]
    for (const row of rows) {
      if (row.seq !== expected || digestOf(row.leaf) !== prev) throw this.#damaged(expected, 'the chain is broken')
      follower = row
      ;[expected, prev] = [row.seq - 1, this.#prevOf(row)]
    }
    if (rows.length <= limit && expected !== 0) throw this.#damaged(expected, 'the chain is broken')
    return rows.slice(0, limit).map((row) => this.#read(row))
  }

  /** Of one person, the newest first; each record's own signature is checked. @throws PlatformError storage.damaged */
  pageOf(person: string, limit: number, before = this.#last.seq + 1): SignInEntry[] {
    const rows = this.#rows('WHERE person = ? AND seq < ? ORDER BY seq DESC LIMIT ?', person, before, limit)
    return rows.map((row) => {
      const entry = this.#read(row)
      if (entry.person !== person) throw this.#damaged(row.seq, 'kept under another name')
      return entry
    })
  }

  /** Whether a passkey or account was removed here: its files may be back, from a backup or from somebody. */
  wasRemoved(link: string): boolean {
    return this.#rows('WHERE link = ?', link).some((row) => this.#read(row).event === 'link-removed')
  }

  #rows(where: string, ...values: (number | string)[]): Row[] {
    return this.#db.all(`SELECT seq, leaf, signature FROM records ${where}`, ...values) as unknown as Row[]
  }

  #prevOf(row: Row): string {
    return (parseCanonicalJson(row.leaf) as { prev: string }).prev
  }

  #read({ seq, leaf, signature }: Row): SignInEntry {
    if (!verifySignature(this.#key.signingPublicKey, CONTEXT, leaf, signature))
      throw this.#damaged(seq, 'not signed by this program')
    const { v: _, party, prev: __, ...entry } = parseCanonicalJson(leaf) as unknown as SignInEntry & Chained
    if (entry.seq !== seq || party !== this.#key.party) throw this.#damaged(seq, 'of another place')
    return entry
  }

  #damaged(record: number, problem: string): PlatformError {
    return new PlatformError('storage.damaged', { file: this.#path, record, problem })
  }
}

interface Chained {
  readonly v: 1
  readonly party: string
  readonly prev: string
}

function digestOf(leaf: Uint8Array): string {
  return createHash('sha256').update(leaf).digest('hex')
}
