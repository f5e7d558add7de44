// Moves sealed envelopes between the connected agents of a running job, in order, unread.
// This folder imports the wire contract and the runtime only: it cannot name anything that decrypts.
import type { Ack__Output } from '#protos/gen/tributary/v1/Ack.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import { advanceFlow, emptyFlow, type Flow, giveUpEnvelope } from './flow-check.ts'
import type { Outlet } from './outlet.ts'

/** So many of the envelopes last relayed are kept for diagnosis. */
const RECORD_LINES = 2000

/** Bytes that went one way between two parties of a job. */
export interface Traffic {
  readonly job: string
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly chunks: number
}

/** One envelope that passed, or that was dropped because its destination was away. */
export interface RelayedEnvelope {
  readonly job: string
  readonly from: string
  readonly to: string
  readonly seq: number
  readonly bytes: number
  readonly delivered: boolean
  readonly atMs: number
}

/** A party of a job that lives in this process: it is handed what is addressed to it, and needs no connection. */
export interface LocalEnd {
  readonly party: string
  /** Resolves when the chunk was taken: its source is read on only then. Must not throw. */
  chunk(chunk: Chunk__Output): Promise<void>
  ack(ack: Ack__Output): void
}

interface Direction {
  readonly flow: Flow
  bytes: number
  chunks: number
  /** the connection that got the first chunk of the envelope under way; the rest of it makes sense only there */
  carrier: Outlet | undefined
}

interface RelayedJob {
  readonly parties: ReadonlySet<string>
  readonly local: LocalEnd | undefined
  readonly directions: Map<string, Direction>
  bytes: number
}

export interface RelayOptions {
  /** bytes that one job may send in all */
  readonly jobBytes: number
  readonly now: () => number
}

/** Knows who is connected and which jobs run; everything else is refused. */
export class Relay {
  readonly #options: RelayOptions
  readonly #outlets = new Map<string, Outlet>()
  readonly #jobs = new Map<string, RelayedJob>()
  readonly #record: RelayedEnvelope[] = []

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** From now on relayed frames for `outlet.party` go here. */
  connect(outlet: Outlet): void {
    this.#outlets.set(outlet.party, outlet)
    // an envelope that this party was in the middle of sending begins again
    for (const [key, { flow }] of this.#directionsOf(outlet.party)) {
      if (key.startsWith(`${outlet.party}>`)) giveUpEnvelope(flow)
    }
  }

