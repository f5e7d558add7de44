import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldsFor } from '#crypto/aggregate/fields.ts'
import { dequantiseSum, quantise } from '#crypto/aggregate/quantise.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { boundContribution, checkSum } from './bound.ts'
import { commitUpdate, type UpdateOpening } from './commitment.ts'
import { diagnose, type DisputedRound } from './diagnose.ts'

const lengthOf = (vector: ArrayLike<number>) => Math.hypot(...Array.from(vector))
const bytes = (byte: number) => new Uint8Array(32).fill(byte)

describe('bounds', () => {
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 30, maxLength: 30 })

  test('a contribution keeps its direction, up to the clip, and is never longer than its share of the bound', () => {
    fc.assert(
      fc.property(vector, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
        const contribution = Float64Array.from(values)
        const { length, scaled } = boundContribution(contribution, { share, bound: 2, clip: 10 })
        expect(lengthOf(contribution)).toBeLessThanOrEqual(2 * share * (1 + 1e-12))
        expect(scaled).toBe(length > 2 * share)
        if (!scaled) expect([...contribution]).toEqual(values)
      }),
    )
    const long = Float64Array.of(3, -4, 0.1)
    expect(boundContribution(long, { share: 1, bound: 100, clip: 1 })).toMatchObject({ scaled: false, cut: 2 })
    expect([...long]).toEqual([1, -1, 0.1])
    expect(() => boundContribution(Float64Array.of(Number.NaN), { share: 1, bound: 1, clip: 1 })).toThrow('he.range')
  })

  test('no sum of bounded contributions is refused, whatever the coins of rounding', () => {
    const fields = fieldsFor(3)
    const step = 2 / fields.levels
    fc.assert(
      fc.property(vector, fc.nat(1000), (values, round) => {
        const shares = [0.5, 0.3, 0.2]
        const sums = new Uint32Array(30)
        for (const [party, share] of shares.entries()) {
          // The worst case: all parties pull the same way.
          const contribution = Float64Array.from(values, (value) => share * value)
          boundContribution(contribution, { share, bound: 1, clip: 1 })
          const coins = new Expansion(bytes(party), `${round}`)
          for (const [i, value] of quantise(contribution, 1, fields, coins).entries())
            sums[i] = (sums[i] as number) + value
        }
        const mean = dequantiseSum(sums, 1, fields)
        expect(checkSum(mean, { bound: 1, parties: 3, step })).toBeCloseTo(lengthOf(mean), 12)
      }),
      { numRuns: 50 },
    )
  })

  test('a sum longer than that is refused, and one that is no number', () => {
    const limits = { bound: 1, parties: 3, step: 1e-6 }
    expect(() => checkSum(Float64Array.of(0.8, 0.8), limits)).toThrow('robustness.sum-too-long')
    expect(() => checkSum(Float64Array.of(0.8, Number.NaN), limits)).toThrow('robustness.sum-too-long')
    expect(checkSum(Float64Array.of(0.6, 0.8), limits)).toBe(1)
  })

  test('what the lattice lets one party add is its range, if it keeps to the integers of an update', () => {
    const fields = fieldsFor(5)
    const most = quantise(Float64Array.of(1e9, -1e9), 0.1, fields, new Expansion(bytes(1), 'x'))
    expect([...dequantiseSum(most, 0.1, { ...fields, parties: 1 })]).toEqual([0.1, -0.1])
  })
})

describe('a commitment', () => {
  const opening: UpdateOpening = {
    label: bytes(1),
    party: 'park-1',
    salt: bytes(2),
    rows: 100,
    values: Uint32Array.of(1, 2, 3),
  }
  const hex = (one: UpdateOpening) => Buffer.from(commitUpdate(one)).toString('hex')

  test('is another one for every other field, and for another cut between fields', () => {
    const all = [
      opening,
      { ...opening, label: bytes(9) },
      { ...opening, party: 'park-2' },
      { ...opening, party: 'park-11' },
      { ...opening, salt: bytes(9) },
      { ...opening, rows: 101 },
      { ...opening, values: Uint32Array.of(1, 2) },
      { ...opening, values: Uint32Array.of(1, 2, 3, 0) },
      { ...opening, values: Uint32Array.of(1, 2, 2 ** 24 + 3) },
    ].map(hex)
    expect(new Set(all).size).toBe(all.length)
    expect(hex({ ...opening, values: new Uint32Array([9, 1, 2, 3]).subarray(1) })).toBe(hex(opening))
  })

  test('is SHA-256 over the fields as documented', () => {
    const body = Buffer.concat([
      Buffer.from('tributary/fedavg/update/v1\0'),
      bytes(1),
      bytes(2),
      Buffer.from('06000000' + '6400000000000000' + '03000000', 'hex'),
      Buffer.from('park-1'),
      Buffer.from('010000000200000003000000', 'hex'),
    ])
    expect(hex(opening)).toBe(createHash('sha256').update(body).digest('hex'))
    expect(() => commitUpdate({ ...opening, salt: new Uint8Array(16) })).toThrow('he.malformed')
  })
})

