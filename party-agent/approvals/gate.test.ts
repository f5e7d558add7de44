// Who is let in, who waits, who is refused with what, and what stops a running job.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseJobSpec } from '#protocols/core/job-spec.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { silentLogger } from '#runtime/log.ts'
import type { GovernanceRecord } from '../governance.ts'
import type { PersonSigner } from '#crypto/people/people.ts'
import { approved, ASKED, draft, makePeople, SPEC, storeOf, type TestPeople } from './approval-fixtures.ts'
import type { Card } from '#protocols/core/card.ts'
import { CARDS } from './cards.ts'
import { type ApprovalGate, openApprovalGate } from './gate.ts'
import type { ApprovalStore } from './store.ts'

let people: TestPeople
let store: ApprovalStore
let gate: ApprovalGate
let now: Date
let facts: [string, unknown][]
let jobs = 0
const person = (id: string) => people.signers[id] as PersonSigner
const newJob = () => `job-${(jobs += 1).toString(16).padStart(20, '0')}`
const hour = 3_600_000

beforeAll(async () => {
  people = await makePeople()
})
afterAll(() => people[Symbol.asyncDispose]())
beforeEach(async () => {
  now = new Date()
  facts = []
  store = storeOf(people.home, people.people, () => now)
  gate = await open()
})
afterEach(async () => {
  gate[Symbol.dispose]()
  now = new Date()
  for (const { id, state } of await store.all())
    if (state !== 'revoked' && state !== 'expired') await store.revoke(id, person('li-wei'), 'end of the test')
})

function open(
  rules: Partial<{ ownJobs: 'approved' | 'allowed'; waitSeconds: number }> = {},
  cards = CARDS,
): Promise<ApprovalGate> {
  const told = (name: string) => (fact: unknown) => void facts.push([name, fact])
  const record: GovernanceRecord = {
    approvalGranted: told('granted'),
    approvalRevoked: told('revoked'),
    approvalUsed: told('used'),
    approvalAwaited: told('awaited'),
    policyRefused: told('refused'),
  }
  return openApprovalGate({
    self: 'tax',
    store,
    rules: { ownJobs: 'approved', waitSeconds: 3600, ...rules },
    asked: async () => ASKED,
    foresee: async () => FORESEEN,
    record,
    log: silentLogger,
    now: () => now,
    cards,
  })
}

const FORESEEN = { dataset: 'filings', rounds: 10, before: 1, after: 2.5, delta: 1e-5 }
const namesOf = () => facts.map(([name]) => name)
const approve = (change: Parameters<typeof draft>[0] = {}) => approved(store, people.signers, draft(change, now))

