// What a modeler or a data partner can get wrong, seen from the end of the road: a code, a party, and nothing lost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import { runLab } from '../lab/lab.ts'
import type { LabPlan, LabParty } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

let folder: TableFolder
let plan: LabPlan
beforeAll(async () => {
  folder = await TableFolder.open()
  plan = await planSmallJob(folder)
})
afterAll(() => folder[Symbol.asyncDispose]())

function run(changed: LabPlan): Promise<LabResult> {
  return runLab(changed, { cli: testContext(), quiet: true })
}

/** The plan with another file, or another declaration, at the host. */
async function withHost(name: string, lines: readonly string[], changes: object = {}): Promise<LabPlan> {
  const [header = '', ...rows] = lines
  await folder.write(name, { header: header.split(','), rows: rows.map((row) => row.split(',')) })
  const { dataset, declaration } = plan.parties['tax'] as LabParty
  const tax = { dataset, declaration: { ...declaration, source: { csv: name }, ...changes } }
  return { ...plan, parties: { ...plan.parties, tax } }
}

const some = (make: (i: number) => string) => Array.from({ length: 400 }, (_, i) => make(i))

describe('before the job, the party whose data is wrong is named', () => {
  test('a file without its id column', async () => {
    const changed = await withHost('no-id.csv', ['key,d', ...some((i) => `${i},1.${i}`)])
    await expect(run(changed)).rejects.toMatchObject({ code: 'data.missing-column', detail: { party: 'tax' } })
  })

  test('an empty file', async () => {
    const changed = await withHost('empty.csv', ['id,d'])
    await expect(run(changed)).rejects.toMatchObject({ code: 'data.empty', detail: { party: 'tax' } })
  })

  test('a job that names a data set and a column that are not offered', async () => {
    const host = { party: 'tax', dataset: 'nothing', columns: 'all' as const }
    await expect(run({ ...plan, job: { ...plan.job, hosts: [host] } })).rejects.toMatchObject({
      code: 'job.unknown-dataset',
      detail: { party: 'tax', dataset: 'nothing' },
    })
    const column = { party: 'tax', dataset: 'rows', columns: ['d', 'zz'] }
    await expect(run({ ...plan, job: { ...plan.job, hosts: [column] } })).rejects.toMatchObject({
      code: 'job.unknown-column',
      detail: { party: 'tax', columns: ['zz'] },
    })
  })
})

describe('in the job, every side hears who it was and why', () => {
  test('text in a number column', async () => {
    const rows = some((i) => `73000${String(31 * i).padStart(5, '0')},${i === 7 ? 'seven' : i % 13}`)
    const result = await run(await withHost('text.csv', ['id,d', ...rows]))
    expect(result).toMatchObject({ state: 'failed', failure: { code: 'data.not-a-number', party: 'tax' } })
  })

  test('ids that occur twice', async () => {
    const rows = some((i) => `73000${String(31 * (i - (i % 2))).padStart(5, '0')},${i % 13}`)
    const result = await run(await withHost('twice.csv', ['id,d', ...rows]))
    expect(result).toMatchObject({ failure: { code: 'data.duplicate-id', party: 'tax' } })
  })

  test('no customer in common', async () => {
    const rows = some((i) => `99000${String(i).padStart(5, '0')},${i % 13}`)
    const result = await run(await withHost('others.csv', ['id,d', ...rows]))
    expect(result).toMatchObject({ state: 'failed', failure: { code: 'psi.too-small' } })
    expect(result.models).toEqual({})
  })

  test('columns that are too many for the rows', async () => {
    const names = Array.from({ length: 140 }, (_, k) => `c${k}`)
    const rows = some((i) => {
      const values = names.map((_, k) => ((i * 37 + k * 101) % 997) / 10)
      return [`73000${String(31 * i).padStart(5, '0')}`, ...values].join(',')
    })
    const result = await run(await withHost('wide.csv', [['id', ...names].join(','), ...rows]))
    expect(result).toMatchObject({ failure: { code: 'lr.too-few-rows' } })
  })
})
