import { expect, test } from 'vitest'
import { decodeUpdate } from '#protocols/fedavg/adder.ts'
import { MemoryBudget } from './memory-budget.ts'
import {
  JOB,
  messageOf,
  opened,
  PARTIES,
  type ScriptedParty,
  TestAdder,
  testRound,
  totals,
} from './scripted-parties.ts'
import { MAX_UPDATE_BYTES } from './update-inbox.ts'

const until = (holds: () => boolean) => expect.poll(holds, { timeout: 20_000, interval: 2 }).toBe(true)

async function connected(memoryBytes?: number): Promise<TestAdder> {
  const test = new TestAdder(memoryBytes)
  for (const party of test.parties.values()) await party.connect()
  return test
}

/** Every party sends its update of the round. */
async function sendAll(test: TestAdder, round: ReturnType<typeof testRound>): Promise<void> {
  test.openRound = round.header.number
  for (const [party, update] of round.updates) await test.party(party).send(update)
}

test('the opener gets the exact sum, and updates are acknowledged when it has it', async () => {
  const test = await connected()
  const round = testRound(1)
  const bank = test.party('bank')
  bank.mute = true
  await sendAll(test, round)
  await until(() => bank.sums.length === 1)
  const [message] = bank.sums
  expect(message).toMatchObject({ task: 'average', header: { round: 1, step: 'sum', part: 0, kind: 'ciphertext' } })
  expect(opened(round, message as NonNullable<typeof message>)).toEqual(totals(round))
  for (const party of test.parties.values()) expect([party.acknowledged, party.held]).toEqual([0, 1])
  await bank.acknowledge()
  await until(() => PARTIES.every((name) => test.party(name).acknowledged === 1))
  expect(test.party('tax').sums).toEqual([])
  expect([test.adder.budget.used, test.refused]).toEqual([0, []])
})

test('rounds follow each other, each with its own number', async () => {
  const test = await connected()
  for (const number of [1, 2, 3]) {
    const round = testRound(number, 300)
    await sendAll(test, round)
    await until(() => test.party('bank').sums.length === number)
    expect(opened(round, test.party('bank').sums[number - 1] as never)).toEqual(totals(round))
  }
  await until(() => PARTIES.every((name) => test.party(name).acknowledged === 3))
})

test.each([1, 2, 3])('a coordinator that dies after %i updates gives the same sum after it came back', async (died) => {
  const test = await connected()
  const whole = await connected()
  const round = testRound(1)
  await sendAll(whole, round)
  test.party('bank').mute = true
  for (const [party, update] of [...round.updates].slice(0, died)) await test.party(party).send(update)
  test.restart()
  for (const [party, update] of [...round.updates].slice(died)) test.party(party).store(update)
  test.party('bank').mute = false
  for (const name of ['social', 'bank', 'tax']) await test.party(name).connect()
  await until(() => test.party('bank').sums.length === 1)
  expect(test.party('bank').sums).toEqual(whole.party('bank').sums)
  await until(() => PARTIES.every((name) => test.party(name).acknowledged === 1))
  expect(test.refused).toEqual([])
})

test('a sum that the opener has is not waited for again when the acknowledgement of an update was lost', async () => {
  const test = await connected()
  await sendAll(test, testRound(1, 100))
  await until(() => test.party('tax').acknowledged === 1)
  const tax = test.party('tax')
  test.restart()
  // its acknowledgement never reached this party: it sends the update of the first round again, before the bank is back
  tax.acks.length = 0
  await tax.connect()
  for (const name of ['bank', 'social']) await test.party(name).connect()
  await until(() => tax.acknowledged === 1)
  const second = testRound(2, 100)
  await sendAll(test, second)
  await until(() => test.party('bank').sums.length === 2)
  expect(opened(second, test.party('bank').sums[1] as never)).toEqual(totals(second))
  expect(test.refused).toEqual([])
})

test('of a voided round there is no sum, whatever still comes, and the next one has its own', async () => {
  const test = await connected()
  const round = testRound(1)
  for (const name of ['bank', 'tax']) await test.party(name).send(round.updates.get(name) as never)
  expect(['bank', 'tax', 'social'].map((name) => test.adder.hasUpdateOf(JOB, name))).toEqual([true, true, false])
  expect(test.party('tax').acknowledged).toBe(0)
  test.attendance = { lost: { social: 'late' }, voided: true }
  test.adder.voided(JOB)
  // what nobody needs any more is acknowledged, and the last update, which comes too late, too
  await until(() => test.party('tax').acknowledged === 1)
  await test.party('social').send(round.updates.get('social') as never)
  await until(() => test.party('social').acknowledged === 1)
  test.attendance = {}
  const second = testRound(2, 5000, { number: 1 })
  test.openRound = 2
  for (const [party, update] of second.updates) await test.party(party).send(update)
  await until(() => test.party('bank').sums.length === 1)
  expect(opened(second, test.party('bank').sums[0] as never)).toEqual(totals(second))
  expect([test.adder.budget.used, test.refused]).toEqual([0, []])
})

