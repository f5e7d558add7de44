import { expect, test } from 'vitest'
import { valueAt } from './interpolation.ts'

const curve = [
  { x: 0, y: 0 },
  { x: 0, y: 0.25 },
  { x: 0.5, y: 0.75 },
  { x: 1, y: 1 },
]

test('a curve has its own height at its points, a straight one between them, the upper one at a step, and none outside', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((x) => valueAt(curve, x))).toEqual([0.25, 0.5, 0.75, 0.875, 1])
  expect([valueAt(curve, -0.1), valueAt(curve, 1.1), valueAt([], 0.5)]).toEqual([null, null, null])
})
