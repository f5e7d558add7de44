// The loss of the rounds that are new, from the event file of a job that runs: read on from where the last look ended.
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import { storageError } from '#runtime/files.ts'
import { type JobEvent, lossCurve } from '../results/local-job.ts'

const MODEL_TASKS = ['train', 'boost', 'average'] as const
/** read at a time */
const CHUNK_BYTES = 4 * 1024 * 1024

export interface LossPoints {
  readonly task: string
  readonly points: { readonly round: number; readonly loss: number }[]
}

export class LossTail {
  readonly #path: string
  #offset = 0

  constructor(home: string, job: string) {
    this.#path = join(home, 'jobs', job, 'events.jsonl')
  }

  /** By task; nothing where nothing is new. @throws PlatformError storage.damaged */
  async next(): Promise<LossPoints[]> {
    let text = ''
    for (let more = await this.#read(); more !== ''; more = await this.#read()) text += more
    const lines = text.split('\n').filter((line) => line.includes('"loss"') || line.includes('"tree"'))
    const events = lines.map((line) => this.#parse(line))
    return MODEL_TASKS.map((task) => ({ task, points: [...lossCurve(events, task)] })).filter(
      ({ points }) => points.length > 0,
    )
  }

  #parse(line: string): JobEvent {
    try {
      return JSON.parse(line) as JobEvent
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file: this.#path, problem: 'a line is not JSON' }, cause)
    }
  }

  /** Whole lines only: the last one may be half written. */
  async #read(): Promise<string> {
    try {
      await using file = await open(this.#path)
      const length = Math.min(CHUNK_BYTES, (await file.stat()).size - this.#offset)
      if (length <= 0) return ''
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, this.#offset)
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
      this.#offset += end
      return buffer.toString('utf8', 0, end)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw storageError(cause, this.#path)
    }
  }
}
