// Steps that several rounds have in common: scores become shares, and the pivot sends characters of its own.
import { step } from '#protocols/core/schedule.ts'
import { ciphertexts, interval, key, range, seed, shares } from './bodies.ts'

/** Rows behind any plain number that leaves. */
export const LEAST_ROWS = 10

/** How the scores of all parties become shares of guest and pivot. */
export const SHARING = [
  step({
    name: 'score-range',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: range,
    reveals:
      "the 0.1 % and 99.9 % quantile of the host's partial scores (of weights of evidence the eleventh smallest and largest, if they are further out) to ¼, their mean and deviation to 0.05; of a group mean and deviation, and five deviations of its own rows on either side of their mean, or what its weights allow",
    release: {
      what: { en: "range, mean and deviation of the host's scores", zh: '数据方得分的范围、均值与标准差' },
      minimumRows: LEAST_ROWS,
      digits: 4,
    },
  }),
  step({
    name: 'interval',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: interval,
    reveals:
      "the period of the series: 1.5 times the width of all parties' score ranges together (of weights of evidence at most fifteen joint deviations)",
    release: { what: { en: 'the period of the series', zh: '级数的周期' }, minimumRows: LEAST_ROWS, digits: 5 },
  }),
  step({
    name: 'share-seed',
    from: 'dealer',
    to: 'guest',
    kind: 'masked-share',
    arity: 'one',
    codec: seed,
    reveals: 'uniform random shares: nothing',
    openableBy: ['guest', 'pivot'],
  }),
  step({
    name: 'score-share',
    from: 'dealer',
    to: 'pivot',
    kind: 'masked-share',
    arity: 'one',
    codec: shares,
    reveals: 'scores minus uniform random shares: nothing',
    openableBy: ['guest', 'pivot'],
  }),
] as const

export const PIVOT_SCORE_KEY = step({
  name: 'pivot-score-key',
  from: 'pivot',
  to: 'guest',
  kind: 'public-key',
  arity: 'one',
  codec: key,
  reveals: 'a public key',
})

export const CHARACTERS = step({
  name: 'characters',
  from: 'pivot',
  to: 'guest',
  kind: 'ciphertext',
  arity: 'parts',
  codec: ciphertexts,
  reveals: "sines and cosines of the pivot's score shares, encrypted under the pivot's key: nothing",
})
