import { T } from '#crypto/he/params.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitLoss, fitSigmoid, jointRange, periodOf } from './fourier.ts'
import { PRECISIONS, SHARE_MODULUS } from './params.ts'
import { centred, characters, characterWeights, guestResidualShare } from './residual.ts'
import { addShares, encodeScores, subtractShares } from './scores.ts'

const HARMONICS = 4
const { characterBits, weightBits, residualBits } = PRECISIONS.standard
const range = jointRange([
  { low: -5, high: 3, mean: -1.2, deviation: 0.8 },
  { low: -3, high: 2, mean: 0, deviation: 0.5 },
])
const period = periodOf(range)
const sigmoid = fitSigmoid(range, period, HARMONICS)

/** What decrypting Σ characters·weights − mask gives: exact arithmetic in the clear. */
function evaluateOnShares(guest: Uint16Array, pivot: Uint16Array, labels: Uint8Array, mask: Float64Array): number[] {
  const vectors = characters(pivot, HARMONICS, characterBits)
  const weights = characterWeights(guest, HARMONICS, () => sigmoid, weightBits)
  const guestShare = guestResidualShare(sigmoid.constant, labels, mask, residualBits)
  return Array.from(labels, (_, i) => {
    let sum = BigInt(mask[i]!) + BigInt(guestShare[i]!)
    for (const [v, vector] of vectors.entries()) sum += BigInt(vector[i]!) * BigInt(weights[v]![i]!)
    return centred(Number(sum % BigInt(T))) / 2 ** residualBits
  })
}

// Each of 2n characters is off by 2^-(characterBits+1), each weight by 2^-(weightBits+1), the scores by half a step.
const coefficients = [...sigmoid.cosines, ...sigmoid.sines].reduce((sum, value) => sum + Math.abs(value), 0)
const ENCODING_ERROR =
  2 * coefficients * 2 ** -(characterBits + 1) + 2 * HARMONICS * 2 ** -(weightBits + 1) + (2 * period) / SHARE_MODULUS
/** Largest error of the series itself on this interval, measured below. */
const SERIES_ERROR = 0.02

test('residuals on uniform shares equal sigmoid(z) − y', () => {
  const score = fc.record({
    own: fc.double({ min: -5, max: 3, noNaN: true }),
    other: fc.double({ min: -3, max: 2, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 40 }),
      fc.uint16Array({ minLength: 40, maxLength: 40 }),
      fc.nat(),
      (rows, dealt, salt) => {
        const encode = (scores: number[], low: number, high: number) =>
          encodeScores(Float64Array.from(scores), { low, high, mean: 0, deviation: 1 }, period)
        const own = encode(
          rows.map((row) => row.own),
          -5,
          3,
        )
        const other = encode(
          rows.map((row) => row.other),
          -3,
          2,
        )
        const random = dealt.slice(0, rows.length)
        const labels = Uint8Array.from(rows, (_, i) => (i + salt) % 2)
        const mask = Float64Array.from(rows, (_, i) => (salt * (i + 7) * 104_729) % T)
        const residuals = evaluateOnShares(addShares(own, random), subtractShares(other, random), labels, mask)
        for (const [i, row] of rows.entries()) {
          const exact = 1 / (1 + Math.exp(-(row.own + row.other))) - labels[i]!
          expect(Math.abs(residuals[i]! - exact)).toBeLessThan(SERIES_ERROR + ENCODING_ERROR)
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('the series of sigmoid and loss are close where the rows are', () => {
  const value = (series: typeof sigmoid, z: number) => {
    const omega = (2 * Math.PI) / series.period
    let sum = series.constant
    for (let k = 1; k <= HARMONICS; k++)
      sum += series.cosines[k - 1]! * Math.cos(k * omega * z) + series.sines[k - 1]! * Math.sin(k * omega * z)
    return sum
  }
  const losses = [fitLoss(0, range, period, HARMONICS), fitLoss(1, range, period, HARMONICS)] as const
  for (let z = range.low; z <= range.high; z += 0.05) {
    expect(Math.abs(value(sigmoid, z) - 1 / (1 + Math.exp(-z)))).toBeLessThan(SERIES_ERROR)
  }
  // The loss is only reported, as a mean over rows: it must be close where most of them are.
  for (let z = range.mean - 2 * range.deviation; z <= range.mean + 2 * range.deviation; z += 0.05) {
    for (const label of [0, 1] as const) {
      expect(Math.abs(value(losses[label], z) - (Math.log1p(Math.exp(z)) - label * z))).toBeLessThan(0.05)
    }
  }
})

test('encoded scores differ from the clipped scores by at most half a step', () => {
  fc.assert(
    fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (score) => {
      const [share] = encodeScores(Float64Array.of(score), { low: -6, high: 4, mean: 0, deviation: 1 }, 20)
      const signed = share! > SHARE_MODULUS / 2 ? share! - SHARE_MODULUS : share!
      const step = 20 / SHARE_MODULUS
      expect(Math.abs(signed * step - Math.min(4, Math.max(-6, score)))).toBeLessThanOrEqual(step / 2 + 1e-12)
    }),
  )
})
