// What a crash in the middle of a tree does: nothing to the model, and no message is made twice.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import type { GuestOutput, HostOutput } from './params.ts'
import { comparedModel } from './reference.ts'
import { boost, makeSample, partiesOf } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

test('crashes in the middle of trees leave the model bit for bit as it is, and nothing is made twice', async () => {
  const sample = makeSample({ widths: [2, 2, 2], boost: { goss: { top: 0.3, other: 0.3 } } })
  const whole = await boost(pool, sample)
  const crashPoints = [7, 11, 3, 1, 17, 5, 29, 1000]
  const { outputs, crashes, disks } = await runThroughCrashes(() => partiesOf(pool, sample), crashPoints)
  expect(crashes).toBeGreaterThanOrEqual(4)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  const [guest, ...hosts] = outputs as [GuestOutput, ...HostOutput[]]
  expect(comparedModel(guest, hosts)).toEqual(comparedModel(whole.guest, whole.hosts))
  expect(guest).toEqual(whole.guest)
  expect(hosts).toEqual(whole.hosts)
})
