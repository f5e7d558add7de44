import { expect, test } from 'vitest'
import { pcg64, publishedTraining } from './published-split.ts'

test('numbers are those of numpy: default_rng(seed).random()', () => {
  const seven = pcg64(7)
  expect([seven(), seven(), seven(), seven()]).toEqual([
    0.625095466604667, 0.8972138009695755, 0.7756856902451935, 0.22520718999059186,
  ])
  const other = pcg64(20220101)
  expect([other(), other()]).toEqual([0.3019782942676166, 0.21434944402229672])
})

test('a longer sample trains on the same applications and more', () => {
  const flags = publishedTraining(20_000)
  expect(flags.slice(0, 5000)).toEqual(publishedTraining(5000))
  expect(flags.filter(Boolean).length / flags.length).toBeCloseTo(0.7, 1)
})
