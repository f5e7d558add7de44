import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec, planTasks } from '#protocols/core/job-spec.ts'
import { parseYaml } from '#runtime/config.ts'
import { estimateJob, largestAlignment } from './estimate.ts'
import { checkJob } from './job-file.ts'
import { jobTemplate, TEMPLATES, usualParts } from './templates.ts'

test.each(TEMPLATES.flatMap((name) => ['en', 'zh'].map((lang) => [name, lang] as const)))(
  'the template %s (%s) is a job that can be submitted',
  (name, lang) => {
    const text = jobTemplate((en, zh) => (lang === 'zh' ? zh : en), name, usualParts(name, 'bank'))
    const spec = checkJob(parseYaml(text, `${name}.yaml`))
    expect(spec.align?.mode).toBe(name === 'parks' ? undefined : 'left')
    expect(planTasks(spec).at(-1)?.task).toBe(
      {
        scan: 'select',
        scorecard: 'value',
        challenger: 'value',
        trees: 'value',
        parks: 'average',
        hybrid: 'boost',
        warning: 'train',
        score: 'score',
      }[name],
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

test.each([
  ['100,000 x 30, depth 5', 100_000, [0, 30], { depth: 5 }, 328e6, 11.7],
  ['100,000 x (30 + 300), depth 3', 100_000, [30, 300], { depth: 3 }, 252e6, 18.4],
  ['45,211 x 17, 10 bins, depth 5', 45_211, [0, 17], { depth: 5, bins: 10 }, 130e6, 4.1],
] as const)(
  'the estimate of a tree that was measured is what was measured: %s',
  (_, rows, columns, boost, bytes, seconds) => {
    const shape = { guestRows: rows, hostRows: [rows], columns }
    const one = estimateJob(spec({ boost: { ...boost, trees: 1 } }), shape).find(({ task }) => task === 'boost')
    expect(Math.abs((one?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.33)
    expect(Math.abs((one?.seconds ?? 0) / seconds - 1)).toBeLessThan(0.33)
  },
)

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
