// What each role sees, against what the schedule says it sees. Each claim has a control that leaks and is caught.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { T } from '#crypto/he/params.ts'
import { largestPlausible } from '#crypto/uniformity.ts'
import { MemoryNetwork, type MemoryParty, runInMemory, type WireMessage } from '#protocols/core/memory.ts'
import { residues, shares as sharesCodec } from './bodies.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { INFORMATION, SCORING, SETUP, TRAINING } from './messages.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const ROWS = 1000
const TRAIN = 800
const params = { ...SAMPLE_PARAMS, rounds: 2, tolerance: 1e-8, standardErrors: true }

async function transcript(
  labelsOf: (labels: Uint8Array) => Uint8Array = (labels) => labels,
  weights = new Uint8Array(ROWS).fill(1),
): Promise<WireMessage[]> {
  const { tables, labels } = sampleTables([2, 2, 2, 2], ROWS)
  const { guest, hosts } = partyInputs(tables, labelsOf(labels), TRAIN, params)
  const network = new MemoryNetwork()
  const parties: MemoryParty[] = [
    { id: 'bank', program: openGuest(pool) as never, input: { ...guest, weights } },
    ...hosts.map((input, i) => ({
      id: ['pivot', 'dealer-1', 'dealer-2'][i]!,
      program: openHost(pool) as never,
      input,
    })),
  ]
  await runInMemory(parties, network)
  return network.transcript
}

const runs = new Map<string, Promise<WireMessage[]>>()

/** A job run once for all tests: as it is, with all labels the other way round, or with every other row a decoy. */
function job(kind: 'usual' | 'other-labels' | 'decoys'): Promise<WireMessage[]> {
  const decoys = Uint8Array.from({ length: ROWS }, (_, i) => i % 2)
  const run = () => {
    if (kind === 'usual') return transcript()
    return kind === 'decoys' ? transcript(undefined, decoys) : transcript((labels) => labels.map((label) => 1 - label))
  }
  const known = runs.get(kind) ?? run()
  runs.set(kind, known)
  return known
}

/** Messages of three jobs, each with keys, masks and shares of its own. */
async function allJobs(): Promise<WireMessage[]> {
  return [...(await job('usual')), ...(await job('other-labels')), ...(await job('decoys'))]
}

/** What values that are uniform exceed once in 10^9: keys, masks and shares are drawn anew in each run. */
const LIMIT = largestPlausible(16)

/** Chi-square statistic of values in [0, modulus) over 16 cells, with 15 degrees of freedom. */
function unevenness(values: Iterable<number>, modulus: number): number {
  const cells = new Array<number>(16).fill(0)
  let count = 0
  for (const value of values) {
    cells[Math.floor((value / modulus) * 16)]! += 1
    count += 1
  }
  return cells.reduce((sum, cell) => sum + (cell - count / 16) ** 2 / (count / 16), 0)
}

test('every message of a job is a step of the schedule, of its kind and direction', async () => {
  const schedule = [...SETUP, ...TRAINING, ...INFORMATION, ...SCORING]
  const said = await job('usual')
  for (const message of said) {
    const found = schedule.find((candidate) => candidate.name === message.step)
    expect(found, message.step).toBeDefined()
    expect(message.kind).toBe(found!.kind)
  }
  // and every step occurs, but what only the single host of a job says
  const occurring = schedule.filter(({ from }) => from !== 'lone-host').map(({ name }) => name)
  expect(new Set(said.map((message) => message.step))).toEqual(new Set(occurring))
})

test('the sizes of all messages depend neither on the labels nor on which rows count', async () => {
  const sizes = (said: WireMessage[]) =>
    said
      .map(
        ({ from, to, step, part, bytes, kind }) =>
          `${from}>${to} ${step} ${part} ${kind === 'ciphertext' ? bytes.length : ''}`,
      )
      .sort()
  const usual = sizes(await job('usual'))
  expect(sizes(await job('other-labels'))).toEqual(usual)
  expect(sizes(await job('decoys'))).toEqual(usual)
})

test('dealt scores are uniform to the pivot; undealt scores would not be', async () => {
  const said = await job('usual')
  const dealt = said
    .filter((message) => message.step === 'score-share')
    .flatMap((message) => [...sharesCodec.decode(message.bytes)])
  // two dealers; two rounds of training and that of the information matrix
  expect(dealt.length).toBe(2 * 3 * TRAIN)
  expect(unevenness(dealt, 65_536)).toBeLessThan(LIMIT)
  // Control: the same scores without a deal fall into few cells.
  const bare = Array.from({ length: 3200 }, (_, i) => (65_536 + Math.round(2000 * Math.sin(i))) % 65_536)
  expect(unevenness(bare, 65_536)).toBeGreaterThan(LIMIT)
})

test('products for the information matrix are uniform to the guest one by one', async () => {
  const opened: number[] = []
  for (const { step, bytes } of await allJobs())
    if (step === 'opened-products' || step === 'information-block') opened.push(...residues.decode(bytes))
  expect(opened.length).toBeGreaterThan(150)
  expect(unevenness(opened, T)).toBeLessThan(LIMIT)
  // Control: entries of such a matrix in the clear, in the fixed point of the round, would all lie near 0 modulo T.
  const bare = opened.map((_, i) => (T + Math.round(800 * 0.2 * 2 ** 30 * Math.sin(i))) % T)
  expect(unevenness(bare, T)).toBeGreaterThan(LIMIT)
})

test('opened gradients are uniform to everyone but their owner; without masks they would be small numbers', async () => {
  const values: number[] = []
  for (const message of await allJobs())
    if (message.step.endsWith('-gradient-opened')) values.push(...residues.decode(message.bytes))
  expect(values.length).toBeGreaterThan(70)
  expect(unevenness(values, T)).toBeLessThan(LIMIT)
  const unmasked = values.map((_, i) => Math.round(2 ** 40 * Math.abs(Math.sin(i))))
  expect(unevenness(unmasked, T)).toBeGreaterThan(LIMIT)
})
