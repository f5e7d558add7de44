// Reading what a party keeps: who may, who is asked, and what is stated about it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPartyHome, openPartyHome } from '#crypto/identity/party-home.ts'
import { DisclosureLedger } from '#party-agent/ledger/disclosures.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import type { LocalJob } from '#party-agent/results/local-job.ts'
import { buildProgram } from './program.ts'
import { permittedOf } from '#party-agent/log/reading.ts'
import { openReading, openReadingIfNamed } from './reading.ts'
import { testContext } from './test-context.ts'

const PASSPHRASE = 'a long passphrase'
const JOB = 'job-0123456789abcdef0123'
const PEOPLE = [
  { id: 'wang-fang', name: 'Wang Fang', role: 'compliance', passphrase: 'wang blossom' },
  { id: 'zhou-min', name: 'Zhou Min', role: 'modeler', passphrase: 'zhou blossom' },
] as const

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'reading-'))
  await createPartyHome(home, { federation: 'credit', party: 'tax', passphrase: PASSPHRASE })
  const folder = join(home, 'jobs', JOB)
  await mkdir(folder, { recursive: true })
  await DisclosureLedger.open(folder)
  const config = { home, coordinator: 'localhost:1', trustBundle: join(home, 'trust.yaml') }
  await writeFile(join(home, 'agent.yaml'), JSON.stringify(config))
})
afterAll(() => rm(home, { recursive: true, force: true }))

const contextOf = (passphrase = '') =>
  testContext({ environment: { TRIBUTARY_PASSPHRASE: PASSPHRASE, TRIBUTARY_PERSON_PASSPHRASE: passphrase } })

async function run(passphrase: string, ...words: readonly string[]): Promise<readonly string[]> {
  const cli = contextOf(passphrase)
  const config = join(home, 'agent.yaml')
  await buildProgram(cli).parseAsync([...words, '--config', config], { from: 'user' })
  return cli.printed
}

const read = (over: object) => ({ kind: 'access', author: 'tax', decision: 'allowed', ...over })

test('a party without people reads as itself, and that is stated', async () => {
  using reading = await openReading(contextOf(), { home }, {})
  reading.require('model', JOB)
  reading.exported(JOB, { size: 7, root: 'ab'.repeat(32) })
  expect(await reading.records()).toMatchObject([
    read({ seq: 1, job: JOB, actor: 'tax', role: 'party', object: 'model', purpose: 'inspection' }),
    { kind: 'export.made', seq: 2, actor: 'tax', size: 7 },
  ])
})

test('with people each read is by one of them, within the role, and refusals are stated too', async () => {
  const identity = await openPartyHome(home, PASSPHRASE)
  for (const person of PEOPLE) await addLocalPerson(home, identity, person)
  await expect(openReading(contextOf(), { home }, {})).rejects.toMatchObject({ code: 'person.unnamed' })
  expect(await openReadingIfNamed(contextOf(), { home }, {})).toBeUndefined()
  const wrong = openReading(contextOf(PASSPHRASE), { home }, { as: 'wang-fang' })
  await expect(wrong).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
  await expect(run('', 'log', 'export', JOB)).rejects.toMatchObject({ code: 'person.unnamed' })
  const modeler = ['--as', 'zhou-min', '--purpose', 'tuning']
  const forbidden = { code: 'person.wrong-role', detail: { person: 'zhou-min', role: 'modeler' } }
  await expect(run('zhou blossom', 'ledger', JOB, ...modeler)).rejects.toMatchObject(forbidden)
  await expect(run('zhou blossom', 'log', 'export', JOB, ...modeler)).rejects.toMatchObject(forbidden)
  await expect(run('zhou blossom', 'log', 'access', ...modeler)).rejects.toMatchObject(forbidden)
  await expect(run('zhou blossom', 'log', 'show', JOB, ...modeler)).rejects.toMatchObject({ code: 'job.unknown' })
  const [text = ''] = await run('wang blossom', 'log', 'access', '--as', 'wang-fang', '--json')
  const records = (JSON.parse(text) as object[]).slice(2)
  const zhou = { actor: 'Zhou Min', role: 'modeler', purpose: 'tuning' }
  expect(records).toMatchObject([
    read({ ...zhou, object: 'ledger', job: JOB, decision: 'refused' }),
    read({ ...zhou, object: 'export', job: JOB, decision: 'refused' }),
    read({ ...zhou, object: 'access', job: '', decision: 'refused' }),
    read({ ...zhou, object: 'log', job: JOB }),
    read({ actor: 'Wang Fang', role: 'compliance', object: 'access', job: '' }),
  ])
})

test('of a job each sees the parts that the role allows, and nobody unnamed sees any', async () => {
  const results = { result: {}, targetResult: {}, average: {}, scored: 3 }
  const local = { folder: home, ...results, model: {}, events: [{}], record: [{}], ledger: [{}] } as unknown as LocalJob
  const ofResult = ['average', 'events', 'result', 'scored', 'targetResult']
  const parts = (job: LocalJob) =>
    Object.entries(job).flatMap(([name, value]) => (name === 'folder' || (value as []).length === 0 ? [] : [name]))
  using modeler = await openReading(contextOf('zhou blossom'), { home }, { as: 'zhou-min' })
  expect(parts(permittedOf(modeler, JOB, local)).toSorted()).toEqual([...ofResult, 'model'].toSorted())
  using compliance = await openReading(contextOf('wang blossom'), { home }, { as: 'wang-fang' })
  expect(parts(permittedOf(compliance, JOB, local)).toSorted()).toEqual([...ofResult, 'ledger', 'record'].toSorted())
  expect(parts(permittedOf(undefined, JOB, local))).toEqual([])
  const stated = (await compliance.records()).slice(-4)
  expect(stated).toMatchObject([
    read({ actor: 'Zhou Min', object: 'result' }),
    read({ actor: 'Zhou Min', object: 'model' }),
    read({ actor: 'Wang Fang', object: 'ledger' }),
    read({ actor: 'Wang Fang', object: 'result' }),
  ])
})
