import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createPartyHome } from '#crypto/identity/party-home.ts'
import { type Disclosure, DisclosureLedger } from '#party-agent/ledger/disclosures.ts'
import { cellLines, ledgerLines, ledgerTable, releaseLines } from './ledger-report.ts'
import { buildProgram } from './program.ts'
import { testContext } from './test-context.ts'

const JOB = 'job-0123456789abcdef0123'
const PASSPHRASE = 'a long passphrase'
let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ledger-cli-'))
  await createPartyHome(home, { federation: 'credit', party: 'tax', passphrase: PASSPHRASE })
})
afterEach(() => rm(join(home, 'jobs'), { recursive: true, force: true }))
afterAll(() => rm(home, { recursive: true, force: true }))

const disclosure = (change: Partial<Disclosure>): Disclosure => ({
  job: JOB,
  task: 'train',
  round: 1,
  step: 'characters',
  to: 'bank',
  class: 'ciphertext',
  messages: 3,
  bytes: 2048,
  envelopeBytes: 2100,
  sha256: 'ab',
  keyId: 'a1b2c3d4e5',
  decryptableBy: ['tax'],
  approval: '',
  decision: 'allowed',
  time: '2026-01-01T00:00:00.000Z',
  ...change,
})
const released = disclosure({
  step: 'step-size',
  class: 'released-aggregate',
  messages: 1,
  bytes: 9,
  envelopeBytes: 40,
  keyId: '',
  decryptableBy: ['bank'],
  release: { rows: 800, minimumRows: 10, withheld: false },
})

async function ledger() {
  const folder = join(home, 'jobs', JOB)
  await mkdir(folder, { recursive: true })
  const written = await DisclosureLedger.open(folder)
  await written.close('train', 1, [disclosure({}), released])
  return written.lines
}

async function run(...words: string[]): Promise<readonly string[]> {
  const config = join(home, 'agent.yaml')
  await writeFile(config, JSON.stringify({ home, coordinator: 'localhost:1', trustBundle: join(home, 'trust.yaml') }))
  const cli = testContext({ environment: { TRIBUTARY_PASSPHRASE: PASSPHRASE } })
  await buildProgram(cli).parseAsync(['node', 'tributary', 'ledger', ...words, '--config', config])
  return cli.printed
}

test('the tables say what left, who could open it, and what stood behind plain numbers', async () => {
  const lines = await ledger()
  const cli = testContext()
  expect(ledgerLines(cli, lines).join('\n')).toMatch(/ciphertext +3 +2\.0 KiB +2\.1 KiB +tax\n/)
  expect(releaseLines(cli, lines).join('\n')).toMatch(/train\/step-size +1 +800 +10/)
  expect(ledgerTable(cli, lines).join('\n')).toMatch(
    /1 +train\/1 +characters +bank +ciphertext +3 +2100 +tax +a1b2c3d4/,
  )
  const zh = testContext({ language: 'zh', t: (_, chinese) => chinese })
  expect(ledgerLines(zh, lines).join('\n')).toContain('密文')
})

test('of a job: a table, or JSON with the totals', async () => {
  await ledger()
  expect((await run(JOB, '--lines')).join('\n')).toContain('step-size')
  const [json = ''] = await run(JOB, '--json')
  expect(JSON.parse(json)).toMatchObject({ job: JOB, totals: { ciphertext: { messages: 3, envelopeBytes: 2100 } } })
})

test.each([
  [['../../etc'], 'job.unknown'],
  [[JOB], 'job.unknown'],
  [[], 'config.invalid'],
  [[JOB, '--data-set', 'loans'], 'config.invalid'],
])('%j is refused with %s', async (words, code) => {
  await expect(run(...words)).rejects.toMatchObject({ code })
})

test('cells of a data set are counted by run', () => {
  const cell = { dataset: 'filings', version: '0123456789abcdef', what: 'training', count: 320, total: 400 }
  const cells = ['job-a', 'job-b'].map((job) => ({ ...cell, job, predicate: 'f'.repeat(64), time: '2026-01-01' }))
  expect(cellLines(testContext(), 'filings', cells)[0]).toBe('Released of filings: 2 cells in 2 runs')
  expect(cellLines(testContext(), 'loans', [])).toEqual(['nothing was released of loans yet'])
})
