import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import { readAgentConfig } from './config.ts'
import { DatasetFolder } from './data/dataset-fixtures.ts'
import { openGate } from './gate.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
  const rows = Array.from({ length: 1234 }, (_, i) => `C${i},${i % 7},${i % 3}`)
  await folder.csv('filings.csv', `id,sales,late\n${rows.join('\n')}\n`)
  await writeFile(
    join(folder.path, 'agent.yaml'),
    `home: .
coordinator: 127.0.0.1:7443
trustBundle: trust.yaml
datasets:
  filings: { source: { csv: filings.csv }, ids: { column: id, kind: plain } }
  broken: { source: { csv: absent.csv }, ids: { column: id, kind: plain } }
  secret: { source: { csv: filings.csv }, ids: { column: id, kind: plain } }
policy:
  jobs:
    - guest: bank
      protocols: [psi, vertical-lr]
      datasets: { filings: { columns: [sales, late] }, broken: { columns: all } }
      peers: any
`,
  )
})
afterAll(() => folder[Symbol.asyncDispose]())

const gate = async (self = 'tax') =>
  openGate(await readAgentConfig(join(folder.path, 'agent.yaml')), self, silentLogger)

const job = (
  host: Record<string, unknown>,
  guest: Record<string, unknown> = { party: 'bank', dataset: 'loans' },
): JobSpec => {
  const { spec } = checkJobSpec({
    version: 1,
    name: 'x',
    guest,
    hosts: [{ party: 'tax', dataset: 'filings', ...host }],
  })
  return spec as JobSpec
}

test('the catalog rounds rows down and leaves out what cannot be read', async () => {
  const columns = ['sales', 'late']
  expect(await (await gate()).catalog()).toEqual([
    { name: 'filings', id_kind: 'plain', rows: 1200, columns, label: '' },
    { name: 'secret', id_kind: 'plain', rows: 1200, columns, label: '' },
  ])
})

test('an allowed job comes in, with its columns in the order asked for', async () => {
  const open = await gate()
  await open.admit(job({}))
  expect(await open.columnsFor(job({}))).toEqual(['sales', 'late'])
  expect(await open.columnsFor(job({ columns: ['late', 'sales'] }))).toEqual(['late', 'sales'])
  await using dataset = await open.dataset('filings')
  expect((await dataset.usableIds()).ids).toHaveLength(1234)
})

test.each([
  ['an unknown data set', { dataset: 'filing' }, { code: 'job.unknown-dataset', detail: { near: ['filings'] } }],
  ['a data set without a rule', { dataset: 'secret' }, { code: 'policy.denied' }],
  ['a data set that cannot be read', { dataset: 'broken' }, { code: 'data.unreadable' }],
  ['the id column', { columns: ['id'] }, { code: 'policy.denied' }],
])('%s is refused by its code, and the next good job comes in', async (_, host, refusal) => {
  const open = await gate()
  await expect(open.admit(job(host))).rejects.toMatchObject(refusal)
  await expect(open.dataset('absent')).rejects.toMatchObject({ code: 'job.unknown-dataset' })
  await open.admit(job({}))
})

test('a member of a group brings its columns in the order of their names', async () => {
  const hosts = ['land', 'tax', 'park-b', 'park-c'].map((party) => ({ party, dataset: 'filings' }))
  const groups = [{ name: 'parks', members: ['tax', 'park-b', 'park-c'] }]
  expect(
    await (await gate()).columnsFor({ ...job({}), hosts: hosts.map((host) => ({ ...host, columns: 'all' })), groups }),
  ).toEqual(['late', 'sales'])
})

test('an unknown column is refused with the name that was probably meant', async () => {
  const text = `home: .
coordinator: 127.0.0.1:7443
trustBundle: trust.yaml
datasets:
  filings: { source: { csv: filings.csv }, ids: { column: id, kind: plain } }
policy:
  jobs: [{ guest: bank, protocols: [psi, vertical-lr], datasets: { filings: { columns: all } }, peers: any }]
`
  await writeFile(join(folder.path, 'open.yaml'), text)
  const open = await openGate(await readAgentConfig(join(folder.path, 'open.yaml')), 'tax', silentLogger)
  await expect(open.admit(job({ columns: ['sale'] }))).rejects.toMatchObject({
    code: 'job.unknown-column',
    detail: { columns: ['sale'], near: ['sales'] },
  })
})

test('a guest without a label cannot take part as guest', async () => {
  const spec = job({ party: 'land', dataset: 'titles' }, { party: 'bank', dataset: 'filings' })
  await expect((await gate('bank')).admit(spec)).rejects.toMatchObject({ code: 'data.missing-column' })
  const { train: _, ...rest } = spec
  const scoring: JobSpec = { ...rest, score: { protocol: 'secureboost', job: `job-${'1'.repeat(20)}` } }
  // its rows may be scored, where the policy allows it
  await expect((await gate('bank')).admit(scoring)).rejects.toMatchObject({ code: 'policy.denied' })
  const text = await readFile(join(folder.path, 'agent.yaml'), 'utf8')
  await writeFile(join(folder.path, 'scoring.yaml'), text.replace('vertical-lr]', 'secureboost]'))
  const open = await openGate(await readAgentConfig(join(folder.path, 'scoring.yaml')), 'bank', silentLogger)
  await open.admit(scoring)
})

test('a label that the models of a job cannot learn from is refused before anything is aligned', async () => {
  const text = `home: .
coordinator: 127.0.0.1:7443
trustBundle: trust.yaml
datasets:
  claims: { source: { csv: filings.csv }, ids: { column: id, kind: plain }, label: { column: late, kind: count } }
  losses: { source: { csv: filings.csv }, ids: { column: id, kind: plain }, label: { column: late, kind: number } }
policy:
  jobs: [{ guest: bank, protocols: [psi, profile, binning-iv, vertical-lr, secureboost], datasets: { claims: { columns: all }, losses: { columns: all } }, peers: any }]
`
  await writeFile(join(folder.path, 'targets.yaml'), text)
  const open = await openGate(await readAgentConfig(join(folder.path, 'targets.yaml')), 'bank', silentLogger)
  const asked = (dataset: string, sections: object) => {
    const { spec, problems } = checkJobSpec({
      version: 1,
      name: 'x',
      guest: { party: 'bank', dataset },
      hosts: [{ party: 'tax', dataset: 'filings' }],
      ...sections,
    })
    expect(problems).toEqual([])
    return open.admit(spec as JobSpec)
  }
  for (const [dataset, sections] of [
    ['claims', { boost: { objective: 'poisson' } }],
    ['claims', { boost: { objective: 'squared' } }],
    ['losses', { boost: { objective: 'squared' }, profile: {} }],
  ] as const)
    await asked(dataset, sections)
  for (const [dataset, sections, needed] of [
    ['claims', {}, ['binary']],
    ['claims', { boost: {} }, ['binary']],
    ['losses', { boost: { objective: 'poisson' } }, ['binary', 'count']],
    ['losses', { boost: { objective: 'squared' }, scorecard: {} }, ['binary']],
    ['claims', { boost: { objective: 'poisson' }, train: {} }, ['binary']],
  ] as const)
    await expect(asked(dataset, sections)).rejects.toMatchObject({ code: 'data.label-kind', detail: { needed } })
})

test('a data set that changes is described anew', async () => {
  const open = await gate()
  await open.catalog()
  await folder.csv('filings.csv', 'id,sales,late\nA,1,1\n')
  expect((await open.catalog())[0]).toMatchObject({ rows: 0 })
  await rm(join(folder.path, 'filings.csv'))
  expect(await open.catalog()).toEqual([])
})
