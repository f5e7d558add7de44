import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec, planTasks } from '#protocols/core/job-spec.ts'
import { parseYaml } from '#runtime/config.ts'
import { estimateJob, largestAlignment } from './job-estimate.ts'
import { checkJob } from './job-file.ts'
import { jobTemplate, TEMPLATES } from './job-templates.ts'
import { testContext } from './test-context.ts'

test.each(TEMPLATES.flatMap((name) => ['en', 'zh'].map((lang) => [name, lang] as const)))(
  'the template %s (%s) is a job that can be submitted',
  (name, lang) => {
    const text = jobTemplate(testContext({ t: (en, zh) => (lang === 'zh' ? zh : en) }), name, 'bank')
    const spec = checkJob(parseYaml(text, `${name}.yaml`))
    expect(spec.align.mode).toBe('left')
    expect(planTasks(spec).at(-1)?.task).toBe(
      { scan: 'select', scorecard: 'value', challenger: 'value', trees: 'value', warning: 'train' }[name],
    )
  },
)

const minimal = {
  version: 1,
  name: 'x',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings' }],
}
const spec = (changes: object = {}) => checkJobSpec({ ...minimal, ...changes }).spec as JobSpec

test('the estimate of what was measured is what was measured, within a third', () => {
  const shape = { guestRows: 100_000, hostRows: [100_000], columns: [30, 300] }
  const train = estimateJob(spec({ train: { rounds: 1 } }), shape).find(({ task }) => task === 'train')
  expect(train?.bytes).toBeGreaterThan(0.67 * 39.9e6)
  expect(train?.bytes).toBeLessThan(1.33 * 39.9e6)
  expect(train?.seconds).toBeGreaterThan(0.67 * 4.6)
  expect(train?.seconds).toBeLessThan(1.33 * 4.6)
})

test('inner: no more rows than the smallest party has; left: all of the guest, and decoys', () => {
  const shape = { guestRows: 1000, hostRows: [800, 5000], columns: [3, 3] }
  expect(largestAlignment(spec(), shape)).toBe(800)
  expect(largestAlignment(spec({ align: { mode: 'left', decoys: 2 } }), shape)).toBe(2000)
})

test('trees: visible membership and fewer trees cost less, the value report as many models more', () => {
  const shape = { guestRows: 100_000, hostRows: [100_000, 100_000], columns: [30, 30, 30] }
  const hosts = ['tax', 'social'].map((party) => ({ party, dataset: 'filings' }))
  const of = (boost: object, more: object = {}) => {
    const tasks = estimateJob(spec({ hosts, boost: { trees: 10, depth: 5, ...boost }, ...more }), shape)
    return new Map(tasks.map((each) => [each.task, each]))
  }
  const bytes = (boost: object) => of(boost).get('boost')?.bytes ?? Number.NaN
  expect(bytes({ membership: 'visible' })).toBeLessThan(bytes({}) / 2)
  expect(bytes({ trees: 20 })).toBeCloseTo(2 * bytes({}))
  expect(of({}, { value: {} }).get('value')?.bytes).toBeCloseTo(2 * bytes({}))
})
