// Bins of a group are remembered apart from those of this party alone.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BinningLedger } from './binnings.ts'

test('a group is told of its own earlier binnings, this party alone of all', async () => {
  const ledger = new BinningLedger(await mkdtemp(join(tmpdir(), 'binnings-')))
  const column = (cut: number) => [{ name: 'tax', bins: { cuts: [cut], specials: [] } }]
  await ledger.addCounted('data', 'job-1', column(1))
  await ledger.addCounted('data', 'job-2', column(2), 'parks: a,b,c')
  await ledger.addCounted('data', 'job-3', column(3), 'parks: a,b,d')
  const cuts = async (job: string, group?: string) =>
    (await ledger.earlier('data', job, group)).get('tax')?.map(({ bins }) => bins.cuts[0])
  expect(await cuts('job-4', 'parks: a,b,c')).toEqual([2])
  expect(await cuts('job-2', 'parks: a,b,c')).toEqual([])
  expect(await cuts('job-4')).toEqual([1, 2, 3])
})
