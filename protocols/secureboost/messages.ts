// The schedules of the protocol: who says what to whom, in wire order, and what that reveals.
import { termsSteps } from '#protocols/core/agreement.ts'
import { step } from '#protocols/core/schedule.ts'
import { chosen, ciphertexts, columns, key, layout, nodeRows, sides, terms, treeEnd, treeRows } from './bodies.ts'
import { LEAST_BATCH_ROWS, LEAST_SIDE_ROWS } from './params.ts'

// The trees of several coalitions, one after the other.
export { STAGES } from '#protocols/core/stages.ts'

/** Round 0. */
export const SETUP = [...termsSteps(terms, 'the settings of the trees and the number of rows of each set')] as const

/** Rounds 1, 2 …: one tree each. `node-rows` to `sides` are said level by level. */
export const BOOSTING = [
  step({
    name: 'tree-key',
    from: 'guest',
    to: 'host',
    kind: 'public-key',
    arity: 'parts',
    codec: key,
    reveals: 'public keys, others for each tree: one for ciphertexts of one node, one for those of two',
  }),
  step({
    name: 'tree-columns',
    from: 'host',
    to: 'guest',
    kind: 'control',
    arity: 'one',
    codec: columns,
    reveals:
      'of each column that the host offers to this tree, in an order drawn for the tree: how many cells it has, whether one holds rows without a value, and whether its direction is prescribed',
  }),
  step({
    name: 'tree-rows',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: treeRows,
    reveals:
      'where the settings ask for a sample of rows: which training rows this tree is grown from, drawn without regard to labels or weights',
  }),
  step({
    name: 'node-rows',
    from: 'guest',
    to: 'host',
    kind: 'split-sides',
    arity: 'parts',
    codec: nodeRows,
    reveals:
      'where the approvals allow visible membership, and only there: which training rows are in each node of the tree',
    release: {
      what: { en: 'rows of each node of a tree', zh: '树的每个节点包含哪些行' },
      minimumRows: LEAST_SIDE_ROWS,
      withholds: (body) => body.length === 0,
    },
  }),
  step({
    name: 'layout',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'parts',
    codec: layout,
    reveals:
      'how many cells one answer sums at once: what costs least for these rows and the columns of all hosts together',
  }),
  step({
    name: 'rows',
    from: 'guest',
    to: 'host',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals: "for each node, gradient and curvature of each row, encrypted under the guest's key: nothing",
  }),
  step({
    name: 'cell-sums',
    from: 'host',
    to: 'guest',
    kind: 'ciphertext',
    arity: 'parts',
    codec: ciphertexts,
    reveals:
      'sums of gradient and curvature over each cell of each column of the tree, by node; cells rising or falling, which of the two is drawn for each tree and column; of one member of a group, under masks: nothing',
  }),
  step({
    name: 'chosen',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'parts',
    codec: chosen,
    reveals:
      'which of its own splits the guest chose on each level, and, if membership is hidden, not at which node; a split that is followed by another one for the same number was dropped',
  }),
  step({
    name: 'sides',
    from: 'host',
    to: 'guest',
    kind: 'split-sides',
    arity: 'parts',
    codec: sides,
    reveals:
      'of one chosen split: the alias of its column, and for each row of all sets (of a member of a group: that it has) on which side it falls; or that one side has too few rows',
    release: {
      what: { en: 'the side of each row at one split', zh: '每一行在某个分裂的哪一侧' },
      minimumRows: LEAST_SIDE_ROWS,
      withholds: (body) => body.refused,
    },
  }),
  step({
    name: 'tree-end',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: treeEnd,
    reveals: 'whether this was the last tree, and how many trees count',
  }),
] as const

/** Prediction of other rows, in one exchange. */
export const PREDICTING = [
  step({
    name: 'predict-terms',
    from: 'guest',
    to: 'host',
    kind: 'control',
    arity: 'one',
    codec: terms,
    reveals: 'which model scores, and how many rows; the number of splits of this host in it',
  }),
  step({
    name: 'all-sides',
    from: 'host',
    to: 'guest',
    kind: 'split-sides',
    arity: 'parts',
    codec: sides,
    reveals: 'for each split of the model that the host owns: on which side each of the rows falls',
    release: {
      what: { en: 'the sides of a batch of rows at all splits', zh: '一批行在全部分裂的哪一侧' },
      minimumRows: LEAST_BATCH_ROWS,
    },
  }),
] as const
