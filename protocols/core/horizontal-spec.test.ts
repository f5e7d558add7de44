import { expect, test } from 'vitest'
import { checkJobSpec, type JobSpec, parseJobSpec, planTasks, usesAdder } from './job-spec.ts'

const parks = {
  version: 1,
  name: 'parks together',
  guest: { party: 'park-a', dataset: 'tenants' },
  hosts: [
    { party: 'park-b', dataset: 'tenants' },
    { party: 'park-c', dataset: 'tenants' },
  ],
  average: {},
}
const pathsOf = (change: object) => checkJobSpec({ ...parks, ...change }).problems.map(({ path }) => path)

test('averaging starts with statistics, and aligns nothing', () => {
  const { spec } = checkJobSpec(parks)
  expect(spec && planTasks(spec)).toEqual([
    { task: 'statistics', protocol: 'fedavg', maxRounds: 2 },
    { task: 'average', protocol: 'fedavg', maxRounds: 21 },
  ])
  expect(spec && usesAdder(spec)).toBe(true)
  expect(spec).not.toHaveProperty('align')
  expect(spec).not.toHaveProperty('train')
  expect(spec?.average).toMatchObject({
    model: { kind: 'logistic', missing: 'mean' },
    algorithm: { kind: 'fedavg', serverLearningRate: 1 },
    optimiser: { kind: 'sgd', momentum: 0 },
  })
})

test('what is signed is read again as it was', () => {
  const { spec } = checkJobSpec({ ...parks, average: { model: { kind: 'mlp' }, algorithm: { kind: 'fedyogi' } } })
  const again = parseJobSpec(new TextEncoder().encode(JSON.stringify(spec)))
  expect(again).toEqual(spec)
  expect(again.average?.model).toEqual({ kind: 'mlp', hidden: [16], activation: 'relu', missing: 'mean' })
  expect(again.average?.algorithm).toMatchObject({ kind: 'fedyogi', serverLearningRate: 0.03, tau: 1e-3 })
})

test('statistics may be asked alone; a job that asks for neither is aligned and uses no adder', () => {
  const { average: _, ...rest } = parks
  const alone = checkJobSpec({ ...rest, statistics: {} }).spec as JobSpec
  expect(planTasks(alone).map(({ task }) => task)).toEqual(['statistics'])
  const vertical = checkJobSpec(rest).spec as JobSpec
  expect([vertical.align?.mode, usesAdder(vertical)]).toEqual(['inner', false])
})

test.each([
  ['/align', { align: {} }],
  ['/train', { train: {} }],
  ['/boost', { boost: {} }],
  ['/bin', { bin: {} }],
  ['/value', { value: {} }],
  ['/profile', { profile: {} }],
  ['/hosts', { hosts: parks.hosts.slice(0, 1) }],
  [
    '/hosts',
    { guest: { ...parks.guest, columns: ['a', 'b'] }, hosts: parks.hosts.map((h) => ({ ...h, columns: ['a'] })) },
  ],
  ['/split/outOfTime', { split: { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'm', from: '2023-04' } } }],
  ['/average/optimiser', { average: { algorithm: { kind: 'scaffold' }, optimiser: { kind: 'adam' } } }],
  ['/average/privacy', { average: { algorithm: { kind: 'scaffold' }, privacy: {} } }],
  ['/average/normBound', { average: { normBound: 1, privacy: {} } }],
  ['/average/privacy/sampleRate', { average: { privacy: { sampleRate: 0.1 } } }],
  [
    '/average/model/embeddings',
    {
      average: {
        model: {
          kind: 'mlp',
          embeddings: [
            { column: 'city', cardinality: 13, width: 4 },
            { column: 'city', cardinality: 13, width: 2 },
          ],
        },
      },
    },
  ],
])('sections that do not go together: %s', (path, change) => {
  expect(pathsOf(change)).toEqual([path])
})

test('two parties only with differential privacy, and then without statistics, which are exact', () => {
  const two = { ...parks, hosts: parks.hosts.slice(0, 1), average: { privacy: {} } }
  const { spec } = checkJobSpec(two)
  expect(spec && planTasks(spec).map(({ task }) => task)).toEqual(['average'])
  expect(pathsOf({ ...two, statistics: {} })).toEqual(['/statistics'])
})
