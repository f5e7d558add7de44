// The evidence bundle of a job, from what this party holds: the leaves under the last checkpoint that everybody cosigned.
// It only reads, so the agent may run meanwhile.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { logKeyOf, parseTrustBundle } from '#crypto/identity/trust.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { writeBundle } from '#protocols/log/bundle.ts'
import { collaborationIdOf, originOf, recordIn } from '#protocols/log/records.ts'
import { type Edition, editionBytes, readEdition } from '#protocols/log/trust-edition.ts'
import { headOf } from '#protocols/log/verify.ts'
import { PlatformError } from '#runtime/errors.ts'
import { logFolders } from './log-folders.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'

const LEAVES_AT_ONCE = 500

export interface LogExport {
  readonly origin: string
  /** records in the bundle */
  readonly size: number
  /** of the checkpoint, hex */
  readonly root: string
  /** records held here that not everybody has cosigned; they are not in the bundle */
  readonly unsealed: number
}

/**
 * Writes the bundle of the log that has this job.
 * @throws PlatformError job.unknown when no log held here has records of the job under a checkpoint that all cosigned,
 *   log.unknown-key, config.*, storage.*
 */
export async function exportLog(from: {
  readonly home: string
  readonly trustBundle: string
  readonly job: string
  readonly out: string
  readonly now: Date
  /** leaves read so far; each is read twice */
  readonly onProgress?: (done: number, of: number) => void
}): Promise<LogExport> {
  const { home, trustBundle, job, out, now, onProgress } = from
  let done = 0
  for (const folder of logFolders(home)) {
    using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
    const about = store.about()
    const { size, note: checkpoint } = store.sealed()
    if (about === undefined || !hasJob(store, size, job)) continue
    const { federation, party, parties } = about
    // where the one that the log was opened with was never held here, the verifiers will say so
    const trust = store.trust() ?? (await heldEdition(trustBundle))
    const edition = readEdition(trust)
    const origin = originOf(federation, parties)
    const collaboration = collaborationIdOf(federation, parties)
    await writeBundle(out, {
      about: { v: 1, federation, collaboration, job, madeAt: now.toISOString(), madeBy: party },
      origin,
      logKey: Buffer.from(edition.coordinator.logKey, 'base64'),
      participants: parties.map((name) => ({ name, signingKey: keyIn(edition, name) })),
      checkpoint,
      trust,
      leaves: () => leavesOf(store, size, () => onProgress?.(++done, 2 * size)),
    })
    return {
      origin,
      size,
      root: Buffer.from(headOf(checkpoint).root).toString('hex'),
      unsealed: store.head().size - size,
    }
  }
  throw new PlatformError('job.unknown', { job })
}

async function heldEdition(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('config.unreadable', { file }, cause)
  })
  const bundle = parseTrustBundle(text)
  logKeyOf(bundle)
  return Buffer.from(editionBytes(bundle)).toString('utf8')
}

function keyIn({ parties }: Edition, party: string): Uint8Array {
  const member = parties.find((entry) => entry.party === party)
  if (member === undefined) throw new PlatformError('identity.unknown', { party })
  return Buffer.from(member.signingKey, 'base64')
}

/** The leaves below `size`; more may be in the store. An agent does other things between them. */
async function* leavesOf(store: MirrorStore, size: number, read: () => void): AsyncGenerator<Uint8Array> {
  let number = 0
  for (const leaf of store.leaves()) {
    if (number++ >= size) return
    if (number % LEAVES_AT_ONCE === 0) await setImmediate()
    read()
    yield leaf
  }
}

function hasJob(store: MirrorStore, size: number, job: string): boolean {
  let number = 0
  for (const leaf of store.leaves()) {
    if (number++ >= size) return false
    if (recordIn(parseRecord(leaf)).job === job) return true
  }
  return false
}
