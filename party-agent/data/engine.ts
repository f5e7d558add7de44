// DuckDB, opened so that it can read the named files and nothing else: no network, no extensions, no writing.
import { DuckDBInstance, type DuckDBDataChunk } from '@duckdb/node-api'
import { PlatformError } from '#runtime/errors.ts'

export interface EngineOptions {
  readonly memoryMb: number
  readonly threads: number
  /** the only files that may be read, absolute */
  readonly files: readonly string[]
}

/** One private, in-memory engine of one data set. Queries run on their own connections, so they may overlap. */
export class DataEngine implements Disposable {
  readonly #instance: DuckDBInstance
  readonly #dataset: string

  private constructor(instance: DuckDBInstance, dataset: string) {
    this.#instance = instance
    this.#dataset = dataset
  }

  static async open(dataset: string, options: EngineOptions): Promise<DataEngine> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${options.memoryMb}MB`,
      threads: String(options.threads),
      // Rows of a source are known by their number.
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      // No spilling: rows in a temporary file would be rows outside the owner's files.
      temp_directory: '',
    })
    const connection = await instance.connect()
    try {
      await connection.run(`SET allowed_paths = [${options.files.map(sqlText).join(', ')}]`)
      await connection.run('SET enable_external_access = false')
      await connection.run('SET lock_configuration = true')
    } finally {
      connection.closeSync()
    }
    return new DataEngine(instance, dataset)
  }

  /** Chunks of at most 2,048 rows, in the order of the query. @throws PlatformError data.unreadable, data.line-too-long */
  async *stream(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const connection = await this.#instance.connect()
    try {
      const result = await connection.stream(sql)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        yield chunk
      }
    } catch (thrown) {
      throw thrown instanceof PlatformError ? thrown : translate(thrown, this.#dataset)
    } finally {
      connection.closeSync()
    }
  }

  /** A small result, whole. */
  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const rows: unknown[][] = []
    for await (const chunk of this.stream(sql)) rows.push(...chunk.getRows())
    return rows
  }

  [Symbol.dispose](): void {
    this.#instance.closeSync()
  }
}

/** A text literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A column or table name. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const KNOWN_PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [/unterminated quote/i, 'a quote is opened and never closed'],
  [/not utf-8|byte sequence mismatch/i, 'the file is not UTF-8'],
  [/Expected Number of Columns: \d+ Found: \d+/, 'a row has more or fewer fields than the header'],
  [/No magic bytes|Footer length|too small to be a Parquet|thrift/i, 'the file is not Parquet, or is cut off'],
  [/Out of Memory/i, 'the query needs more memory than resources.memoryMb'],
  [/file system operations are disabled/i, 'the query reads a file that is not beside the configuration'],
  [/^(Parser|Binder|Catalog) Error/, 'the query does not fit the source'],
  [/^Conversion Error/, 'the query converts a value that does not convert'],
  [/CSV/, 'the file is not CSV as RFC 4180 describes it'],
]

/** The engine quotes the offending line in its messages, so that nothing of them is passed on but what is known. */
function translate(thrown: unknown, dataset: string): PlatformError {
  const message = thrown instanceof Error ? thrown.message : ''
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  const where = line === undefined ? { dataset } : { dataset, line: Number(line) }
  if (/Maximum line size/.test(message)) return new PlatformError('data.line-too-long', where)
  const problem = KNOWN_PROBLEMS.find(([pattern]) => pattern.test(message))?.[1] ?? 'the data engine refused it'
  // These three speak of the text of the query only; the owner needs it, and a cause stays on this machine.
  const cause = /^(Parser|Binder|Catalog) Error/.test(message) ? new Error(message.split('\n')[0]) : undefined
  return new PlatformError('data.unreadable', { ...where, problem }, cause)
}
