// Message bodies as plain values; `open` is where foreign bytes are checked.
import { termsCodec } from '#protocols/core/agreement.ts'
import { ciphertextsCodec, keyCodec, messageCodec, refuseUnless, refuseUnlessAlias } from '#protocols/core/codec.ts'
import type { BinKind } from '#credit/bins.ts'
import type { Shape } from '#credit/woe.ts'
import type { BinningColumns__Output } from '#protos/gen/tributary/v1/BinningColumns.ts'
import type { BinningLayout__Output } from '#protos/gen/tributary/v1/BinningLayout.ts'
import type { BinningShapes__Output } from '#protos/gen/tributary/v1/BinningShapes.ts'
import type { BinningWeights__Output } from '#protos/gen/tributary/v1/BinningWeights.ts'
import { MAX_CELLS, MAX_COLUMNS } from './params.ts'

/** What the guest is told of a column before anything is counted. */
export interface ColumnCells {
  readonly alias: string
  /** cells of ordinary values; those of `specials` follow */
  readonly values: number
  readonly specials: readonly BinKind[]
  readonly ordered: boolean
}

/** What the host is told of a column. */
export interface ColumnWeights {
  readonly binOfCell: readonly number[]
  readonly woe: readonly number[]
}

const SPECIAL_KINDS: readonly string[] = ['special', 'missing', 'no-row', 'no-consent']
/** ln of (rows / ½) for as many rows as a set can have is below 17. */
const MAX_WOE = 32

export const terms = termsCodec('tributary.v1.BinningTerms', 4096)

export const columns = messageCodec<BinningColumns__Output, readonly ColumnCells[]>(
  'tributary.v1.BinningColumns',
  (body) => ({ columns: body.map((column) => ({ ...column, specials: [...column.specials] })) }),
  ({ columns: wire }) => {
    refuseUnless(wire.length >= 1 && wire.length <= MAX_COLUMNS, `1 to ${MAX_COLUMNS} columns`)
    refuseUnless(new Set(wire.map(({ alias }) => alias)).size === wire.length, 'an alias once')
    return wire.map(({ alias, values, specials, ordered }) => {
      refuseUnlessAlias(alias)
      refuseUnless(values >= 1 && values + specials.length <= MAX_CELLS, `1 to ${MAX_CELLS} cells`)
      refuseUnless(
        specials.every((kind) => SPECIAL_KINDS.includes(kind)),
        'known kinds of special cells',
      )
      return { alias, values, specials: specials as BinKind[], ordered }
    })
  },
)

export const layout = messageCodec<BinningLayout__Output, number>(
  'tributary.v1.BinningLayout',
  (windows) => ({ windows }),
  ({ windows }) => {
    refuseUnless([4, 8, 16, 32, 64].includes(windows), 'a power of two from 4 to 64')
    return windows
  },
)

export const key = keyCodec('tributary.v1.BinningKey')

export const ciphertexts = ciphertextsCodec('tributary.v1.BinningCiphertexts', 64)

export const weights = messageCodec<BinningWeights__Output, readonly ColumnWeights[]>(
  'tributary.v1.BinningWeights',
  (body) => ({ columns: body.map(({ binOfCell, woe }) => ({ bin_of_cell: [...binOfCell], woe: [...woe] })) }),
  (wire) => {
    refuseUnless(wire.columns.length <= MAX_COLUMNS, `at most ${MAX_COLUMNS} columns`)
    return wire.columns.map(({ bin_of_cell: binOfCell, woe }) => {
      refuseUnless(binOfCell.length <= MAX_CELLS && woe.length <= MAX_CELLS, `at most ${MAX_CELLS} cells`)
      refuseUnless(
        binOfCell.every((bin) => bin < woe.length) && new Set(binOfCell).size === woe.length,
        'every bin with a cell',
      )
      refuseUnless(
        woe.every((value) => Number.isFinite(value) && Math.abs(value) <= MAX_WOE),
        `weights of evidence within ±${MAX_WOE}`,
      )
      return { binOfCell, woe }
    })
  },
)

const DIRECTIONS: readonly string[] = ['rising', 'falling', 'flat', 'none']

export const shapes = messageCodec<BinningShapes__Output, readonly Shape[]>(
  'tributary.v1.BinningShapes',
  (body) => ({
    shapes: body.map(({ direction, turningPoints }) => ({ direction, turning_points: turningPoints })),
  }),
  (wire) => {
    refuseUnless(wire.shapes.length <= MAX_COLUMNS, `at most ${MAX_COLUMNS} columns`)
    return wire.shapes.map(({ direction, turning_points: turningPoints }) => {
      refuseUnless(DIRECTIONS.includes(direction) && turningPoints < MAX_CELLS, 'a known direction')
      return { direction: direction as Shape['direction'], turningPoints }
    })
  },
)
