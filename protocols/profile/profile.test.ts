import { describe, expect, test } from 'vitest'
import { profileColumn } from '#credit/profile.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { profileGuest } from './guest.ts'
import { profileHost } from './host.ts'
import type { ProfiledColumn, ProfileGuestOutput } from './params.ts'

const CANARY = 7_771_237.5

function columnOf(alias: string, rows: number, minimumRows = 20): ProfiledColumn {
  const values = Float64Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? Number.NaN : i % 97))
  values[1] = CANARY // the largest value of all
  return { alias, zh: '销售额', en: 'sales', sign: -1, ...profileColumn(values, [], minimumRows) }
}

const run = (
  hosts: Readonly<Record<string, readonly ProfiledColumn[]>>,
  network = new MemoryNetwork(),
  asked = [20, 20],
) =>
  runInMemory(
    [
      { id: 'bank', program: profileGuest as never, input: { params: { minimumRows: asked[0] } } },
      ...Object.entries(hosts).map(([id, columns]) => {
        return { id, program: profileHost as never, input: { params: { minimumRows: asked[1] }, columns } }
      }),
    ],
    network,
  )

test('the guest gets every column of every host as its owner tells of it, and no row', async () => {
  const hosts = { tax: [columnOf('TAX.F01', 4000), columnOf('TAX.F02', 4000)], social: [columnOf('SS.F01', 900)] }
  const network = new MemoryNetwork()
  const outputs = await run(hosts, network)
  expect((outputs.get('bank') as ProfileGuestOutput).parties).toEqual(hosts)
  const { statistics } = hosts.tax[0] as ProfiledColumn
  expect(statistics).toMatchObject({ missing_pct: 0.1, p50: 48 })
  expect(Object.values(statistics)).not.toContain(CANARY)
  const sent = network.transcript.map(({ step, from, to }) => `${from}>${to} ${step}`)
  expect(sent.filter((line) => line.endsWith('profiles')).toSorted()).toEqual([
    'social>bank profiles',
    'tax>bank profiles',
  ])
})

describe('refusals', () => {
  test('parameters that differ are named', async () => {
    await expect(run({ tax: [columnOf('A', 400)] }, undefined, [20, 50])).rejects.toMatchObject({
      code: 'task.params-differ',
    })
  })

  test('a data set below the floor tells nothing', async () => {
    await expect(run({ tax: [columnOf('A', 19)] })).rejects.toMatchObject({ code: 'release.too-few-rows' })
  })

  test('a host that is asked for a floor below the one in code refuses', async () => {
    await expect(run({ tax: [columnOf('A', 400)] }, undefined, [5, 5])).rejects.toMatchObject({
      code: 'protocol.malformed',
    })
  })

  test.each([
    ['an alias twice', [columnOf('A', 400), columnOf('A', 400)]],
    ['an alias that is none', [columnOf('A B', 400)]],
    ['an unknown statistic', [{ ...columnOf('A', 400), statistics: { smallest: 1 } as object }]],
    ['a number that is none', [{ ...columnOf('A', 400), statistics: { mean: Number.NaN } }]],
  ])('%s is malformed', async (_, columns) => {
    await expect(run({ tax: columns as ProfiledColumn[] })).rejects.toMatchObject({ code: 'protocol.malformed' })
  })
})
