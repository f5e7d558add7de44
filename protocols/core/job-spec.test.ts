import { expect, test } from 'vitest'
import { checkJobSpec } from './job-spec.ts'

const minimal = {
  version: 1,
  name: 'joint credit',
  guest: { party: 'bank', dataset: 'loans' },
  hosts: [{ party: 'tax', dataset: 'filings' }],
}

test('a minimal job gets the documented defaults', () => {
  const { spec } = checkJobSpec(minimal)
  expect(spec).toMatchObject({
    align: { minIntersection: 1000 },
    train: { l2: 1, rounds: 25, batchRows: 'full' },
    split: { kind: 'keyed-hash', holdout: 0.3 },
  })
})

test('every problem is reported at once, with its path', () => {
  const { problems } = checkJobSpec({ ...minimal, name: '', train: { rounds: 0, speed: 'fast' } })
  expect(problems.map((problem) => problem.path)).toEqual(expect.arrayContaining(['/name', '/train/rounds']))
})

test('a party that takes part twice is refused', () => {
  const { problems } = checkJobSpec({ ...minimal, hosts: [{ party: 'bank', dataset: 'x' }] })
  expect(problems).toEqual([{ path: '/hosts/0/party', message: 'bank takes part twice' }])
})
