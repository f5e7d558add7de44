// What a crash does to a training: nothing to the model, and no message is made twice.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ADDER } from '#protocols/core/contract.ts'
import { type Disks, runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import { decodeUpdate, UpdateSum } from './adder.ts'
import type { FedAvgParams } from './params.ts'
import { average, makeInputs, partiesOf } from './sample.ts'

/** The adder has no disk: it begins anew with every life of the process, and the same updates give the same sum. */
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

test.each<[string, Partial<FedAvgParams>]>([
  ['plain averaging', {}],
  ['SCAFFOLD', { scaffold: true }],
  ['opened by all together', { opening: 'shared' }],
  ['where parties may be left out, with keys told at the end', { leastParties: 3 }],
])('crashes leave the model bit for bit as it is, and nothing is made twice: %s', async (_, params) => {
  const inputs = makeInputs(3, { rounds: 4, patience: 2, ...params })
  const whole = await average(inputs)
  const ids = partiesOf(inputs).map(({ id }) => id)
  const { outputs, crashes, disks } = await runThroughCrashes(
    () => partiesOf(inputs),
    [9, 7, 2, 5, 1, 11, 3, 1000],
    (each) => addUp(each, ids),
  )
  expect(crashes).toBeGreaterThanOrEqual(5)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  expect(outputs).toEqual(whole)
})
