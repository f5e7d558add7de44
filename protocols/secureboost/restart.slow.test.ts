// What a crash in the middle of a tree does: nothing to the model, and no message is made twice.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import type { MessageChannel, MessageHeader, RoleProgram, TaskContext, TaskVault } from '#protocols/core/contract.ts'
import type { MemoryParty } from '#protocols/core/memory.ts'
import { silentLogger } from '#runtime/log.ts'
import type { GuestOutput, HostOutput } from './params.ts'
import { comparedModel } from './reference.ts'
import { boost, makeSample, partiesOf } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

/** What is on the disks of all parties: messages, vaults and the checkpoints of finished rounds. */
class Disks {
  readonly made: string[] = []
  readonly #messages = new Map<string, Uint8Array>()
  readonly #vaults = new Map<string, TaskVault>()
  readonly checkpoints = new Map<string, { round: number; state: string }>()
  #waiting: (() => void)[] = []
  #left: number
  abort = new AbortController()

  /** @param crashAfter so many messages */
  constructor(crashAfter: number) {
    this.#left = crashAfter
  }

  restart(crashAfter: number): void {
    this.#left = crashAfter
    this.abort = new AbortController()
    this.#waiting = []
  }

  vault({ id, vault }: MemoryParty): TaskVault {
    const known = this.#vaults.get(id) ?? vault!
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
          if (this.#left === 0) this.abort.abort(new Error('crash'))
          this.abort.signal.throwIfAborted()
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
          this.abort.signal.throwIfAborted()
          await new Promise<void>((resolve) => {
            this.#waiting.push(resolve)
            this.abort.signal.addEventListener('abort', () => resolve(), { once: true })
          })
        }
      },
    }
  }
}

/** Every party goes on from its last checkpoint. */
async function run(parties: readonly MemoryParty[], disks: Disks): Promise<unknown[]> {
  const [guest, ...hosts] = parties.map(({ id }) => id)
  const settled = await Promise.allSettled(
    parties.map(async (party) => {
      const program = party.program as unknown as RoleProgram<unknown, unknown, unknown>
      const task: TaskContext = {
        jobId: 'job-1',
        taskId: 'boost',
        self: party.id,
        guest: guest!,
        hosts,
        channel: (peer) => disks.channel(party.id, peer),
        vault: disks.vault(party),
        signal: disks.abort.signal,
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
    }),
  )
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value)
}

test('crashes in the middle of trees leave the model bit for bit as it is, and nothing is made twice', async () => {
  const sample = makeSample({ widths: [2, 2, 2], boost: { goss: { top: 0.3, other: 0.3 } } })
  const whole = await boost(pool, sample)
  // programs are opened anew after each crash: nothing is kept in memory
  const disks = new Disks(7)
  let outputs: unknown[] | undefined
  let crashes = 0
  const crashPoints = [11, 3, 1, 17, 5, 29, 1000]
  const vaults = partiesOf(pool, sample)
  while (outputs === undefined) {
    const parties = partiesOf(pool, sample).map((party, i) => ({ ...party, vault: vaults[i]!.vault! }))
    try {
      outputs = await run(parties, disks)
    } catch (error) {
      expect(error).toMatchObject({ message: 'crash' })
      disks.restart(crashPoints[crashes++]!)
    }
  }
  expect(crashes).toBeGreaterThanOrEqual(4)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  const [guest, ...hosts] = outputs as [GuestOutput, ...HostOutput[]]
  expect(comparedModel(guest, hosts)).toEqual(comparedModel(whole.guest, whole.hosts))
  expect(guest).toEqual(whole.guest)
  expect(hosts).toEqual(whole.hosts)
})
