// For tests of restarts: parties in one process that all crash after so many messages, and go on from what their disks
// hold, with programs that remember nothing.
import { silentLogger } from '#runtime/log.ts'
import type { MessageChannel, MessageHeader, RoleProgram, TaskContext, TaskVault } from './contract.ts'
import { audienceOf, memoryVault, type MemoryParty } from './memory.ts'

/** What is on the disks of all parties: messages, vaults and the checkpoints of finished rounds. */
export class Disks {
  /** every message that was made, in order */
  readonly made: string[] = []
  readonly checkpoints = new Map<string, { readonly round: number; readonly state: string }>()
  readonly #messages = new Map<string, Uint8Array>()
  readonly #vaults = new Map<string, TaskVault>()
  #waiting: (() => void)[] = []
  #left: number
  #life = new AbortController()

  /** @param crashAfter so many messages */
  constructor(crashAfter: number) {
    this.#left = crashAfter
  }

  /** Of all processes, until they crash or the task is over. */
  get life(): AbortController {
    return this.#life
  }

  restart(crashAfter: number): void {
    this.#left = crashAfter
    this.#life = new AbortController()
    this.#waiting = []
  }

  /** The one that a party had in its first life. */
  vault({ id, vault = memoryVault() }: MemoryParty): TaskVault {
    const known = this.#vaults.get(id) ?? vault
    this.#vaults.set(id, known)
    return known
  }

  channel(self: string, peer: string): MessageChannel {
    const keyOf = (from: string, to: string, { round, step, part }: MessageHeader) =>
      `${from}>${to} ${round}/${step}/${part}`
    return {
      peer,
      send: async (header, make) => {
        const key = keyOf(self, peer, header)
        if (!this.#messages.has(key)) {
          if (this.#left === 0) this.#life.abort(new Crash())
          this.#life.signal.throwIfAborted()
          this.#left--
          this.#messages.set(key, await make())
          this.made.push(key)
        }
        for (const wake of this.#waiting.splice(0)) wake()
      },
      receive: async (header) => {
        const key = keyOf(peer, self, header)
        for (let bytes = this.#messages.get(key); ; bytes = this.#messages.get(key)) {
          if (bytes !== undefined) return bytes
          this.#life.signal.throwIfAborted()
          await new Promise<void>((resolve) => {
            this.#waiting.push(resolve)
            this.#life.signal.addEventListener('abort', () => resolve(), { once: true })
          })
        }
      },
    }
  }
}

class Crash extends Error {}

export interface CrashedRun {
  /** in the order of the parties */
  readonly outputs: readonly unknown[]
  readonly crashes: number
  readonly disks: Disks
}

/**
 * Runs a task to its end through crashes. The first party is the guest.
 * @param open the parties with programs of their own, anew for each life
 * @param crashPoints messages of each life; a crash of the last one is an error
 * @param beside runs beside the parties in each life and ends with it
 */
export async function runThroughCrashes(
  open: () => readonly MemoryParty[],
  crashPoints: readonly number[],
  beside: (disks: Disks) => Promise<void> = async () => {},
): Promise<CrashedRun> {
  const disks = new Disks(crashPoints[0] ?? 0)
  for (let crashes = 0; ; ) {
    try {
      return { outputs: await live(open(), disks, beside), crashes, disks }
    } catch (error) {
      const next = crashPoints[++crashes]
      if (!(error instanceof Crash) || next === undefined) throw error
      disks.restart(next)
    }
  }
}

/** Every party goes on from its last checkpoint. */
async function live(
  parties: readonly MemoryParty[],
  disks: Disks,
  beside: (disks: Disks) => Promise<void>,
): Promise<unknown[]> {
  const [guest = '', ...hosts] = parties.map(({ id }) => id)
  const besides = beside(disks).catch(() => undefined)
  const settled = await Promise.allSettled(parties.map((party) => goOn(party, guest, hosts, disks)))
  disks.life.abort(new Error('the task is over'))
  await besides
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value)
}

async function goOn(party: MemoryParty, guest: string, hosts: readonly string[], disks: Disks): Promise<unknown> {
  const program = party.program as unknown as RoleProgram<unknown, unknown, unknown>
  const task: TaskContext = {
    jobId: 'memory-job',
    taskId: 'memory-task',
    self: party.id,
    guest,
    hosts,
    channel: (peer) => disks.channel(party.id, peer),
    audience: (peers) => audienceOf(peers.map((peer) => disks.channel(party.id, peer))),
    vault: disks.vault(party),
    signal: disks.life.signal,
    log: silentLogger,
    progress: () => undefined,
    event: () => undefined,
  }
  const before = disks.checkpoints.get(party.id)
  let state: unknown = before === undefined ? await program.setup(task, party.input) : JSON.parse(before.state)
  for (let round = (before?.round ?? 0) + 1; ; round++) {
    const outcome = await program.round(task, party.input, state, round)
    state = JSON.parse(JSON.stringify(outcome.state))
    disks.checkpoints.set(party.id, { round, state: JSON.stringify(state) })
    if (outcome.finished) return program.finish(task, party.input, state)
  }
}
