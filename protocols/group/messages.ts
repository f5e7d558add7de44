// The schedules of a group: who says what to whom, in wire order, and what that reveals. `member` is each host of the
// group; these steps stand beside those of the task that the group takes part in.
import { step } from '#protocols/core/schedule.ts'
import { key, masked, seedShare, terms } from './bodies.ts'

/** Round 0 of a task: every member with every other. */
export const GROUP_SETUP = [
  step({
    name: 'group-key',
    from: 'member',
    to: 'member',
    kind: 'public-key',
    arity: 'one',
    codec: key,
    reveals: 'a public key, from which the masks between two members in this task follow',
  }),
  step({
    name: 'group-terms',
    from: 'member',
    to: 'member',
    kind: 'control',
    arity: 'one',
    codec: terms,
    reveals:
      'name and members of the group, and digests of the columns, their special codes, directions and declared cut points: whether they are the same',
  }),
  step({
    name: 'group-seed',
    from: 'member',
    to: 'member',
    kind: 'masked-share',
    arity: 'one',
    codec: seedShare,
    reveals: 'a random number, hidden from all but the members: orders that all of them must draw alike follow from it',
    openableBy: ['member'],
  }),
] as const

/** Any round of a task, as often as the task sums something up over the group. */
export const GROUP_SUMS = [
  step({
    name: 'group-sum',
    from: 'member',
    to: 'member',
    kind: 'masked-share',
    arity: 'parts',
    codec: masked,
    reveals:
      'numbers of a member under masks that cancel in the sum over all members: of the numbers of all members the sum, and of those of one member nothing',
    openableBy: ['members'],
  }),
] as const
