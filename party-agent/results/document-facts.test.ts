import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentItems } from '#credit/report/document.ts'
import { tableOf } from '#credit/evaluation/pack.ts'
import { platformFacts } from './document-facts.ts'
import { storeResultFile, writeJson } from './stored.ts'

const JOB = 'job-00000000000000000001'
let home = ''
let jobDir = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'document-facts-'))
  jobDir = join(home, 'jobs', JOB)
  await mkdir(jobDir, { recursive: true })
  await writeJson(join(jobDir, 'spec.json'), {
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    align: { mode: 'left' },
    bin: {},
    select: { minimumIv: 0.03 },
    train: { columns: 'woe' },
  })
  const coverage = { present: 70, absent: 0, notCovered: 20, noConsent: 10, idsAsked: 85, idsMatched: 66, decoys: 60 }
  await writeJson(join(jobDir, 'result.json'), {
    alignment: {
      mode: 'left',
      nInput: 100,
      nValid: 99,
      nDuplicate: 9,
      nIntersection: 70,
      pairwise: [],
      setCommitments: [{ peer: 'tax', sha256: 'd'.repeat(64) }],
      hosts: [{ host: 'tax', ...coverage, decoysShort: false, byKind: {} }],
    },
    rounds: 7,
    converged: true,
    losses: [0.4, 0.3],
  })
  await storeResultFile(jobDir, 'selection', {
    version: 1,
    chosen: { bank: ['b_cv'], tax: ['TAX.F01', 'TAX.F02'] },
    tables: [
      tableOf(
        'selection_log',
        ['step', 'feature', 'rule', 'kept'],
        [
          { step: 1, feature: 'TAX.F03', rule: 'iv', kept: false },
          { step: 2, feature: 'TAX.F04', rule: 'iv', kept: false },
          { step: 3, feature: 'b_cv', rule: 'kept', kept: true },
        ],
      ),
    ],
  })
  const column = { alias: 'TAX.F01', zh: '断票', en: 'gap', sign: 1, n: 70, statistics: {} }
  await storeResultFile(jobDir, 'profiles', {
    version: 1,
    parties: { tax: [column, { ...column, zh: '', en: '', sign: 0 }] as never },
  })
  const events = [
    { time: '2026-01-01T00:00:00.000Z', event: 'job.accepted' },
    { time: '2026-01-01T00:01:00.000Z', event: 'round.trained', task: 'train' },
    { time: '2026-01-01T00:02:00.000Z', event: 'round.trained', task: 'train' },
    { time: '2026-01-01T00:03:00.000Z', event: 'job.succeeded' },
  ]
  await writeFile(join(jobDir, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
})

afterAll(() => rm(home, { recursive: true }))

async function english(id: string): Promise<string> {
  const fact = (await platformFacts(jobDir, JOB))[id]
  if (typeof fact !== 'object') throw new Error(`${id} is not stated in two languages`)
  expect(fact.zh).toMatch(/\p{Script=Han}/u)
  return fact.en
}

test('every fact answers an item; without a log, what only the log says is left out', async () => {
  const facts = await platformFacts(jobDir, JOB)
  expect(documentItems().map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(facts)))
  expect(Object.keys(facts)).not.toContain('annex.roundLog')
  expect(await platformFacts(join(home, 'jobs', 'none'), 'none')).toEqual({})
})

test('counts of the alignment by status, and the commitment to the ids', async () => {
  const counts = await english('alignment.counts')
  expect(counts).toContain('guest: 100 rows, 99 with a valid id')
  expect(counts).toContain('tax: present 70, absent 0, not covered 20, no consent 10 (rows)')
  expect(await english('data.checksums')).toContain(`tax: ${'d'.repeat(64)}`)
  expect(await english('alignment.absence')).toContain('WOE 0')
})

test('limits of the selection with what they dropped, and what owners declared', async () => {
  const selection = await english('selection.thresholds')
  expect(selection).toContain('minimumIv 0.03')
  expect(selection).toContain('kept: bank 1, tax 2. Dropped by rule: information value 2')
  expect(await english('features.signs')).toContain('tax: 2 columns, 1 with a meaning, 1 with a direction')
})

test('parameters, times and rounds of the training, and what program ran', async () => {
  const iterations = await english('training.iterations')
  expect(iterations).toContain('columns "woe"')
  expect(iterations).toContain('from 2026-01-01T00:00:00.000Z to 2026-01-01T00:03:00.000Z')
  expect(iterations).toContain('rounds of training from 2026-01-01T00:01:00.000Z to 2026-01-01T00:02:00.000Z')
  expect(iterations).toContain('7 rounds, converged; loss 0.4 → 0.3')
  expect(await english('training.software')).toMatch(/tributary \d+\.\d+\.\d+, Node v24/)
  expect(await english('security.parameters')).toContain('gradient: log₂ q = 150 + 60, log₂ t = 50')
  expect(await english('sample.method')).toContain('30 % held out by a keyed hash')
})
