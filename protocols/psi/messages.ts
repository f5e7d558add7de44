// The schedules of the protocol, per pair of guest and host: who says what, in wire order, and what it reveals.
import { termsSteps } from '#protocols/core/agreement.ts'
import { step } from '#protocols/core/schedule.ts'
import { commitment, intersection, points, positions, receipt, rowOrder, terms } from './bodies.ts'
import { LEAST_INTERSECTION } from './params.ts'

/** Round 0. */
export const AGREEMENT = [
  ...termsSteps(
    terms,
    "versions, id kinds, minimum, bucket, mode, decoys a match; which share of the guest's ids is valid and how most are spelled, in %",
    'the same of the host; in left mode whether it answers for everybody',
  ),
] as const

/** The points of both sides, and which of the guest's ids the host has: alike in both modes. */
const exchange = [
  step({
    name: 'guest-commitment',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: commitment,
    reveals: "the size of the guest's set, rounded up to the bucket",
  }),
  step({
    name: 'host-commitment',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: commitment,
    reveals: "the size of the host's set, rounded up to the bucket",
  }),
  step({
    name: 'guest-points',
    from: 'guest',
    to: 'host',
    kind: 'psi-points',
    arity: 'parts',
    codec: points,
    reveals: "the guest's ids and padding under a secret exponent, shuffled: nothing (decisional Diffie-Hellman)",
  }),
  step({
    name: 'host-points',
    from: 'host',
    to: 'guest',
    kind: 'psi-points',
    arity: 'parts',
    codec: points,
    reveals: "the host's ids and padding under a secret exponent, shuffled: nothing by itself",
  }),
  step({
    name: 'raised-points',
    from: 'host',
    to: 'guest',
    kind: 'psi-points',
    arity: 'parts',
    codec: points,
    reveals: "which of the guest's own ids this host has; nothing about the host's other ids",
  }),
] as const

const receiptStep = step({
  name: 'receipt',
  from: 'host',
  to: 'guest',
  kind: 'control',
  arity: 'one',
  codec: receipt,
  reveals: 'that the host applied the same list',
})

/** Round 1, inner mode: the host learns the ids that all parties have. */
export const ALIGNMENT = [
  ...exchange,
  step({
    name: 'intersection',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: intersection,
    reveals: 'that the intersection is too small, and not its size; or its size and the key of the row split',
    release: {
      what: { en: 'the size of the intersection', zh: '交集的大小' },
      minimumRows: LEAST_INTERSECTION,
      withholds: (body) => body.tooSmall,
    },
  }),
  step({
    name: 'positions',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'parts',
    codec: positions,
    reveals: 'which of its ids all parties have, in a random order',
    release: {
      what: { en: "which of the host's ids all parties have", zh: '数据方的哪些标识为各方共有' },
      minimumRows: LEAST_INTERSECTION,
    },
  }),
  receiptStep,
] as const

/** Round 1, left mode: all rows of the guest stay, and the host learns an order of its rows among decoys. */
export const LEFT_ALIGNMENT = [
  ...exchange,
  step({
    name: 'row-order',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: rowOrder,
    reveals: 'that a match or a set is too small, and not which; or the rows of each set, decoys included',
    release: {
      what: {
        en: 'the rows of each set of the common order, decoys included',
        zh: '共同行序中各样本集的行数（含诱饵行）',
      },
      minimumRows: LEAST_INTERSECTION,
      withholds: (body) => body.tooSmall,
    },
  }),
  step({
    name: 'row-positions',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'parts',
    codec: positions,
    reveals:
      'for each row of the common order one of its own ids, a customer of the guest or a decoy; or that it has no row, or was not asked. One id in several rows: several loans',
    release: {
      what: {
        en: "an order of the host's ids in which customers of the guest and decoys look alike",
        zh: '数据方标识的一个次序，其中发起方的客户与诱饵无法区分',
      },
      minimumRows: LEAST_INTERSECTION,
    },
  }),
  receiptStep,
] as const