  /** No effect when the party is connected anew through another outlet. */
  disconnect(outlet: Outlet): void {
    outlet.close()
    if (this.#outlets.get(outlet.party) === outlet) this.#outlets.delete(outlet.party)
  }

  outletOf(party: string): Outlet | undefined {
    return this.#outlets.get(party)
  }

  /**
   * Lets the parties of this job talk.
   * @param traffic what was counted before a restart of this process
   * @param local one more party
   */
  openJob(job: string, parties: readonly string[], traffic: readonly Traffic[] = [], local?: LocalEnd): void {
    if (this.#jobs.has(job)) return
    const all = new Set(local === undefined ? parties : [...parties, local.party])
    const opened: RelayedJob = { parties: all, local, directions: new Map(), bytes: 0 }
    for (const { from, to, bytes, chunks } of traffic) {
      opened.directions.set(`${from}>${to}`, { flow: emptyFlow(), bytes, chunks, carrier: undefined })
      opened.bytes += bytes
    }
    this.#jobs.set(job, opened)
  }

  closeJob(job: string): void {
    this.#jobs.delete(job)
  }

  /**
   * Passes a chunk on, to each of its receivers. Resolves when it is queued, or dropped because its destination is away
   * (the sender resends on PeerUp): the source is read on only then.
   * @param sender the party that the connection was authenticated as
   * @throws PlatformError identity.wrong-party, job.bad-state, transport.too-large, transport.quota, protocol.malformed, envelope.out-of-order
   */
  async forwardChunk(sender: string, chunk: Chunk__Output): Promise<void> {
    const { copies } = chunk
    if (copies.length === 0) return this.#forward(this.#admit(sender, chunk), chunk)
    const all = [{ to: chunk.to, seq: chunk.seq }, ...copies].map((copy) => ({ ...chunk, ...copy, copies: [] }))
    if (new Set(all.map(({ to }) => to)).size < all.length)
      throw new PlatformError('protocol.malformed', { message: 'Chunk', problem: 'a receiver twice' })
    const admitted = all.map((copy) => [this.#admit(sender, copy), copy] as const)
    // one that is refused does not keep it from the others
    const passed = await Promise.allSettled(admitted.map(([job, copy]) => this.#forward(job, copy)))
    const refused = passed.find((result) => result.status === 'rejected')
    if (refused !== undefined) throw refused.reason
  }

  async #forward(job: RelayedJob, chunk: Chunk__Output): Promise<void> {
    const direction = directionOf(job, chunk.from, chunk.to)
    advanceFlow(direction.flow, chunk)
    const bytes = chunk.data.length
    if (job.bytes + bytes > this.#options.jobBytes) {
      throw new PlatformError('transport.quota', { job: chunk.job, limit: this.#options.jobBytes })
    }
    job.bytes += bytes
    direction.bytes += bytes
    direction.chunks += 1
    const delivered =
      job.local?.party === chunk.to
        ? await job.local.chunk(chunk).then(() => true)
        : await this.#offer(direction, chunk)
    if (chunk.index + 1 === chunk.count) this.#note(chunk, delivered)
  }

  async #offer(direction: Direction, chunk: Chunk__Output): Promise<boolean> {
    const outlet = this.#outlets.get(chunk.to)
    if (chunk.index === 0) direction.carrier = outlet
    if (outlet === undefined || direction.carrier !== outlet) return false
    return await outlet.offer({ body: 'chunk', chunk }, chunk.data.length)
  }

  /** Passes an acknowledgement on; dropped when its destination is away. @throws PlatformError as forwardChunk */
  async forwardAck(sender: string, ack: Ack__Output): Promise<void> {
    const job = this.#admit(sender, ack)
    const { flow } = directionOf(job, ack.to, ack.from)
    flow.acknowledged = Math.max(flow.acknowledged, ack.seq)
    if (job.local?.party === ack.to) return job.local.ack(ack)
    await this.#outlets.get(ack.to)?.offer({ body: 'ack', ack }, 0)
  }

  /** Counts of every direction of a running job. */
  trafficOf(job: string): Traffic[] {
    return [...(this.#jobs.get(job)?.directions ?? [])].map(([key, { bytes, chunks }]) => {
      const [from, to] = key.split('>') as [string, string]
      return { job, from, to, bytes, chunks }
    })
  }

  /** The envelopes that passed last, oldest first. */
  get record(): readonly RelayedEnvelope[] {
    return this.#record
  }

  #admit(sender: string, frame: { job: string; from: string; to: string }): RelayedJob {
    if (frame.from !== sender) throw new PlatformError('identity.wrong-party', { expected: sender, got: frame.from })
    const job = this.#jobs.get(frame.job)
    if (job === undefined) throw new PlatformError('job.bad-state', { job: frame.job, expected: 'a running job' })
    for (const party of [frame.from, frame.to]) {
      if (!job.parties.has(party)) throw new PlatformError('identity.wrong-party', { job: frame.job, party })
    }
    if (frame.from === frame.to) throw new PlatformError('identity.wrong-party', { job: frame.job, to: frame.to })
    return job
  }

  #directionsOf(party: string): [string, Direction][] {
    return [...this.#jobs.values()]
      .filter((job) => job.parties.has(party))
      .flatMap((job) => [...job.directions.entries()])
  }

  #note(chunk: Chunk__Output, delivered: boolean): void {
    const { job, from, to, seq, total_bytes: bytes } = chunk
    this.#record.push({ job, from, to, seq, bytes, delivered, atMs: this.#options.now() })
    if (this.#record.length > RECORD_LINES) this.#record.splice(0, RECORD_LINES / 2)
  }
}

function directionOf(job: RelayedJob, from: string, to: string): Direction {
  const key = `${from}>${to}`
  let direction = job.directions.get(key)
  if (direction === undefined) {
    direction = { flow: emptyFlow(), bytes: 0, chunks: 0, carrier: undefined }
    job.directions.set(key, direction)
  }
  return direction
}
