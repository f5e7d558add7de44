// A whole training of four parties, message by message past the last look of each: nothing honest is stopped.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { Egress } from '#party-agent/ledger/egress.ts'
import { MemoryNetwork, type MemoryParty, runInMemory, type WireMessage } from '#protocols/core/memory.ts'
import { openGuest } from '#protocols/vertical-lr/guest.ts'
import { openHost } from '#protocols/vertical-lr/host.ts'
import { SCORING, SETUP, TRAINING } from '#protocols/vertical-lr/messages.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from '#protocols/vertical-lr/sample.ts'

const HOSTS = ['tax', 'land', 'social']
const schedule = [...SETUP, ...TRAINING, ...SCORING]
let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

async function transcript(): Promise<readonly WireMessage[]> {
  const { tables, labels } = sampleTables([2, 2, 2, 2], 1500)
  const { guest, hosts } = partyInputs(tables, labels, 1200, { ...SAMPLE_PARAMS, rounds: 1, tolerance: 1e-8 })
  const network = new MemoryNetwork()
  const parties: MemoryParty[] = [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    ...hosts.map((input, i) => ({ id: HOSTS[i] as string, program: openHost(pool) as never, input })),
  ]
  await runInMemory(parties, network)
  return network.transcript
}

test('every message of an honest job passes, and the ledger knows who could open each ciphertext', async () => {
  const parties = ['bank', ...HOSTS]
  const egress = new Map(
    parties.map((self) => [
      self,
      new Egress({ task: 'train', schedule, self, guest: 'bank', hosts: HOSTS, approval: '' }, []),
    ]),
  )
  for (const message of await transcript()) {
    const [from, to] = [egress.get(message.from) as Egress, egress.get(message.to) as Egress]
    from.check(message.to, message, message.bytes)
    from.sent(message.to, message)
    to.received(message.from, message)
    if (message.kind === 'released-aggregate') expect(message.release?.rows, message.step).toBe(1200)
    if (message.kind !== 'ciphertext') continue
    const { round, step, keyId = '' } = message
    const openers = from.openersOf({ round, step, from: message.from, to: message.to, keyId })
    expect(openers, step).toHaveLength(1)
    expect([message.from, message.to]).toContain(openers[0])
  }
})
