// Where rows come from: a CSV file, a Parquet file or one query over such files, as a relation that DuckDB can scan.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import type { SourceConfig } from '../config.ts'
import { checkCsvBytes, MAX_LINE_BYTES, readCsvHeader } from './csv-file.ts'
import { DataEngine, sqlName, sqlText } from './engine.ts'

export interface SourceColumn {
  readonly name: string
  /** DuckDB's name of the type; every column of a CSV file is VARCHAR */
  readonly type: string
}

/** An open source. Rows are numbered from 0 in the order in which a scan gives them, which is the same each time. */
export interface Source extends Disposable {
  readonly dataset: string
  readonly engine: DataEngine
  /** what stands behind FROM */
  readonly relation: string
  readonly columns: readonly SourceColumn[]
  /** SHA-256 over names, sizes and times of the files and over names and types of the columns, in hex */
  readonly fingerprint: string
  /** @throws PlatformError data.changed when a file is not the one that was opened */
  assertUnchanged(): Promise<void>
}

/** @throws PlatformError data.unreadable, data.empty, data.line-too-long */
export async function openSource(config: SourceConfig, dataset: string, memoryMb: number): Promise<Source> {
  const plan = await planOf(config, dataset)
  const opened = await describeFiles(plan.files, dataset)
  // A query may aggregate or join: one thread makes the order of its rows the same each time.
  const threads = config.kind === 'sql' ? 1 : 2
  using scope = new DisposableStack()
  const engine = scope.use(await DataEngine.open(dataset, { memoryMb, threads, files: plan.files }))
  const described = await engine.rows(`DESCRIBE SELECT * FROM ${plan.relation}`)
  const columns = described.map(([name, type]) => ({ name: String(name), type: String(type) }))
  scope.move()
  return {
    dataset,
    engine,
    relation: plan.relation,
    columns,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([plan.relation, opened, columns]))
      .digest('hex'),
    async assertUnchanged() {
      const now = await describeFiles(plan.files, dataset)
      if (JSON.stringify(now) !== JSON.stringify(opened)) throw new PlatformError('data.changed', { dataset })
    },
    [Symbol.dispose]: () => engine[Symbol.dispose](),
  }
}

/** Changes when a file of the source changes; cheap. @throws PlatformError data.unreadable */
export async function sourceStamp(config: SourceConfig, dataset: string): Promise<string> {
  const files = config.kind === 'sql' ? (await planQuery(config.query, config.folder)).files : [config.path]
  return (await describeFiles(files, dataset)).join('\n')
}

interface Plan {
  readonly relation: string
  readonly files: readonly string[]
}

async function planOf(config: SourceConfig, dataset: string): Promise<Plan> {
  if (config.kind === 'sql') return planQuery(config.query, config.folder)
  if (/[*?[\]]/.test(config.path)) {
    throw new PlatformError('data.unreadable', { dataset, problem: 'a path with * ? [ or ] names no single file' })
  }
  await describeFiles([config.path], dataset)
  const path = sqlText(config.path)
  if (config.kind === 'parquet') return { relation: `read_parquet(${path})`, files: [config.path] }
  const { delimiter, columns } = await readCsvHeader(config.path, dataset)
  await checkCsvBytes(config.path, dataset)
  // All of it is said and nothing is guessed: a guess from the first rows may change with the file. Never
  // `parallel = false`: DuckDB 1.5 then drops rows after an open quote without a word (bad-input.test.ts).
  const relation = `read_csv(${path}, auto_detect = false, header = true, delim = ${sqlText(delimiter)}, quote = '"',
    escape = '"', nullstr = '', strict_mode = true, compression = 'none',
    max_line_size = ${MAX_LINE_BYTES}, columns = {${columns.map((name) => `${sqlText(name)}: 'VARCHAR'`).join(', ')}})`
  return { relation, files: [config.path] }
}

/**
 * Files a query names in text literals, relative to the configuration, get their absolute path; they are what the
 * query may read. The query stands in brackets, so that it can only be a SELECT.
 */
async function planQuery(query: string, folder: string): Promise<Plan> {
  const literals = [...query.matchAll(/'((?:[^']|'')+\.(?:csv|parquet|tsv))'/gi)].map((match) => match[1] as string)
  const files = new Map<string, string>()
  for (const literal of literals) {
    const text = literal.replaceAll("''", "'")
    const path = isAbsolute(text) ? text : resolve(folder, text)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() === true) files.set(literal, path)
  }
  const resolved = query.replaceAll(/'((?:[^']|'')+)'/g, (whole, literal: string) => {
    const path = files.get(literal)
    return path === undefined ? whole : sqlText(path)
  })
  // The line end closes a comment in the last line of the query.
  return {
    relation: `(${resolved.replace(/;\s*$/, '')}\n) AS ${sqlName('source')}`,
    files: [...new Set(files.values())],
  }
}

async function describeFiles(files: readonly string[], dataset: string): Promise<readonly string[]> {
  return Promise.all(
    files.map(async (path) => {
      const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
        throw new PlatformError('data.unreadable', { dataset, problem: error.code ?? 'cannot be read' }, error)
      })
      if (!found.isFile()) throw new PlatformError('data.unreadable', { dataset, problem: 'not a file' })
      return `${path} ${found.size} ${found.mtimeNs}`
    }),
  )
}
