// Deciding at the console: what is signed is what was shown, by two people of two roles, and a refusal loses nothing.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Draft, DraftWishes } from '#console/api/approvals.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { openOwnerConsole, type OwnerConsole } from './owner-fixture.ts'

type Person = Awaited<ReturnType<OwnerConsole['as']>>
const WISHES: DraftWishes = { template: 'pilot', narrow: [], language: 'en' }

let owner: OwnerConsole
let steward: Person
let compliance: Person
let number = 0

beforeAll(async () => {
  owner = await openOwnerConsole()
  steward = await owner.as('steward')
  compliance = await owner.as('compliance')
})
afterAll(() => owner[Symbol.asyncDispose]())

/** A job of its own for each test: no approval of another covers it. */
async function newJob(change: object = {}): Promise<string> {
  number += 1
  return await owner.job({ purpose: `model ${number}`, ...change })
}

const passphraseOf = (id: string) => `passphrase of ${id}`
const documentOf = ({ bytes }: Pick<Draft, 'bytes'>) => JSON.parse(Buffer.from(bytes, 'base64').toString()) as Approval

async function approve(person: Person, id: string, job: string, wishes = WISHES) {
  const draft = await person.draft({ params: { job }, body: wishes })
  const { id: approval, at, digest } = draft
  const shown = { id: approval, at, digest, passphrase: passphraseOf(id) }
  return { draft, row: await person.approve({ params: { job }, body: { ...wishes, ...shown } }) }
}

/** Names and contents of everything under approvals/. */
async function files(): Promise<string> {
  const folder = join(owner.home, 'approvals')
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.jsonl?$/.test(name)).sort()
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return JSON.stringify(names.map((name, i) => [name, contents[i]]))
}

test('a request is read, drafted, and signed by two people: the bytes that were shown, and no others', async () => {
  const job = await newJob({ name: 'joint 信贷' })
  const request = await steward.request({ params: { job } })
  expect(request).toMatchObject({ job, guest: 'bank', dataset: 'filings', needs: ['steward', 'compliance'] })
  expect(request.columns).toMatchObject([{ name: 'sales' }, { name: 'late', alias: 'T_LATE', zh: '逾期申报' }])
  expect(request.cards.map(({ protocol }) => protocol)).toEqual(['psi', 'vertical-lr'])
  const { draft, row } = await approve(steward, 'steward', job)
  expect(draft.missing).toEqual([])
  expect(createHash('sha256').update(Buffer.from(draft.bytes, 'base64')).digest('hex')).toBe(draft.digest)
  expect(row).toMatchObject({ id: draft.id, state: 'signed-by-one', needs: ['compliance'] })
  const onDisk = await readFile(join(owner.home, 'approvals', draft.id, 'document.json'))
  expect(onDisk.toString('base64')).toBe(draft.bytes)

  const inbox = await compliance.inbox()
  expect(inbox.requests.find((waiting) => waiting.job === job)).toMatchObject({ approval: draft.id })
  const shown = await compliance.approval({ params: { id: draft.id } })
  expect(shown).toMatchObject({ bytes: draft.bytes, digest: draft.digest, waiting: [job], otherCards: [] })
  const body = { digest: draft.digest, passphrase: passphraseOf('compliance') }
  const active = await compliance.sign({ params: { id: draft.id }, body })
  expect(active).toMatchObject({ state: 'active', needs: [], runsLeft: 3 })
  const envelope = JSON.parse(await (await compliance.approvalFile({ params: { id: draft.id } })).text())
  expect(envelope).toMatchObject({ payload: draft.bytes })
  expect(envelope.signatures).toHaveLength(2)
})

test('narrower than the template: what changed, what the job then lacks, and what an earlier approval said', async () => {
  const job = await newJob()
  const wishes = { ...WISHES, narrow: ['columns=sales', 'runs=1', 'minBinRows=200', 'validTo=2099-01-01'] }
  await expect(steward.draft({ params: { job }, body: wishes })).rejects.toMatchObject({ code: 'approval.invalid' })
  const draft = await steward.draft({ params: { job }, body: { ...wishes, narrow: wishes.narrow.slice(0, 3) } })
  expect(documentOf(draft)).toMatchObject({ columns: ['sales'], runs: 1, floors: { minBinRows: 200 } })
  expect(draft.missing).toEqual(['column late of filings: not approved by tax'])
  expect(draft.fromTemplate.map(({ field }) => field).toSorted()).toEqual(['columns', 'floors.minBinRows', 'runs'])
  expect(draft.earlier?.differences).toContainEqual({ field: 'runs', before: '3', after: '1' })
})

