// Where a job stands at this party after its last closed round. The current and the previous checkpoint are kept.
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import type { Logger } from '#runtime/log.ts'
import type { MailMarks } from '../mail/mailbox.ts'
import type { RoundTold } from './round-told.ts'

export interface Checkpoint {
  readonly task: string
  /** the round that closed; 0 is the setup */
  readonly round: number
  /** the protocol said that this was its last round */
  readonly finished: boolean
  /** the output of the finished task was handed over */
  readonly released: boolean
  /** JSON of the role program */
  readonly state: unknown
  readonly marks: MailMarks
  /** hex; what RoundClosed carries */
  readonly recordDigest: string
  /** who took no part in the round, and whether it was voided; absent where all did */
  readonly told?: RoundTold
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** File = SHA-256 of the JSON in hex · line feed · JSON. Written whole or not at all. */
export class CheckpointStore {
  readonly #folder: string
  #number: number
  #current: Checkpoint | undefined
  #previous: Checkpoint | undefined

  private constructor(
    folder: string,
    number: number,
    current: Checkpoint | undefined,
    previous: Checkpoint | undefined,
  ) {
    this.#folder = folder
    this.#number = number
    this.#current = current
    this.#previous = previous
  }

  /**
   * A damaged newest checkpoint is passed over for the previous one: its round runs again from the stored messages.
   * @throws PlatformError storage.damaged when there are checkpoints and none is whole
   */
  static async open(jobFolder: string, log: Logger): Promise<CheckpointStore> {
    const folder = join(jobFolder, 'checkpoints')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = (await readdir(folder)).filter((name) => /^\d{8}\.json$/.test(name)).sort()
    const whole: Checkpoint[] = []
    for (const name of names) {
      const checkpoint = readCheckpoint(await readIfPresent(join(folder, name)))
      if (checkpoint !== undefined) whole.push(checkpoint)
      else log.warn('checkpoint.damaged', { file: join(folder, name) })
    }
    if (whole.length === 0 && names.length > 0) throw new PlatformError('storage.damaged', { folder })
    const number = names.length === 0 ? 0 : Number.parseInt(names.at(-1) as string, 10)
    return new CheckpointStore(folder, number, whole.at(-1), whole.at(-2))
  }

  get current(): Checkpoint | undefined {
    return this.#current
  }

  /** Messages before this one are never needed again. */
  get previous(): Checkpoint | undefined {
    return this.#previous
  }

  /** Durable when it resolves. @throws PlatformError storage.full */
  async write(checkpoint: Checkpoint): Promise<void> {
    const json = JSON.stringify(checkpoint)
    const path = (number: number) => join(this.#folder, `${String(number).padStart(8, '0')}.json`)
    await writeDurably(path(this.#number + 1), `${sha256(json)}\n${json}`)
    this.#number += 1
    this.#previous = this.#current
    this.#current = JSON.parse(json) as Checkpoint
    await rm(path(this.#number - 2), { force: true })
  }
}

function readCheckpoint(bytes: Uint8Array | undefined): Checkpoint | undefined {
  const text = Buffer.from(bytes ?? []).toString('utf8')
  const json = text.slice(65)
  return text.slice(0, 65) === `${sha256(json)}\n` ? (JSON.parse(json) as Checkpoint) : undefined
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Deletes all checkpoints of a job. */
export async function destroyCheckpoints(jobFolder: string): Promise<void> {
  await rm(join(jobFolder, 'checkpoints'), { recursive: true, force: true })
}
