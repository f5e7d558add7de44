// The bodies of the messages: protobuf at the wire, checked plain values inside. What decodes here is trusted after it.
import { termsCodec } from '#protocols/core/agreement.ts'
import { bufferOf, ciphertextsCodec, keyCodec, messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import { T } from '#crypto/he/params.ts'
import type { LrInterval__Output } from '#protos/gen/tributary/v1/LrInterval.ts'
import type { LrRange__Output } from '#protos/gen/tributary/v1/LrRange.ts'
import type { LrResidues__Output } from '#protos/gen/tributary/v1/LrResidues.ts'
import type { LrScalar__Output } from '#protos/gen/tributary/v1/LrScalar.ts'
import type { LrScores__Output } from '#protos/gen/tributary/v1/LrScores.ts'
import type { LrSeed__Output } from '#protos/gen/tributary/v1/LrSeed.ts'
import type { LrShares__Output } from '#protos/gen/tributary/v1/LrShares.ts'
import type { LrVerdict__Output } from '#protos/gen/tributary/v1/LrVerdict.ts'
import type { LrWidths__Output } from '#protos/gen/tributary/v1/LrWidths.ts'
import type { ScoreRange } from './fourier.ts'
import { MIXING_MEMORY, productCount } from './mixing.ts'
import { MAX_BATCH_ROWS } from './params.ts'

const MAX_SCORE = 1e6

export const terms = termsCodec('tributary.v1.LrTerms', 64)

export const widths = messageCodec<LrWidths__Output, readonly number[]>(
  'tributary.v1.LrWidths',
  (body) => ({ columns: [...body] }),
  (wire) => {
    refuseUnless(
      wire.columns.length <= 17 && wire.columns.every((width) => width >= 1 && width <= 4096),
      'up to 17 widths of 1 to 4096',
    )
    return wire.columns
  },
)

export const key = keyCodec('tributary.v1.LrKey')

export const range = messageCodec<LrRange__Output, ScoreRange>(
  'tributary.v1.LrRange',
  (body) => body,
  (wire) => {
    const { low, high, mean, deviation } = wire
    refuseUnless(
      [low, high, mean, deviation].every((value) => Math.abs(value) <= MAX_SCORE),
      'finite scores',
    )
    refuseUnless(low <= high && deviation >= 0, 'low ≤ high and a deviation ≥ 0')
    return { low, high, mean, deviation }
  },
)

export const interval = messageCodec<LrInterval__Output, number>(
  'tributary.v1.LrInterval',
  (period) => ({ period }),
  (wire) => {
    refuseUnless(wire.period >= 8 && wire.period <= MAX_SCORE, 'a period of at least 8')
    return wire.period
  },
)

export const seed = messageCodec<LrSeed__Output, Uint8Array>(
  'tributary.v1.LrSeed',
  (body) => ({ seed: Buffer.from(body) }),
  (wire) => {
    refuseUnless(wire.seed.length === 32, 'a seed of 32 bytes')
    return wire.seed
  },
)

/** Copies, because a view at an odd offset cannot be a Uint16Array. */
export const shares = messageCodec<LrShares__Output, Uint16Array>(
  'tributary.v1.LrShares',
  (body) => ({ shares: bufferOf(body) }),
  (wire) => {
    refuseUnless(
      wire.shares.length % 2 === 0 && wire.shares.length <= 2 * MAX_BATCH_ROWS,
      'two bytes a row of the batch',
    )
    return new Uint16Array(Uint8Array.from(wire.shares).buffer)
  },
)

/** Several: the receiver knows how many and checks (`receiveParts`, the guest's round). */
export const ciphertexts = ciphertextsCodec('tributary.v1.LrCiphertexts', 64)
export const oneCiphertext = ciphertextsCodec('tributary.v1.LrCiphertexts', 1)

export const residues = messageCodec<LrResidues__Output, Float64Array>(
  'tributary.v1.LrResidues',
  (body) => ({ values: [...body] }),
  (wire) => {
    refuseUnless(wire.values.length <= 65_536, 'at most 65,536 residues')
    refuseUnless(
      wire.values.every((value) => Number.isInteger(value) && value >= 0 && value < T),
      'residues modulo T',
    )
    return Float64Array.from(wire.values)
  },
)

export const scalar = messageCodec<LrScalar__Output, number>(
  'tributary.v1.LrScalar',
  (value) => ({ value }),
  (wire) => {
    refuseUnless(Number.isFinite(wire.value) && wire.value >= 0, 'a finite number ≥ 0')
    return wire.value
  },
)

/** A few plain numbers: `most` finite ones, not below `least`. */
function numbersCodec(most: number, least: number) {
  return messageCodec<LrResidues__Output, readonly number[]>(
    'tributary.v1.LrResidues',
    (body) => ({ values: [...body] }),
    (wire) => {
      const fits = wire.values.every((value) => Number.isFinite(value) && value >= least)
      refuseUnless(wire.values.length <= most && fits, `up to ${most} numbers`)
      return wire.values
    },
  )
}

/** Standard errors of the receiver's weights; 0 where there is none. */
export const errors = numbersCodec(4096, 0)
/** Scalar products of steps, and factors to mix them with. */
export const products = numbersCodec(productCount(MIXING_MEMORY), -1e12)
export const factors = numbersCodec(MIXING_MEMORY, -1e12)

export const verdict = messageCodec<LrVerdict__Output, boolean>(
  'tributary.v1.LrVerdict',
  (finished) => ({ finished }),
  (wire) => wire.finished,
)

export const scores = messageCodec<LrScores__Output, Int32Array>(
  'tributary.v1.LrScores',
  (body) => ({ scores: bufferOf(body) }),
  (wire) => {
    refuseUnless(wire.scores.length % 4 === 0, 'four bytes a hold-out row')
    return new Int32Array(Uint8Array.from(wire.scores).buffer)
  },
)
