// Makes evidence bundles and dossiers when somebody asks, tells how far they are, and keeps each for a quarter of an hour
// for who asked. The hand-out is stated in the access log before the file can be fetched.
import { randomBytes } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EXPORT_KINDS, ExportProgress, MadeExport } from '#console/api/record-shapes.ts'
import type { Download } from '#console/server/calls.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { dossierOf, fileDigest, readEvidence } from '../dossier/read-evidence.ts'
import { exportLog } from '../log/export.ts'
import type { Reading } from '../log/reading.ts'

const KEPT_MS = 15 * 60_000
const PER_SESSION = 3
const TELL_MS = 150

export interface ExportOrder {
  readonly job: string
  readonly what: (typeof EXPORT_KINDS)[number]
  readonly language: 'en' | 'zh'
  /** of whoever asks; nobody else gets the file */
  readonly session: string
  /** the hand-out is stated through it; disposed when the export is made */
  readonly reading: Reading
}

interface Making {
  readonly order: ExportOrder
  readonly folder: string
  done: number
  of: number
  file: string
  made?: MadeExport
  error?: PlatformError
}

export class ExportDesk {
  readonly #home: string
  readonly #trustBundle: string
  readonly #now: () => Date
  readonly #makings = new Map<string, Making>()
  /** what a process before this one left */
  readonly #swept: Promise<void>

  constructor(from: { readonly home: string; readonly trustBundle: string; readonly now: () => Date }) {
    this.#home = from.home
    this.#trustBundle = from.trustBundle
    this.#now = from.now
    this.#swept = rm(this.#root, { recursive: true, force: true })
    this.#swept.catch(() => undefined) // whoever orders the first export hears of it
  }

  /** @returns its number @throws PlatformError console.too-many while this session has three under way */
  async start(order: ExportOrder): Promise<string> {
    await this.#swept
    const own = [...this.#makings].filter(([, making]) => making.order.session === order.session)
    const busy = own.filter(([, { made, error }]) => made === undefined && error === undefined)
    if (busy.length >= PER_SESSION) throw new PlatformError('console.too-many', { seconds: 10, exports: busy.length })
    // the oldest that is done makes room
    for (const [id] of own.slice(0, Math.max(0, own.length + 1 - PER_SESSION)))
      if (!busy.some(([other]) => other === id)) await this.#drop(id)
    const id = randomBytes(16).toString('hex')
    const making: Making = { order, folder: join(this.#root, id), done: 0, of: 0, file: '' }
    this.#makings.set(id, making)
    void this.#make(id, making)
    return id
  }

  /** Until it is made. @throws PlatformError console.unknown; why it could not be made */
  async *progress(id: string, session: string, signal: AbortSignal): AsyncGenerator<ExportProgress> {
    const making = this.#find(id, session)
    let told = -1
    while (!signal.aborted) {
      if (making.error !== undefined) throw making.error
      const { done, of, made } = making
      if (made !== undefined) return yield { state: 'made', done: of, of, made }
      if (done !== told) yield { state: 'making', done, of }
      told = done
      await sleep(TELL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** @throws PlatformError console.unknown where it is not made, not of this kind, or somebody else's */
  file(id: string, session: string, what: ExportOrder['what']): Download {
    const { order, file, made } = this.#find(id, session)
    if (made === undefined || order.what !== what) throw new PlatformError('console.unknown', { export: id })
    return { name: made.name, content: createReadStream(file) }
  }

  get #root(): string {
    return join(this.#home, 'exports')
  }

  #find(id: string, session: string): Making {
    const making = this.#makings.get(id)
    if (making === undefined || making.order.session !== session)
      throw new PlatformError('console.unknown', { export: id })
    return making
  }

  async #make(id: string, making: Making): Promise<void> {
    const { order, folder } = making
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      making.made = await (order.what === 'evidence' ? this.#bundle(making) : this.#dossier(making))
    } catch (thrown) {
      making.error = toPlatformError(thrown)
    } finally {
      order.reading[Symbol.dispose]()
    }
    setTimeout(() => void this.#drop(id), KEPT_MS).unref()
  }

  async #bundle(making: Making): Promise<MadeExport> {
    const made = await this.#write(making, 0)
    const { job, reading } = making.order
    reading.exported(job, { size: made.records, root: made.root })
    return made
  }

  /** The page of the bundle that would be handed out now, as `tributary dossier` makes it. */
  async #dossier(making: Making): Promise<MadeExport> {
    const { job, language, reading } = making.order
    const bundle = await this.#write(making, 1)
    const read = await readEvidence(making.file, undefined, () => (making.done += 1))
    const page = await dossierOf(making.file, read, language)
    await rm(making.file)
    making.file = join(making.folder, `${job}.${language}.html`)
    await writeFile(making.file, page, { mode: 0o600 })
    reading.exported(job, { size: bundle.records, root: bundle.root })
    const { records, root, unsealed } = bundle
    return { ...(await describe(making.file)), records, root, unsealed, verified: read.report.ok }
  }

  /** @param passes over all records that come after the two of writing */
  async #write(making: Making, passes: number): Promise<MadeExport> {
    const { job } = making.order
    making.file = join(making.folder, `${job}.tar`)
    const { size, root, unsealed } = await exportLog({
      home: this.#home,
      trustBundle: this.#trustBundle,
      job,
      out: making.file,
      now: this.#now(),
      onProgress(done, of) {
        making.done = done
        making.of = of + (of / 2) * passes
      },
    })
    return { ...(await describe(making.file)), records: size, root, unsealed }
  }

  async #drop(id: string): Promise<void> {
    const making = this.#makings.get(id)
    this.#makings.delete(id)
    if (making !== undefined) await rm(making.folder, { recursive: true, force: true })
  }
}

async function describe(file: string): Promise<Pick<MadeExport, 'name' | 'bytes' | 'sha256'>> {
  const { size: bytes } = await stat(file)
  return { name: basename(file), bytes, sha256: await fileDigest(file) }
}
