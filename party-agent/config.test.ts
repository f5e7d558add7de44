import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { readAgentConfig } from './config.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-agent-config-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string) {
  const file = join(folder, 'agent.yaml')
  await writeFile(file, text)
  return readAgentConfig(file)
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const error = await read(text).then(
    () => expect.unreachable('accepted'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PlatformError)
  expect((error as PlatformError).code).toBe('config.invalid')
  return (error as PlatformError).detail['problems'] as readonly string[]
}

const HEAD = 'home: ./home\ncoordinator: 127.0.0.1:7443\ntrustBundle: ./trust.yaml\n'

test('a small file gets the documented defaults and absolute paths', async () => {
  const config = await read(`${HEAD}datasets:
  loans:
    source: { csv: loans.csv }
    ids: { column: uscc, kind: uscc }
    label: { column: y }
    missing: { values: [NA, -999] }
policy:
  jobs:
    - { guest: bank, protocols: [psi, vertical-lr], datasets: { loans: { columns: all } }, peers: any }
`)
  expect(config).toMatchObject({
    home: join(folder, 'home'),
    trustBundle: join(folder, 'trust.yaml'),
    logLevel: 'info',
    resources: { heWorkers: 2, heEngine: 'auto', memoryMb: 512 },
    datasets: {
      loans: {
        source: { kind: 'csv', path: join(folder, 'loans.csv') },
        ids: { column: 'uscc', kind: 'uscc', duplicates: 'reject' },
        columns: 'all',
        missing: { default: 'mean', values: ['NA', '-999'], columns: {} },
      },
    },
    policy: { jobs: [{ guest: 'bank', purposes: 'any', minIntersection: 1000, maxRounds: 100 }] },
  })
})

test('without a policy nothing is allowed and without data sets nothing is offered', async () => {
  expect(await read(HEAD)).toMatchObject({ datasets: {}, policy: { jobs: [] } })
})

test('every problem comes at once with line, key, range and what was given', async () => {
  const problems = await problemsOf(`home: ./home
coordinator: nowhere
resources: { heWorkers: 0 }
colour: red
datasets:
  loans:
    source: { csv: a.csv, parquet: b.parquet }
    ids: { column: uscc, kind: usc }
    columns: []
policy:
  jobs:
    - { guest: Bank!, protocols: [psi], datasets: {}, peers: any }
`)
  const expected = [
    /agent\.yaml:1:1 trustBundle: required/,
    /agent\.yaml:2:1 coordinator: expected text .*host:port.* got "nowhere"/,
    /agent\.yaml:3:14 resources\.heWorkers: expected a whole number in \[1, 64\], got 0/,
    /agent\.yaml:4:1 colour: unknown key/,
    /agent\.yaml:7:5 datasets\.loans\.source: .*exactly one of csv, parquet, sql/,
    /agent\.yaml:8:26 datasets\.loans\.ids\.kind: expected one of "uscc", "id-card", "mobile", "plain", got "usc"/,
    /agent\.yaml:9:5 datasets\.loans\.columns: /,
    /agent\.yaml:12:9 policy\.jobs\[0\]\.guest: .*got "Bank!"/,
  ]
  for (const pattern of expected) expect(problems).toContainEqual(expect.stringMatching(pattern))
  expect(problems).toHaveLength(expected.length)
})

test('problems between keys are found too', async () => {
  const problems = await problemsOf(`${HEAD.replace('7443', '70000')}datasets:
  my loans:
    source: { sql: "select 1" }
    ids: { column: uscc, kind: uscc, orderBy: as_of }
    label: { column: uscc }
    columns: [uscc, margin]
    missing: { columns: { margins: zero } }
policy:
  jobs:
    - { guest: bank, protocols: [psi], datasets: { filings: { columns: all } }, peers: [bank] }
`)
  expect(problems.map((problem) => problem.replace(/^\S+ /, ''))).toEqual([
    expect.stringMatching(/^coordinator: expected a port/),
    expect.stringMatching(/^datasets\.my loans: the name must match/),
    expect.stringMatching(/^datasets\.my loans\.ids\.orderBy: /),
    expect.stringMatching(/^datasets\.my loans\.label\.column: /),
    expect.stringMatching(/^datasets\.my loans\.columns: the id column/),
    expect.stringMatching(/^datasets\.my loans\.columns: the label/),
    expect.stringMatching(/^datasets\.my loans\.missing\.columns\.margins: /),
    expect.stringMatching(/^policy\.jobs\[0\]\.datasets\.filings: no such data set/),
  ])
})

test('a file that is not there is its own refusal', async () => {
  await expect(readAgentConfig(join(folder, 'absent.yaml'))).rejects.toMatchObject({ code: 'config.unreadable' })
})

test('the keys of a left alignment are read whole', async () => {
  const { datasets } = await read(`${HEAD}datasets:
  loans:
    source: { csv: loans.csv }
    ids: { column: uscc, kind: uscc, sampleId: loan_id, second: { column: rep, kind: id-card } }
    label: { column: y, indeterminate: ['', 2] }
    describe: { month: vintage }
    consent:
      source: { csv: consent.csv }
      id: uscc
      scope: scope
      purpose: purpose
      purposes: [贷前审批]
      signedAt: signed_at
      expiresAt: expires_at
      observedAt: applied_on
      scopes: { tax: TAX }
  registry:
    source: { csv: registry.csv }
    ids: { column: owner, kind: uscc, kindColumn: owner_kind, kinds: { FIRM: uscc, PERSON: id-card } }
    coverage: complete
`)
  expect(datasets['loans']).toMatchObject({
    ids: { sampleId: 'loan_id', second: { column: 'rep', kind: 'id-card' } },
    label: { column: 'y', indeterminate: ['', '2'] },
    describe: { month: 'vintage', segments: [] },
    consent: { source: { kind: 'csv', path: join(folder, 'consent.csv') }, scopes: { tax: 'TAX' } },
  })
  expect(datasets['registry']).toMatchObject({
    coverage: 'complete',
    ids: { kinds: { FIRM: 'uscc', PERSON: 'id-card' } },
  })
})

test.each([
  ['ids: { column: a, kind: uscc, sampleId: a }', 'ids.sampleId: is the id column'],
  [
    'ids: { column: a, kind: uscc, second: { column: b, kind: uscc } }',
    'ids.second.kind: is the kind of ids.column too',
  ],
  ['ids: { column: a, kind: uscc, second: { column: a, kind: mobile } }', 'ids.second.column: is the id column'],
  ['ids: { column: a, kind: uscc, kinds: { X: uscc } }', 'ids.kinds: needs ids.kindColumn'],
  ['ids: { column: a, kind: uscc, kindColumn: k, kinds: { X: mobile } }', 'ids.kinds: no value means uscc'],
  ['ids: { column: a, kind: uscc, sampleId: n }\n    label: { column: n }', 'label.column: names rows'],
  ['ids: { column: a, kind: uscc, sampleId: n }\n    columns: [n]', 'columns: n names rows and is never offered'],
  ['ids: { column: a, kind: uscc }\n    coverage: most', 'coverage'],
  ['ids: { column: a, kind: uscc }\n    consent: { id: a }', 'consent'],
])('a mistake in the keys of an alignment is named with its key: %s', async (body, problem) => {
  const problems = await problemsOf(`${HEAD}datasets:\n  loans:\n    source: { csv: a.csv }\n    ${body}\n`)
  expect(problems.join('\n')).toContain(`datasets.loans.${problem}`)
})
