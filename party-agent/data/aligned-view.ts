// Feature columns in the order of an alignment, as a model takes them in: filled, standardised, in fixed point.
import { isRow } from '#protocols/core/aligned-rows.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { MissingRule, MissingRules } from '../config.ts'
import type { Dataset } from './dataset.ts'

export interface AlignedColumns {
  readonly names: readonly string[]
  /** of the filled values of the training rows; a model needs them to score raw values */
  readonly means: Float64Array
  /** population standard deviation of the filled values of the training rows, > 0 */
  readonly sds: Float64Array
  /** columns[j][i]: row i of column j as round(2^bits · (value − mean) / sd), within ±limit · 2^bits; shared memory */
  readonly columns: readonly Int32Array[]
  /** values that met the limit, over all columns */
  readonly clipped: number
}

export interface AlignOptions {
  /** fraction bits of the fixed point */
  readonly bits: number
  readonly missing: MissingRules
  /** in standard deviations */
  readonly limit: number
}

export interface Standardised {
  readonly mean: number
  readonly sd: number
  /** `values` with missing ones filled in and standardised; the same array, overwritten */
  readonly filled: Float64Array
}

/** Why a column cannot be standardised. */
export type ColumnProblem = 'missing' | 'constant'

/**
 * Fills and standardises one column in place. Mean and deviation come from the training rows alone, so that nothing
 * of the hold-out rows enters the model; there, missing values count as filled.
 * @param values NaN where missing; overwritten
 * @param training 1 for a training row, else 0
 * @param order the order in which sums are taken: every index once
 * @param absent 1 where this party has no row: no training row, and 0 after standardising, whatever the rule
 */
export function standardise(
  values: Float64Array,
  training: Uint8Array,
  rule: MissingRule,
  order: Uint32Array = Uint32Array.from(values, (_, i) => i),
  absent?: Uint8Array,
): Standardised | ColumnProblem {
  if (rule === 'reject' && values.some((value, i) => Number.isNaN(value) && absent?.[i] !== 1)) return 'missing'
  let present = 0
  let sum = 0
  let rows = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const i of order) {
    if (training[i] !== 1 || absent?.[i] === 1) continue
    rows += 1
    const value = values[i] as number
    if (Number.isNaN(value)) continue
    present += 1
    sum += value
    if (value < low) low = value
    if (value > high) high = value
  }
  if (present === 0) return 'constant'
  const fill = rule === 'zero' ? 0 : sum / present
  const mean = rule === 'zero' ? sum / rows : fill
  const spread = rule === 'zero' && present < rows ? Math.max(high, 0) - Math.min(low, 0) : high - low
  if (spread === 0) return 'constant'
  let squares = 0
  for (const i of order) {
    if (absent?.[i] === 1) values[i] = mean
    else if (Number.isNaN(values[i])) values[i] = fill
    if (training[i] === 1 && absent?.[i] !== 1) squares += ((values[i] as number) - mean) ** 2
  }
  const sd = Math.sqrt(squares / rows)
  // Also where the spread drowns in the rounding of the values, or does not fit a double.
  if (!Number.isFinite(sd) || sd <= 1e-12 * Math.abs(mean)) return 'constant'
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - mean) / sd
  return { mean, sd, filled: values }
}

/**
 * Reads and standardises the named columns at these source rows, 0 where `rows` names none. Memory: four bytes a value, and one group of raw
 * columns at a time.
 * @param training per entry of `rows`: 1 for a training row
 * @param progress called with the columns done
 * @throws PlatformError data.constant-column and data.missing-value naming every such column; what Dataset.columns throws
 */
export async function loadAlignedColumns(
  dataset: Dataset,
  names: readonly string[],
  rows: Uint32Array,
  training: Uint8Array,
  options: AlignOptions,
  progress: (done: number) => void = () => undefined,
): Promise<AlignedColumns> {
  const order = sourceOrder(rows)
  const absent = rows.every(isRow) ? undefined : Uint8Array.from(rows, (row) => (isRow(row) ? 0 : 1))
  const means = new Float64Array(names.length)
  const sds = new Float64Array(names.length)
  const columns: Int32Array[] = []
  const problems: Record<ColumnProblem, string[]> = { missing: [], constant: [] }
  let clipped = 0
  let done = 0
  for await (const { name, values } of dataset.columns(names, rows)) {
    const outcome = standardise(values, training, missingRule(options.missing, name), order, absent)
    if (typeof outcome === 'string') problems[outcome].push(name)
    else {
      means[done] = outcome.mean
      sds[done] = outcome.sd
      const fixed = toFixedPoint(outcome.filled, options.bits, options.limit)
      columns.push(fixed.column)
      clipped += fixed.clipped
    }
    done += 1
    progress(done)
  }
  const { missing, constant } = problems
  if (missing.length > 0)
    throw new PlatformError('data.missing-value', { dataset: dataset.name, columns: someOf(missing) })
  if (constant.length > 0)
    throw new PlatformError('data.constant-column', { dataset: dataset.name, columns: someOf(constant) })
  return { names: [...names], means, sds, columns, clipped }
}

/**
 * Indexes of aligned rows by their place in the source. Floating-point sums taken in this order do not depend on the
 * order that the alignment drew, so two jobs on the same rows standardise alike to the last bit.
 */
function sourceOrder(rows: Uint32Array): Uint32Array {
  return Uint32Array.from(rows, (_, i) => i).sort((a, b) => (rows[a] as number) - (rows[b] as number))
}

export function missingRule(rules: MissingRules, column: string): MissingRule {
  return Object.hasOwn(rules.columns, column) ? (rules.columns[column] as MissingRule) : rules.default
}

/** Details cross the wire: not hundreds of names. */
function someOf(names: readonly string[]): string[] {
  return names.length <= 20 ? [...names] : [...names.slice(0, 20), `and ${names.length - 20} more`]
}

function toFixedPoint(values: Float64Array, bits: number, limit: number): { column: Int32Array; clipped: number } {
  const column = new Int32Array(new SharedArrayBuffer(4 * values.length))
  const scale = 2 ** bits
  const bound = Math.round(limit * scale)
  let clipped = 0
  for (let i = 0; i < values.length; i++) {
    const fixed = Math.round((values[i] as number) * scale)
    if (fixed > bound || fixed < -bound) clipped += 1
    column[i] = Math.max(-bound, Math.min(bound, fixed))
  }
  return { column, clipped }
}