describe('at the invitation', () => {
  test('a job without approval waits, is shown to people, and is let in once both signed', async () => {
    const job = newJob()
    expect(await gate.decide(job, SPEC)).toMatchObject({ kind: 'waiting', signers: ['steward', 'compliance'] })
    expect(await store.requests()).toMatchObject([
      { job, asked: ASKED, spec: { purpose: 'credit model' }, privacy: FORESEEN },
    ])
    await approve()
    expect(await gate.decide(job, SPEC)).toEqual({ kind: 'allowed' })
    expect(await store.requests()).toEqual([])
    expect(namesOf()).toEqual(['awaited', 'granted', 'used'])
  })

  test('it is refused with approval.missing when nobody decides in time, and at once where nothing is to wait', async () => {
    const job = newJob()
    await gate.decide(job, SPEC)
    now = new Date(now.getTime() + hour)
    const refused = {
      kind: 'refused',
      error: { code: 'approval.missing', detail: { party: 'tax', dataset: 'filings' } },
    }
    expect(await gate.decide(job, SPEC)).toMatchObject(refused)
    using strict = await open({ waitSeconds: 0 })
    expect(await strict.decide(newJob(), SPEC)).toMatchObject(refused)
  })

  test('an approval with one column less refuses it and names column and owner', async () => {
    await approve({ columns: ['sales'] })
    const decision = await gate.decide(newJob(), SPEC)
    expect(decision).toMatchObject({ kind: 'refused', error: { code: 'approval.narrower' } })
    expect(String((decision as { error: Error }).error.message)).toContain(
      'column late of filings: not approved by tax',
    )
  })

  test('one signature is no approval', async () => {
    const document = draft({}, now)
    await store.propose(document)
    const { digestOf } = await import('./statements.ts')
    await store.sign(document.id, person('li-wei'), digestOf((await store.intact(document.id)).bytes))
    expect(await gate.decide(newJob(), SPEC)).toMatchObject({ kind: 'waiting', signers: ['compliance'] })
  })

  test("a person's refusal is the answer, with the reason", async () => {
    const job = newJob()
    await gate.decide(job, SPEC)
    await store.refuse(job, person('wang-fang'), 'no contract')
    const detail = { party: 'tax', job, by: 'wang-fang', reason: 'no contract' }
    expect(await gate.decide(job, SPEC)).toMatchObject({ kind: 'refused', error: { code: 'approval.refused', detail } })
  })

  test('the budget of runs holds, also for two jobs at once, and a job that comes again is no second run', async () => {
    await approve({ runs: 2 })
    const [first, second, third] = [newJob(), newJob(), newJob()]
    const decisions = await Promise.all([first, second, third].map((job) => gate.decide(job, SPEC)))
    expect(decisions.map(({ kind }) => kind)).toEqual(['allowed', 'allowed', 'waiting'])
    expect(await gate.decide(first, SPEC)).toEqual({ kind: 'allowed' })
    using again = await open()
    expect(await again.decide(second, SPEC)).toEqual({ kind: 'allowed' })
    expect(await again.decide(third, SPEC)).toMatchObject({ kind: 'waiting' })
  })

  test("the party's own jobs need an approval too, unless the configuration says otherwise", async () => {
    const own = parseJobSpec(
      Buffer.from(JSON.stringify({ ...SPEC, guest: { party: 'tax', dataset: 'filings' }, hosts: [SPEC.guest] })),
    )
    expect(await gate.decide(newJob(), own)).toMatchObject({ kind: 'waiting' })
    using free = await open({ ownJobs: 'allowed' })
    const job = newJob()
    expect(await free.decide(job, own)).toEqual({ kind: 'allowed' })
    expect(free.guard(job, own, 0)).toBeUndefined()
  })
})

const messageOf = ({ step, kind }: MessageHeader): Card['messages'][0] => ({
  schedule: '',
  step,
  from: 'host',
  to: 'guest',
  class: kind,
  arity: 'one' as const,
  reveals: { en: '', zh: '' },
})
const points: MessageHeader = { round: 1, step: 'guest-points', kind: 'psi-points', part: 0 }
const range: MessageHeader = { round: 1, step: 'score-range', kind: 'released-aggregate', part: 0 }

