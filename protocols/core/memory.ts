// All parties of a task in one process: the reference implementation of the contract, for tests and experiments.
import { randomBytes } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type {
  Audience,
  MessageChannel,
  MessageHeader,
  PartyId,
  RoleProgram,
  TaskContext,
  TaskVault,
} from './contract.ts'

export interface WireMessage extends MessageHeader {
  readonly from: PartyId
  readonly to: PartyId
  readonly bytes: Uint8Array
}

/** Sees, and may change or drop, each message on its way; what it returns arrives. */
export type Tap = (message: WireMessage) => readonly Uint8Array[]

/** A network between parties in one process. `transcript` holds every message in the order of sending. */
export class MemoryNetwork {
  readonly transcript: WireMessage[] = []
  readonly #queues = new Map<string, { arrived: WireMessage[]; wake: (() => void) | undefined }>()
  readonly #tap: Tap
  readonly #abort = new AbortController()

  constructor(tap: Tap = (message) => [message.bytes]) {
    this.#tap = tap
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends every pending receive with this error: what a real runner does when one party fails. */
  fail(error: unknown): void {
    this.#abort.abort(error)
    for (const queue of this.#queues.values()) queue.wake?.()
  }

  channel(self: PartyId, peer: PartyId): MessageChannel {
    return {
      peer,
      send: async (header, make) => {
        const message = { ...header, from: self, to: peer, bytes: await make() }
        this.transcript.push(message)
        const queue = this.#queue(self, peer)
        for (const bytes of this.#tap(message)) queue.arrived.push({ ...message, bytes })
        queue.wake?.()
      },
      receive: async (header) => {
        const queue = this.#queue(peer, self)
        while (queue.arrived.length === 0) {
          if (this.#abort.signal.aborted) throw this.#abort.signal.reason
          await new Promise<void>((resolve) => {
            queue.wake = resolve
          })
        }
        const message = queue.arrived.shift() as WireMessage
        assertHeader(header, message)
        return message.bytes
      },
    }
  }

  #queue(from: PartyId, to: PartyId) {
    const key = `${from}>${to}`
    let queue = this.#queues.get(key)
    if (queue === undefined) this.#queues.set(key, (queue = { arrived: [], wake: undefined }))
    return queue
  }
}

/** Tells each of them over its own channel. */
export function audienceOf(channels: readonly MessageChannel[]): Audience {
  return {
    peers: channels.map(({ peer }) => peer),
    async send(header, make) {
      let made: Promise<Uint8Array> | undefined
      for (const channel of channels) await channel.send(header, () => (made ??= Promise.resolve(make())))
    },
  }
}

/** @throws PlatformError protocol.out-of-order, naming both steps */
export function assertHeader(expected: MessageHeader, got: MessageHeader): void {
  for (const field of ['round', 'step', 'part', 'kind'] as const) {
    if (expected[field] !== got[field]) {
      const name = (header: MessageHeader) => `${header.round}/${header.step}/${header.part} (${header.kind})`
      throw new PlatformError('protocol.out-of-order', { expected: name(expected), got: name(got) })
    }
  }
}

export function memoryVault(): TaskVault {
  const seeds = new Map<string, Uint8Array>()
  const made = new Map<string, Promise<Uint8Array>>()
  return {
    async seed(label) {
      let bytes = seeds.get(label)
      if (bytes === undefined) seeds.set(label, (bytes = new Uint8Array(randomBytes(32))))
      return new Secret(label, Uint8Array.from(bytes))
    },
    once(label, make) {
      let bytes = made.get(label)
      if (bytes === undefined) made.set(label, (bytes = make()))
      return bytes
    },
  }
}

export interface MemoryParty {
  readonly id: PartyId
  readonly program: RoleProgram<never, never, unknown>
  readonly input: unknown
  /** absent: a fresh one */
  readonly vault?: TaskVault
}

/**
 * Runs one task with all its parties in this process, round after round, as coordinator and agents would.
 * The first party is the guest. Returns each party's output.
 */
export async function runInMemory(
  parties: readonly MemoryParty[],
  network: MemoryNetwork = new MemoryNetwork(),
  overrides: Partial<Pick<TaskContext, 'event' | 'progress' | 'log' | 'takingPart'>> = {},
): Promise<Map<PartyId, unknown>> {
  const [guest, ...hosts] = parties.map((party) => party.id)
  const runOne = async (party: MemoryParty): Promise<unknown> => {
    const program = party.program as unknown as RoleProgram<unknown, unknown, unknown>
    const task: TaskContext = {
      jobId: 'memory-job',
      taskId: 'memory-task',
      self: party.id,
      guest: guest as PartyId,
      hosts,
      channel: (peer) => network.channel(party.id, peer),
      audience: (peers) => audienceOf(peers.map((peer) => network.channel(party.id, peer))),
      vault: party.vault ?? memoryVault(),
      signal: network.signal,
      log: silentLogger,
      progress: () => undefined,
      event: () => undefined,
      ...overrides,
    }
    // The checkpoint passes through JSON, as it does on disk.
    const checkpoint = (state: unknown) => JSON.parse(JSON.stringify(state)) as unknown
    try {
      let state = checkpoint(await program.setup(task, party.input))
      for (let round = 1; ; round++) {
        const outcome = await program.round(task, party.input, state, round)
        state = checkpoint(outcome.state)
        if (outcome.finished) return await program.finish(task, party.input, state)
      }
    } catch (error) {
      network.fail(error)
      throw error
    }
  }
  const settled = await Promise.allSettled(parties.map(runOne))
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return new Map(parties.map((party, i) => [party.id, (settled[i] as PromiseFulfilledResult<unknown>).value]))
}
