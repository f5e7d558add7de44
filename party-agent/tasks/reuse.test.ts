import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { assertReusable, assertScorable, takeOver } from './reuse.ts'

const EARLIER = `job-${'1'.repeat(20)}`
const base = {
  version: 1,
  name: 'card',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings' }],
  bin: {},
  train: { columns: 'woe' },
}
const spec = (changes: object): JobSpec => checkJobSpec({ ...base, ...changes }).spec as JobSpec
const goingOn = (through: string, changes: object = {}) => spec({ reuse: { job: EARLIER, through }, ...changes })

let jobs = ''
beforeEach(async () => {
  jobs = await mkdtemp(join(tmpdir(), 'reuse-'))
  const folder = join(jobs, EARLIER)
  await mkdir(folder)
  await writeFile(join(folder, 'spec.json'), JSON.stringify(spec({})))
  for (const name of ['alignment.json', 'alignment.rows', 'bins.json']) await writeFile(join(folder, name), name)
})

test('results of the tasks that are taken over are there, and nothing more', async () => {
  const folder = join(jobs, `job-${'2'.repeat(20)}`)
  await mkdir(folder)
  await takeOver(folder, goingOn('align'), 'tax')
  expect(await readFile(join(folder, 'alignment.rows'), 'utf8')).toBe('alignment.rows')
  await expect(readFile(join(folder, 'bins.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  // A second call takes nothing over again: what a later task wrote stays.
  await writeFile(join(folder, 'alignment.json'), 'later')
  await takeOver(folder, goingOn('align'), 'tax')
  expect(await readFile(join(folder, 'alignment.json'), 'utf8')).toBe('later')
})

test.each([
  ['align', { hosts: [{ party: 'tax', dataset: 'other' }] }, ['hosts']],
  ['align', { align: { minIntersection: 50 }, purpose: 'marketing' }, ['purpose', 'align']],
  ['bin', { bin: { bins: 5 } }, ['bin']],
  ['bin', { guest: { ...base.guest, columns: ['age'] } }, ['guest']],
])('through %s, what would be taken over must be the same', async (through, changes, sections) => {
  await expect(assertReusable(jobs, goingOn(through, changes), 'tax')).rejects.toMatchObject({
    code: 'job.reuse-differs',
    detail: { party: 'tax', sections },
  })
})

test('an alignment may be taken over for other columns', async () => {
  await assertReusable(jobs, goingOn('align', { guest: { ...base.guest, columns: ['age'] } }), 'tax')
})

test('rows are scored with trees that the same parties grew, each with its own part', async () => {
  const { bin: _, train: __, ...rest } = base
  const scoring = (changes: object = {}) =>
    checkJobSpec({ ...rest, score: { job: EARLIER }, ...changes }).spec as JobSpec
  const missing = { code: 'job.reuse-missing', detail: { job: EARLIER, through: 'boost' } }
  await expect(assertScorable(jobs, scoring(), 'tax')).rejects.toMatchObject(missing)
  await writeFile(join(jobs, EARLIER, 'splits.json'), '{}')
  await assertScorable(jobs, scoring({ purpose: 'monitoring' }), 'tax')
  await expect(assertScorable(jobs, scoring(), 'bank')).rejects.toMatchObject(missing)
  for (const [section, changes] of Object.entries({
    guest: { guest: { party: 'land', dataset: 'x' } },
    hosts: { hosts: [...base.hosts, { party: 'social', dataset: 'x' }] },
  }))
    await expect(assertScorable(jobs, scoring(changes), 'tax')).rejects.toMatchObject({
      code: 'job.reuse-differs',
      detail: { sections: [section] },
    })
})

test('what hosts did as a group is not gone on from without it', async () => {
  const hosts = ['tax', 'park-a', 'park-b', 'park-c'].map((party) => ({ party, dataset: 'rows' }))
  const groups = [{ name: 'parks', members: ['park-a', 'park-b', 'park-c'] }]
  const { train: _, bin: __, ...rest } = { ...base, hosts, align: { mode: 'left' } }
  const grown = checkJobSpec({ ...rest, groups, boost: {} }).spec as JobSpec
  expect(grown.groups).toEqual(groups)
  await writeFile(join(jobs, EARLIER, 'spec.json'), JSON.stringify(grown))
  await writeFile(join(jobs, EARLIER, 'splits.json'), '{}')
  const alone = checkJobSpec({ ...rest, boost: {}, reuse: { job: EARLIER, through: 'align' } }).spec as JobSpec
  const differs = { code: 'job.reuse-differs', detail: { sections: ['groups'] } }
  await expect(assertReusable(jobs, alone, 'tax')).rejects.toMatchObject(differs)
  const scoring = checkJobSpec({ ...rest, score: { job: EARLIER } }).spec as JobSpec
  await expect(assertScorable(jobs, scoring, 'park-a')).rejects.toMatchObject(differs)
})

test('a job that got less far is named', async () => {
  await expect(assertReusable(jobs, goingOn('select', { select: {} }), 'tax')).rejects.toMatchObject({
    code: 'job.reuse-missing',
    detail: { job: EARLIER, through: 'select' },
  })
})
