// What is on disk is what people signed: four eyes, budget, withdrawal, and everything that somebody may change there.
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { covers } from '#protocols/core/approval.ts'
import { parseJobSpec } from '#protocols/core/job-spec.ts'
import type { PersonSigner } from '#crypto/people/people.ts'
import { approved, draft, JOB, makePeople, storeOf, type TestPeople } from './approval-fixtures.ts'
import { draftApproval, NARROWABLE } from './draft.ts'
import { APPROVAL_TRANSITIONS, nextApprovalState } from './states.ts'
import { APPROVAL_TYPE, digestOf, envelopeOf } from './statements.ts'
import type { ApprovalStore } from './store.ts'
import { ASKED, SPEC } from './approval-fixtures.ts'
import { cardDigests } from './cards.ts'

let people: TestPeople
let store: ApprovalStore
let now: Date
const person = (id: string) => people.signers[id] as PersonSigner

beforeAll(async () => {
  people = await makePeople()
})
afterAll(() => people[Symbol.asyncDispose]())
beforeEach(() => {
  now = new Date()
  store = storeOf(people.home, people.people, () => now)
})

async function proposed(): Promise<{ id: string; digest: string }> {
  const document = draft()
  await store.propose(document)
  return { id: document.id, digest: digestOf((await store.intact(document.id)).bytes) }
}

test('two people of the two roles make it active, and their envelope has both signatures', async () => {
  const { id, digest } = await proposed()
  expect((await store.sign(id, person('wang-fang'), digest)).state).toBe('signed-by-one')
  const active = await store.sign(id, person('li-wei'), digest)
  expect(active.state).toBe('active')
  expect(active.signatures.map(({ role }) => role)).toEqual(['compliance', 'steward'])
  const { payload, signatures } = envelopeOf(APPROVAL_TYPE, active.bytes as Uint8Array, active.signatures)
  expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toEqual(active.document)
  expect(new Set(signatures.map(({ keyid }) => keyid)).size).toBe(2)
})

describe('a signature is refused', () => {
  test.each([
    ['of the same person twice', ['li-wei', 'li-wei'], 'approval.four-eyes'],
    ['of a second steward', ['li-wei', 'zhao-min'], 'approval.four-eyes'],
    ['of an operator', ['chen-jie'], 'person.wrong-role'],
    ['once it is active', ['li-wei', 'wang-fang', 'zhao-min'], 'approval.bad-state'],
  ])('%s', async (_, ids, code) => {
    const { id, digest } = await proposed()
    const last = ids.at(-1) as string
    for (const before of ids.slice(0, -1)) await store.sign(id, person(before), digest)
    await expect(store.sign(id, person(last), digest)).rejects.toMatchObject({ code })
    expect((await store.intact(id)).signatures).toHaveLength(ids.length - 1)
  })

  test('under another digest than the one shown', async () => {
    const { id } = await proposed()
    await expect(store.sign(id, person('li-wei'), 'f'.repeat(64))).rejects.toMatchObject({ code: 'approval.tampered' })
  })

  test('of nothing', async () => {
    await expect(store.sign('approval-ffffffffffff', person('li-wei'), '')).rejects.toMatchObject({
      code: 'approval.unknown',
    })
  })
})

describe('on disk', () => {
  const at = (id: string, file: string) => join(people.home, 'approvals', id, file)
  const damageOf = async (id: string) => (await store.find(id))?.damage?.code

  test('a document that was changed after it was signed counts for nothing', async () => {
    const id = await approved(store, people.signers, draft())
    const text = await readFile(at(id, 'document.json'), 'utf8')
    await writeFile(at(id, 'document.json'), text.replace('"runs":3', '"runs":9'))
    expect(await damageOf(id)).toBe('approval.tampered')
    await expect(store.intact(id)).rejects.toMatchObject({ code: 'approval.tampered' })
  })

  test('nor does one with spaces, another id, or a signature of somebody else', async () => {
    const id = await approved(store, people.signers, draft())
    const document = await readFile(at(id, 'document.json'), 'utf8')
    const signatures = await readFile(at(id, 'signatures.jsonl'), 'utf8')
    await writeFile(at(id, 'document.json'), `${document} `)
    expect(await damageOf(id)).toBe('log.not-canonical')
    await writeFile(at(id, 'document.json'), document.replace(id, 'approval-ffffffffffff'))
    expect(await damageOf(id)).toBe('approval.tampered')
    await writeFile(at(id, 'document.json'), document)
    await writeFile(at(id, 'signatures.jsonl'), signatures.replace('li-wei', 'zhao-min'))
    expect(await damageOf(id)).toBe('approval.tampered')
    await writeFile(at(id, 'signatures.jsonl'), `${signatures}{"event":"approved","time":""}\n`)
    expect(await damageOf(id)).toBe('approval.tampered')
    await writeFile(at(id, 'signatures.jsonl'), signatures)
    expect((await store.intact(id)).state).toBe('active')
  })

  test('half a line that a crash left is not read, and the next line stands on its own', async () => {
    const { id, digest } = await proposed()
    await store.sign(id, person('li-wei'), digest)
    await appendFile(at(id, 'signatures.jsonl'), '{"event":"signed","pers')
    expect((await store.intact(id)).state).toBe('signed-by-one')
    expect((await store.sign(id, person('wang-fang'), digest)).state).toBe('active')
  })
})

