// What a host receives while membership is hidden: the same messages of the same sizes whatever the labels, ciphertexts
// that look like noise, and the list of its chosen splits, which the card declares. Controls: visible membership, and rows
// that are not encrypted, are told apart by the same tests.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { permutation } from '#crypto/prg.ts'
import { MemoryNetwork, memoryVault, runInMemory, type WireMessage } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { chosen, ciphertexts } from './bodies.ts'
import { BOOSTING, PREDICTING, SETUP } from './messages.ts'
import { offerColumns, ownedColumns } from './owner-columns.ts'
import type { Membership } from './params.ts'
import { predictAsGuest, predictAsHost } from './predict.ts'
import { boost, HOSTS, makeSample, partiesOf, type Sample, type SampleOptions } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

/** A gain of 6 is more than permuted labels give: their trees are hardly grown, and nobody may see that. */
const SAMPLE: SampleOptions = {
  sets: [
    { name: 'train', rows: 2500 },
    { name: 'holdout', rows: 300 },
  ],
  widths: [1, 3],
  boost: { depth: 3, trees: 2, bins: 6, gamma: 6 },
}

function permuted(sample: Sample, seed: number): Sample {
  const order = permutation(new Uint8Array(32).fill(seed), 'labels', sample.guest.labels.length)
  return { ...sample, guest: { ...sample.guest, labels: Float64Array.from(order, (at) => sample.guest.labels[at]!) } }
}

async function received(sample: Sample): Promise<WireMessage[]> {
  const network = new MemoryNetwork()
  // seeds of their own, as in different jobs
  const parties = partiesOf(pool, sample).map((party) => ({ ...party, vault: memoryVault() }))
  await runInMemory(parties, network)
  return network.transcript.filter(({ to }) => to !== 'bank')
}

const sample = (membership: Membership = 'hidden') => makeSample({ ...SAMPLE, membership })

/** Sequence and sizes; of the declared list of chosen splits only that it comes. */
function shapeOf(said: readonly WireMessage[]): string[] {
  return said.map(({ round, step, part, kind, bytes }) =>
    [round, step, part, kind, step === 'chosen' ? '' : bytes.length].join(' '),
  )
}

/** Two-sample chi-square of byte values; 255 degrees of freedom: 400 is p < 1e-7. */
function apart(one: Uint8Array, other: Uint8Array): number {
  const counts = [one, other].map((bytes) => {
    const found = new Float64Array(256)
    for (const byte of bytes) found[byte]!++
    return found
  })
  const [n, m] = [one.length, other.length]
  return counts[0]!.reduce((sum, count, byte) => {
    const second = counts[1]![byte]!
    return count + second === 0
      ? sum
      : sum + (Math.sqrt(m / n) * count - Math.sqrt(n / m) * second) ** 2 / (count + second)
  }, 0)
}

/** The packed residues of the rows, without headers. */
function residuesOf(said: readonly WireMessage[]): Uint8Array {
  const rows = said.filter(({ step }) => step === 'rows').flatMap(({ bytes }) => [...ciphertexts.decode(bytes)])
  return Buffer.concat(rows.map((wire) => wire.subarray(128)))
}

test('with labels permuted a host receives the same messages of the same sizes, but for its chosen splits', async () => {
  const usual = await received(sample())
  const splitsOf = (said: readonly WireMessage[]) =>
    said.filter(({ step }) => step === 'chosen').reduce((sum, { bytes }) => sum + chosen.decode(bytes).length, 0)
  expect(splitsOf(usual)).toBeGreaterThan(2)
  for (const seed of [1, 2]) {
    const other = await received(permuted(sample(), seed))
    expect(splitsOf(other)).not.toBe(splitsOf(usual))
    expect(shapeOf(other)).toEqual(shapeOf(usual))
    expect(apart(residuesOf(usual), residuesOf(other))).toBeLessThan(400)
  }
  // Control: unencrypted rows are told apart at once.
  const plain = (labels: Float64Array) => new Uint8Array(labels.map((label) => label - 0.3).buffer)
  const { labels } = sample().guest
  expect(apart(plain(labels), plain(labels.map((label) => 1 - label)))).toBeGreaterThan(400)
})

