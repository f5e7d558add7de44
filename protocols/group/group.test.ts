import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uniformBytes } from '#crypto/uniformity.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import { Secret } from '#runtime/secret.ts'
import { sameOfAll } from './answers.ts'
import { masked } from './bodies.ts'
import { openGroup } from './group.ts'
import { addMasks, WORDS } from './masks.ts'
import { seatOf } from './params.ts'
import { PARKS, summingHost, type SummingInput, summingInputs, type SummingOutput, summingParties } from './sample.ts'

const SIZE = 600
/** Small numbers: what a plain vector of counts looks like. */
const counts = (member: number) => Array.from({ length: SIZE }, (_, i) => BigInt((i * (member + 3)) % 97))
const negative = (member: number) => Array.from({ length: 70 }, (_, i) => BigInt(i - 50 * member))
const VECTORS = [0, 1, 2, 3].map((member) => [counts(member), negative(member)])

async function run(inputs: readonly SummingInput[], network = new MemoryNetwork()) {
  const outputs = await runInMemory(summingParties(inputs), network)
  return inputs.map((_, i) => outputs.get(PARKS[i]!) as SummingOutput)
}

const sumOf = (vectors: readonly (readonly bigint[])[]) =>
  vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0n))

test('every member gets the exact sums, and nobody else is told anything', async () => {
  const network = new MemoryNetwork()
  const outputs = await run(summingInputs(VECTORS), network)
  const expected = [0, 1].map((round) => sumOf(VECTORS.map((sums) => sums[round]!)).map(String))
  for (const { sums } of outputs) expect(sums).toEqual(expected)
  const members = PARKS.slice(0, 4) as readonly string[]
  expect(network.transcript.every(({ from, to }) => members.includes(from) && members.includes(to))).toBe(true)
})

test('masks of all members add up to nothing, and one is missed', async () => {
  for (const modulus of [2n ** 50n - 27n, 2n ** 41n, 5n]) {
    const masks = (await run(summingInputs(VECTORS.slice(0, 3), modulus))).map((output) => output.masks.map(BigInt))
    expect(masks.flat().every((mask) => mask >= 0n && mask < modulus)).toBe(true)
    expect(new Set(sumOf(masks).map((sum) => sum % modulus))).toEqual(new Set([0n]))
    expect(new Set(sumOf(masks.slice(1)).map((sum) => sum % modulus)).size).toBeGreaterThan(4)
  }
})

test('masks of a pair cancel for every modulus and length', () => {
  fc.assert(
    fc.property(fc.bigInt(2n, WORDS), fc.integer({ min: 0, max: 40 }), (modulus, length) => {
      const secret = new Secret('pair', new Uint8Array(32))
      const total = new BigUint64Array(length).fill(1n)
      addMasks(total, [{ secret, adds: true }], 'label', modulus)
      addMasks(total, [{ secret, adds: false }], 'label', modulus)
      expect([...total]).toEqual(new Array(length).fill(1n))
    }),
    { numRuns: 30 },
  )
})

test('the seed is the same at all members and another one in each task', async () => {
  const [first, second] = [await run(summingInputs(VECTORS)), await run(summingInputs(VECTORS))]
  expect(new Set(first.map(({ seed }) => seed)).size).toBe(1)
  expect(first[0]!.seed).not.toBe(second[0]!.seed)
})

test('crashes change nothing, and no message is made twice', async () => {
  const inputs = summingInputs(VECTORS)
  const { outputs, crashes, disks } = await runThroughCrashes(() => summingParties(inputs), [5, 13, 3, 20, 4, 100])
  expect(crashes).toBe(5)
  expect(new Set(disks.made).size).toBe(disks.made.length)
  const found = outputs.slice(1) as SummingOutput[]
  expect(found.map(({ sums }) => sums)).toEqual((await run(inputs)).map(({ sums }) => sums))
  expect(new Set(sumOf(found.map(({ masks }) => masks.map(BigInt))).map((sum) => sum % inputs[0]!.modulus))).toEqual(
    new Set([0n]),
  )
})

