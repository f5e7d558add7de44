// The schedules of the protocol: who says what to whom, in wire order, and what that reveals. `party` is every party,
// `adder` the coordinator, `opener` the party that opens the sum of the round.
import { step } from '#protocols/core/schedule.ts'
import { key, mean, rows, spread, sum, summary, terms, update } from './bodies.ts'
import { LEAST_CELL_ROWS, LEAST_ROWS } from './params.ts'

/** Round 0 of both tasks: every party with every other. */
export const SETUP = [
  step({
    name: 'terms',
    from: 'party',
    to: 'party',
    kind: 'control',
    arity: 'one',
    codec: terms,
    reveals: 'the settings, names of the columns and participants, as the other party sees them',
  }),
  step({
    name: 'round-key',
    from: 'party',
    to: 'party',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key, from which the masks and keys of the rounds of this task follow',
  }),
] as const

const UPDATE = step({
  name: 'update',
  from: 'party',
  to: 'adder',
  kind: 'ciphertext',
  arity: 'one',
  codec: update,
  reveals:
    'the label of the round, its opener and participants, and the length of the vector; of the vector, which is encrypted and masked, nothing',
})
const SUM = step({
  name: 'sum',
  from: 'adder',
  to: 'opener',
  kind: 'ciphertext',
  arity: 'one',
  codec: sum,
  reveals:
    'the sum of the vectors of all parties, exactly: in round 0 their rows, later the weighted change of each weight and, of the hold-out rows, loss and counts by score and label; in a task of statistics counts by cell and sums of columns',
})

/**
 * `sum-ready` and `opening-key` where parties may be left out; `sum-shown` and `share` where all open together; `rows` in
 * round 0, `mean` in the others.
 */
export const AVERAGING = [
  UPDATE,
  SUM,
  step({
    name: 'sum-ready',
    from: 'opener',
    to: 'party',
    kind: 'control',
    arity: 'one',
    codec: key,
    reveals: 'where parties may be left out: that the sum of this label is made, so that the round is not voided',
  }),
  step({
    name: 'opening-key',
    from: 'party',
    to: 'opener',
    kind: 'masked-share',
    arity: 'one',
    codec: key,
    reveals:
      'where parties may be left out: the key under which this party encrypted its update of this label, which is masked all the same; only the keys of all that take part open the sum',
    openableBy: ['guest', 'hosts'],
  }),
  step({
    name: 'sum-shown',
    from: 'opener',
    to: 'party',
    kind: 'masked-share',
    arity: 'one',
    codec: sum,
    reveals:
      'where the settings ask that all open together: the sum, still encrypted under a key that nobody has: nothing',
    openableBy: ['guest', 'hosts'],
  }),
  step({
    name: 'share',
    from: 'party',
    to: 'opener',
    kind: 'masked-share',
    arity: 'one',
    codec: sum,
    reveals:
      'where the settings ask that all open together: a flooded and masked share; only the shares of all parties together open the sum',
    openableBy: ['guest', 'hosts'],
  }),
  step({
    name: 'rows',
    from: 'opener',
    to: 'party',
    kind: 'released-aggregate',
    arity: 'one',
    codec: rows,
    reveals: 'how many training and hold-out rows all parties have together',
    release: { what: { en: 'rows of all parties', zh: '各方行数之和' }, minimumRows: LEAST_ROWS },
  }),
  step({
    name: 'mean',
    from: 'opener',
    to: 'party',
    kind: 'released-aggregate',
    arity: 'one',
    codec: mean,
    reveals:
      'the change of the model in this round, as the exact sum over all parties; and of the model that the round started from loss, AUC and KS over the hold-out rows of all parties',
    release: { what: { en: 'sum of the updates of all parties', zh: '各方更新之和' }, minimumRows: LEAST_ROWS },
  }),
] as const

/** Statistics: `spread` in round 1, `summary` in round 2. The opener is the guest in both. */
export const STATISTICS = [
  UPDATE,
  SUM,
  step({
    name: 'spread',
    from: 'opener',
    to: 'party',
    kind: 'released-aggregate',
    arity: 'one',
    codec: spread,
    reveals:
      'of each column, over the rows of all parties: how many lie between powers of two, neighbouring cells joined where they hold too few, and how many have no value',
    release: { what: { en: 'spread of columns', zh: '各列的量级分布' }, minimumRows: LEAST_CELL_ROWS },
  }),
  step({
    name: 'summary',
    from: 'opener',
    to: 'party',
    kind: 'released-aggregate',
    arity: 'one',
    codec: summary,
    reveals:
      'of each column, over the rows of all parties: mean, standard deviation, quantiles, and a histogram without a cell of too few rows',
    release: { what: { en: 'statistics of columns', zh: '各列的统计' }, minimumRows: LEAST_CELL_ROWS, digits: 6 },
  }),
] as const
