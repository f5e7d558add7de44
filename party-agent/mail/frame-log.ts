// An append-only log of messages on disk, with group commit: one fdatasync for all messages that wait.
// After a crash a torn tail is dropped; damage anywhere else is storage.damaged, never silently used.
//
// File = frames, one after the other. Frame = magic (4) · header bytes (4) · body bytes (4) · SHA-256 of the header
// (32) · header (JSON, with the SHA-256 of the body) · body. A header also says how many bytes of the file were known
// to be on disk when it was written: what lies before that point cannot be a torn tail.
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import { storageError, syncDirectory } from '#runtime/files.ts'
import type { Logger } from '#runtime/log.ts'
import { frameBuffers, type FrameHeader, readBody, scanFrames } from './frame.ts'

/** Where frames are written to: the file system, or in tests a disk that fills up. */
export type FrameWriter = (file: FileHandle, buffers: readonly Uint8Array[], position: number) => Promise<void>

export interface FrameLogOptions {
  readonly log: Logger
  /** stops waiting for disk space; the log is unusable afterwards */
  readonly signal: AbortSignal
  readonly write?: FrameWriter
  /** pause before a full disk is tried again */
  readonly retryMs?: number
  /** a file of at least so many bytes is closed by `release` */
  readonly segmentBytes?: number
}

interface Place {
  readonly header: FrameHeader
  /** undefined when the body was released */
  readonly at: { readonly segment: number; readonly bodyAt: number; readonly bodyBytes: number } | undefined
}

interface Waiting {
  readonly header: FrameHeader
  readonly body: Uint8Array
  readonly durable: PromiseWithResolvers<void>
}

const CLOSED = 'released'
/** Deleting costs a few writes of its own: small rounds share a file. */
const SEGMENT_BYTES = 4 * 2 ** 20
/** So much of what was written last is kept in memory, since it is mostly read back at once. */
const RECENT_BYTES = 4 * 2 ** 20

/** Messages are numbered by `header.seq` = 1, 2 … without gaps. */
export class FrameLog {
  readonly #folder: string
  readonly #options: FrameLogOptions
  readonly #places: Place[]
  readonly #sizes: Map<number, number>
  #segment: number
  /** the next batch starts a new segment */
  #full = false
  #file: FileHandle | undefined
  #waiting: Waiting[] = []
  #committing: Promise<void> | undefined
  #durableSeq: number
  #failure: unknown
  readonly #recent = new Map<number, Uint8Array>()
  #recentBytes = 0
  readonly #readers = new Map<number, Promise<FileHandle>>()

  private constructor(folder: string, options: FrameLogOptions, places: Place[], sizes: Map<number, number>) {
    this.#folder = folder
    this.#options = options
    this.#places = places
    this.#sizes = sizes
    this.#segment = Math.max(1, ...sizes.keys())
    this.#durableSeq = places.length
  }

