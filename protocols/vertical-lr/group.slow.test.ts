// A group of three members against the centralised regression, and what everybody sees of one member.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { type GuestOutputWithWeights, hearingWeights } from './guest-weights.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { tellingWeights } from './host-weights.ts'
import { fitNewton } from './newton.ts'
import { groupOf, type GroupSample } from './sample-group.ts'
import { allColumns, distance } from './sample-run.ts'
import { WOE_PARAMS, woeInputs } from './sample-woe.ts'
import { partialScores } from './scores.ts'
import type { LrPart } from './training.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
}, 60_000)
afterAll(() => pool[Symbol.asyncDispose]())

async function run({ ids, guest, hosts }: GroupSample, network = new MemoryNetwork()) {
  const outputs = await runInMemory(
    [
      { id: 'bank', program: hearingWeights(openGuest(pool)) as never, input: guest },
      ...hosts.map((input, i) => ({
        id: ids[i + 1]!,
        program: tellingWeights(openHost(pool)) as never,
        input,
      })),
    ],
    network,
  )
  const bank = outputs.get('bank') as GuestOutputWithWeights
  return { bank, parts: ids.slice(1).map((id) => outputs.get(id) as LrPart), network }
}

test('a group of three has the model of the pooled columns, and all members the same', async () => {
  const sample = groupOf(woeInputs([3, 2, 3], 2500, { ...WOE_PARAMS, rounds: 20 }, { decoyEvery: 3, base: -3 }), 0.35)
  const { bank, parts } = await run(sample)
  const [pivot, ...members] = parts as [LrPart, LrPart, LrPart, LrPart]
  for (const member of members) expect(member.weights).toEqual(members[0]!.weights)
  const all = allColumns(sample.pooled)
  const { guest } = sample
  const free = new Set([all.columns.length - 1])
  const clear = fitNewton(all, guest.labels, guest.trainRows, guest.params.l2, free, { weights: guest.weights })
  const joint = [...bank.weights, ...pivot.weights, ...members[0]!.weights, bank.intercept]
  expect(bank.converged).toBe(true)
  expect(distance(joint, clear)).toBeLessThan(5e-3)
  const exact = partialScores(all, joint, guest.trainRows, 2500)
  expect(distance(bank.holdoutScores, exact)).toBeLessThanOrEqual(4 * 2 ** -11 + 1e-9)
  expect(bank.hostWeights.length).toBe(2)
}, 120_000)