test('a sum is sent only where the scheduler says so', async () => {
  const test = await connected()
  test.maySum = false
  await sendAll(test, testRound(1))
  await test.party('bank').resend()
  expect(test.party('bank').sums).toEqual([])
})

test('a disk that has no room for the word of a sum is waited for', async () => {
  const test = await connected()
  test.fullDisks = 3
  const round = testRound(1)
  await sendAll(test, round)
  await until(() => test.party('bank').sums.length === 1)
  expect(opened(round, test.party('bank').sums[0] as never)).toEqual(totals(round))
  expect(test.refused).toEqual([])
})

test('an update for others than take part in the round is refused', async () => {
  const test = await connected()
  test.attendance = { leftOut: { social: 'away' } }
  await test.party('tax').send(testRound(1).updates.get('tax') as never)
  expect(test.refused).toEqual(['tax average.other-round'])
})

test('updates that come at the same time are added side by side, while other work has its turn', async () => {
  const test = await connected()
  const round = testRound(1, 160_000)
  const done: string[] = []
  let doneBefore = Number.NaN
  setImmediate(() => (doneBefore = done.length))
  await Promise.all(
    [...round.updates].map(async ([party, update]) => {
      await test.party(party).send(update)
      done.push(party)
    }),
  )
  expect([done.length, doneBefore]).toEqual([3, 0])
  await until(() => test.party('bank').sums.length === 1)
  expect(opened(round, test.party('bank').sums[0] as never)).toEqual(totals(round))
  await until(() => test.adder.budget.used === 0)
})

test('a job that ends while an update is added leaves nothing', async () => {
  const test = await connected()
  const sending = test.party('tax').send(testRound(1, 160_000).updates.get('tax') as never)
  await until(() => test.adder.budget.used > 0)
  test.adder.close(JOB)
  await sending
  expect([test.adder.budget.used, test.refused]).toEqual([0, []])
})

test('parties that come and go: updates in pieces begin again, and the sum waits for its opener', async () => {
  const test = await connected()
  const round = testRound(1, 160_000)
  const [bank, tax, social] = PARTIES.map((name) => test.party(name)) as [ScriptedParty, ScriptedParty, ScriptedParty]
  await bank.send(round.updates.get('bank') as never)
  const update = round.updates.get('tax') as never
  await tax.put(1, tax.seal(1, update), 2)
  expect(test.adder.budget.used).toBeGreaterThan(2 * 500_000)
  tax.disconnect()
  tax.store(update)
  await tax.connect()
  bank.disconnect()
  await social.send(round.updates.get('social') as never)
  expect(social.held).toBe(1)
  await bank.connect()
  await until(() => bank.sums.length === 1)
  expect(opened(round, bank.sums[0] as never)).toEqual(totals(round))
})

test('a lost sum is sent again: at a sign that it is missed, and without one', async () => {
  const test = await connected()
  const bank = test.party('bank')
  bank.mute = true
  await sendAll(test, testRound(1, 100))
  await until(() => bank.sums.length === 1)
  bank.sums.length = 0 // as if it had never come
  await bank.acknowledge(0)
  await until(() => bank.sums.length === 1)
  bank.sums.length = 0
  await until(() => bank.sums.length === 1)
})

test('the same update again changes nothing; another one ends the job with its code', async () => {
  const test = await connected()
  const round = testRound(1, 100)
  const tax = test.party('tax')
  await tax.send(round.updates.get('tax') as never)
  await tax.resend(0)
  expect([tax.held, test.refused]).toEqual([1, []])
  await tax.send(testRound(1, 100, { label: round.header.label }).updates.get('tax') as never)
  expect(test.refused).toEqual(['tax aggregate.repeated'])
})

test('another envelope under the number of one that is held', async () => {
  const test = await connected()
  const tax = test.party('tax')
  await tax.send(testRound(1, 100).updates.get('tax') as never)
  await tax.put(1, tax.seal(1, testRound(2, 100).updates.get('tax') as never))
  expect(test.refused).toEqual(['tax envelope.equivocation'])
})

const first = testRound(1, 100)
const good = first.updates.get('tax') as NonNullable<ReturnType<typeof first.updates.get>>
const chunks = (round: typeof first) => decodeUpdate((round.updates.get('tax') as typeof good).payload).chunks
const withHeader = (change: object) => messageOf(1, { ...first.header, ...change }, chunks(first))

test.each([
  ['a share', { ...good, header: { ...good.header, kind: 'masked-share' as const } }, 'protocol.out-of-order'],
  ['numbers', { ...good, header: { ...good.header, kind: 'released-aggregate' as const } }, 'protocol.out-of-order'],
  ['another step', { ...good, header: { ...good.header, step: 'mean' } }, 'protocol.out-of-order'],
  ['no update', { ...good, payload: Buffer.from('hello') }, 'protocol.malformed'],
  [
    'a key id that is not the label',
    { ...good, header: { ...good.header, keyId: 'aa'.repeat(32) } },
    'protocol.malformed',
  ],
  ['a participant who is no party', withHeader({ participants: ['bank', 'tax', 'zoo'] }), 'protocol.malformed'],
  ['an update of a round without this party', withHeader({ participants: ['bank', 'social'] }), 'aggregate.repeated'],
  ['a ciphertext that is none', messageOf(1, first.header, chunks(first).map(spoilt)), 'he.malformed'],
])('%s is refused with its code', async (_, message, code) => {
  const test = await connected()
  await test.party('tax').send(message)
  expect(test.refused).toEqual([`tax ${code}`])
})

