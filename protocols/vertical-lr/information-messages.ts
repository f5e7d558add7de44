// The round of the information matrix: one list of steps, said by every pair of parties that has something to multiply.
import { step } from '#protocols/core/schedule.ts'
import { ciphertexts, errors, key, oneCiphertext, residues } from './bodies.ts'
import { CHARACTERS, LEAST_ROWS, PIVOT_SCORE_KEY, SHARING } from './sharing-messages.ts'

/** After training, where standard errors are asked for. */
export const INFORMATION = [
  ...SHARING,
  PIVOT_SCORE_KEY,
  CHARACTERS,
  step({
    name: 'masked-curvature',
    from: 'guest',
    to: 'pivot',
    kind: 'ciphertext',
    arity: 'parts',
    codec: oneCiphertext,
    reveals: "the pivot's share of the rows' curvatures p(1 − p), uniform: nothing",
  }),
  step({
    name: 'factor-key',
    from: 'holder',
    to: 'owner',
    kind: 'public-key',
    arity: 'parts',
    codec: key,
    reveals: 'a public key',
  }),
  step({
    name: 'factor-share',
    from: 'holder',
    to: 'owner',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "the holder's share of the curvatures, encrypted under the holder's key: nothing",
  }),
  step({
    name: 'masked-factor',
    from: 'owner',
    to: 'holder',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "the holder's share of curvature times a column of the owner, masked by the owner: nothing",
  }),
  step({
    name: 'vector-key',
    from: 'holder',
    to: 'owner',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key',
  }),
  step({
    name: 'vector-share',
    from: 'holder',
    to: 'owner',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "shares of curvatures, and of curvatures times columns, encrypted under the holder's key: nothing",
  }),
  step({
    name: 'masked-products',
    from: 'owner',
    to: 'holder',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: 'masked inner products: nothing',
  }),
  step({
    name: 'opened-products',
    from: 'holder',
    to: 'guest',
    kind: 'masked-share',
    arity: 'parts',
    codec: residues,
    reveals: "inner products that are still masked by the columns' owner: nothing until the owner takes its masks away",
    openableBy: ['guest', 'owner'],
  }),
  step({
    name: 'information-block',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'parts',
    codec: residues,
    reveals:
      "with the opened products: entries of the information matrix, sums over the training rows of p(1 − p) times two columns, one of them the host's",
    release: {
      what: { en: "the host's entries of the information matrix", zh: '信息矩阵中该数据方的各项' },
      minimumRows: LEAST_ROWS,
      digits: 15,
    },
  }),
  step({
    name: 'held-weights',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: residues,
    reveals: "which of the host's weights are held at zero, where weights may not be negative",
    release: {
      what: { en: 'which weights are held at zero', zh: '哪些权重被限制为零' },
      minimumRows: LEAST_ROWS,
      digits: 1,
    },
  }),
  step({
    name: 'standard-errors',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: errors,
    reveals: "the standard errors of the host's own weights, to six digits",
    release: {
      what: { en: "standard errors of the host's weights", zh: '该数据方权重的标准误' },
      minimumRows: LEAST_ROWS,
      digits: 6,
    },
  }),
] as const

/** Where columns are selected: after the same multiplications, with weights of rows in the place of curvatures. */
export const CHOICE = [
  step({
    name: 'candidate-columns',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: residues,
    reveals: "which of the host's columns the guest looks at more closely",
  }),
  step({
    name: 'chosen-columns',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: residues,
    reveals: "which of the host's columns go into the model",
  }),
] as const
