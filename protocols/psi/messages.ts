// The schedules of the protocol, per pair of guest and host: who says what, in wire order, and what it reveals.
import { step } from '#protocols/core/schedule.ts'
import { commitment, intersection, points, positions, receipt, terms } from './bodies.ts'

/** Round 0. */
export const AGREEMENT = [
  step({
    name: 'guest-terms',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: terms,
    reveals:
      "versions, id kind, minimum, bucket; which share of the guest's ids is valid and how most are spelled, in %",
  }),
  step({
    name: 'host-terms',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: terms,
    reveals: 'the same of the host',
  }),
] as const

/** Round 1. */
export const ALIGNMENT = [
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
  step({
    name: 'intersection',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'one',
    codec: intersection,
    reveals: 'that the intersection is too small, and not its size; or its size and the key of the row split',
  }),
  step({
    name: 'positions',
    from: 'guest',
    to: 'host',
    kind: 'released-aggregate',
    arity: 'parts',
    codec: positions,
    reveals: 'which of its ids all parties have, in a random order',
  }),
  step({
    name: 'receipt',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: receipt,
    reveals: 'that the host applied the same list',
  }),
] as const
