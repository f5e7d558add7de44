// The sum of one round while its updates come in, and whose updates are in it. Of an update nothing stays but its digest.
import { setImmediate as turn } from 'node:timers/promises'
import type { TaskMessage } from '#protocols/core/task-message.ts'
import { sumBytes, UpdateSum } from '#protocols/fedavg/adder.ts'
import { PlatformError } from '#runtime/errors.ts'

/** Chunks that are added between two turns of other work: some milliseconds. */
const CHUNKS_PER_TURN = 32

type Header = UpdateSum['header']

export interface UpdatePlace {
  readonly from: string
  /** number of its envelope */
  readonly seq: number
}

export class OpenLabel {
  readonly header: Header
  readonly task: string
  readonly round: number
  /** that the sum takes */
  readonly bytes: number
  readonly updates: UpdatePlace[] = []
  #sum: UpdateSum | undefined

  /** @param message the first update of the label. @throws PlatformError he.range */
  constructor({ task, header: { round } }: TaskMessage, header: Header) {
    this.#sum = new UpdateSum(header)
    this.header = this.#sum.header
    this.task = task
    this.round = round
    this.bytes = sumBytes(header)
  }

  /** hex */
  get name(): string {
    return Buffer.from(this.header.label).toString('hex')
  }

  /** Participants whose update has not come; none once the sum was taken. */
  get missing(): readonly string[] {
    return this.#sum?.missing ?? []
  }

  has(party: string): boolean {
    return this.updates.some(({ from }) => from === party)
  }

  /** @throws PlatformError aggregate.repeated, average.other-round, he.malformed, he.wrong-key */
  async add(place: UpdatePlace, update: Parameters<UpdateSum['add']>[1], digest: Uint8Array): Promise<void> {
    const { from } = place
    // a label whose sum is made has all its participants
    if (this.#sum === undefined) throw new PlatformError('aggregate.repeated', { party: from })
    let added = 0
    for (const _ of this.#sum.adding(from, update, digest)) if (++added % CHUNKS_PER_TURN === 0) await turn()
    this.updates.push(place)
  }

  /** Bytes of the sum; the running one goes. @throws PlatformError aggregate.incomplete */
  takeSum(): Uint8Array {
    const sum = this.#sum
    if (sum === undefined) throw new PlatformError('aggregate.repeated', { round: this.round })
    this.#sum = undefined
    return sum.payload()
  }
}