test('what disagrees with the first update of a label, or with its number, is refused', async () => {
  const other = testRound(2, 100)
  const differing = [
    withHeader({ opener: 'social' }),
    withHeader({ number: 2 }),
    messageOf(1, { ...first.header, label: other.header.label }, chunks(other)),
  ]
  for (const message of differing) {
    const test = await connected()
    await test.party('bank').send(first.updates.get('bank') as never)
    await test.party('tax').send(message)
    expect(test.refused).toEqual(['tax average.other-round'])
  }
})

test('a party that opens sum after sum in one round is stopped', async () => {
  const test = await connected()
  for (const number of [1, 2, 3]) {
    const update = testRound(number, 100).updates.get('tax') as typeof good
    await test.party('tax').send({ ...update, header: { ...update.header, round: 1 } })
  }
  expect(test.refused).toEqual(['tax average.too-many-rounds'])
})

test('updates of rounds that all have closed are done; those of a round that is not open are refused', async () => {
  const test = await connected()
  const tax = test.party('tax')
  for (const number of [1, 2, 3]) tax.store(testRound(number, 100).updates.get('tax') as never)
  tax.store({ ...good, task: 'statistics', header: { ...good.header, round: 2 } })
  test.openRound = 3
  // as after a restart of everything: the openers of the old rounds are not back
  await tax.resend(0)
  expect([tax.acknowledged, tax.held, test.refused]).toEqual([2, 4, []])
  const label = test.adder.budget.used
  test.openRound = 4
  await tax.send(testRound(4, 100).updates.get('tax') as never)
  expect([tax.acknowledged, tax.held, test.adder.budget.used]).toEqual([4, 5, label])
  await tax.send(testRound(5, 100).updates.get('tax') as never)
  expect(test.refused).toEqual(['tax protocol.out-of-order'])
})

test('a changed envelope, and one that is too large', async () => {
  const test = await connected()
  const tax = test.party('tax')
  const envelope = tax.seal(1, good)
  envelope.set([(envelope[500] as number) ^ 1], 500)
  await tax.put(1, envelope)
  expect(test.refused).toEqual(['tax envelope.tampered'])
  await tax.put(1, new Uint8Array(MAX_UPDATE_BYTES + 1), 1)
  expect(test.refused).toEqual(['tax envelope.tampered', 'tax transport.too-large'])
})

test('memory: updates wait for room one after the other, and only the sum stays', async () => {
  const round = testRound(1, 200_000)
  const bytes = (round.updates.get('bank') as { payload: Uint8Array }).payload.length
  // room for two updates under way beside the sum
  const limit = Math.ceil(4.5 * bytes)
  const test = await connected(limit)
  await test.party('bank').send(round.updates.get('bank') as never)
  const sumBytes = test.adder.budget.used
  expect(sumBytes / bytes).toBeGreaterThan(1.1)
  expect(sumBytes / bytes).toBeLessThan(1.2)
  const [tax, social] = [test.party('tax'), test.party('social')]
  await tax.put(1, tax.seal(1, round.updates.get('tax') as never), 2)
  social.store(round.updates.get('social') as never)
  await social.resend() // there is no room: it is dropped, after a while
  expect(social.held).toBe(0)
  tax.disconnect()
  await social.resend()
  expect([social.held, test.adder.budget.used]).toEqual([1, sumBytes])
  tax.store(round.updates.get('tax') as never)
  await tax.connect()
  await until(() => tax.acknowledged === 1)
  expect(test.adder.budget.used).toBe(0)
  expect(test.adder.budget.highest).toBeLessThanOrEqual(limit)
})

test('the end of the job ends its key, its sums and their memory', async () => {
  const test = await connected()
  await test.party('tax').send(good)
  expect(test.adder.budget.used).toBeGreaterThan(0)
  test.adder.close(JOB)
  expect([test.adder.budget.used, test.adder.keyOf(JOB)]).toEqual([0, undefined])
})

test('room is given in the order of asking', async () => {
  const budget = new MemoryBudget(100)
  expect(await budget.reserve(80, 10)).toBe(true)
  const order: string[] = []
  const large = budget.reserve(90, 1000).then((granted) => order.push(`large ${granted}`))
  const small = budget.reserve(10, 1000).then((granted) => order.push(`small ${granted}`))
  budget.release(80)
  await Promise.all([large, small])
  expect([order, budget.used]).toEqual([['large true', 'small true'], 100])
  expect(await budget.reserve(1, 5)).toBe(false)
})

/** The last residue is not below its prime. */
function spoilt(chunk: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(chunk)
  return changed.fill(0xff, changed.length - 4)
}
