// What a party keeps of one job on disk: the signed spec, its own state, and a line for everything that happened.
import { appendFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, storageError, syncDirectory, writeDurably } from '#runtime/files.ts'
import type { Logger } from '#runtime/log.ts'
import type { LocalJobState } from './states.ts'

export interface PeerKey {
  readonly party: string
  /** base64 */
  readonly sealingKey: string
  /** base64; the party's signature over its key */
  readonly sealingSignature: string
}

export interface JobFailure {
  readonly code: string
  readonly party: string
  readonly detail: Readonly<Record<string, string>>
}

export interface StoredJob {
  readonly version: 1
  readonly job: string
  readonly state: LocalJobState
  /** base64; the guest's signature over the bytes of spec.json */
  readonly specSignature: string
  readonly submittedAt: string
  /** of every party of the job, and of its adder, once it started */
  readonly keys: readonly PeerKey[]
  readonly startedAt?: string
  readonly endedAt?: string
  readonly failure?: JobFailure
}

export type EventFields = Readonly<Record<string, string | number | boolean>>

/** The folder of one job: spec.json (the signed bytes), job.json, events.jsonl. */
export class JobFiles {
  readonly folder: string
  readonly #log: Logger
  readonly #now: () => Date
  #events: Promise<void> = Promise.resolve()

  constructor(folder: string, log: Logger, now: () => Date) {
    this.folder = folder
    this.#log = log
    this.#now = now
  }

  /** @throws PlatformError storage.full */
  async create(specBytes: Uint8Array, stored: StoredJob): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    await syncDirectory(join(this.folder, '..'))
    await writeDurably(join(this.folder, 'spec.json'), specBytes)
    await this.save(stored)
  }

  /** @throws PlatformError storage.full */
  async save(stored: StoredJob): Promise<void> {
    await writeDurably(join(this.folder, 'job.json'), `${JSON.stringify(stored, null, 2)}\n`)
  }

  /** Undefined for a folder that a crash left before its job was accepted. @throws PlatformError storage.damaged */
  async load(): Promise<{ readonly stored: StoredJob; readonly specBytes: Uint8Array } | undefined> {
    const path = join(this.folder, 'job.json')
    const bytes = await readIfPresent(path)
    const specBytes = await readIfPresent(join(this.folder, 'spec.json'))
    if (bytes === undefined || specBytes === undefined) return undefined
    try {
      const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredJob
      if (stored.version !== 1) throw new Error('unknown version')
      return { stored, specBytes }
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file: path }, cause)
    }
  }

  /** A line for people and for the local command line. Losing one is logged and stops nothing. */
  event(name: string, fields: EventFields = {}): void {
    const path = join(this.folder, 'events.jsonl')
    const line = `${JSON.stringify({ time: this.#now().toISOString(), event: name, ...fields })}\n`
    this.#events = this.#events
      .then(() => appendFile(path, line, { mode: 0o600 }))
      .catch((error) => this.#log.error('event.lost', storageError(error, path), { name }))
  }

  /** Resolves when all events so far are written. */
  async settled(): Promise<void> {
    await this.#events
  }
}

/** Names of the folders under <home>/jobs that look like jobs. */
export async function listJobFolders(jobsFolder: string): Promise<string[]> {
  await mkdir(jobsFolder, { recursive: true, mode: 0o700 })
  const names = await readdir(jobsFolder)
  return names.filter((name) => /^job-[0-9a-f]{20}$/.test(name)).sort()
}
