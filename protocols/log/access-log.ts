// Who read what at this party or coordinator: a chain of signed records in <home>/access.sqlite, in the form of the round
// log's records and signed by the person who read. It is there without an agent and without a network; an agent states in
// the round log what concerns its jobs (access-carrier.ts). A write is whole or not at all, and on disk when it returns.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseRecord } from '#crypto/log/dsse.ts'
import { keyIdOf, type StatementSigner } from '#crypto/log/ed25519.ts'
import { PlatformError } from '#runtime/errors.ts'
import { SqliteFile } from '#runtime/sqlite-file.ts'
import { collaborationIdOf, leafDigest, makeRecord, NO_RECORD, readRecord, recordIn, type RecordOf } from './records.ts'

export const ACCESS_FILE = 'access.sqlite'

/** Who reads: a person of the party, or the party itself where it has no people. */
export interface Reader {
  readonly name: string
  readonly role: string
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array
  readonly sign: StatementSigner
}

/** Whose key may have signed, and for how long if not for ever. */
export interface KnownReader extends Pick<Reader, 'name' | 'role' | 'publicKey'> {
  /** RFC 3339 UTC */
  readonly from?: string
  readonly until?: string
}

export type AccessRecord = RecordOf<'access'> | RecordOf<'export.made'>
type AccessFields = Pick<RecordOf<'access'>, 'object' | 'purpose' | 'decision'>

export interface AccessParty {
  readonly federation: string
  readonly party: string
}

const SCHEMA = 'CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT'

export class AccessLog implements Disposable {
  readonly #path: string
  readonly #party: AccessParty
  readonly #db: SqliteFile

  /** Opens or makes it. Several processes may write at once. @throws PlatformError storage.damaged */
  constructor(home: string, party: AccessParty) {
    this.#path = join(home, ACCESS_FILE)
    this.#party = party
    this.#db = new SqliteFile(this.#path, { setup: ['PRAGMA synchronous = FULL', SCHEMA], timeout: 5000 })
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]()
  }

  /** States a read, allowed or refused, before it happens. @throws PlatformError log.malformed, storage.* */
  read(reader: Reader, job: string, fields: AccessFields): void {
    this.#append(reader, { kind: 'access', job, actor: reader.name, role: reader.role, ...fields })
  }

  /** States that evidence of this size and root was handed out. @throws PlatformError log.malformed, storage.* */
  exported(reader: Reader, job: string, made: { readonly size: number; readonly root: string }): void {
    this.#append(reader, { kind: 'export.made', job, actor: reader.name, size: made.size, root: made.root })
  }

  leaves(from = 1): Uint8Array[] {
    const rows = this.#db.all('SELECT leaf FROM records WHERE seq >= ? ORDER BY seq', from)
    return rows.map((row) => row['leaf'] as Uint8Array)
  }

  /**
   * All records, with signatures and chain checked.
   * @param readers whose keys are known, with the name and role that each key stands for
   * @param checked signatures that this process has checked before, for who asks again and again
   * @throws PlatformError storage.damaged when a record was changed, left out, put in, or signed for somebody else
   */
  records(readers: readonly KnownReader[], checked = new CheckedSignatures()): AccessRecord[] {
    const byId = new Map(readers.map((reader) => [keyIdOf(reader.publicKey), reader]))
    const known = checked.under(readers)
    const collaboration = this.#collaboration
    let [seq, prev] = [0, NO_RECORD]
    return this.leaves().map((leaf) => {
      const digest = leafDigest(leaf)
      const damaged = (problem: string, cause?: unknown) =>
        new PlatformError('storage.damaged', { file: this.#path, record: seq + 1, problem }, cause)
      const record = known.get(digest) ?? readSigned(leaf, byId, damaged)
      known.set(digest, record)
      const inPlace = record.seq === seq + 1 && record.prev === prev
      if (!inPlace || record.collaboration !== collaboration || record.author !== this.#party.party)
        throw damaged('the chain is broken')
      ;[seq, prev] = [record.seq, digest]
      return record
    })
  }

  /** A log of this party alone. */
  get #collaboration(): string {
    return collaborationIdOf(this.#party.federation, [this.#party.party])
  }

  #append({ publicKey, sign }: Reader, body: Parameters<typeof makeRecord>[1]): void {
    this.#db.transaction(() => {
      const last = this.#db.get('SELECT leaf FROM records ORDER BY seq DESC LIMIT 1')?.['leaf'] as
        | Uint8Array
        | undefined
      const before = last === undefined ? undefined : recordIn(parseRecord(last))
      const place = {
        seq: (before?.seq ?? 0) + 1,
        prev: last === undefined ? NO_RECORD : leafDigest(last),
        time: before?.time ?? '',
      }
      const author = { collaboration: this.#collaboration, author: this.#party.party, keyid: keyIdOf(publicKey), sign }
      const { leaf } = makeRecord({ ...author, ...place }, body, new Date())
      this.#db.run('INSERT INTO records VALUES (?, ?)', place.seq, leaf)
    })
  }
}

/** Records by the digest of their leaf whose signature was found good under one set of keys. */
export class CheckedSignatures {
  #readers = ''
  readonly #records = new Map<string, AccessRecord>()

  /** Nothing that was found under other keys counts. */
  under(readers: readonly KnownReader[]): Map<string, AccessRecord> {
    const keys = readers.map(({ publicKey, name, role, from = '', until = '' }) => {
      return [keyIdOf(publicKey), name, role, from, until]
    })
    const text = JSON.stringify(keys)
    if (text !== this.#readers) this.#records.clear()
    this.#readers = text
    return this.#records
  }
}

/** One leaf: signed by the person whom it names, with a key that held. @param damaged makes the error */
function readSigned(
  leaf: Uint8Array,
  byId: ReadonlyMap<string, KnownReader>,
  damaged: (problem: string, cause?: unknown) => PlatformError,
): AccessRecord {
  let record: ReturnType<typeof readRecord>
  try {
    record = readRecord(leaf, (keyid) => byId.get(keyid)?.publicKey)
  } catch (cause) {
    throw damaged('not signed by a person of this party', cause)
  }
  if (!isAccess(record)) throw damaged('no access record')
  const reader = byId.get(parseRecord(leaf).keyid)
  const isOwn = record.actor === reader?.name && (record.kind === 'export.made' || record.role === reader.role)
  if (!isOwn) throw damaged('signed by another person than it names')
  if (!holdsAt(reader, record.time)) throw damaged('signed with a key that did not hold then')
  return record
}

/** A session that began before the key's end may read until its own. */
const LONGEST_SESSION_MS = 86_400_000

function holdsAt({ from, until }: KnownReader, time: string): boolean {
  const at = Date.parse(time)
  const isBegun = from === undefined || at >= Date.parse(from)
  return isBegun && (until === undefined || at < Date.parse(until) + LONGEST_SESSION_MS)
}

export function hasAccessLog(home: string): boolean {
  return existsSync(join(home, ACCESS_FILE))
}

export function isAccess(record: { readonly kind: string }): record is AccessRecord {
  return record.kind === 'access' || record.kind === 'export.made'
}