describe('a diagnosis', () => {
  const participants = ['park-1', 'park-2', 'park-3', 'park-4']
  const rows = [100, 100, 100, 100]
  /** step 1 about 1000; the loss is the distance of the mean change from (4, 4) */
  const updates = [
    [1004, 1004],
    [1005, 1003],
    [1003, 1005],
    [980, 980],
  ]
  const openings = participants.map(
    (party, i): UpdateOpening => ({
      label: bytes(1),
      party,
      salt: bytes(i),
      rows: rows[i] as number,
      values: Uint32Array.from(updates[i] as number[]),
    }),
  )
  const round: DisputedRound = {
    label: bytes(1),
    participants,
    commitments: new Map(openings.map((one) => [one.party, commitUpdate(one)])),
    openings,
    sum: Uint32Array.of(3992, 3992),
    rows: 400,
    read: (values) => Float64Array.from(values, (value) => (value - 1000) / 4),
    loss: (mean) => Math.hypot((mean[0] as number) - 4, (mean[1] as number) - 4),
  }

  test('says how long each update is, where it points, and what leaving it out would do', async () => {
    const [first, , , last] = await diagnose(round)
    expect(last).toMatchObject({ party: 'park-4', suspect: true })
    expect(last?.cosine).toBeCloseTo(-1, 9)
    expect(last?.length).toBeCloseTo(20 * Math.SQRT2, 9)
    expect(last?.lengthRatio).toBeCloseTo((20 * Math.SQRT2) / Math.sqrt(34), 9)
    expect(last?.harm).toBeCloseTo(6 * Math.SQRT2, 9) // from (−2, −2) to (4, 4)
    expect(first?.harm).toBeLessThan(0)
    expect((await diagnose(round)).filter(({ suspect }) => suspect)).toHaveLength(1)
  })

  test('takes the openings in any order, and what rides along behind the change', async () => {
    expect(await diagnose({ ...round, openings: openings.toReversed() })).toEqual(await diagnose(round))
    const longer = openings.map((one) => ({ ...one, values: Uint32Array.of(...one.values, 7, 8) }))
    const commitments = new Map(longer.map((one) => [one.party, commitUpdate(one)]))
    expect(await diagnose({ ...round, openings: longer, commitments })).toEqual(await diagnose(round))
  })

  const first = openings[0] as UpdateOpening
  const others = openings.slice(1)
  const lie = { ...first, values: Uint32Array.of(1000, 1000) }
  test.each([
    ['a party that does not open', { openings: others }, 'robustness.opening-missing'],
    ['a party that opens twice', { openings: [first, ...openings] }, 'robustness.opening-missing'],
    ['a party that committed to nothing', { commitments: new Map() }, 'robustness.opening-missing'],
    ['another update than committed to', { openings: [lie, ...others] }, 'robustness.opening-differs'],
    ['another number of rows', { openings: [{ ...first, rows: 99 }, ...others] }, 'robustness.opening-differs'],
    ['another round', { label: bytes(2) }, 'robustness.opening-differs'],
    ['updates that are not the sum', { sum: Uint32Array.of(3992, 3991) }, 'robustness.opening-differs'],
    [
      'a lie committed to before',
      {
        openings: [lie, ...others],
        commitments: new Map([...round.commitments, ['park-1', commitUpdate(lie)]]),
      },
      'robustness.opening-differs',
    ],
    ['rows that are not those of the federation', { rows: 500 }, 'robustness.opening-differs'],
  ])('refuses %s', async (_, changed, code) => {
    await expect(diagnose({ ...round, ...changed })).rejects.toThrow(code)
  })

  test('of updates that are nothing has numbers too', async () => {
    const still = openings.map((one) => ({ ...one, values: Uint32Array.of(1000, 1000) }))
    const lines = await diagnose({
      ...round,
      openings: still,
      commitments: new Map(still.map((one) => [one.party, commitUpdate(one)])),
      sum: Uint32Array.of(4000, 4000),
    })
    expect(lines).toEqual(
      participants.map((party) => ({ party, length: 0, lengthRatio: 1, cosine: 0, harm: 0, suspect: false })),
    )
  })
})