test('control: with visible membership the sizes of what a host receives follow the labels', async () => {
  const usual = shapeOf(await received(sample('visible')))
  expect(shapeOf(await received(permuted(sample('visible'), 1)))).not.toEqual(usual)
})

test('every message is a step of the schedules, and every step occurs', async () => {
  const said = [...(await transcriptOf('hidden')), ...(await transcriptOf('visible'))]
  const schedule = [...SETUP, ...BOOSTING]
  for (const message of said)
    expect(schedule.find(({ name }) => name === message.step)?.kind, message.step).toBe(message.kind)
  expect(new Set(said.map(({ step }) => step))).toEqual(new Set(schedule.map(({ name }) => name)))
  const hidden = await transcriptOf('hidden')
  expect(hidden.some(({ step }) => step === 'node-rows')).toBe(false)
  // sides carry what stands behind them
  for (const { release } of said.filter(({ kind }) => kind === 'split-sides')) {
    expect(release!.minimumRows).toBeGreaterThanOrEqual(50)
    if (!release!.withheld) expect(release!.rows).toBeGreaterThanOrEqual(release!.minimumRows)
  }
})

async function transcriptOf(membership: Membership): Promise<WireMessage[]> {
  const network = new MemoryNetwork()
  // what only some settings need is said once
  const boostOf = { ...SAMPLE.boost, ...(membership === 'visible' && { rowSample: 0.8 }) }
  await runInMemory(partiesOf(pool, makeSample({ ...SAMPLE, membership, boost: boostOf })), network)
  return network.transcript
}

test('order of columns and direction of cells are drawn for each tree; a prescribed direction is not told', () => {
  const made = makeSample({ ...SAMPLE, widths: [0, 4], signs: true })
  const [host] = made.hosts
  const columns = ownedColumns({ ...host!, known: () => true, counts: () => true })
  const seed = new Secret('seed', new Uint8Array(32).fill(9))
  const offers = Array.from({ length: 200 }, (_, tree) => offerColumns(columns, host!, seed, tree))
  const orders = offers.map((offered) => offered.map(({ owned }) => columns.indexOf(owned)).join())
  expect(new Set(orders).size).toBe(24)
  const falling = offers.filter((offered) => offered.find(({ owned }) => owned === columns[1])!.falling).length
  expect(falling).toBeGreaterThan(60)
  expect(falling).toBeLessThan(140)
  // columns 0 and 3 have opposite signs: both are shown so that the margin rises
  expect(columns.map(({ tree }) => tree.sign)).toEqual([1, 0, 0, -1])
  for (const offered of offers.slice(0, 5))
    for (const { owned, shown, falling: isFalling } of offered) {
      expect(shown.constrained).toBe(owned.tree.sign !== 0)
      if (owned.tree.sign !== 0) expect(isFalling).toBe(owned.tree.sign < 0)
    }
})

test('prediction: one exchange, all splits of a host at once, and the margins of training', async () => {
  const made = makeSample({ ...SAMPLE, widths: [1, 2, 2], left: true })
  const { guest, hosts } = await boost(pool, made)
  const network = new MemoryNetwork()
  const count = made.guest.labels.length
  const asked = (trainedBy: string) => [
    {
      id: 'bank',
      program: predictAsGuest as never,
      input: { model: guest, trainedBy: 'job-1', rows: { count, columns: made.guest.columns } },
    },
    ...hosts.map((model, h) => {
      const { rows, columns } = made.hosts[h]!
      return {
        id: HOSTS[h]!,
        program: predictAsHost as never,
        input: { model, trainedBy, rows: { count, columns, rows: rows! } },
      }
    }),
  ]
  const margins = (await runInMemory(asked('job-1'), network)).get('bank') as Float64Array
  expect([...margins]).toEqual(Object.values(guest.margins).flatMap((some) => [...some]))
  const fromGuest = network.transcript.filter(({ from }) => from === 'bank')
  expect(fromGuest.map(({ step }) => step)).toEqual(['predict-terms', 'predict-terms'])
  for (const { step, kind } of network.transcript) expect(PREDICTING.find(({ name }) => name === step)!.kind).toBe(kind)
  await expect(runInMemory(asked('job-2'))).rejects.toMatchObject({ code: 'task.params-differ' })
})
