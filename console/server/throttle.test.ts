import { expect, test } from 'vitest'
import { networkOf, Throttle, Turns } from './throttle.ts'

const li = { key: 'person:li-wei', free: 2, mostSeconds: 10, endsWithSuccess: true }
const here = { key: 'address:10.0.0.1', free: 4, mostSeconds: 60, endsWithSuccess: false }

function bench() {
  const clock = { ms: 0 }
  return { clock, throttle: new Throttle(() => clock.ms) }
}

/** Seconds to wait; 0 where the try is let through. */
function waitOf(begin: () => unknown): number {
  try {
    begin()
    return 0
  } catch (error) {
    return (error as { detail: { seconds: number } }).detail.seconds
  }
}

test('after the free failures each further one doubles the wait, up to the longest', () => {
  const { clock, throttle } = bench()
  const waits = Array.from({ length: 9 }, () => {
    const wait = waitOf(() => throttle.begin(li))
    clock.ms += wait * 1000
    if (wait > 0) throttle.begin(li)
    return wait
  })
  expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 10, 10])
})

test('many tries at once are let through no more than one after the other', () => {
  const { throttle } = bench()
  const through = Array.from({ length: 50 }, () => waitOf(() => throttle.begin(li))).filter((wait) => wait === 0)
  expect(through).toHaveLength(3)
})

test('a success ends the failures at the person, and takes back only its own try at the address', () => {
  const { clock, throttle } = bench()
  for (let i = 0; i < 3; i++) throttle.begin({ ...li, key: `person:${i}` }, here)
  throttle.begin(li, here).succeeded()
  throttle.begin(li, here)
  expect(waitOf(() => throttle.begin(li, here))).toBe(0) // the fifth failure from here: the last that is let through
  expect(waitOf(() => throttle.begin({ ...li, key: 'person:other' }, here))).toBe(1)
  clock.ms += 3_600_000
  expect(waitOf(() => throttle.begin(li, here))).toBe(0) // all forgotten
})

test('the wait of one person is none of another', () => {
  const { throttle } = bench()
  for (let i = 0; i < 3; i++) throttle.begin(li)
  expect(waitOf(() => throttle.begin(li))).toBe(1)
  expect(waitOf(() => throttle.begin({ ...li, key: 'step-up:li-wei' }))).toBe(0)
})

test('so many work at a time, in order, and who finds the queue full is sent away', async () => {
  const turns = new Turns(2, 1)
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const begun: number[] = []
  const run = (i: number) => turns.take(() => (begun.push(i), gates[i]?.promise ?? Promise.resolve()))
  const all = [run(0), run(1), run(2)]
  await expect(turns.take(async () => {})).rejects.toMatchObject({ code: 'console.too-many' })
  expect(begun).toEqual([0, 1])
  gates[1]?.resolve()
  await all[1]
  expect(begun).toEqual([0, 1, 2])
  for (const { resolve } of gates) resolve()
  await Promise.all(all)
  expect(await turns.take(async () => 'free')).toBe('free')
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (address, network) => expect(networkOf(address)).toBe(network))
