// A scorecard shows the guest the points of every bin of every party, and points are weights times weights of evidence:
// with the last round each host says its weights. Jobs without a scorecard do not run this.
import { messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import { step } from '#protocols/core/schedule.ts'
import type { LrResidues__Output } from '#protos/gen/tributary/v1/LrResidues.ts'
import { LEAST_ROWS } from './sharing-messages.ts'

/** More than a scorecard of whole points can show, fewer than the weights have. */
export const DIGITS = 6

const weights = messageCodec<LrResidues__Output, readonly number[]>(
  'tributary.v1.LrResidues',
  (body) => ({ values: [...body] }),
  ({ values }) => {
    refuseUnless(values.length <= 4096 && values.every((value) => Math.abs(value) < 1e3), 'weights within ±1000')
    return values
  },
)

/** In the last round, where the job makes a scorecard. */
export const WEIGHTS = [
  step({
    name: 'host-weights',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: weights,
    reveals: "the weights of the host's columns, to six digits: with the weights of evidence, the points of each bin",
    release: {
      what: { en: "weights of the host's columns", zh: '该数据方各列的权重' },
      minimumRows: LEAST_ROWS,
      digits: DIGITS,
    },
  }),
] as const