describe('while a job runs', () => {
  async function running(change: Parameters<typeof draft>[0] = {}, sentBefore = 0) {
    await gate.refresh()
    facts.length = 0
    const id = await approve(change)
    const job = newJob()
    await gate.decide(job, SPEC)
    const guard = gate.guard(job, SPEC, sentBefore)
    if (guard === undefined) throw new Error('no guard')
    return { id, job, guard }
  }
  const code = (expected: string) => expect.objectContaining({ code: expected })

  test('a message of the card may leave, and its approval is known', async () => {
    const { job, guard } = await running()
    expect(guard.verdict()).toBeUndefined()
    guard.check('align', 'bank', points)
    await gate.recheck(job, SPEC)
    expect(gate.digestFor(job)).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    ['of another class than on the card', 'align', { ...points, kind: 'control' }],
    ['that is not on the card', 'align', { ...points, step: 'raw-columns' }],
    ['of another task', 'train', points],
    ['of a round too many', 'train', { ...range, round: 27 }],
  ] as const)('a message %s stops with approval.exceeded', async (_, task, header) => {
    const { guard } = await running()
    expect(() => guard.check(task, 'bank', header)).toThrow(code('approval.exceeded'))
  })

  test('a member of a group speaks with the other members in every task, and nobody else does', async () => {
    const { job } = await running()
    const key: MessageHeader = { round: 0, step: 'group-key', kind: 'public-key', part: 0 }
    const members = ['tax', 'social', 'property']
    const groups = [{ name: 'bureaus', members }]
    const member = gate.guard(job, { ...SPEC, groups }, 0)
    for (const task of ['align', 'train']) {
      member?.check(task, 'social', key)
      expect(() => gate.guard(job, SPEC, 0)?.check(task, 'social', key)).toThrow(code('approval.exceeded'))
    }
  })

  test('a number with more digits than approved does not leave', async () => {
    const two = parseJobSpec(
      Buffer.from(JSON.stringify({ ...SPEC, hosts: [...SPEC.hosts, { party: 'land', dataset: 'titles' }] })),
    )
    const most = draft().floors.maxDigits
    const { job } = await running()
    const precise = { ...messageOf(range), release: { minimumRows: 10, digits: most + 1 } }
    const stricter = CARDS.map((card) => (card.protocol === 'vertical-lr' ? { ...card, messages: [precise] } : card))
    using strict = await open({}, stricter)
    const guard = strict.guard(job, two, 0)
    expect(() => guard?.check('train', 'bank', range)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ what: 'maxDigits', most }) }),
    )
  })

  test('released aggregates are counted against the cap, once each', async () => {
    const { guard } = await running({ floors: { ...draft().floors, maxReleasedCells: 3 } }, 1)
    for (let again = 0; again < 3; again++) guard.check('train', 'bank', range)
    guard.check('train', 'bank', { ...range, round: 2 })
    expect(() => guard.check('train', 'bank', { ...range, round: 3 })).toThrow(code('approval.exceeded'))
  })

  test('a table whose bins may be smaller than approved does not leave', async () => {
    const binned = parseJobSpec(Buffer.from(JSON.stringify({ ...SPEC, bin: { minimumRows: 100 } })))
    const { job } = await running({ floors: { ...draft().floors, minBinRows: 100 } })
    const step = { ...range, step: 'woe', release: { rows: 5000, minimumRows: 50, withheld: false } }
    const card = { ...(CARDS[0] as Card), protocol: 'binning-iv', messages: [{ ...messageOf(step), schedule: 'BIN' }] }
    using strict = await open({}, [...CARDS, card])
    const guard = strict.guard(job, binned, 0)
    expect(() => guard?.check('bin', 'bank', step)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ what: 'minBinRows', most: 100 }) }),
    )
    guard?.check('bin', 'bank', { ...step, release: { ...step.release, minimumRows: 100 } })
  })

  test('sides of a split whose smaller side may have fewer rows than approved do not leave', async () => {
    const boosted = parseJobSpec(Buffer.from(JSON.stringify({ ...SPEC, boost: {} })))
    const { job } = await running({ floors: { ...draft().floors, minLeafRows: 100 } })
    const guard = gate.guard(job, boosted, 0)
    const sides = (minimumRows: number): MessageHeader => {
      return { ...range, step: 'sides', kind: 'split-sides', release: { rows: 5000, minimumRows, withheld: false } }
    }
    expect(() => guard?.check('boost', 'bank', sides(50))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ what: 'minLeafRows', most: 100 }) }),
    )
    guard?.check('boost', 'bank', sides(100))
  })

  test('after a withdrawal nothing leaves', async () => {
    const { id, job, guard } = await running()
    await store.revoke(id, person('wang-fang'), 'contract ended')
    await gate.refresh()
    expect(guard.verdict()).toMatchObject({
      code: 'approval.withdrawn',
      detail: { party: 'tax', reason: 'withdrawn by wang-fang: contract ended' },
    })
    expect(() => guard.check('align', 'bank', points)).toThrow(code('approval.withdrawn'))
    await expect(gate.recheck(job, SPEC)).rejects.toMatchObject({ code: 'approval.withdrawn' })
    expect(namesOf()).toEqual(['granted', 'used', 'revoked'])
  })

  test('at its end nothing leaves, without anything read from the disk', async () => {
    const { guard } = await running()
    now = new Date(now.getTime() + 31 * 24 * hour)
    expect(guard.verdict()).toMatchObject({ code: 'approval.withdrawn' })
  })

  test('a document that changes on disk stops the job too', async () => {
    const { id, guard } = await running()
    const { readFile, writeFile } = await import('node:fs/promises')
    const file = `${people.home}/approvals/${id}/document.json`
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"runs":3', '"runs":30'))
    await gate.refresh()
    const verdict = guard.verdict()
    await writeFile(file, text)
    expect(verdict).toMatchObject({ code: 'approval.withdrawn', detail: { reason: 'damaged: approval.tampered' } })
  })

  test('the last run may finish after the budget is used up', async () => {
    const { guard } = await running({ runs: 1 })
    expect(guard.verdict()).toBeUndefined()
  })

  test('a job that nobody approved here has a guard that lets nothing out', () => {
    expect(gate.guard(newJob(), SPEC, 0)?.verdict()).toMatchObject({ code: 'approval.missing' })
  })

  test('facts are told once, also over a restart', async () => {
    await running()
    facts.length = 0
    using again = await open()
    await again.refresh()
    expect(namesOf()).toEqual([])
  })
})
