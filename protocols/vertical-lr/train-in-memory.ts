// For tests: a model of made tables trained in this process, beside the fit in the clear.
import type { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory, type MemoryParty, type Tap } from '#protocols/core/memory.ts'
import { type GuestOutput, openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { fitNewton } from './newton.ts'
import type { LrParams } from './params.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from './sample.ts'
import { partialScores, withIntercept } from './scores.ts'
import type { LrPart } from './training.ts'

/**
 * Trains in memory and returns all weights in party order, the intercept last, beside the fit in the clear.
 * pool: one for all, or by number of the party, the guest's first
 */
export async function trainInMemory(
  pool: HePool | readonly HePool[],
  widths: readonly number[],
  params: Partial<LrParams> = {},
  rows = 1800,
  tap?: Tap,
) {
  const trainRows = Math.floor(rows * 0.8)
  const { tables, labels } = sampleTables(widths, rows)
  const { guest, hosts } = partyInputs(tables, labels, trainRows, { ...SAMPLE_PARAMS, ...params })
  const events: Record<string, number | string | boolean>[] = []
  const poolOf = (party: number) => ('length' in pool ? pool[party]! : pool)
  const parties: MemoryParty[] = [
    { id: 'bank', program: openGuest(poolOf(0)) as never, input: guest },
    ...hosts.map((input, i) => ({ id: `host-${i}`, program: openHost(poolOf(i + 1)) as never, input })),
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
