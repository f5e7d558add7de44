// Which keys a tree needs: one value a ciphertext where a level has one stream, two where it has more.
import { expect, test } from 'vitest'
import type { SecureBoostParams } from './params.ts'
import { makeSample, type SampleOptions } from './sample.ts'
import { keyOf, keySets } from './tree-keys.ts'

const { params } = makeSample({ boost: { depth: 3, trees: 1 } }).guest
const setting = (rows: number, change: Partial<SecureBoostParams> = {}, boost: SampleOptions['boost'] = {}) => ({
  params: { ...params, ...change, boost: { ...params.boost, ...boost } },
  sets: [{ name: 'train' as const, rows }],
})

test.each([
  ['a root and its child alone', setting(1000, {}, { depth: 2 }), ['trees']],
  ['levels of one and of several nodes', setting(1000), ['trees', 'trees-wide']],
  ['g and h apart', setting(1000, {}, { precision: 'exact' }), ['trees-wide']],
  ['every node over its own rows', setting(1000, { membership: 'visible' }), ['trees']],
  ['masked answers of a group', setting(1000, { groups: [{ name: 'parks', members: ['a', 'b', 'c'] }] }), ['trees']],
  ['more rows than a sum under the smaller set may have', setting(2 ** 17 + 1), ['trees-wide']],
])('%s', (_, given, sets) => {
  expect(keySets(given)).toEqual(sets)
})

test('a pass has the key of its values', () => {
  const keys = ['one value', 'two values']
  expect([1, 2].map((values) => keyOf(keys, setting(1000), { values }))).toEqual(keys)
  expect([1, 2].map((values) => keyOf(['both'], setting(2 ** 17 + 1), { values }))).toEqual(['both', 'both'])
})