  /** Reads what is there, drops a torn tail. @throws PlatformError storage.damaged */
  static async open(folder: string, options: FrameLogOptions): Promise<FrameLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = await readdir(folder)
    const segments = names.filter((name) => /^\d{8}\.log$/.test(name)).sort()
    const places: Place[] = []
    const sizes = new Map<number, number>()
    const add = (header: FrameHeader, at: Place['at'], file: string) => {
      if (header.seq <= places.length) return
      if (header.seq !== places.length + 1)
        throw new PlatformError('storage.damaged', { file, expected: places.length + 1, got: header.seq })
      places.push({ header, at })
    }
    if (names.includes(CLOSED)) {
      const path = join(folder, CLOSED)
      for (const frame of (await scanFrames(path, true)).frames) add(frame.header, undefined, path)
    }
    for (const [i, name] of segments.entries()) {
      const path = join(folder, name)
      const { frames, size } = await scanFrames(path, i === segments.length - 1)
      const segment = Number.parseInt(name, 10)
      for (const { header, bodyAt, bodyBytes } of frames) add(header, { segment, bodyAt, bodyBytes }, path)
      sizes.set(segment, size)
    }
    return new FrameLog(folder, options, places, sizes)
  }

  /** Number of the last message appended, which may not be on disk yet; 0 for none. */
  get lastSeq(): number {
    return this.#places.length
  }

  /** Everything up to this number is on disk. */
  get durableSeq(): number {
    return this.#durableSeq
  }

  /** The first message whose body is still here; `lastSeq + 1` when there is none. */
  get firstKept(): number {
    const index = this.#places.findIndex((place) => place.at !== undefined)
    const pending = this.#durableSeq + 1
    return index < 0 ? pending : Math.min(index + 1, pending)
  }

  header(seq: number): FrameHeader | undefined {
    return this.#places[seq - 1]?.header
  }

  /** Headers of all messages ever appended, in order. */
  *headers(): Generator<FrameHeader> {
    for (const place of this.#places) yield place.header
  }

  /**
   * Numbers the message at once; the promise resolves when it is on disk, and rejects when it will never be.
   * A full disk is waited for. @throws PlatformError storage.damaged
   */
  append(
    header: Omit<FrameHeader, 'seq'>,
    body: Uint8Array,
  ): { readonly seq: number; readonly durable: Promise<void> } {
    const seq = this.#places.length + 1
    const whole = { ...header, seq }
    const durable = Promise.withResolvers<void>()
    durable.promise.catch(() => undefined) // whoever needs it awaits it; nobody has to
    this.#places.push({ header: whole, at: undefined })
    if (this.#failure !== undefined) durable.reject(this.#failure)
    else {
      this.#waiting.push({ header: whole, body, durable })
      this.#committing ??= this.#commit()
    }
    return { seq, durable: durable.promise }
  }

  /** @throws PlatformError storage.damaged when the bytes on disk are not those written */
  async read(seq: number): Promise<Uint8Array> {
    const recent = this.#recent.get(seq)
    if (recent !== undefined) return recent
    const place = this.#places[seq - 1]
    if (place?.at === undefined) throw new PlatformError('storage.damaged', { folder: this.#folder, missing: seq })
    const { segment, bodyAt, bodyBytes } = place.at
    let reader = this.#readers.get(segment)
    if (reader === undefined) this.#readers.set(segment, (reader = open(this.#path(segment), 'r')))
    const body = await readBody(await reader, bodyAt, bodyBytes, place.header.digest)
    if (body === undefined) throw new PlatformError('storage.damaged', { file: this.#path(segment), seq })
    return body
  }

  /** Resolves when all that was appended so far is on disk. */
  async flush(): Promise<void> {
    await this.#committing
    if (this.#failure !== undefined) throw this.#failure
  }

  /**
   * Deletes the files that hold no message after `seq`. Their headers stay, so that a duplicate is still known.
   * The file that is written to counts too, if it is large: later messages go to a new one.
   */
  async release(seq: number): Promise<void> {
    const size = this.#sizes.get(this.#segment) ?? 0
    // never taken back before the next write: the file may be gone by then
    if (size >= (this.#options.segmentBytes ?? SEGMENT_BYTES)) this.#full = true
    await this.flush()
    const closed = this.#full ? this.#segment : this.#segment - 1
    for (const segment of [...this.#sizes.keys()].sort((a, b) => a - b)) {
      if (segment > closed) return
      const inside = this.#places.filter((place) => place.at?.segment === segment)
      if (inside.some((place) => place.header.seq > seq)) return
      await this.#keepHeaders(inside)
      await this.#closeReader(segment)
      await rm(this.#path(segment))
      this.#sizes.delete(segment)
      for (const place of inside) this.#places[place.header.seq - 1] = { header: place.header, at: undefined }
    }
  }

  async #keepHeaders(places: readonly Place[]): Promise<void> {
    const path = join(this.#folder, CLOSED)
    await using file = await open(path, 'a', 0o600)
    const { size } = await file.stat()
    const buffers = places.flatMap(({ header }) => frameBuffers(header, size, undefined))
    try {
      await writeAll(file, buffers, size)
      await file.datasync()
      if (size === 0) await syncDirectory(this.#folder)
    } catch (cause) {
      await file.truncate(size)
      throw storageError(cause, path)
    }
  }

  /** Stops; what is not on disk yet is given up. */
  async close(): Promise<void> {
    this.#failure ??= new PlatformError('job.cancelled', { folder: 'closed' })
    await this.#committing
    await this.#file?.close()
    this.#file = undefined
    for (const segment of this.#readers.keys()) await this.#closeReader(segment)
  }

  async #closeReader(segment: number): Promise<void> {
    const reader = await this.#readers.get(segment)
    this.#readers.delete(segment)
    await reader?.close()
  }

  #remember(seq: number, body: Uint8Array): void {
    this.#recent.set(seq, body)
    this.#recentBytes += body.length
    for (const [oldest, bytes] of this.#recent) {
      if (this.#recentBytes <= RECENT_BYTES) break
      this.#recent.delete(oldest)
      this.#recentBytes -= bytes.length
    }
  }

  async #commit(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#writeBatch(batch)
        for (const { durable } of batch) durable.resolve()
      } catch (error) {
        this.#failure ??= error
        for (const { durable } of batch) durable.reject(this.#failure)
      }
    }
    for (const { durable } of this.#waiting.splice(0)) durable.reject(this.#failure)
    this.#committing = undefined
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    if (this.#full) {
      await this.#file?.close()
      this.#file = undefined
      this.#segment += 1
      this.#full = false
    }
    const segment = this.#segment
    const start = this.#sizes.get(segment) ?? 0
    const placed: Place[] = []
    const buffers: Uint8Array[] = []
    let offset = start
    for (const { header, body } of batch) {
      const frame = frameBuffers(header, start, body)
      const bodyAt = offset + frame[0].length + frame[1].length
      placed.push({ header, at: { segment, bodyAt, bodyBytes: body.length } })
      buffers.push(...frame)
      offset = bodyAt + body.length
    }
    await this.#writeUntilItFits(segment, buffers, start)
    this.#sizes.set(segment, offset)
    for (const place of placed) this.#places[place.header.seq - 1] = place
    for (const { header, body } of batch) this.#remember(header.seq, body)
    this.#durableSeq = placed.at(-1)?.header.seq ?? this.#durableSeq
  }

  async #writeUntilItFits(segment: number, buffers: readonly Uint8Array[], start: number): Promise<void> {
    const write = this.#options.write ?? writeAll
    for (let attempt = 1; ; attempt++) {
      try {
        this.#file ??= await open(this.#path(segment), 'a+', 0o600)
        // 'a+' would ignore the position on Linux: the file is cut to `start` first, so that both agree.
        await write(this.#file, buffers, start)
        await this.#file.datasync()
        if (start === 0) await syncDirectory(this.#folder)
        if (attempt > 1) this.#options.log.info('storage.space-returned', { attempts: attempt })
        return
      } catch (cause) {
        await this.#file?.truncate(start).catch(() => undefined)
        const full = storageError(cause, this.#path(segment))
        if (!(full instanceof PlatformError)) {
          const error = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
          throw new PlatformError('storage.damaged', { file: this.#path(segment), error }, cause)
        }
        if (attempt === 1) this.#options.log.error('storage.full', full)
        if (this.#failure !== undefined) throw full
        await sleep(this.#options.retryMs ?? 1000, undefined, { signal: this.#options.signal }).catch(() => {
          throw full
        })
      }
    }
  }

  #path(segment: number): string {
    return join(this.#folder, `${String(segment).padStart(8, '0')}.log`)
  }
}

const writeAll: FrameWriter = async (file, buffers) => {
  const wanted = buffers.reduce((sum, part) => sum + part.length, 0)
  // writev takes at most 1024 buffers and may write less than asked for on a disk that fills up.
  let written = 0
  for (let i = 0; i < buffers.length; i += 512) {
    written += (await file.writev(buffers.slice(i, i + 512))).bytesWritten
  }
  if (written !== wanted) throw Object.assign(new Error('short write'), { code: 'ENOSPC' })
}
