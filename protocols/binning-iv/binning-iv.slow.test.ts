// The parity benchmark: information values of default_credit_hetero with 10 quantile bins, as published in its README,
// and the weight of every bin as in the clear. Needs the shared data of a checkout.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import type { HostOutput } from './params.ts'
import { referenceColumn } from './reference.ts'
import { bin, HOSTS, makeSample, partiesOf, SAMPLE_PARAMS, type Sample } from './sample.ts'

const DATA = new URL('../../../shared/data/', import.meta.url)
const NAMES = ['LIMIT_BAL', 'SEX', 'EDUCATION', 'MARRIAGE', 'AGE', 'PAY_0', 'PAY_2', 'PAY_3', 'PAY_4', 'PAY_5']

function table(name: string): number[][] {
  const lines = readFileSync(new URL(name, DATA), 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => line.split(',').map(Number))
}

test.runIf(existsSync(new URL('default_credit_hetero_host.csv', DATA)))(
  'information values of default_credit_hetero, and every weight to 1e-9',
  async () => {
    const label = new Map(table('default_credit_hetero_guest.csv').map(([id, y]) => [id, y]))
    const all = table('default_credit_hetero_host.csv')
    const held = (row: number[]) => row[0]! % 5 === 0
    const rows = [...all.filter((row) => !held(row)), ...all.filter(held)]
    const sets = [
      { name: 'train', rows: 24_000 },
      { name: 'holdout', rows: 6_000 },
    ] as const
    const params = { ...SAMPLE_PARAMS, bins: 10 }
    const sample: Sample = {
      guest: {
        params,
        sets,
        labels: Uint8Array.from(rows, (row) => label.get(row[0]!)!),
        weights: new Uint8Array(rows.length).fill(1),
      },
      hosts: [
        {
          params,
          sets,
          columns: NAMES.map((name, c) => ({
            name,
            alias: `TAX.${name}`,
            specials: [],
            values: Float64Array.from(rows, (row) => row[c + 1]!),
          })),
        },
      ],
    }
    await using pool = await HePool.open({ workers: 2 })
    const { guest, hosts } = await bin(pool, sample)
    const ivOf = (name: string) => guest.parties['tax']!.find(({ alias }) => alias === `TAX.${name}`)!.iv
    const published = { PAY_0: 0.861, PAY_2: 0.537, PAY_3: 0.402, PAY_4: 0.354, PAY_5: 0.33, LIMIT_BAL: 0.175 }
    for (const [name, iv] of Object.entries(published)) expect(Math.abs(ivOf(name) - iv), name).toBeLessThan(0.002)
    for (const [c, column] of sample.hosts[0]!.columns.entries()) {
      const { bins, woe } = referenceColumn(sample.guest, sample.hosts[0]!, column, 120)
      expect(hosts[0]!.columns[c]!.bins).toEqual(bins)
      for (const { bin: index, woe: got } of hosts[0]!.columns[c]!.table) {
        expect(Math.abs(got - woe.bins[index]!.woe)).toBeLessThan(1e-9)
      }
    }
  },
  120_000,
)

test('a guest and a host without kernels, beside a host that has them: the same weights, bit for bit', async () => {
  await using pool = await HePool.open({ workers: 1 })
  await using alone = await HePool.open({ workers: 1, engine: 'seal' })
  const sample = makeSample({ widths: [2, 1], left: true })
  const weights = ({ columns }: HostOutput) =>
    columns.map(({ table }) => table.map(({ bin: index, woe }) => [index, woe])) // numbers are drawn
  const { hosts } = await bin(pool, sample)
  const [guest, tax] = partiesOf(alone, sample)
  const [, , social] = partiesOf(pool, sample)
  const outputs = await runInMemory([guest!, tax!, social!])
  for (const [h, name] of HOSTS.slice(0, 2).entries()) {
    expect(weights(outputs.get(name) as HostOutput)).toEqual(weights(hosts[h]!))
  }
})
