// The approval commands as people type them: two people, a job file, the card, a withdrawal.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toPlatformError } from '#runtime/errors.ts'
import { buildProgram } from './program.ts'
import { testContext } from './test-context.ts'

let folder = ''
let home = ''
const config = () => join(home, 'agent.yaml')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-approvals-'))
  home = join(folder, 'tax')
  expect((await tributary(['init', '--party', 'tax', '--federation', 'fed', '--home', home])).code).toBe('')
  await mkdir(join(home, 'data'))
  await writeFile(join(home, 'data', 'filings.csv'), 'id,sales,late\n1,2,3\n2,3,4\n')
  const source = { csv: 'data/filings.csv' }
  const datasets = { filings: { source, ids: { column: 'id', kind: 'plain' } } }
  await writeFile(
    config(),
    JSON.stringify({ home: '.', coordinator: 'localhost:7443', trustBundle: 'trust.yaml', datasets }),
  )
  const job = {
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
  }
  await writeFile(join(folder, 'job.yaml'), JSON.stringify(job))
  for (const [name, role] of [
    ['Li Wei', 'steward'],
    ['Zhao Min', 'steward'],
    ['Wang Fang', 'compliance'],
    ['Chen Jie', 'operator'],
  ])
    await tributary(['keys', 'person', 'add', '--name', name as string, '--role', role as string, '--home', home])
})
afterAll(() => rm(folder, { recursive: true }))

interface Run {
  readonly out: string
  readonly code: string
}

/** In this process: what was printed, and the code of the refusal or ''. */
async function tributary(
  words: readonly string[],
  person = 'plum blossom',
  language: 'en' | 'zh' = 'en',
): Promise<Run> {
  const environment = { TRIBUTARY_PASSPHRASE: 'correct horse', TRIBUTARY_PERSON_PASSPHRASE: person }
  const t = (en: string, zh: string) => (language === 'zh' ? zh : en)
  const cli = testContext({ environment, language, t })
  const code = await buildProgram(cli)
    .parseAsync([...words], { from: 'user' })
    .then(
      () => '',
      (error) => toPlatformError(error).code,
    )
  return { out: cli.printed.join('\n'), code }
}
const act = (words: readonly string[], as: string, passphrase?: string) =>
  tributary([...words, '--as', as, '--config', config()], passphrase)
const idIn = (text: string) => /approval-[0-9a-f]{12}/.exec(text)?.[0] ?? ''

test('two people approve a job file after reading the card; one withdraws', async () => {
  const job = join(folder, 'job.yaml')
  const first = await act(['approve', job, '--template', 'pilot', '--narrow', 'runs=1'], 'li-wei')
  expect(first).toMatchObject({ code: '' })
  for (const said of [
    'Who learns what',
    '`guest-gradient-opened`',
    'columns',
    'sales, late',
    'one signature',
    'compliance',
  ])
    expect(first.out).toContain(said)
  const id = idIn(first.out)
  expect((await act(['approve', id], 'li-wei')).code).toBe('approval.four-eyes')
  expect((await act(['approve', id], 'zhao-min')).code).toBe('approval.four-eyes')
  expect((await act(['approve', id], 'wang-fang', 'wrong')).code).toBe('keys.wrong-passphrase')
  const second = await act(['approve', job, '--json'], 'wang-fang')
  expect(JSON.parse(second.out)).toMatchObject({
    id,
    state: 'active',
    runsLeft: 1,
    document: { columns: ['sales', 'late'] },
  })
  const list = await tributary(['approvals', '--config', config()], '', 'zh')
  expect(list.out).toContain('有效')
  expect(list.out).toContain('Li Wei, Wang Fang')
  const revoked = await act(['revoke', id, '--reason', 'contract ended'], 'wang-fang')
  expect(revoked.out).toContain('withdrawn')
  const { out } = await tributary(['approvals', '--config', config(), '--json'])
  expect(JSON.parse(out)).toMatchObject({ approvals: [{ id, state: 'revoked', revocation: { by: 'wang-fang' } }] })
})

test.each([
  ['an operator', ['approve', 'JOB'], 'chen-jie', 'person.wrong-role'],
  ['a stranger', ['approve', 'JOB'], 'mallory', 'person.unknown'],
  ['something wider', ['approve', 'JOB', '--narrow', 'columns=secret'], 'li-wei', 'approval.invalid'],
  ['a job that nobody asked for', ['approve', 'job-00000000000000000000'], 'li-wei', 'approval.unknown'],
])('%s is refused', async (_, words, as, code) => {
  const run = await act(
    words.map((word) => (word === 'JOB' ? join(folder, 'job.yaml') : word)),
    as,
  )
  expect(run.code).toBe(code)
})

test('people are listed with their roles, and no private key is in their cards', async () => {
  const { out } = await tributary(['keys', 'person', 'list', '--home', home])
  expect(out).toMatch(/li-wei\s+Li Wei\s+data steward/)
  expect(await readFile(join(home, 'people', 'li-wei.json'), 'utf8')).not.toContain('ciphertext')
})
