// Rounds in which not all take part: what is refused, and that a round that was voided can be opened by nobody.
import { expect, test } from 'vitest'
import { SumOpening } from '#crypto/aggregate/opening.ts'
import { roundKey, sumOfKeys } from '#crypto/aggregate/round-keys.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { decodeUpdate, UpdateSum } from './adder.ts'
import { key, sum } from './bodies.ts'
import { runWithAdder } from './memory-adder.ts'
import { averageAmong, FOUR, fixedVault, makeInputs, partiesOf, without } from './sample.ts'
import { sumFields } from './sum-fields.ts'

test('too few parties, and others for a round than were told before, are refused', async () => {
  const few = (round: number) => (round === 2 ? without('bank', 'park-east') : undefined)
  await expect(averageAmong({}, few)).rejects.toMatchObject({ code: 'average.too-few-parties' })
  const inputs = makeInputs(4, { rounds: 3, leastParties: 3 })
  let asked = 0
  const parties = partiesOf(inputs).map((party) => {
    const vault = {
      ...party.vault!,
      once: async (label: string, make: () => Promise<Uint8Array>) => {
        if (!label.startsWith('participants')) return await party.vault!.once(label, make)
        asked += 1
        return Buffer.from(FOUR.slice(0, 3).join())
      },
    }
    return { ...party, vault }
  })
  await expect(runWithAdder(parties, 0)).rejects.toMatchObject({ code: 'average.other-round' })
  expect(asked).toBeGreaterThan(0)
})

/** What opener and coordinator together hold of round 1: all its ciphertexts, the opener's secrets, keys that arrived. */
async function viewOfRound() {
  const network = new MemoryNetwork()
  await averageAmong({ rounds: 1 }, () => undefined, network)
  const ofRound = (name: string) => network.transcript.filter(({ step, round }) => step === name && round === 1)
  const updates = ofRound('update')
  const total = new UpdateSum(decodeUpdate(updates[0]!.bytes))
  for (const [i, { from, bytes }] of updates.entries()) total.add(from, decodeUpdate(bytes), Uint8Array.of(i))
  const { label, opener, parameters } = total.header
  const own = await fixedVault(FOUR.indexOf(opener as (typeof FOUR)[number])).seed('sums')
  const words = new Expansion(own, `tributary/fedavg/opening key\0${Buffer.from(label).toString('hex')}`)
  const ownKey = new Uint8Array(Uint32Array.from({ length: 8 }, () => words.word()).buffer)
  const told = ofRound('opening-key').map(({ bytes }) => Uint8Array.from(key.decode(bytes)))
  const keys = [ownKey, ...told].map((seed) => roundKey(new Secret('opening key', seed), label))
  const { chunks } = sum.decode(total.payload())
  return {
    keys,
    open: (some: typeof keys) =>
      new SumOpening(sumFields(4, false), label, parameters, sumOfKeys(some)).next(chunks[0]!),
  }
}

test('who has all updates of a round, and all keys but one, reads nothing', async () => {
  const { keys, open } = await viewOfRound()
  expect(keys).toHaveLength(4)
  expect(open(keys).length).toBeGreaterThan(1000)
  for (const lost of [1, 2, 3])
    expect(() => open(keys.filter((_, i) => i !== lost))).toThrow(expect.objectContaining({ code: 'he.noise' }))
})

test('a key is told only after the opener has the sum', async () => {
  const network = new MemoryNetwork()
  await averageAmong({ rounds: 2 }, () => undefined, network)
  for (const round of [1, 2]) {
    const steps = network.transcript.filter((message) => message.round === round).map(({ step }) => step)
    expect(steps.indexOf('opening-key')).toBeGreaterThan(steps.indexOf('sum-ready'))
    expect(steps.indexOf('sum-ready')).toBeGreaterThan(steps.indexOf('sum'))
    expect(steps.filter((step) => step === 'opening-key')).toHaveLength(3)
  }
  expect(network.transcript.some(({ step, round }) => step === 'opening-key' && round === 0)).toBe(false)
})
