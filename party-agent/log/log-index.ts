// All round logs that a party holds, indexed for a console and kept up to date: what is new is read when somebody asks,
// in small pieces, so that an agent in the middle of a round goes on beside it.
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parseNote, parseTreeHead } from '#crypto/log/note.ts'
import { leafDigest, type LogRecord } from '#protocols/log/records.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import { openIncidents } from './incident.ts'
import { IndexedLog, type IndexedJob } from './indexed-log.ts'
import { logFolders } from './log-folders.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'

const LEAVES_AT_ONCE = 250

export interface HeldLog {
  readonly collaboration: string
  readonly folder: string
  readonly index: IndexedLog
  /** records that all participants have cosigned */
  readonly sealedSize: number
  /** hex; '' before the first */
  readonly sealedRoot: string
  /** of the checkpoint over the sealed records; seconds since 1970 */
  readonly cosigned: readonly { readonly party: string; readonly time: number }[]
  /** it is frozen while there is one */
  readonly incidents: readonly ErrorCode[]
}

export class LogIndex {
  readonly #home: string
  readonly #logs = new Map<string, { index: IndexedLog; lastDigest: string }>()
  #reading: Promise<readonly HeldLog[]> | undefined

  constructor(home: string) {
    this.#home = home
  }

  /** Every log on disk as it is now. @throws PlatformError storage.damaged, log.malformed */
  held(): Promise<readonly HeldLog[]> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  /** @throws PlatformError job.unknown when no log held here names the job; storage.damaged */
  async job(job: string): Promise<{ readonly log: HeldLog; readonly job: IndexedJob }> {
    for (const log of await this.held()) {
      const found = log.index.jobs.get(job)
      if (found !== undefined) return { log, job: found }
    }
    throw new PlatformError('job.unknown', { job })
  }

  async #read(): Promise<readonly HeldLog[]> {
    const held: HeldLog[] = []
    for (const folder of logFolders(this.#home)) {
      using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
      const about = store.about()
      if (about === undefined) continue
      const index = await this.#follow(folder, store)
      held.push({ collaboration: basename(folder), folder, index, ...sealOf(store), incidents: openIncidents(folder) })
    }
    return held
  }

  /** Goes on where it stopped; a log that was put in the place of another is read from its start. */
  async #follow(folder: string, store: MirrorStore): Promise<IndexedLog> {
    let known = this.#logs.get(folder)
    const last = known === undefined || known.index.size === 0 ? undefined : store.leaf(known.index.size - 1)
    if (known !== undefined && known.index.size > 0 && (last === undefined || leafDigest(last) !== known.lastDigest))
      known = undefined
    known ??= { index: new IndexedLog(), lastDigest: '' }
    this.#logs.set(folder, known)
    let lastLeaf: Uint8Array | undefined
    for (const leaf of store.leaves(known.index.size)) {
      known.index.add(recordOfLeaf(leaf))
      lastLeaf = leaf
      if (known.index.size % LEAVES_AT_ONCE === 0) {
        known.lastDigest = leafDigest(leaf)
        await setImmediate()
      }
    }
    if (lastLeaf !== undefined) known.lastDigest = leafDigest(lastLeaf)
    return known.index
  }
}

/** Of a leaf that was verified when it was stored: taken apart and not checked again. @throws PlatformError log.malformed */
export function recordOfLeaf(leaf: Uint8Array): LogRecord {
  try {
    const { payload, payloadType } = JSON.parse(Buffer.from(leaf).toString('utf8')) as Record<string, string>
    const kind = /\.tributary\.([a-z.]+)\.v1\+json$/.exec(payloadType ?? '')?.[1]
    return { kind, ...JSON.parse(Buffer.from(payload ?? '', 'base64').toString('utf8')) } as LogRecord
  } catch (cause) {
    throw new PlatformError('log.malformed', { what: 'record' }, cause)
  }
}

/** The last checkpoint that all cosigned. It was verified when it was stored. */
function sealOf(store: MirrorStore): Pick<HeldLog, 'sealedSize' | 'sealedRoot' | 'cosigned'> {
  const { size, note: bytes } = store.sealed()
  if (size === 0) return { sealedSize: 0, sealedRoot: '', cosigned: [] }
  const note = parseNote(bytes)
  const parties = new Set(store.about()?.parties)
  const cosigned = note.signatures
    .filter(({ name, signature }) => parties.has(name) && signature.length === COSIGNATURE_BYTES)
    .map(({ name, signature }) => ({ party: name, time: Number(Buffer.from(signature).readBigUInt64BE()) }))
  return { sealedSize: size, sealedRoot: Buffer.from(parseTreeHead(note.text).root).toString('hex'), cosigned }
}

/** 8 bytes of time and a signature, see docs/log-format.md */
const COSIGNATURE_BYTES = 72