test('runs are counted once a job; after the last one it is used up, and can still be withdrawn', async () => {
  const id = await approved(store, people.signers, draft({ runs: 2 }))
  await store.countRun(id, JOB)
  await store.countRun(id, JOB)
  expect(await store.intact(id)).toMatchObject({ state: 'active', runs: [JOB] })
  await store.countRun(id, JOB.replace('0', 'f'))
  expect((await store.intact(id)).state).toBe('used-up')
  expect((await store.revoke(id, person('li-wei'), 'over')).state).toBe('revoked')
})

test('one person withdraws; nothing comes after', async () => {
  const id = await approved(store, people.signers, draft())
  await expect(store.revoke(id, person('chen-jie'), 'x')).rejects.toMatchObject({ code: 'person.wrong-role' })
  const revoked = await store.revoke(id, person('wang-fang'), 'contract ended')
  expect(revoked).toMatchObject({ state: 'revoked', revocation: { by: 'wang-fang', reason: 'contract ended' } })
  await expect(store.revoke(id, person('li-wei'), 'x')).rejects.toMatchObject({ code: 'approval.bad-state' })
})

test('it ends at its time, and a clock that is put back does not bring it back', async () => {
  const document = draft()
  const id = await approved(store, people.signers, document)
  now = new Date(document.validTo)
  await store.countRun(id, JOB)
  expect((await store.intact(id)).state).toBe('expired')
  now = new Date(document.validFrom)
  expect((await store.intact(id)).state).toBe('expired')
})

test('a refusal is kept with its reason; one that was changed is none', async () => {
  await store.refuse(JOB, person('li-wei'), 'no contract')
  expect(await store.refusalOf(JOB)).toMatchObject({ by: 'li-wei', reason: 'no contract' })
  const file = join(people.home, 'approvals', 'refusals', `${JOB}.json`)
  const line = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  await writeFile(file, JSON.stringify({ ...line, person: 'wang-fang' }))
  expect(await store.refusalOf(JOB)).toBeUndefined()
})

test('the table of states has no way out of an end, and refuses what it does not have', () => {
  expect(APPROVAL_TRANSITIONS.revoked).toEqual({})
  expect(APPROVAL_TRANSITIONS.expired).toEqual({})
  const refused = expect.objectContaining({ code: 'approval.bad-state' })
  for (const state of ['active', 'used-up', 'revoked', 'expired'] as const)
    expect(() => nextApprovalState(state, 'sign')).toThrow(refused)
})

describe('a draft', () => {
  const from = (...narrow: string[]) =>
    draftApproval(SPEC, ASKED, { template: 'credit-model', cards: cardDigests(), now, narrow })

  test('asks for what the job asks for, and can be made narrower', () => {
    expect(from()).toMatchObject({ columns: ['sales', 'late'], receivers: ['bank'], runs: 20, owner: 'tax' })
    const narrow = from('columns=sales', 'maxRounds=5', 'runs=1', 'minIntersection=5000')
    expect(narrow).toMatchObject({ columns: ['sales'], floors: { maxRounds: 5, minIntersection: 5000 }, runs: 1 })
  })

  test('of a job with trees says what they may do, and can allow less', () => {
    const spec = parseJobSpec(
      Buffer.from(JSON.stringify({ ...SPEC, boost: { trees: 10, depth: 4, bins: 15, membership: 'visible' } })),
    )
    const of = (...narrow: string[]) =>
      draftApproval(spec, ASKED, { template: 'credit-model', cards: cardDigests(), now, narrow })
    expect(from().trees).toBeUndefined()
    const trees = { membership: 'visible', maxDepth: 4, maxCells: 10 * 8 * 2 * 16 }
    expect(of().trees).toEqual(trees)
    expect(covers(of(), spec, ASKED, cardDigests(), now)).toEqual([])
    // each split that may be asked for, and asked for again
    expect(of().floors.maxReleasedCells).toBeGreaterThanOrEqual(10 * 3 * 15)
    const narrow = of('membership=hidden', 'maxTreeDepth=3', 'maxTreeCells=100').trees
    expect(narrow).toEqual({ membership: 'hidden', maxDepth: 3, maxCells: 100 })
    for (const wider of ['membership=visible', 'maxTreeDepth=5', 'maxTreeCells=9999999'])
      expect(() => of(wider)).toThrow(expect.objectContaining({ code: 'approval.invalid' }))
    expect(() => from('maxTreeDepth=3')).toThrow(expect.objectContaining({ code: 'approval.invalid' }))
  })

  test.each([
    'columns=secret',
    'maxRounds=27',
    'minDifference=9',
    'maxDigits=17',
    'minIntersection=10',
    'runs=21',
    'validTo=2999-01-01',
    'owner=x',
    'x',
  ])('is not made wider, nor changed in another way: %s', (change) => {
    expect(() => from(change)).toThrow(expect.objectContaining({ code: 'approval.invalid' }))
    expect(NARROWABLE).toContain('columns')
  })
})
