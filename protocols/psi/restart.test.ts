// What a restart does to an alignment: the same vault sends the same bytes, and a finished round can be read again.
import { expect, test } from 'vitest'
import type { TaskContext, TaskProgress, TaskVault } from '#protocols/core/contract.ts'
import { audienceOf, MemoryNetwork, memoryVault } from '#protocols/core/memory.ts'
import { silentLogger } from '#runtime/log.ts'
import { psiGuest } from './guest.ts'
import { psiHost } from './host.ts'
import { idsFrom, inputOf } from './in-memory.ts'
import type { PsiOutput } from './params.ts'

const INPUTS = { bank: inputOf(idsFrom('c', 0, 90)), tax: inputOf(idsFrom('c', 10, 120)) }
type Party = keyof typeof INPUTS

/** One run of both parties over these vaults. */
async function runOver(vaults: Readonly<Record<Party, TaskVault>>) {
  const network = new MemoryNetwork()
  const progress: TaskProgress[] = []
  const runOne = async (self: Party): Promise<PsiOutput> => {
    const program = self === 'bank' ? psiGuest : psiHost
    const task: TaskContext = {
      jobId: 'job-1',
      taskId: 'align',
      self,
      guest: 'bank',
      hosts: ['tax'],
      channel: (peer) => network.channel(self, peer),
      audience: (peers) => audienceOf(peers.map((peer) => network.channel(self, peer))),
      vault: vaults[self],
      signal: network.signal,
      log: silentLogger,
      progress: (step) => progress.push(step),
      event: () => undefined,
    }
    const { state } = await program.round(task, INPUTS[self], await program.setup(task, INPUTS[self]), 1)
    return program.finish(task, INPUTS[self], JSON.parse(JSON.stringify(state)) as typeof state)
  }
  const outputs = await Promise.all([runOne('bank'), runOne('tax')])
  const sent = (from: Party) =>
    network.transcript.filter((message) => message.from === from).map((m) => Buffer.from(m.bytes).toString('hex'))
  return { outputs, sent: { bank: sent('bank'), tax: sent('tax') }, progress }
}

test('a task that runs again over the same vault sends the same bytes and ends in the same order', async () => {
  const vaults = { bank: memoryVault(), tax: memoryVault() }
  const [first, second] = [await runOver(vaults), await runOver(vaults)]
  expect(second.sent).toEqual(first.sent)
  for (const i of [0, 1]) {
    expect(second.outputs[i]?.order).toEqual(first.outputs[i]?.order)
    expect(second.outputs[i]?.rowKey).toEqual(first.outputs[i]?.rowKey)
  }
})

test('and another vault sends other points', async () => {
  const bank = memoryVault()
  const [first, second] = [await runOver({ bank, tax: memoryVault() }), await runOver({ bank, tax: memoryVault() })]
  expect(second.sent.bank[2]).toBe(first.sent.bank[2])
  expect(second.sent.tax[2]).not.toBe(first.sent.tax[2])
})

test('progress of every phase reaches its total', async () => {
  const { progress } = await runOver({ bank: memoryVault(), tax: memoryVault() })
  const last = new Map(progress.map((step) => [step.phase, step]))
  expect([...last.keys()].toSorted()).toEqual(
    [
      'hashing ids',
      'masking ids for bank',
      'masking ids for tax',
      'raising ids of bank',
      'raising ids of tax',
    ].toSorted(),
  )
  for (const { phase, done, total } of last.values()) expect(done, phase).toBe(total)
})