describe('two of four members together', () => {
  /** What `from` said in round 1, as numbers modulo 2^64. */
  const said = (network: MemoryNetwork, from: string) => {
    const { bytes } = network.transcript.find((one) => one.from === from && one.round === 1)!
    return new BigUint64Array(Uint8Array.from(masked.decode(bytes).subarray(32)).buffer)
  }
  const looksRandom = (values: BigUint64Array) => uniformBytes(new Uint8Array(values.buffer))
  const watched = async (vectors: readonly (readonly bigint[])[]) => {
    const network = new MemoryNetwork()
    await run(summingInputs(vectors.map((vector) => [vector])), network)
    return network
  }

  test('see uniform numbers of each of the others, and the sum of the two', async () => {
    const zeros = new Array<bigint>(SIZE).fill(0n)
    for (const [third, fourth] of [
      [counts(2), counts(3)],
      [sumOf([counts(2), counts(3)]), zeros],
    ] as const) {
      const network = await watched([counts(0), counts(1), third, fourth])
      const views = PARKS.slice(0, 4).map((park) => said(network, park))
      for (const view of views) expect(looksRandom(view)).toBe(true)
      // All four vectors without their own two: masks between the others are gone, and with them what each said.
      const all = sumOf(views.map((view) => [...view])).map((value) => BigInt.asIntN(64, value))
      const left = all.map((value, i) => value - counts(0)[i]! - counts(1)[i]!)
      expect(left).toEqual(sumOf([counts(2), counts(3)]))
    }
  })

  test('positive control: three of four read the fourth, and plain counts do not look uniform', async () => {
    const network = await watched([0, 1, 2, 3].map(counts))
    const views = PARKS.slice(0, 4).map((park) => [...said(network, park)])
    const all = sumOf(views).map((value) => BigInt.asIntN(64, value))
    expect(all.map((value, i) => value - counts(0)[i]! - counts(1)[i]! - counts(2)[i]!)).toEqual(counts(3))
    expect(looksRandom(BigUint64Array.from(counts(3)))).toBe(false)
  })
})

describe('refused', () => {
  test('other terms, and no value of them is told', async () => {
    const inputs = summingInputs(VECTORS.slice(0, 3))
    const other = inputs.map((input, i) => (i === 2 ? { ...input, terms: { columns: 'other digest' } } : input))
    const failure = await run(other).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'task.params-differ', detail: { differing: ['columns'] } })
    expect(JSON.stringify((failure as { detail: unknown }).detail)).not.toContain('digest')
  })

  test('vectors of other lengths', async () => {
    const inputs = summingInputs([[counts(0)], [counts(1)], [counts(2).slice(1)]])
    await expect(run(inputs)).rejects.toMatchObject({ code: 'group.other-sum' })
  })

  test('a part of the seed that is not the same for all', async () => {
    const network = new MemoryNetwork(({ step, from, to, bytes }) => {
      const changed = Uint8Array.from(bytes)
      if (step === 'group-seed' && from === 'park-c' && to === 'park-a') changed[10]! ^= 1
      return [changed]
    })
    await expect(run(summingInputs(VECTORS.slice(0, 3)), network)).rejects.toMatchObject({ code: 'group.other-sum' })
  })

  test('a second sum under one label, before anything of it leaves', async () => {
    const twice: typeof summingHost = {
      ...summingHost,
      async round(task, { groups }, { group }, round) {
        const open = await openGroup(task, seatOf(groups, task.self)!, group)
        const sums = [await open.sum(round, 'vector', counts(0)), await open.sum(round, 'vector', counts(1))]
        return { state: { group, sums: sums.map((sum) => sum.map(String)) }, finished: true }
      },
    }
    const network = new MemoryNetwork()
    const [guest, ...members] = summingParties(summingInputs(VECTORS.slice(0, 3)))
    const parties = [guest!, ...members.map((member) => ({ ...member, program: twice as never }))]
    await expect(runInMemory(parties, network)).rejects.toMatchObject({ code: 'internal.unexpected' })
    expect(network.transcript.filter(({ round }) => round === 1).length).toBeLessThanOrEqual(6)
  })

  test('what members must say alike and do not', () => {
    expect(sameOfAll([{ a: 1 }, { a: 1 }], 'columns')).toEqual({ a: 1 })
    expect(() => sameOfAll([{ a: 1 }, { a: 1 }, { a: 2 }], 'columns')).toThrow('protocol.malformed')
  })

  test('two members, also where one of them is named twice', () => {
    for (const members of [
      ['park-a', 'park-b'],
      ['park-a', 'park-b', 'park-a'],
    ])
      expect(() => seatOf([{ name: 'parks', members }], 'park-a')).toThrow('group.too-few-members')
    expect(seatOf([{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }], 'tax')).toBeUndefined()
  })
})
