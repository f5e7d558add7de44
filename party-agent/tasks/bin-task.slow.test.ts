// The task `bin` from data sets to files: what an owner remembers of what guests have seen, and recent rows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { DatasetConfig, SourceConfig } from '../config.ts'
import { openDataset } from '../data/dataset.ts'
import { DatasetFolder, plainDataset } from '../data/dataset-fixtures.ts'
import { BinningLedger } from '../ledger/binnings.ts'
import { loadResultFile } from '../results/stored.ts'
import { storeAlignment } from './alignment.ts'
import { bindBinning } from './bin-task.ts'

const ROWS = 600
const TRAIN = 500

let folder: DatasetFolder
let home: string
let pool: HePool
/** written once: another file is another version of the data set, with a memory of its own */
let taxRows: SourceConfig
beforeAll(async () => {
  folder = await DatasetFolder.open()
  home = await mkdtemp(join(tmpdir(), 'tributary-bin-'))
  taxRows = await folder.csv('tax.csv', `id,v\n${rowsOf((i) => i)}\n`)
  pool = await HePool.open({ workers: 2 })
})
afterAll(async () => {
  await pool[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

const rowsOf = (valueOf: (i: number) => string | number) =>
  Array.from({ length: ROWS }, (_, i) => `${i},${valueOf(i)}`).join('\n')

/** Value v of row i is i: a cut point says how many rows are below it. */
function tax(cuts: readonly number[]): DatasetConfig {
  return plainDataset(taxRows, { features: { v: { cuts: [...cuts] } } })
}

/** Labels of the last hundred rows are not known yet. */
async function bank(): Promise<DatasetConfig> {
  const label = (i: number) => (i >= TRAIN ? '' : i % 3 === 0 ? 1 : 0)
  return plainDataset(await folder.csv('bank.csv', `id,y,x\n${rowsOf((i) => `${label(i)},${i % 50}`)}\n`), {
    label: { column: 'y', indeterminate: [''] },
    columns: ['x'],
  })
}

const SETS: readonly AlignedSet[] = [
  { name: 'train', rows: TRAIN },
  { name: 'recent', rows: ROWS - TRAIN },
]

interface RunOptions {
  /** the job ends before the owner hears of its end */
  readonly brokenOff?: boolean
}

let jobs = 0

/** Bins with the bank as guest. @returns the bank's folder of the job */
async function bin(cuts: readonly number[], { brokenOff = false }: RunOptions = {}): Promise<string> {
  const { spec } = checkJobSpec({
    version: 1,
    name: 'test',
    guest: { party: 'bank', dataset: 'rows' },
    hosts: [{ party: 'tax', dataset: 'rows' }],
    bin: { bins: 4 },
  })
  const jobId = `job-${(jobs++).toString(16).padStart(20, '0')}`
  const ledger = new BinningLedger(join(home, 'tax'))
  const parties = []
  for (const [self, config, columns] of [
    ['bank', await bank(), ['x']],
    ['tax', tax(cuts), ['v']],
  ] as const) {
    await using dataset = await openDataset('rows', config)
    const jobDir = await mkdtemp(join(home, `${self}-`))
    const { fingerprint } = dataset
    const rows = Uint32Array.from({ length: ROWS }, (_, i) => i)
    await storeAlignment(jobDir, { mode: 'inner', rows, sets: SETS, fingerprint, report: {} })
    const seedOf = async (label: string) => new Secret(label, new Uint8Array(32).fill(7))
    const job = { jobId, spec: spec as JobSpec, self, jobDir, log: silentLogger, seedOf }
    parties.push({ id: self, jobDir, ...(await bindBinning(job, dataset, columns, pool, ledger)) })
  }
  const outputs = await runInMemory(parties)
  if (!brokenOff) for (const { id, onOutput } of parties) await onOutput(outputs.get(id))
  return parties[0]?.jobDir ?? ''
}

test('a second binning may not single out a few rows, also after a job that was broken off', async () => {
  await bin([199.5, 399.5])
  // 10 of the rows lie between the old cut point and the new one
  await expect(bin([209.5, 399.5])).rejects.toMatchObject({ code: 'binning.isolates' })
  await bin([199.5, 399.5])
  // these differ from the first by a hundred rows
  await bin([299.5], { brokenOff: true })
  await expect(bin([310.5])).rejects.toMatchObject({ code: 'binning.isolates' })
  await bin([299.5])
})

test('recent rows are counted for stability, without labels', async () => {
  const binning = await loadResultFile(await bin([199.5, 399.5]), 'binning')
  expect(binning?.features.map(({ party }) => party)).toEqual(['bank', 'tax'])
  for (const { party, bins } of binning?.features ?? []) {
    const counted = bins.map(({ counts }) => counts['recent'] ?? { n: 0, bad: 0, good: 0 })
    expect(
      counted.reduce((sum, { n }) => sum + n, 0),
      party,
    ).toBe(ROWS - TRAIN)
    expect(counted.every(({ bad, good }) => bad === 0 && good === 0)).toBe(true)
  }
})
