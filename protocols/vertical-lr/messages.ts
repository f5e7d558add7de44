// The schedules of the protocol: who says what to whom, in wire order, and what that reveals.
//
// Roles: `guest` (labels); `host` (any host); `pivot` (the first host: holds the other share of the scores);
// `dealer` (every other host: deals its score to guest and pivot). The pivot plays `host` and `pivot`. In the round of the
// information matrix any party may be a `holder` (of shares) or an `owner` (of columns). When rows are scored hosts mask
// their scores in pairs, as `earlier-host` and `later-host`; the only host of a job is `lone-host`.
import { termsSteps } from '#protocols/core/agreement.ts'
import { step } from '#protocols/core/schedule.ts'
import {
  ciphertexts,
  factors,
  key,
  oneCiphertext,
  products,
  residues,
  scalar,
  scores,
  seed,
  terms,
  verdict,
  widths,
} from './bodies.ts'
import { CHARACTERS, LEAST_ROWS, PIVOT_SCORE_KEY, SHARING } from './sharing-messages.ts'

export { STAGES } from '#protocols/core/stages.ts'
export { CHOICE, INFORMATION } from './information-messages.ts'
export { WEIGHTS } from './weights-messages.ts'

/** Round 0. */
export const SETUP = [
  ...termsSteps(
    terms,
    'the parameters of the job, the number of training and hold-out rows, and which rows are scored',
  ),
  step({
    name: 'host-width',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: widths,
    reveals: 'how many columns the host brings',
  }),
  step({
    name: 'widths',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: widths,
    reveals: 'how many columns each party brings',
  }),
  step({
    name: 'curvature',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: scalar,
    reveals:
      'a power of two, ¼ or less, near 1.5·p(1 − p) times the share of rows that count: the order of magnitude of the bad rate p',
    release: { what: { en: 'the order of the bad rate', zh: '坏样本率的数量级' }, minimumRows: LEAST_ROWS, digits: 1 },
  }),
] as const

/** Rounds 1 … n. Keys are sent in the first round of a key epoch only. */
export const TRAINING = [
  ...SHARING,
  step({
    name: 'guest-gradient-key',
    from: 'guest',
    to: 'host',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key',
  }),
  PIVOT_SCORE_KEY,
  step({
    name: 'pivot-gradient-key',
    from: 'pivot',
    to: 'guest',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key',
  }),
  step({
    name: 'dealer-gradient-key',
    from: 'pivot',
    to: 'dealer',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key',
  }),
  CHARACTERS,
  step({
    name: 'masked-residual',
    from: 'guest',
    to: 'pivot',
    kind: 'ciphertext',
    arity: 'parts',
    codec: oneCiphertext,
    reveals: "the pivot's share of the residuals, uniform: nothing",
  }),
  step({
    name: 'masked-loss',
    from: 'guest',
    to: 'pivot',
    kind: 'ciphertext',
    arity: 'one',
    codec: oneCiphertext,
    reveals: 'a masked sum of row losses: nothing',
  }),
  step({
    name: 'guest-residual',
    from: 'guest',
    to: 'host',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "the guest's share of the residuals, encrypted under the guest's key: nothing",
  }),
  step({
    name: 'loss-share',
    from: 'pivot',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: residues,
    reveals: 'the mean loss of the batch to ±5e-5',
    release: { what: { en: 'the mean loss of the batch', zh: '该批次的平均损失' }, minimumRows: LEAST_ROWS, digits: 5 },
  }),
  step({
    name: 'pivot-residual',
    from: 'pivot',
    to: 'guest',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "the pivot's share of the residuals, encrypted under the pivot's key: nothing",
  }),
  step({
    name: 'dealer-residual',
    from: 'pivot',
    to: 'dealer',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "the pivot's share of the residuals, encrypted under the pivot's key: nothing",
  }),
  step({
    name: 'guest-gradient',
    from: 'guest',
    to: 'pivot',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: 'masked inner products: nothing',
  }),
  step({
    name: 'dealer-gradient',
    from: 'dealer',
    to: 'pivot',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: 'masked inner products: nothing',
  }),
  step({
    name: 'host-gradient',
    from: 'host',
    to: 'guest',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: 'masked inner products: nothing',
  }),
  step({
    name: 'guest-gradient-opened',
    from: 'pivot',
    to: 'guest',
    kind: 'masked-share',
    arity: 'one',
    codec: residues,
    reveals: "with its own share, the gradient of the guest's own weights (with fine precision in two parts a column)",
    openableBy: ['guest'],
  }),
  step({
    name: 'dealer-gradient-opened',
    from: 'pivot',
    to: 'dealer',
    kind: 'masked-share',
    arity: 'one',
    codec: residues,
    reveals:
      "with the guest's share, the gradient of the dealer's own weights (with fine precision in two parts a column)",
    openableBy: ['dealer'],
  }),
  step({
    name: 'host-gradient-opened',
    from: 'guest',
    to: 'host',
    kind: 'masked-share',
    arity: 'one',
    codec: residues,
    reveals:
      "with the other share, the gradient of the host's own weights (with fine precision in two parts a column); at a member of a group, once all members have summed theirs up, that of the group",
    openableBy: ['host'],
  }),
  step({
    name: 'step-products',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: products,
    reveals:
      "with full batches: the length of the host's step and its scalar products with the host's last three, up to ten numbers; of a host with one column they tell its weight but for the sign",
    release: {
      what: { en: "scalar products of the host's last steps", zh: '数据方最近几步的内积' },
      minimumRows: LEAST_ROWS,
      digits: 9,
    },
  }),
  step({
    name: 'mixing',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: factors,
    reveals: 'with full batches: up to three factors that all parties mix their last steps with',
    release: {
      what: { en: 'factors that mix the last steps', zh: '混合最近几步的系数' },
      minimumRows: LEAST_ROWS,
      digits: 9,
    },
  }),
  step({
    name: 'step-size',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: scalar,
    reveals: "the largest move of the host's weights, made or proposed, to two digits",
    release: {
      what: { en: "the largest move of the host's weights", zh: '数据方权重的最大变动' },
      minimumRows: LEAST_ROWS,
      digits: 2,
    },
  }),
  step({
    name: 'verdict',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: verdict,
    reveals: 'whether training is over',
  }),
] as const

/** The round after the last training round. */
export const SCORING = [
  step({
    name: 'score-mask-seed',
    from: 'earlier-host',
    to: 'later-host',
    kind: 'masked-share',
    arity: 'one',
    codec: seed,
    reveals: 'a random seed: nothing',
    openableBy: ['later-host', 'guest'],
  }),
  step({
    name: 'holdout-scores',
    from: 'host',
    to: 'guest',
    kind: 'masked-share',
    arity: 'one',
    codec: scores,
    reveals: "with those of all other hosts: the sum of all hosts' scores of each scored row",
    openableBy: ['earlier-host', 'later-host', 'guest'],
  }),
  step({
    name: 'lone-scores',
    from: 'lone-host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: scores,
    reveals: 'in a job with one host: its score of each scored row, to 2^-10',
    release: {
      what: { en: "the host's score of each scored row", zh: '数据方对每个被评分样本的得分' },
      minimumRows: LEAST_ROWS,
      digits: 5,
    },
  }),
] as const
