// Message bodies as plain values; `open` is where foreign bytes are checked.
import { MAX_CELLS, MAX_VALUE_CELLS } from '#credit/trees/params.ts'
import { termsCodec } from '#protocols/core/agreement.ts'
import {
  bufferOf,
  ciphertextsCodec,
  keyCodec,
  messageCodec,
  refuseUnless,
  refuseUnlessAlias,
} from '#protocols/core/codec.ts'
import type { BoostChosen__Output } from '#protos/gen/tributary/v1/BoostChosen.ts'
import type { BoostColumns__Output } from '#protos/gen/tributary/v1/BoostColumns.ts'
import type { BoostLayout__Output } from '#protos/gen/tributary/v1/BoostLayout.ts'
import type { BoostNodeRows__Output } from '#protos/gen/tributary/v1/BoostNodeRows.ts'
import type { BoostSides__Output } from '#protos/gen/tributary/v1/BoostSides.ts'
import type { BoostTreeRows__Output } from '#protos/gen/tributary/v1/BoostTreeRows.ts'
import type { BoostTreeEnd__Output } from '#protos/gen/tributary/v1/BoostTreeEnd.ts'
import { MAX_BIT_BYTES, MAX_COLUMNS, MAX_LEVEL_NODES, MAX_TREES } from './params.ts'

/** What the guest is told of a column of one tree. */
export interface ShownColumn {
  /** cells of ordinary values; the missing cell follows */
  readonly values: number
  readonly missing: boolean
  /** the margin may not fall from the first cell to the last */
  readonly constrained: boolean
}

/** With visible membership: a node of a level. */
export interface NodeRows {
  /** one bit a training row */
  readonly rows: Uint8Array
  /** whether its sums are asked for */
  readonly asked: boolean
}

/** A split that the guest asks for. Left are the cells up to `cell`, as shown. */
export interface ChosenSplit {
  /** a number within the level */
  readonly node: number
  /** a number within the columns of the tree */
  readonly column: number
  readonly cell: number
  readonly missingLeft: boolean
}

/** Where each row falls; or nothing, because one side has too few rows. */
export type SplitSides =
  | { readonly refused: true }
  | { readonly refused: false; readonly alias: string; readonly sides: Uint8Array }

export interface TreeEnd {
  readonly finished: boolean
  /** how many trees count so far */
  readonly trees: number
}

export const terms = termsCodec('tributary.v1.BoostTerms', 256)

export const key = keyCodec('tributary.v1.BoostKey')

export const columns = messageCodec<BoostColumns__Output, readonly ShownColumn[]>(
  'tributary.v1.BoostColumns',
  (body) => ({ columns: body.map((column) => ({ ...column })) }),
  ({ columns: wire }) => {
    refuseUnless(wire.length >= 1 && wire.length <= MAX_COLUMNS, `1 to ${MAX_COLUMNS} columns`)
    return wire.map(({ values, missing, constrained }) => {
      refuseUnless(values >= 1 && values <= MAX_VALUE_CELLS, `1 to ${MAX_VALUE_CELLS} cells of values`)
      return { values, missing, constrained }
    })
  },
)

/** One bit a training row. */
export const treeRows = messageCodec<BoostTreeRows__Output, Uint8Array>(
  'tributary.v1.BoostTreeRows',
  (rows) => ({ rows: bufferOf(rows) }),
  ({ rows }) => {
    refuseUnless(rows.length <= MAX_BIT_BYTES, `at most ${MAX_BIT_BYTES} bytes`)
    return rows
  },
)

export const nodeRows = messageCodec<BoostNodeRows__Output, readonly NodeRows[]>(
  'tributary.v1.BoostNodeRows',
  (body) => ({ nodes: body.map(({ rows, asked }) => ({ rows: bufferOf(rows), asked })) }),
  ({ nodes }) => {
    refuseUnless(nodes.length <= MAX_LEVEL_NODES, `at most ${MAX_LEVEL_NODES} nodes`)
    refuseUnless(
      nodes.every(({ rows }) => rows.length <= MAX_BIT_BYTES),
      `at most ${MAX_BIT_BYTES} bytes a node`,
    )
    return nodes.map(({ rows, asked }) => ({ rows, asked }))
  },
)

/** By pass of a level: cells that one answer sums at once. */
export const layout = messageCodec<BoostLayout__Output, readonly number[]>(
  'tributary.v1.BoostLayout',
  (windows) => ({ windows: [...windows] }),
  ({ windows }) => {
    refuseUnless(windows.length <= MAX_LEVEL_NODES, `at most ${MAX_LEVEL_NODES} passes of a level`)
    refuseUnless(
      windows.every((count) => [4, 8, 16, 32, 64].includes(count)),
      'powers of two from 4 to 64',
    )
    return windows
  },
)

export const ciphertexts = ciphertextsCodec('tributary.v1.BoostCiphertexts', 64)

export const chosen = messageCodec<BoostChosen__Output, readonly ChosenSplit[]>(
  'tributary.v1.BoostChosen',
  (body) => ({ splits: body.map(({ missingLeft, ...split }) => ({ ...split, missing_left: missingLeft })) }),
  ({ splits }) => {
    refuseUnless(splits.length <= MAX_LEVEL_NODES, `at most ${MAX_LEVEL_NODES} splits of a level`)
    refuseUnless(new Set(splits.map(({ node }) => node)).size === splits.length, 'one split a node')
    return splits.map(({ node, column, cell, missing_left: missingLeft }) => {
      refuseUnless(node < MAX_LEVEL_NODES && column < MAX_COLUMNS && cell < MAX_CELLS, 'a node, a column and a cell')
      return { node, column, cell, missingLeft }
    })
  },
)

export const sides = messageCodec<BoostSides__Output, SplitSides>(
  'tributary.v1.BoostSides',
  (body) =>
    body.refused
      ? { refused: true, alias: '', sides: Buffer.alloc(0) }
      : { refused: false, alias: body.alias, sides: bufferOf(body.sides) },
  ({ refused, alias, sides: bits }) => {
    if (refused) {
      refuseUnless(alias === '' && bits.length === 0, 'nothing beside a refusal')
      return { refused: true }
    }
    refuseUnlessAlias(alias)
    refuseUnless(bits.length >= 1 && bits.length <= MAX_BIT_BYTES, `1 to ${MAX_BIT_BYTES} bytes of sides`)
    return { refused: false, alias, sides: bits }
  },
)

export const treeEnd = messageCodec<BoostTreeEnd__Output, TreeEnd>(
  'tributary.v1.BoostTreeEnd',
  ({ finished, trees }) => ({ finished, trees }),
  ({ finished, trees }) => {
    refuseUnless(trees <= MAX_TREES, `at most ${MAX_TREES} trees`)
    return { finished, trees }
  },
)
