import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory, type MemoryParty, type Tap } from '#protocols/core/memory.ts'
import { type GuestOutput, openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { fitNewton } from './newton.ts'
import type { LrParams } from './params.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from './sample.ts'
import { partialScores, withIntercept } from './scores.ts'
import type { LrPart } from './training.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
}, 60_000)
afterAll(() => pool[Symbol.asyncDispose]())

/** Trains in memory and returns all weights in party order, the intercept last, beside the fit in the clear. */
async function train(widths: readonly number[], params: Partial<LrParams> = {}, rows = 1800, tap?: Tap) {
  const trainRows = Math.floor(rows * 0.8)
  const { tables, labels } = sampleTables(widths, rows)
  const { guest, hosts } = partyInputs(tables, labels, trainRows, { ...SAMPLE_PARAMS, ...params })
  const events: Record<string, number | string | boolean>[] = []
  const parties: MemoryParty[] = [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    ...hosts.map((input, i) => ({ id: `host-${i}`, program: openHost(pool) as never, input })),
  ]
  const network = new MemoryNetwork(tap)
  const outputs = await runInMemory(parties, network, { event: (_name, fields) => events.push({ ...fields }) })
  const bank = outputs.get('bank') as GuestOutput
  const parts = hosts.map((_, i) => outputs.get(`host-${i}`) as LrPart)
  const all = withIntercept({
    bits: guest.data.bits,
    columns: [guest, ...hosts].flatMap((input) => input.data.columns),
  })
  const clear = fitNewton(all, labels, trainRows, guest.params.l2, new Set([all.columns.length - 1]))
  const joint = [...bank.weights, ...parts.flatMap((part) => part.weights), bank.intercept]
  const holdout = partialScores(all, joint, trainRows, rows)
  return { bank, parts, joint, clear, holdout, events, network, labels, trainRows }
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))

/**
 * The series is off by up to 0.01 where rows are (residual.test.ts); a coefficient moves by at most that over the
 * smallest curvature of these tables, and the last step is below the tolerance of the stopping rule.
 */
const TOLERANCE = 0.02

test.each([[[3, 2]], [[3, 2, 2]], [[2, 2, 1, 1, 2]]])(
  'the joint model of %j columns is the centralised model',
  async (widths) => {
    const { joint, clear, bank, holdout, events } = await train(widths)
    expect(distance(joint, clear)).toBeLessThan(TOLERANCE)
    // Scores are released in steps of 2^-10 by each host.
    const grid = (widths.length - 1) * 2 ** -11 + 1e-9
    expect(distance([...bank.holdoutScores], [...holdout])).toBeLessThanOrEqual(grid)
    expect(events.length).toBe(bank.rounds)
    expect(bank.losses.at(-1)).toBeLessThan(bank.losses[0]!)
  },
)

test('mini-batches come near the same model', async () => {
  const { joint, clear } = await train([3, 2], { batchRows: 512, rounds: 24 })
  expect(distance(joint, clear)).toBeLessThan(0.1)
})
