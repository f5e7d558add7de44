// A dispute over a run of the real protocol: one of five parties trained on turned labels.
import { createHash } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { dequantiseSum } from '#crypto/aggregate/quantise.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { decodeUpdate } from '../adder.ts'
import { mean as meanBody } from '../bodies.ts'
import { GroupSum } from '../group-sum.ts'
import type { FedAvgInput } from '../params.ts'
import { average, COLUMNS, makeInputs, PARAMS, PARTIES } from '../sample.ts'
import { trainingRows } from '../standardise.ts'
import { openEngine } from '../training/engine.ts'
import { openModel } from '../training/model.ts'
import type { UpdateOpening } from './commitment.ts'
import { diagnose } from './diagnose.ts'

afterEach(() => vi.restoreAllMocks())

const ROWS = 120 + 160 + 200 + 240 + 280

function turned(input: FedAvgInput): FedAvgInput {
  const { columns, labels } = input.train
  return { ...input, train: { columns, labels: labels.map((label) => 1 - label) } }
}

/** Runs one round; what the parties sent, were told and could open. */
async function disputedRound(inputs: readonly FedAvgInput[]) {
  const kept: UpdateOpening[] = []
  const original = GroupSum.prototype.contribute
  vi.spyOn(GroupSum.prototype, 'contribute').mockImplementation(function (this: GroupSum, values, rows) {
    kept.push(this.openingOf(values, rows))
    return original.call(this, values, rows)
  })
  const network = new MemoryNetwork()
  await average(inputs, network)
  const told = network.transcript.find(({ step }) => step === 'mean')!
  const { label, sums } = meanBody.decode(told.bytes)
  const ofRound = (one: Uint8Array) => Buffer.compare(one, label) === 0
  const updates = network.transcript
    .filter(({ step }) => step === 'update')
    .map(({ from, bytes }) => ({ from, ...decodeUpdate(bytes) }))
    .filter((update) => ofRound(update.label))
  return {
    label,
    sum: sums,
    openings: kept.filter((one) => ofRound(one.label)),
    commitments: new Map(updates.map(({ from, commitment }) => [from, commitment!])),
  }
}

test.each([
  ['one of them on turned labels', [3]],
  ['all of them honestly', []],
])('five parties train, %s: the dispute says so', async (_, poisoners) => {
  const inputs = makeInputs(5, { rounds: 1 }).map((input, i) => (poisoners.includes(i) ? turned(input) : input))
  const { label, sum, openings, commitments } = await disputedRound(inputs)
  expect(commitments.size).toBe(5)
  const model = await openModel(await openEngine(), PARAMS.model, COLUMNS)
  const fields = { ...fieldsFor(5), parties: 1 }
  const validation = trainingRows(inputs[0]!.holdout)
  const start = model.initial(createHash('sha256').update('memory-job\0memory-task').digest())
  const lines = await diagnose({
    label,
    participants: PARTIES,
    commitments,
    openings,
    sum,
    rows: ROWS,
    read: (values) => dequantiseSum(values, PARAMS.clip, fields),
    loss: async (mean) => {
      const { lossSum, rows } = await model.measure(
        start.map((value, i) => value + mean[i]!),
        validation,
      )
      return lossSum / rows
    },
  })
  expect(lines.filter(({ suspect }) => suspect).map(({ party }) => party)).toEqual(poisoners.map((i) => PARTIES[i]))
  const least = Math.min(...lines.filter((_, i) => !poisoners.includes(i)).map(({ cosine }) => cosine))
  expect(least).toBeGreaterThan(0)
  for (const i of poisoners) expect(lines[i]!.cosine).toBeLessThan(-0.5)
  // The opener told another sum than was sent: the updates do not add up to it.
  const other = {
    label,
    participants: PARTIES,
    commitments,
    openings,
    rows: ROWS,
    read: () => new Float64Array(),
    loss: () => 0,
  }
  await expect(diagnose({ ...other, sum: sum.with(0, sum[0]! + 1) })).rejects.toThrow('robustness.opening-differs')
})
