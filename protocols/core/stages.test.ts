import { expect, test } from 'vitest'
import { openAudience, openRound } from './channel.ts'
import type { PartyId, RoleProgram, TaskContext } from './contract.ts'
import { MemoryNetwork, runInMemory } from './memory.ts'
import { step } from './schedule.ts'
import { inStages, type StagesInput } from './stages.ts'

const bytes = { encode: (body: Uint8Array) => body, decode: (wire: Uint8Array) => wire }
const COUNTING = [
  step({ name: 'hello', from: 'guest', to: 'host', kind: 'control', arity: 'one', codec: bytes, reveals: 'a hello' }),
  step({ name: 'tick', from: 'host', to: 'guest', kind: 'control', arity: 'one', codec: bytes, reveals: 'a tick' }),
] as const

/** A protocol of as many rounds as hosts, in which the guest adds what each host ticks. */
const counting: RoleProgram<{ readonly value: number }, { sum: number }, number> = {
  async setup(task) {
    const hello = new Uint8Array([task.hosts.length])
    if (task.self !== task.guest) expect(await toGuest(task, 0).receive('hello')).toEqual(hello)
    else await openAudience(COUNTING, 'guest', 'host', task.audience(task.hosts), 0).send('hello', () => hello)
    return { sum: 0 }
  },
  async round(task, { value }, { sum }, round) {
    let added = 0
    if (task.self !== task.guest) await toGuest(task, round).send('tick', () => new Uint8Array([value]))
    else for (const host of toHosts(task, round)) added += (await host.receive('tick'))[0] ?? 0
    return { state: { sum: sum + added }, finished: round === task.hosts.length }
  },
  async finish(_task, _input, { sum }) {
    return sum
  },
}

function toGuest(task: TaskContext, round: number) {
  return openRound(COUNTING, 'host', 'guest', task.channel(task.guest), round)
}

function toHosts(task: TaskContext, round: number) {
  return task.hosts.map((host) => openRound(COUNTING, 'guest', 'host', task.channel(host), round))
}

const STAGE_HOSTS: readonly (readonly PartyId[])[] = [['tax'], ['social'], ['tax', 'park'], ['social', 'park']]

test('each stage runs among its own hosts, and leaves its output at those who took part', async () => {
  const outputs: [PartyId, number, number][] = []
  const network = new MemoryNetwork()
  const values = { bank: 0, tax: 1, social: 10, park: 100 }
  const input = (party: PartyId, value: number): StagesInput<{ value: number }, number> => ({
    stages: STAGE_HOSTS,
    inputOf: () => ({ value }),
    onStage: async (stage, output) => void outputs.push([party, stage, output]),
  })
  const parties = Object.entries(values).map(([id, value]) => ({
    id,
    program: inStages(() => counting) as never,
    input: input(id, value),
  }))
  await runInMemory(parties, network)
  const of = (party: PartyId) => outputs.filter(([at]) => at === party).map(([, ...rest]) => rest)
  expect(of('bank')).toEqual([
    [0, 1],
    [1, 10],
    [2, 202],
    [3, 220],
  ])
  expect(of('tax').map(([stage]) => stage)).toEqual([0, 2])
  expect(of('park').map(([stage]) => stage)).toEqual([2, 3])
  // A host without a part hears one word a round: whether the stage is over.
  const heardByTax = network.transcript.filter(({ to, step: name }) => to === 'tax' && name === 'stage-over')
  expect(heardByTax.map(({ round }) => round)).toEqual([2, 5, 6])
  // No two messages of the task share an address.
  const addresses = network.transcript.map(({ from, to, round, step: name }) => `${from}>${to}/${round}/${name}`)
  expect(new Set(addresses).size).toBe(addresses.length)
})
