// Many instances of each kind; TRIBUTARY_TAMPER_COUNT says how many (5 unless given; 100 take a quarter of an hour, 1,000 are for a release).
import { expect, test } from 'vitest'
import { falseAlarms, missed } from './tamper-runs.ts'
import { TAMPERINGS } from './tampering.ts'

const COUNT = Number(process.env['TRIBUTARY_TAMPER_COUNT'] ?? 5)

test.each(TAMPERINGS)('$name: both verifiers find each of many', { timeout: 3_600_000 }, async (tampering) => {
  expect(await missed(tampering, COUNT)).toEqual([])
})

test('many valid logs raise no alarm in either', { timeout: 3_600_000 }, async () => {
  expect(await falseAlarms(10 * COUNT)).toEqual([])
})
