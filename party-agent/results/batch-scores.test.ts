import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_SCALING, exactScore, finalScore } from '#credit/scorecard/scaling.ts'
import { NO_ROW } from '#protocols/core/aligned-rows.ts'
import { loadBatchScores, scoredRows, storeBatchScores } from './batch-scores.ts'

const ids = ['A,1', 'B\n2', null, 'D"4']
/** in the order of an alignment with a decoy */
const rows = Uint32Array.of(3, NO_ROW, 0, 1)
const margins = Float64Array.of(1.5, 9, -2, 0)

async function written(model: Parameters<typeof storeBatchScores>[1]): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'batch-scores-'))
  expect(await loadBatchScores(folder)).toBeUndefined()
  await storeBatchScores(folder, model, { name: 'loan_id', ids, rows, margins })
  const bytes = (await loadBatchScores(folder)) ?? new Uint8Array()
  expect(scoredRows(bytes)).toBe(3)
  const text = Buffer.from(bytes).toString('utf8')
  const cells = /"(?:[^"]|"")*"|[^,]+/g
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.match(cells) ?? [])
}

test('one line a row of the guest, in the order of the source; decoys have none', async () => {
  const [head, ...lines] = await written({ objective: 'logistic', scorecard: DEFAULT_SCALING })
  expect(head).toEqual(['loan_id', 'log_odds', 'pd', 'points'])
  expect(lines.map(([id]) => id)).toEqual(['"A,1"', 'B 2', '"D""4"'])
  expect(lines.map(([, margin]) => Number(margin))).toEqual([-2, 0, 1.5])
  for (const [, margin, pd, points] of lines) {
    expect(Number(pd)).toBeCloseTo(1 / (1 + Math.exp(-Number(margin))), 12)
    expect(Number(points)).toBe(finalScore(exactScore(Number(margin), DEFAULT_SCALING), DEFAULT_SCALING))
  }
})

test('of a count the rate that is expected', async () => {
  const [head, ...lines] = await written({ objective: 'poisson' })
  expect(head).toEqual(['loan_id', 'expected'])
  expect(lines.map(([, expected]) => Number(expected))).toEqual([Math.exp(-2), 1, Math.exp(1.5)])
})
