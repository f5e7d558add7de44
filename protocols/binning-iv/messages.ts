// The schedules of the protocol: who says what to whom, in wire order, and what that reveals.
import { termsSteps } from '#protocols/core/agreement.ts'
import { step } from '#protocols/core/schedule.ts'
import { ciphertexts, columns, key, layout, shapes, terms, weights } from './bodies.ts'

/** Rows behind any plain number that leaves. */
export const LEAST_ROWS = 50

/** Round 0. */
export const SETUP = [
  ...termsSteps(terms, 'the parameters of the binning and the number of rows of each set'),
  step({
    name: 'host-columns',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: columns,
    reveals:
      'by alias: how many bins of ordinary values a column has, and which bins without a value (special code, missing, no row, no consent) hold rows',
  }),
  step({
    name: 'layout',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: layout,
    reveals: 'the largest number of bins of any column, rounded up to a power of two',
  }),
] as const

/** Round 1: counts, set after set. */
export const COUNTING = [
  step({
    name: 'row-key',
    from: 'guest',
    to: 'host',
    kind: 'public-key',
    arity: 'parts',
    codec: key,
    reveals: 'a public key',
  }),
  step({
    name: 'rows',
    from: 'guest',
    to: 'host',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "class, weight and check of each row, encrypted under the guest's key: nothing",
  }),
  step({
    name: 'cell-sums',
    from: 'host',
    to: 'guest',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals:
      'rows and bad rows of each bin of each column and set, by alias; bins of ordinary values in an order drawn for each column (where neighbours may be joined: rising or falling, which of the two is drawn). In a group: masked, so that only the sum over all members is learned',
  }),
  step({
    name: 'weights',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: weights,
    reveals: 'the weight of evidence of each bin of its columns, and which neighbouring bins were joined',
    release: {
      what: { en: 'weight of evidence of each bin', zh: '每个分箱的证据权重' },
      minimumRows: LEAST_ROWS,
    },
  }),
  step({
    name: 'shapes',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: shapes,
    reveals: 'by alias: whether weight of evidence rises or falls with the value, and how often it turns',
    release: {
      what: { en: 'monotonicity of each column', zh: '每个变量的单调性' },
      minimumRows: LEAST_ROWS,
    },
  }),
] as const