test('several people who decide nothing see that something waits, and how much', async () => {
  await newJob()
  const modeler = await owner.as('modeler')
  expect((await modeler.inboxCounts()).requests).toBeGreaterThan(0)
  await expect(modeler.inbox()).rejects.toMatchObject({ code: 'person.wrong-role' })
})

describe('refused, and nothing on disk changes:', () => {
  test.each(['modeler', 'operator', 'auditor'] as const)('a %s who approves, refuses or withdraws', async (role) => {
    const job = await newJob()
    const { id, at, digest } = await steward.draft({ params: { job }, body: WISHES })
    const before = await files()
    const person = await owner.as(role)
    const passphrase = passphraseOf(role)
    const body = { ...WISHES, id, at, digest, passphrase }
    const reason = { reason: 'no contract', passphrase }
    for (const call of [
      () => person.draft({ params: { job }, body: WISHES }),
      () => person.approve({ params: { job }, body }),
      () => person.refuse({ params: { job }, body: reason }),
      () => person.sign({ params: { id }, body: { digest, passphrase } }),
      () => person.revoke({ params: { id }, body: reason }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'person.wrong-role', problem: { status: 403 } })
    expect(await files()).toBe(before)
  })

  test('a wrong passphrase, and that of another person', async () => {
    const job = await newJob()
    const { id, at, digest } = await steward.draft({ params: { job }, body: WISHES })
    const before = await files()
    for (const passphrase of ['wrong', passphraseOf('compliance')]) {
      const body = { ...WISHES, id, at, digest, passphrase }
      await expect(steward.approve({ params: { job }, body })).rejects.toMatchObject({ code: 'console.passphrase' })
      const reason = { reason: 'no contract', passphrase }
      await expect(steward.refuse({ params: { job }, body: reason })).rejects.toMatchObject({
        code: 'console.passphrase',
      })
    }
    expect(await files()).toBe(before)
    const body = { ...WISHES, id, at, digest, passphrase: passphraseOf('steward') }
    expect(await steward.approve({ params: { job }, body })).toMatchObject({ id, state: 'signed-by-one' })
  })

  test.each([
    ['columns=sales,secret', 'approval.invalid'],
    ['runs=4', 'approval.invalid'],
    ['minIntersection=10', 'approval.invalid'],
    ['maxRounds=100000', 'approval.invalid'],
    ['purpose=anything', 'approval.invalid'],
    ['runs=many', 'approval.invalid'],
  ])('something wider than the request: %s', async (change, code) => {
    const job = await newJob()
    const wishes = { ...WISHES, narrow: [change] }
    const before = await files()
    await expect(steward.draft({ params: { job }, body: wishes })).rejects.toMatchObject({ code })
    const shown = { id: 'approval-0123456789ab', at: new Date().toISOString(), digest: 'f'.repeat(64) }
    const body = { ...wishes, ...shown, passphrase: passphraseOf('steward') }
    await expect(steward.approve({ params: { job }, body })).rejects.toMatchObject({ code })
    expect(await files()).toBe(before)
  })

  test('other bytes than those shown: another digest, other wishes, another time', async () => {
    const job = await newJob()
    const { id, at, digest } = await steward.draft({ params: { job }, body: WISHES })
    const before = await files()
    const good = { ...WISHES, id, at, digest, passphrase: passphraseOf('steward') }
    for (const change of [
      { digest: 'f'.repeat(64) },
      { narrow: ['runs=1'] },
      { template: 'credit-model' },
      { language: 'zh' as const },
      { at: new Date(Date.parse(at) - 1).toISOString() },
      { id: 'approval-0123456789ab' },
    ])
      await expect(steward.approve({ params: { job }, body: { ...good, ...change } })).rejects.toMatchObject({
        code: 'approval.tampered',
      })
    for (const late of [new Date(Date.now() + 60_000), new Date(Date.now() - 90_000_000)])
      await expect(
        steward.approve({ params: { job }, body: { ...good, at: late.toISOString() } }),
      ).rejects.toMatchObject({ code: 'approval.invalid' })
    expect(await files()).toBe(before)
  })

  test('the same person twice, a second person of the same role, and a third signature', async () => {
    const job = await newJob()
    const { draft } = await approve(steward, 'steward', job)
    const params = { id: draft.id }
    const by = (id: string) => ({ digest: draft.digest, passphrase: passphraseOf(id) })
    const second = await owner.as('second-steward')
    const before = await files()
    await expect(approve(steward, 'steward', job)).rejects.toMatchObject({ code: 'approval.four-eyes' })
    await expect(steward.sign({ params, body: by('steward') })).rejects.toMatchObject({ code: 'approval.four-eyes' })
    await expect(second.sign({ params, body: by('second-steward') })).rejects.toMatchObject({
      code: 'approval.four-eyes',
    })
    const other = { digest: 'f'.repeat(64), passphrase: passphraseOf('compliance') }
    await expect(compliance.sign({ params, body: other })).rejects.toMatchObject({ code: 'approval.tampered' })
    expect(await files()).toBe(before)
    await compliance.sign({ params, body: by('compliance') })
    await expect(second.sign({ params, body: by('second-steward') })).rejects.toMatchObject({
      code: 'approval.bad-state',
    })
    await expect(approve(second, 'second-steward', job)).rejects.toMatchObject({ code: 'approval.bad-state' })
  })

  test('a job that nobody asked for, and one that waits no longer', async () => {
    const job = await newJob()
    await owner.store.dropRequest(job)
    for (const gone of [job, 'job-00000000000000000000']) {
      const params = { job: gone }
      await expect(steward.request({ params })).rejects.toMatchObject({ code: 'approval.unknown' })
      await expect(steward.draft({ params, body: WISHES })).rejects.toMatchObject({ code: 'approval.unknown' })
      const body = { reason: 'no contract', passphrase: passphraseOf('steward') }
      await expect(steward.refuse({ params, body })).rejects.toMatchObject({ code: 'approval.unknown' })
    }
  })
})

test('a refusal is signed, told, and final for this job', async () => {
  const job = await newJob()
  const body = { reason: '合同未签', passphrase: passphraseOf('compliance') }
  expect(await compliance.refuse({ params: { job }, body })).toEqual({ job, by: 'compliance' })
  expect(await owner.store.refusalOf(job)).toMatchObject({ by: 'compliance', reason: '合同未签' })
  expect((await steward.inbox()).requests.map((waiting) => waiting.job)).not.toContain(job)
  await expect(approve(steward, 'steward', job)).rejects.toMatchObject({
    code: 'approval.refused',
    problem: { detail: { by: 'compliance', reason: '合同未签' } },
  })
})

test('a withdrawal says which jobs it stops, and ends the approval', async () => {
  const job = await newJob()
  const { draft } = await approve(steward, 'steward', job)
  const params = { id: draft.id }
  await compliance.sign({ params, body: { digest: draft.digest, passphrase: passphraseOf('compliance') } })
  const done = await owner.job({ purpose: 'model done' }, 'succeeded')
  for (const run of [job, done]) await owner.store.countRun(draft.id, run)
  await owner.setState(job, 'started')
  expect((await steward.approval({ params })).jobs).toMatchObject([
    { job: done, state: 'succeeded', running: false },
    { job, name: 'joint credit', running: true },
  ])
  const body = { reason: 'contract ended', passphrase: passphraseOf('compliance') }
  const { approval, stopped } = await compliance.revoke({ params, body })
  expect([approval.state, stopped]).toEqual(['revoked', [job]])
  await expect(
    steward.revoke({ params, body: { ...body, passphrase: passphraseOf('steward') } }),
  ).rejects.toMatchObject({
    code: 'approval.bad-state',
  })
  expect(await steward.approval({ params })).toMatchObject({
    revocation: { by: 'compliance', reason: 'contract ended' },
  })
})

test('what ends soon stands in the inbox, and the list has every approval once', async () => {
  const ending = (await steward.inbox()).ending.map(({ id }) => id)
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await steward.approvals({ query: { limit: 2, ...(after === undefined ? {} : { after }) } })
    ids.push(...page.items.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  expect(ids).toEqual((await owner.store.all()).map(({ id }) => id).toReversed())
  owner.setClock(new Date(Date.now() + 20 * 86_400_000))
  const later = (await steward.inbox()).ending.map(({ id }) => id)
  owner.setClock(undefined)
  expect(later.length).toBeGreaterThan(ending.length)
})
