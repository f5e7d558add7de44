import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { type MomentsGuestInput, openMomentsGuest } from './guest-moments.ts'
import { openMomentsHost } from './host-moments.ts'
import type { Moments, MomentsOutput } from './moments.ts'
import { WOE_BITS } from './params.ts'
import { woeInputs, WOE_PARAMS } from './sample-woe.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(async () => await pool[Symbol.asyncDispose]())

const ROWS = 3000
const PARAMS = { ...WOE_PARAMS, standardErrors: true }

/** Means of products over the rows of weight 1, the intercept after the guest's columns. */
function inTheClear({ guest, hosts }: ReturnType<typeof woeInputs>): number[][] {
  const scale = 2 ** WOE_BITS
  const of = (columns: readonly Int32Array[]) => columns.map((column) => Float64Array.from(column, (x) => x / scale))
  const ones = new Float64Array(ROWS).fill(1)
  const all = [...of(guest.data.columns), ones, ...hosts.flatMap((host) => of(host.data.columns))]
  const rows = Array.from({ length: guest.trainRows }, (_, i) => i).filter((i) => guest.weights?.[i] !== 0)
  return all.map((x) => all.map((y) => rows.reduce((sum, i) => sum + x[i]! * y[i]!, 0) / rows.length))
}

test.each([
  ['one host', [2, 3]],
  ['three hosts', [2, 1, 2, 1]],
])(
  'moments of %s are those in the clear, decoys left out, and each host hears which columns stay',
  async (_, widths) => {
    const sample = woeInputs(widths, ROWS, PARAMS, { decoyEvery: 3 })
    let seen: Moments | undefined
    const choose = (moments: Moments) => {
      seen = moments
      return widths.map((width, party) => Array.from({ length: width }, (__, j) => (party + j) % 2 === 0))
    }
    const candidates = widths.map((width) => Array.from({ length: width }, () => true))
    const network = new MemoryNetwork()
    const names = ['tax', 'social', 'property']
    const outputs = await runInMemory(
      [
        {
          id: 'bank',
          program: openMomentsGuest(pool) as never,
          input: { ...sample.guest, candidates, choose } satisfies MomentsGuestInput,
        },
        ...sample.hosts.map((input, i) => ({ id: names[i]!, program: openMomentsHost(pool) as never, input })),
      ],
      network,
    )
    const expected = inTheClear(sample)
    const size = expected.length
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++)
        expect(Math.abs(seen!.matrix[a * size + b]! - expected[a]![b]!)).toBeLessThan(0.004)
    for (const [i, width] of widths.slice(1).entries()) {
      const { chosen } = outputs.get(names[i]!) as MomentsOutput
      expect(chosen).toEqual(Array.from({ length: width }, (__, j) => (i + 1 + j) % 2 === 0))
    }
    // Nothing in the clear but the sums of the matrix, the counts of columns and the choice.
    const plain = network.transcript.filter(({ kind }) => kind === 'released-aggregate' || kind === 'control')
    expect(new Set(plain.map(({ step }) => step))).toEqual(
      new Set([
        'guest-terms',
        'host-terms',
        'host-width',
        'widths',
        'curvature',
        'information-block',
        'candidate-columns',
        'chosen-columns',
      ]),
    )
  },
)

test('only candidates are looked at', async () => {
  const sample = woeInputs([2, 3], 2000, PARAMS)
  let seen: Moments | undefined
  const input: MomentsGuestInput = {
    ...sample.guest,
    candidates: [
      [false, true],
      [true, false, true],
    ],
    choose: (moments) => {
      seen = moments
      return [[true], [false, true]]
    },
  }
  const outputs = await runInMemory([
    { id: 'bank', program: openMomentsGuest(pool) as never, input },
    { id: 'tax', program: openMomentsHost(pool) as never, input: sample.hosts[0]! },
  ])
  expect(seen?.widths).toEqual([1, 2])
  expect(seen?.matrix).toHaveLength(16)
  expect((outputs.get('bank') as MomentsOutput).chosen).toEqual([false, true])
  expect((outputs.get('tax') as MomentsOutput).chosen).toEqual([false, false, true])
})
