// What opener and adder together see of one other party's vector, from the messages of the protocol: nothing but the sum
// of the others. With the same sum and other vectors, all that they can work out looks the same.
import { describe, expect, test } from 'vitest'
import { type ChunkPlace, readChunk } from '#crypto/aggregate/chunk-bytes.ts'
import { decodeChunk } from '#crypto/aggregate/decoding.ts'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { addInto, addProduct, RESIDUE_BITS, type Residues, transformBack } from '#crypto/aggregate/ring-transform.ts'
import { maskStream, publicStream, roundKey } from '#crypto/aggregate/round-keys.ts'
import { uniformBits } from '#crypto/uniformity.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { decodeUpdate } from './adder.ts'
import { type Group, type GroupSecrets, meet, openSecrets } from './group.ts'
import { GroupSum } from './group-sum.ts'
import { runWithAdder } from './memory-adder.ts'
import { average, fixedVault, makeInputs, uniform } from './sample.ts'

const NAMES = ['bank', 'park-east', 'park-west'] as const
const OPENER = 'park-east'
const FIELDS = fieldsFor(3)
const VALUES = 4096

interface Ended {
  readonly group: Group
  readonly sum: readonly number[]
}

/** One sum of given vectors, and nothing else. */
const oneSum: RoleProgram<Uint32Array, Group, Ended> = {
  setup: (task) => meet(task, {}),
  async round(task, values, group) {
    await sumOf(task, group, await openSecrets(task, group)).contribute(values, VALUES)
    return { state: group, finished: true }
  },
  async finish(task, _, group) {
    if (task.self !== OPENER) return { group, sum: [] }
    return { group, sum: [...(await sumOf(task, group, await openSecrets(task, group)).open())] }
  },
}

function sumOf(task: TaskContext, group: Group, secrets: GroupSecrets): GroupSum {
  const facts = { round: 1, opener: OPENER, number: 1, model: new Uint8Array(32), values: VALUES, shared: false }
  return new GroupSum(task, group, secrets, facts)
}

/** What the coalition has after a round: the updates, the opener's secrets, and for controls those of the bank. */
async function observe(vectors: readonly Uint32Array[]) {
  const network = new MemoryNetwork()
  const vaults = NAMES.map((_, i) => fixedVault(i))
  const parties = NAMES.map((id, i) => ({ id, program: oneSum as never, input: vectors[i], vault: vaults[i]! }))
  const outputs = await runWithAdder(parties, 1, network)
  const { group, sum } = outputs.get(OPENER) as Ended
  const secretsOf = (place: number) =>
    openSecrets(
      { jobId: 'memory-job', taskId: 'memory-task', self: NAMES[place], vault: vaults[place] } as never,
      group,
    )
  const updates = network.transcript.filter(({ step }) => step === 'update')
  const of = (party: string) => updates.find(({ from }) => from === party)!.bytes
  return { network, sum, of, opener: await secretsOf(1), bank: await secretsOf(0) }
}

type Observed = Awaited<ReturnType<typeof observe>>

/** An update of the bank or of park-west without all that the opener knows. @param also the mask between those two */
function stripped({ of, opener, bank }: Observed, party: 'bank' | 'park-west', also: boolean): Residues {
  const { label, chunks } = decodeUpdate(of(party))
  const place: ChunkPlace = { kind: 'update', fields: FIELDS, label, chunk: 0, chunks: 1 }
  const residues = readChunk(chunks[0]!, place)
  const pair = opener.pairs.get(party)!
  const key = roundKey(pair, label)
  const open = publicStream(label)
  // In the agreed order the bank comes first, then park-east, then park-west.
  const known = [{ stream: maskStream(pair, label), sign: party === 'bank' ? 1 : -1 }]
  if (also) known.push({ stream: maskStream(bank.pairs.get('park-west')!, label), sign: party === 'bank' ? 1 : -1 })
  const { primes, degree } = FIELDS.ring
  for (const [j, p] of primes.entries()) {
    addProduct(residues[j]!, open.residues(p, degree), key[j]!, p, 1)
    for (const { stream, sign } of known) addInto(residues[j]!, stream.residues(p, degree), p, -sign as 1 | -1)
    transformBack(residues[j]!, p)
  }
  return residues
}

const isUniform = (residues: Residues) => residues.every((words) => uniformBits(words, RESIDUE_BITS))
const read = (residues: Residues) => [...decodeChunk(FIELDS, residues, 0, VALUES)]

const draw = (label: string) => Uint32Array.from(uniform(label, VALUES), (value) => Math.floor(value * 1000))
const [ONE, TWO, OWN] = [draw('one'), draw('two'), draw('own')]
const zeros = new Uint32Array(VALUES)
const BOTH = ONE.map((value, i) => value + TWO[i]!)

describe.each([
  ['the vectors of two parties', [ONE, OWN, TWO]],
  ['the same vectors the other way round', [TWO, OWN, ONE]],
  ['all of the sum at one party, nothing at the other', [BOTH, OWN, zeros]],
])('%s', (_, vectors) => {
  test('opener and adder see one sum, and otherwise uniform residues', async () => {
    const seen = await observe(vectors)
    expect(seen.sum).toEqual([...BOTH].map((value, i) => value + OWN[i]!))
    for (const party of ['bank', 'park-west'] as const) {
      const view = stripped(seen, party, false)
      expect(isUniform(view)).toBe(true)
      expect(() => read(view)).toThrow('he.noise')
    }
    // Both views together are the sum of the two, and no more.
    const [first, second] = [stripped(seen, 'bank', false), stripped(seen, 'park-west', false)]
    for (const [j, p] of FIELDS.ring.primes.entries()) addInto(first[j]!, second[j]!, p)
    expect(read(first)).toEqual([...BOTH])
  })

  test('positive control: with the mask between the two, the same attack reads each vector', async () => {
    const seen = await observe(vectors)
    for (const [party, place] of [
      ['bank', 0],
      ['park-west', 2],
    ] as const) {
      const view = stripped(seen, party, true)
      expect(read(view)).toEqual([...vectors[place]!])
      // A vector of zeros is noise alone, which the test of uniformity sees, too.
      if (vectors[place] === zeros) expect(isUniform(view)).toBe(false)
    }
  })
})

test('in a training, no step and no size of a message depends on the rows of a party', async () => {
  const shapes = await Promise.all(
    [0, 1].map(async (swapped) => {
      const inputs = makeInputs(3, { rounds: 2 }).map((input, i) => {
        const { labels } = input.train
        return swapped === 1 && i === 1
          ? { ...input, train: { ...input.train, labels: labels.map((label) => 1 - label) } }
          : input
      })
      const network = new MemoryNetwork()
      await average(inputs, network)
      return network.transcript.map(({ from, to, step, round, bytes, kind }) => {
        // the numbers of a mean are counts and millionths: their encoding has a length of its own
        const size = kind === 'released-aggregate' ? 'told' : bytes.length
        return `${round} ${from}>${to} ${step} ${size}`
      })
    }),
  )
  expect(shapes[0]!.toSorted()).toEqual(shapes[1]!.toSorted())
  expect(new Set(shapes[0]!.map((line) => line.split(' ')[2]))).toEqual(
    new Set(['terms', 'round-key', 'update', 'sum', 'rows', 'mean']),
  )
})
