// What a crash does to a training: nothing to the model, and no message is made twice.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  ADDER,
  type MessageChannel,
  type MessageHeader,
  type RoleProgram,
  type TaskContext,
} from '#protocols/core/contract.ts'
import { silentLogger } from '#runtime/log.ts'
import { decodeUpdate, UpdateSum } from './adder.ts'
import type { FedAvgOutput, FedAvgParams } from './params.ts'
import { average, makeInputs, partiesOf } from './sample.ts'

/** What is on the disks of all parties: messages and the checkpoints of finished rounds. The adder has no disk. */
class Disks {
  readonly made: string[] = []
  readonly checkpoints = new Map<string, { round: number; state: string }>()
  readonly #messages = new Map<string, Uint8Array>()
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

  channel(self: string, peer: string): MessageChannel {
    const keyOf = (from: string, to: string, { round, step, part }: MessageHeader) =>
      `${from}>${to} ${round}/${step}/${part}`
    return {
      peer,
      send: async (header, make) => {
        const key = keyOf(self, peer, header)
        if (!this.#messages.has(key)) {
          const bytes = await make()
          if (this.#left === 0) this.abort.abort(new Error('crash'))
          this.abort.signal.throwIfAborted()
          this.#left--
          this.#messages.set(key, bytes)
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

/** Begins anew with every life of the process: the same updates give the same sum. */
async function addUp(disks: Disks, parties: readonly string[]): Promise<void> {
  for (let round = 0; ; round++) {
    const header = { round, step: 'update', kind: 'ciphertext', part: 0 } as const
    let sum: UpdateSum | undefined
    for (const party of parties) {
      const payload = await disks.channel(ADDER, party).receive(header)
      const body = decodeUpdate(payload)
      sum ??= new UpdateSum(body)
      sum.add(party, body, createHash('sha256').update(payload).digest())
    }
    await disks.channel(ADDER, sum!.header.opener).send({ ...header, step: 'sum' }, async () => sum!.payload())
  }
}

/** Every party goes on from its last checkpoint, with a program that remembers nothing. */
async function run(parties: ReturnType<typeof partiesOf>, disks: Disks): Promise<FedAvgOutput[]> {
  const [guest, ...hosts] = parties.map(({ id }) => id)
  const adding = addUp(disks, [guest!, ...hosts]).catch(() => undefined)
  const settled = await Promise.allSettled(
    parties.map(async (party) => {
      const program = party.program as unknown as RoleProgram<unknown, unknown, unknown>
      const task: TaskContext = {
        jobId: 'memory-job',
        taskId: 'memory-task',
        self: party.id,
        guest: guest!,
        hosts,
        channel: (peer) => disks.channel(party.id, peer),
        vault: party.vault!,
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
        if (outcome.finished) return (await program.finish(task, party.input, state)) as FedAvgOutput
        disks.checkpoints.set(party.id, { round, state: JSON.stringify(state) })
      }
    }),
  )
  disks.abort.abort(new Error('the task is over'))
  await adding
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map((result) => (result as PromiseFulfilledResult<FedAvgOutput>).value)
}

test.each<[string, Partial<FedAvgParams>]>([
  ['plain averaging', {}],
  ['SCAFFOLD', { scaffold: true }],
  ['opened by all together', { opening: 'shared' }],
])('crashes leave the model bit for bit as it is, and nothing is made twice: %s', async (_, params) => {
  const inputs = makeInputs(3, { rounds: 4, patience: 2, ...params })
  const whole = await average(inputs)
  const vaults = partiesOf(inputs).map(({ vault }) => vault!)
  const disks = new Disks(9)
  const crashPoints = [7, 2, 5, 1, 11, 3, 1000]
  let crashes = 0
  let outputs: FedAvgOutput[] | undefined
  while (outputs === undefined) {
    const parties = partiesOf(inputs).map((party, i) => ({ ...party, vault: vaults[i]! }))
    try {
      outputs = await run(parties, disks)
    } catch (error) {
      expect(error).toMatchObject({ message: 'crash' })
      disks.restart(crashPoints[crashes++]!)
    }
  }
  expect(crashes).toBeGreaterThanOrEqual(5)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  expect(outputs).toEqual(whole)
})
