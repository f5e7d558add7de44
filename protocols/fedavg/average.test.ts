// Whole trainings between parties in one process: what is opened is the exact sum, all parties end with the same model.
import { expect, test, vi } from 'vitest'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { mean } from './bodies.ts'
import { GroupSum } from './group-sum.ts'
import { average, makeInputs } from './sample.ts'

test('all parties end with the same model, better than before training', async () => {
  const outputs = await average(makeInputs(3))
  expect(new Set(outputs.map(({ digest }) => digest)).size).toBe(1)
  const [first] = outputs
  expect(first).toMatchObject({ trainRows: 120 + 160 + 200, holdoutRows: 240, bestRound: 4, stoppedEarly: false })
  expect(first!.rounds.map(({ opener }) => opener)).toEqual(['park-east', 'park-west', 'bank', 'park-east'])
  expect(first!.rounds[3]!.quality!.auc).toBeGreaterThan(0.75)
})
