// What each role sees, against what the schedule says it sees. Each claim has a control that leaks and is caught.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { Secret } from '#runtime/secret.ts'
import { MemoryNetwork, type WireMessage } from '#protocols/core/memory.ts'
import { cellColumn } from './host-columns.ts'
import { COUNTING, SETUP } from './messages.ts'
import { fieldsFor, packRows } from './packing.ts'
import { bin, makeSample, type Sample } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const SETS = [
  { name: 'train', rows: 1200 },
  { name: 'oot', rows: 300 },
] as const
const sample = makeSample({ sets: SETS, widths: [2, 1] })

async function transcript(of: Sample): Promise<WireMessage[]> {
  const network = new MemoryNetwork()
  await bin(pool, of, network)
  return network.transcript
}

test('every message of a task is a step of the schedule, of its kind, and every step occurs', async () => {
  const schedule = [...SETUP, ...COUNTING]
  const said = await transcript(sample)
  for (const message of said) {
    expect(schedule.find(({ name }) => name === message.step)?.kind, message.step).toBe(message.kind)
  }
  expect(new Set(said.map(({ step }) => step)).size).toBe(schedule.length)
})

test('sizes of all ciphertexts depend on numbers of rows, columns and bins, not on labels or values', async () => {
  const sizes = (said: WireMessage[]) =>
    said
      .filter(({ kind }) => kind === 'ciphertext')
      .map(({ from, to, step, part, bytes }) => `${from}>${to} ${step} ${part} ${bytes.length}`)
      .sort()
  const expected = sizes(await transcript(sample))
  const labels = sample.guest.labels.map((label) => 1 - label)
  const hosts = sample.hosts.map((host) => ({
    ...host,
    columns: host.columns.map((column) => ({ ...column, values: column.values.map((value) => 3 - value) })),
  }))
  expect(sizes(await transcript({ guest: { ...sample.guest, labels }, hosts }))).toEqual(expected)
  // Control: one bin more shows.
  const params = { ...sample.guest.params, bins: 5 }
  const more = { guest: { ...sample.guest, params }, hosts: sample.hosts.map((host) => ({ ...host, params })) }
  expect(sizes(await transcript(more))).not.toEqual(expected)
})

test('the order of cells is another for each column and task; without the draw it would be that of the values', () => {
  const [host] = sample.hosts
  const orders = Array.from({ length: 60 }, (_, i) => {
    const seed = new Secret('seed', new Uint8Array(32).fill(i))
    return cellColumn(host!, host!.columns[0]!, seed).binOfCell.slice(0, 6).join()
  })
  expect(new Set(orders).size).toBeGreaterThan(45)
  expect(orders.filter((order) => order === '0,1,2,3,4,5').length).toBeLessThan(5)
  // where neighbours may be joined: both directions, nothing else
  const params = { ...sample.guest.params, method: 'monotonic' as const, bins: 5 }
  const directions = Array.from({ length: 40 }, (_, i) => {
    const seed = new Secret('seed', new Uint8Array(32).fill(i))
    const { binOfCell } = cellColumn({ ...host!, params }, host!.columns[0]!, seed)
    return binOfCell[0]! < binOfCell[1]! ? 'rising' : 'falling'
  })
  expect(new Set(directions)).toEqual(new Set(['rising', 'falling']))
})

test('checks are uniform, and an exchange of two rows passes as rarely as the width of the check says', () => {
  const labels = new Uint8Array(4000)
  labels.fill(1, 0, 800)
  const weights = new Uint8Array(4000).fill(1)
  const packed = packRows('histogram', labels, weights, new Secret('seed', new Uint8Array(32)), 'checks/train')
  const { checks, classes, counts } = packed.fields
  expect(checks).toBe(2 ** 40 / 2 ** 10 / 2 ** 12)
  const secrets = Array.from(packed.values, (value) => Math.floor(value / classes / counts))
  const cells = new Array<number>(16).fill(0)
  for (const secret of secrets) cells[Math.floor((secret / checks) * 16)]!++
  expect(cells.reduce((sum, cell) => sum + (cell - 250) ** 2 / 250, 0)).toBeLessThan(60)
  const passing = secrets.slice(1).filter((secret, i) => secret === secrets[i]).length
  expect(passing).toBeLessThan(5)
  // Control: a check of one bit would let half of them pass.
  expect(secrets.slice(1).filter((secret, i) => secret % 2 === secrets[i]! % 2).length).toBeGreaterThan(1500)
  // the narrowest check that is allowed
  expect(fieldsFor('histogram', 131_071, 65_535).checks).toBe(2 ** 7)
  expect(() => fieldsFor('histogram', 2 ** 20, 2 ** 19)).toThrow(
    expect.objectContaining({ code: 'binning.too-many-rows' }),
  )
})

test('weights told to a host are no function of anything but counts of at least 50 rows', async () => {
  const said = await transcript(sample)
  for (const message of said.filter(({ step }) => step === 'weights')) {
    expect(message.release).toMatchObject({ minimumRows: 50, withheld: false })
    expect(message.release!.rows).toBeGreaterThanOrEqual(50)
  }
})
