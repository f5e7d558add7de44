// A CSV file of the generator as Parquet: ids and dates stay text, features become numbers.
import { rm } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'

const TEXT_COLUMNS = [
  'loan_id',
  'match_id',
  'legal_rep_id',
  'owner_key',
  'owner_kind',
  'vintage',
  'applied_on',
  'drawn_on',
  'as_of',
  'city_code',
  'industry',
  'product',
  'channel',
  'size_class',
]
const MEMORY = '512MB'

/** Converts and removes the CSV file. One thread, so that the bytes are the same each time. */
export async function toParquet(csv: string, parquet: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: MEMORY, temp_directory: '' })
  const connection = await instance.connect()
  try {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
    const from = `read_csv(${quoted(csv)}, all_varchar = true, header = true, delim = ',', quote = '"', nullstr = '')`
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)
    const columns = described.getRows().map(([name]) => String(name))
    const list = columns.map((name) =>
      TEXT_COLUMNS.includes(name) ? `"${name}"` : `CAST("${name}" AS DOUBLE) AS "${name}"`,
    )
    await connection.run(
      `COPY (SELECT ${list.join(', ')} FROM ${from}) TO ${quoted(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  await rm(csv)
}
