// Columns as numbers: one expression per column that tells a value, a missing value and text apart.
import type { DuckDBDoubleVector } from '@duckdb/node-api'
import { PlatformError } from '#runtime/errors.ts'
import type { MissingRules } from '../config.ts'
import { sqlName, sqlText } from './engine.ts'
import type { Source, SourceColumn } from './source.ts'

/** In a scanned vector, −∞ stands for a missing value and NaN for what is no number; all else is finite. */
export const MISSING = Number.NEGATIVE_INFINITY

export interface NumberChunk {
  /** source row of the first value */
  readonly firstRow: number
  readonly rows: number
  /** one per column, in the order asked for; valid until the next chunk, at least `rows` long */
  readonly vectors: readonly Float64Array[]
}

/** One pass over the source, which has `expectedRows` rows. @throws PlatformError data.changed, data.unreadable, data.line-too-long */
export async function* scanNumbers(
  source: Source,
  columns: readonly SourceColumn[],
  missing: MissingRules,
  expectedRows: number,
): AsyncGenerator<NumberChunk> {
  await source.assertUnchanged()
  const select = columns.map((column, i) => `${numberExpression(column, missing)} AS n${i}`).join(', ')
  let firstRow = 0
  for await (const chunk of source.engine.stream(`SELECT ${select} FROM ${source.relation}`)) {
    // `items` is the engine's own memory; the public way makes one object per value.
    const vectors = columns.map((_, i) => (chunk.getColumnVector(i) as DuckDBDoubleVector)['items'])
    yield { firstRow, rows: chunk.rowCount, vectors }
    firstRow += chunk.rowCount
  }
  await source.assertUnchanged()
  // Row numbers mean nothing if two passes see different rows.
  if (firstRow !== expectedRows) {
    const problem = 'two passes over the source gave different numbers of rows'
    throw new PlatformError('data.unreadable', {
      dataset: source.dataset,
      problem,
      firstPass: expectedRows,
      now: firstRow,
    })
  }
}

const NUMERIC = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN)$/

function numberExpression({ name, type }: SourceColumn, { values }: MissingRules): string {
  const column = sqlName(name)
  const numbers = values.filter((value) => value.trim() !== '' && Number.isFinite(Number(value))).map(Number)
  const isDeclared = (number: string) => (numbers.length === 0 ? [] : [`${number} IN (${numbers.join(', ')})`])
  if (NUMERIC.test(type)) {
    const number = `CAST(${column} AS DOUBLE)`
    // Writers of Parquet often leave NaN where a value is missing.
    return choose([`${column} IS NULL`, `isnan(${number})`, ...isDeclared(number)], number)
  }
  const text = `trim(CAST(${column} AS VARCHAR))`
  const number = `TRY_CAST(${text} AS DOUBLE)`
  const texts = ['', ...values].map((value) => sqlText(value.trim())).join(', ')
  return choose([`${column} IS NULL`, `${text} IN (${texts})`, ...isDeclared(number)], number)
}

function choose(missing: readonly string[], number: string): string {
  return `CASE WHEN ${missing.join(' OR ')} THEN '-inf'::DOUBLE WHEN isfinite(${number}) THEN ${number} ELSE 'nan'::DOUBLE END`
}
