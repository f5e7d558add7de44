// For tests: data sets over small files that are made on the spot.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DatasetConfig, SourceConfig } from '../config.ts'

export class DatasetFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async open(): Promise<DatasetFolder> {
    return new DatasetFolder(await mkdtemp(join(tmpdir(), 'tributary-data-')))
  }

  async csv(name: string, content: string | Uint8Array): Promise<SourceConfig> {
    const path = join(this.path, name)
    await writeFile(path, content)
    return { kind: 'csv', path }
  }

  /** The result of a query as a Parquet file. */
  async parquet(name: string, query: string): Promise<SourceConfig> {
    const path = join(this.path, name)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`)
    connection.closeSync()
    instance.closeSync()
    return { kind: 'parquet', path }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true })
  }
}

/** A data set with plain ids in column `id`. */
export function plainDataset(source: SourceConfig, changes: Partial<DatasetConfig> = {}): DatasetConfig {
  return {
    source,
    ids: { column: 'id', kind: 'plain', duplicates: 'reject' },
    columns: 'all',
    missing: { default: 'mean', values: [], columns: {} },
    ...changes,
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
