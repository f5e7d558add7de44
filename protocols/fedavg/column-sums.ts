// What one party's vector of statistics holds, and what the sums of all parties' vectors say of a column.
import type { Fields } from '#crypto/aggregate/fields.ts'
import { digitsOf, fromDigits, toDigits } from '#crypto/aggregate/quantise.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ToldColumn } from './bodies.ts'
import { countCells, fineEdges, GRID, joinCells, quantilesOf, sixDigits } from './cells.ts'
import type { Cells, ColumnScale } from './params.ts'

/** Sums of numbers and of squares travel as whole numbers of units, far below what a double resolves. */
const NUMBER_BITS = 30
const SQUARE_BITS = 40
/** for sums over 2^26 rows, and a sign */
const SUM_BITS = 2 * 34

/** Integers of a column in the first round: its missing rows and its cells. */
export function spreadLength(fields: Fields): number {
  return GRID.length * digitsOf(fields).count
}

export function encodeSpread(values: Float64Array, fields: Fields): Uint32Array {
  const missing = values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)
  return toDigits([missing, ...countCells(values, GRID)], fields)
}

/** The cells that are told of a column, none with fewer rows than the floor. */
export function readSpread(sums: Uint32Array, fields: Fields, floor: number): Cells {
  const [missing = 0, ...counts] = fromDigits(sums, fields)
  return { ...joinCells(GRID, counts, floor), missing: missing > 0 && missing < floor ? null : missing }
}

/** Integers of a column in the second round: finer cells, the sum and the sum of squares. None of a column without cells. */
export function summaryLength(cells: Cells, floor: number, fields: Fields): number {
  if (cells.rows.length === 0) return 0
  return (fineEdges(cells, floor).length - 1) * digitsOf(fields).count + 2 * bigCount(fields)
}

export function encodeSummary(values: Float64Array, cells: Cells, floor: number, fields: Fields): Uint32Array {
  if (cells.rows.length === 0) return new Uint32Array(0)
  const bounds = [cells.edges[0] as number, cells.edges.at(-1) as number] as const
  let [sum, squares] = [0, 0]
  for (const value of values) {
    if (Number.isNaN(value)) continue
    const inside = Math.min(bounds[1], Math.max(bounds[0], value))
    sum += inside
    squares += inside * inside
  }
  const { number, square } = unitsOf(cells)
  const counts = toDigits(countCells(values, fineEdges(cells, floor)), fields)
  const out = new Uint32Array(counts.length + 2 * bigCount(fields))
  out.set(counts)
  out.set(bigDigits(Math.round(sum / number), fields), counts.length)
  out.set(bigDigits(Math.round(squares / square), fields), counts.length + bigCount(fields))
  return out
}

/** What is told of a column in the end. @param bins cells of its histogram at most */
export function readSummary(
  sums: Uint32Array,
  cells: Cells,
  { minimumRows: floor, bins }: { readonly minimumRows: number; readonly bins: number },
  fields: Fields,
): ToldColumn {
  if (cells.rows.length === 0) return { cells, scale: { mean: 0, deviation: 1 }, quantiles: {} }
  const at = sums.length - 2 * bigCount(fields)
  const counts = fromDigits(sums.subarray(0, at), fields)
  const edges = fineEdges(cells, floor)
  const rows = counts.reduce((total, count) => total + count, 0)
  const { number, square } = unitsOf(cells)
  const sum = fromBigDigits(sums.subarray(at, at + bigCount(fields)), fields) * number
  const squares = fromBigDigits(sums.subarray(at + bigCount(fields)), fields) * square
  const wide = joinCells(edges, counts, floor, Math.max(floor, Math.ceil(rows / bins)))
  return {
    cells: { ...wide, missing: cells.missing },
    scale: scaleOf(rows, sum, squares, cells),
    quantiles: quantilesOf(joinCells(edges, counts, floor), floor),
  }
}

/** @throws PlatformError average.impossible where the second round counts other rows than the first */
export function requireSameRows(told: Cells, before: Cells): void {
  const total = (cells: Cells) => cells.rows.reduce((sum, count) => sum + count, 0)
  if (total(told) !== total(before)) throw new PlatformError('average.impossible', { what: 'rows of a column' })
}

function scaleOf(rows: number, sum: number, squares: number, cells: Cells): ColumnScale {
  const mean = sum / rows
  const variance = squares / rows - mean * mean
  // Below what the units resolve, all rows have the same value.
  const least = (rows + 1) * unitsOf(cells).square
  return { mean: sixDigits(mean), deviation: variance > least ? sixDigits(Math.sqrt(variance)) : 1 }
}

/** Powers of two, from the edges that all parties were told. */
function unitsOf({ edges }: Cells): { readonly number: number; readonly square: number } {
  const most = Math.max(...edges.map(Math.abs))
  return { number: most * 2 ** -NUMBER_BITS, square: most * most * 2 ** -SQUARE_BITS }
}

function bigCount(fields: Fields): number {
  return Math.ceil(SUM_BITS / digitsOf(fields).bits)
}

const OFFSET = 2n ** BigInt(SUM_BITS - 1)

/** A whole number of either sign, as digits. @param value below 2^67 in size */
function bigDigits(value: number, fields: Fields): Uint32Array {
  const { bits } = digitsOf(fields)
  const shifted = BigInt(value) + OFFSET
  if (shifted < 0n || shifted >= 2n * OFFSET) throw new PlatformError('he.range', { what: 'sum of a column' })
  const mask = 2n ** BigInt(bits) - 1n
  return Uint32Array.from({ length: bigCount(fields) }, (_, d) => Number((shifted >> BigInt(bits * d)) & mask))
}

function fromBigDigits(sums: Uint32Array, fields: Fields): number {
  const { bits } = digitsOf(fields)
  const total = sums.reduce((sum, digit, d) => sum + (BigInt(digit) << BigInt(bits * d)), 0n)
  return Number(total - BigInt(fields.parties) * OFFSET)
}
