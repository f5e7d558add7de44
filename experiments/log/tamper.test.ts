import { expect, test } from 'vitest'
import { falseAlarms, missed } from './tamper-runs.ts'
import { TAMPERINGS } from './tampering.ts'

test('there are 60 kinds of tampering, each with a name of its own', () => {
  expect(new Set(TAMPERINGS.map(({ name }) => name)).size).toBe(TAMPERINGS.length)
  expect(TAMPERINGS.length).toBeGreaterThanOrEqual(60)
})

// all of them, several times each: tamper.slow.test.ts
test.each(TAMPERINGS.filter((_, i) => i % 5 === 0))('$name: both verifiers find it', async (tampering) => {
  expect(await missed(tampering, 1)).toEqual([])
})

test('valid logs raise no alarm in either', async () => {
  expect(await falseAlarms(25)).toEqual([])
})
