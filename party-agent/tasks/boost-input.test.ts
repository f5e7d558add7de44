import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { LabelKind } from '../config.ts'
import { openDataset } from '../data/dataset.ts'
import { DatasetFolder, plainDataset } from '../data/dataset-fixtures.ts'
import { loadRows } from '../results/score-store.ts'
import { storeAlignment } from './alignment.ts'
import { loadGuestInput } from './boost-input.ts'
import { storeGuestRows } from './guest-rows.ts'

const SETS: readonly AlignedSet[] = [
  { name: 'train', rows: 3 },
  { name: 'holdout', rows: 2 },
]
const LABELS = {
  binary: ['1', '0', '', '1', '0'],
  number: ['-2.5', '7', '', '0', '1e3'],
  count: ['0', '3', '', '1', '12'],
}

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** What the guest brings, and the rows that it keeps for the evaluation. */
async function load(kind: LabelKind, sections: object) {
  const lines = LABELS[kind].map((label, row) => `${row + 1},${label},${row}`)
  const source = await folder.csv(`${kind}.csv`, `id,y,x\n${lines.join('\n')}\n`)
  const declared = plainDataset(source, { label: { column: 'y', kind, indeterminate: [''] } })
  await using dataset = await openDataset('rows', declared)
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'test',
    guest: { party: 'bank', dataset: 'rows' },
    hosts: [{ party: 'tax', dataset: 'rows' }],
    ...sections,
  })
  expect(problems).toEqual([])
  const jobDir = await mkdtemp(join(folder.path, 'job-'))
  const rows = Uint32Array.from(LABELS[kind].keys())
  await storeAlignment(jobDir, { mode: 'inner', rows, sets: SETS, fingerprint: dataset.fingerprint, report: {} })
  const seedOf = async (label: string) => new Secret(label, new Uint8Array(32))
  const job = { jobId: 'job', spec: spec as JobSpec, self: 'bank', jobDir, log: silentLogger, seedOf }
  const loaded = await loadGuestInput(job, dataset, ['x'])
  await storeGuestRows(jobDir, dataset, loaded.alignment)
  return { ...loaded, kept: await loadRows(jobDir) }
}

test('each objective takes its labels as they are, and a row without a label has no weight', async () => {
  for (const [kind, objective, labels] of [
    ['binary', 'logistic', [1, 0, 0, 1, 0]],
    ['binary', 'squared', [1, 0, 0, 1, 0]],
    ['binary', 'poisson', [1, 0, 0, 1, 0]],
    ['number', 'squared', [-2.5, 7, 0, 0, 1000]],
    ['count', 'squared', [0, 3, 0, 1, 12]],
    ['count', 'poisson', [0, 3, 0, 1, 12]],
  ] as const) {
    const { input } = await load(kind, { boost: { objective } })
    expect([...input.labels], `${kind} ${objective}`).toEqual(labels)
    expect([...input.weights]).toEqual([1, 1, 0, 1, 1])
  }
})

test('rows kept for the evaluation have a class, or a target and no class', async () => {
  const classes = await load('binary', { boost: {} })
  expect([...classes.kept.labels]).toEqual([1, 0, -1, 1, 0])
  expect(classes.kept.targets).toBeUndefined()
  const counts = await load('count', { boost: { objective: 'poisson' } })
  expect([...counts.kept.labels]).toEqual([-1, -1, -1, -1, -1])
  expect(counts.kept.targets).toEqual({ kind: 'count', values: Float64Array.of(0, 3, Number.NaN, 1, 12) })
})
