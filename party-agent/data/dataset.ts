// One declared data set: what is offered of it, its ids, and its numbers in the order of an alignment.
import type { IdKind, IdProfile } from '#protocols/core/ids.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { DatasetConfig, LabelKind, MissingRules } from '../config.ts'
import { keyColumns, kindsOfRows } from './dataset-keys.ts'
import { sqlName } from './engine.ts'
import { type ColumnProfile, profileColumns } from './column-profile.ts'
import { nearDetail } from './near-names.ts'
import { MISSING, scanNumbers } from './number-scan.ts'
import { RowExamples } from './row-examples.ts'
import { type RowPlaces, rowPlaces } from './row-places.ts'
import { collectHostKeys, collectSample, type HostKeys, type KeyChunk, type Sample } from './sample.ts'
import { openSource, type Source, type SourceColumn } from './source.ts'
import { collectUsableIds, gatherIds, type IdChunk, type UsableIds } from './usable-ids.ts'

export interface DatasetDescription {
  readonly name: string
  readonly idKind: IdKind
  /** rows of the source, exact; what leaves the party is rounded (gate.ts) */
  readonly rows: number
  /** columns offered to jobs, in source order; never ids, the label, or what orders, dates or describes rows */
  readonly columns: readonly string[]
  /** name of the label column, empty where there is none */
  readonly label: string
}

/** Rows are named by their 0-based number in the source, which is the same in every call and after a restart. */
export interface Dataset extends AsyncDisposable {
  readonly name: string
  readonly config: DatasetConfig
  /** SHA-256 in hex; a job records it and refuses to go on (`assertFingerprint`) when it is another */
  readonly fingerprint: string
  describe(): Promise<DatasetDescription>
  /** Raw ids in source order, row after row. */
  ids(): AsyncIterable<{ readonly firstRow: number; readonly ids: readonly (string | null)[] }>
  /** What PSI takes in. @throws PlatformError data.empty, data.few-valid-ids, data.duplicate-id, data.changed */
  usableIds(onProgress?: (rows: number) => void): Promise<UsableIds>
  /**
   * Values of the named columns at these source rows, in that order, NaN where missing and where `rows` names no row
   * (aligned-rows.ts). Columns come one after the other in the order of `names`; about 48 MiB of values are in memory
   * at a time, whatever their number.
   * @throws PlatformError data.missing-column, data.not-a-number with the first rows (from 1), data.changed
   */
  columns(names: readonly string[], rows: Uint32Array): AsyncIterable<{ name: string; values: Float64Array }>
  /**
   * The label of whatever kind at these source rows; NaN where it is declared indeterminate, or where there is no row.
   * @throws PlatformError data.bad-label, data.missing-column
   */
  targets(rows: Uint32Array): Promise<Float64Array>
  /**
   * 1 bad, 0 good, −1 declared indeterminate or no row, at these source rows.
   * @throws PlatformError data.label-kind where the label is no class, data.bad-label, data.missing-column
   */
  labels(rows: Uint32Array): Promise<Int8Array>
  /** The same with 0 for −1. */
  label(rows: Uint32Array): Promise<Uint8Array>
  /** One column as text, row after row of the source; null where it is empty. @throws PlatformError data.missing-column, data.changed */
  texts(name: string): Promise<readonly (string | null)[]>
  /** What a host brings to a left alignment. @throws PlatformError as `usableIds` */
  hostKeys(): Promise<HostKeys>
  /** What the guest brings to a left alignment. @throws PlatformError as `usableIds` */
  sample(): Promise<Sample>
  /** What the ids are like, also where `usableIds` refuses them. @throws PlatformError data.changed */
  profileIds(): Promise<IdProfile>
  /** Over all rows, for people at this party. @throws PlatformError data.missing-column, data.changed */
  profile(names: readonly string[]): Promise<ColumnProfile[]>
}

export interface DatasetOptions {
  /** limit of the data engine, default 512 */
  readonly memoryMb?: number
}

const GROUP_BYTES = 48 * 1024 * 1024
const MAX_GROUP_COLUMNS = 128

/** @throws PlatformError data.unreadable, data.empty, data.line-too-long, data.missing-column */
export async function openDataset(name: string, config: DatasetConfig, options: DatasetOptions = {}): Promise<Dataset> {
  using scope = new DisposableStack()
  const source = scope.use(await openSource(config.source, name, options.memoryMb ?? 512))
  const dataset = new OpenDataset(name, config, source)
  scope.move()
  return dataset
}

/** For a job that goes on after a restart. @throws PlatformError data.changed */
export function assertFingerprint(dataset: Dataset, recorded: string): void {
  if (dataset.fingerprint !== recorded) throw new PlatformError('data.changed', { dataset: dataset.name })
}

/** What the data set declares its label to be. */
export function labelKind({ config }: Pick<Dataset, 'config'>): LabelKind {
  return config.label?.kind ?? 'binary'
}

/** Missing values and what is no number are not finite. */
const IS_LABEL: Readonly<Record<LabelKind, (value: number) => boolean>> = {
  binary: (value) => value === 0 || value === 1,
  number: Number.isFinite,
  count: (value) => Number.isSafeInteger(value) && value >= 0,
}

class OpenDataset implements Dataset {
  readonly name: string
  readonly config: DatasetConfig
  readonly #source: Source
  readonly #byName: ReadonlyMap<string, SourceColumn>
  #rows: Promise<number> | undefined

  constructor(name: string, config: DatasetConfig, source: Source) {
    this.name = name
    this.config = config
    this.#source = source
    this.#byName = new Map(source.columns.map((column) => [column.name, column]))
    const { columns, missing } = config
    const declared = [...declaredColumns(config), ...Object.keys(missing.columns)]
    this.#find([...declared, ...(columns === 'all' ? [] : columns)])
  }

  get fingerprint(): string {
    return this.#source.fingerprint
  }

  async describe(): Promise<DatasetDescription> {
    const { ids, label, columns } = this.config
    const kept = new Set(declaredColumns(this.config))
    const offered = this.#source.columns
      .filter(({ name, type }) =>
        columns === 'all' ? !kept.has(name) && !NEVER_A_NUMBER.test(type) : columns.includes(name),
      )
      .map((column) => column.name)
    return {
      name: this.name,
      idKind: ids.kind,
      rows: await this.#countRows(),
      columns: offered,
      label: label?.column ?? '',
    }
  }

  async *ids(): AsyncGenerator<IdChunk> {
    for await (const { firstRow, ids, order, kinds } of this.#idColumns()) {
      // Where rows have several kinds of ids, those of another kind than the declared are none here.
      const own = kindsOfRows(this.config.ids).get(this.config.ids.kind) ?? []
      const shown = kinds === undefined ? ids : ids.map((id, i) => (own.includes(kinds[i] ?? '') ? id : null))
      yield { firstRow, ids: shown, ...(order === undefined ? {} : { order }) }
    }
  }

  /** The columns that name rows, in source order. */
  async *#idColumns(): AsyncGenerator<KeyChunk> {
    const { column, orderBy, second, kindColumn, sampleId } = this.config.ids
    const names = { ids: column, seconds: second?.column, kinds: kindColumn, samples: sampleId, order: orderBy }
    const wanted = Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const columns = this.#find(wanted.map(([, name]) => name))
    const select = columns.map((found, i) => {
      const expression = wanted[i]?.[0] === 'order' ? orderExpression(found) : idExpression(found)
      return `${expression} AS k${i}`
    })
    await this.#source.assertUnchanged()
    let firstRow = 0
    for await (const chunk of this.#source.engine.stream(`SELECT ${select.join(', ')} FROM ${this.#source.relation}`)) {
      const values = Object.fromEntries(wanted.map(([key], i) => [key, chunk.getColumnValues(i)]))
      const { order, ...texts } = values
      const orders = order === undefined ? {} : { order: Float64Array.from(order as number[]) }
      yield { firstRow, ...(texts as unknown as Pick<KeyChunk, 'ids'>), ...orders }
      firstRow += chunk.rowCount
    }
    await this.#source.assertUnchanged()
    this.#rows = Promise.resolve(firstRow)
  }

  usableIds(onProgress?: (rows: number) => void): Promise<UsableIds> {
    return collectUsableIds(this.name, this.config.ids, this.ids(), onProgress)
  }

  async profileIds(): Promise<IdProfile> {
    if (this.config.ids.kindColumn === undefined) return (await gatherIds(this.config.ids, this.ids())).profile
    return (await collectHostKeys(this.name, { ...this.config.ids, duplicates: 'first' }, () => this.#idColumns()))
      .profile
  }

  async *columns(names: readonly string[], rows: Uint32Array): AsyncGenerator<{ name: string; values: Float64Array }> {
    const columns = this.#find(names)
    const places = rowPlaces(rows, await this.#countRows())
    const groupSize = Math.min(MAX_GROUP_COLUMNS, Math.max(1, Math.floor(GROUP_BYTES / (8 * Math.max(1, rows.length)))))
    for (let first = 0; first < columns.length; first += groupSize) {
      const group = columns.slice(first, first + groupSize)
      const gathered = await this.#gather(group, places)
      for (const [i, { name }] of group.entries()) {
        yield { name, values: places.spread(gathered[i] as Float64Array, Number.NaN) }
      }
    }
  }

  async label(rows: Uint32Array): Promise<Uint8Array> {
    return Uint8Array.from(await this.labels(rows), (label) => (label === 1 ? 1 : 0))
  }

  async labels(rows: Uint32Array): Promise<Int8Array> {
    const kind = labelKind(this)
    if (kind !== 'binary') throw new PlatformError('data.label-kind', { dataset: this.name, kind, needed: ['binary'] })
    return Int8Array.from(await this.targets(rows), (label) => (Number.isNaN(label) ? -1 : label))
  }

  async targets(rows: Uint32Array): Promise<Float64Array> {
    const { column, indeterminate = [] } = this.config.label ?? {}
    const isLabel = IS_LABEL[labelKind(this)]
    if (column === undefined) {
      throw new PlatformError('data.missing-column', { dataset: this.name, problem: 'no label is declared' })
    }
    const { numberOf, count, spread } = rowPlaces(rows, await this.#countRows())
    const labels = new Float64Array(count)
    const bad = new RowExamples()
    // An empty field is a missing value whatever is declared, and a label only where '' is declared.
    const unclear: MissingRules = { default: 'reject', values: indeterminate, columns: {} }
    const emptyIsUnclear = indeterminate.some((value) => value.trim() === '')
    const isEmpty = emptyIsUnclear || indeterminate.length === 0 ? undefined : await this.texts(column)
    for await (const chunk of scanNumbers(this.#source, this.#find([column]), unclear, numberOf.length)) {
      const values = chunk.vectors[0] as Float64Array
      for (let i = 0; i < chunk.rows; i++) {
        const row = chunk.firstRow + i
        const at = numberOf[row] as number
        if (at < 0) continue
        const value = values[i] as number
        const isUnclear = value === MISSING && indeterminate.length > 0 && isEmpty?.[row] !== null
        if (!isUnclear && !isLabel(value)) bad.add(row)
        else labels[at] = isUnclear ? Number.NaN : value
      }
    }
    if (bad.count > 0) throw new PlatformError('data.bad-label', { dataset: this.name, column, ...bad.detail() })
    return spread(labels, Number.NaN)
  }

  async texts(name: string): Promise<readonly (string | null)[]> {
    const [column] = this.#find([name]) as [SourceColumn]
    const texts: (string | null)[] = []
    await this.#source.assertUnchanged()
    const select = `SELECT nullif(trim(CAST(${sqlName(column.name)} AS VARCHAR)), '') FROM ${this.#source.relation}`
    for await (const chunk of this.#source.engine.stream(select)) {
      for (const text of chunk.getColumnValues(0)) texts.push(text as string | null)
    }
    await this.#source.assertUnchanged()
    return texts
  }

  hostKeys(): Promise<HostKeys> {
    return collectHostKeys(this.name, this.config.ids, () => this.#idColumns())
  }

  sample(): Promise<Sample> {
    return collectSample(this.name, this.config.ids, this.#idColumns())
  }

  async profile(names: readonly string[]): Promise<ColumnProfile[]> {
    return profileColumns(this.#source, this.#find(names), this.config.missing, await this.#countRows())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#source[Symbol.dispose]()
  }

  /** One pass over the source for a group of columns. */
  async #gather(group: readonly SourceColumn[], { numberOf: place, count }: RowPlaces): Promise<Float64Array[]> {
    const gathered = group.map(() => new Float64Array(count))
    const bad = group.map(() => new RowExamples())
    for await (const { firstRow, rows, vectors } of scanNumbers(
      this.#source,
      group,
      this.config.missing,
      place.length,
    )) {
      for (const [c, vector] of vectors.entries()) {
        const values = gathered[c] as Float64Array
        for (let i = 0; i < rows; i++) {
          const at = place[firstRow + i] as number
          if (at < 0) continue
          const value = vector[i] as number
          if (Number.isNaN(value)) (bad[c] as RowExamples).add(firstRow + i)
          values[at] = value === MISSING ? Number.NaN : value
        }
      }
    }
    for (const [c, examples] of bad.entries()) {
      const column = (group[c] as SourceColumn).name
      if (examples.count > 0) {
        throw new PlatformError('data.not-a-number', { dataset: this.name, column, ...examples.detail() })
      }
    }
    return gathered
  }

  #countRows(): Promise<number> {
    this.#rows ??= this.#source.engine.rows(`SELECT count(*) FROM ${this.#source.relation}`).then((result) => {
      const rows = Number(result[0]?.[0])
      if (rows === 0) throw new PlatformError('data.empty', { dataset: this.name })
      return rows
    })
    return this.#rows
  }

  #find(names: readonly string[]): SourceColumn[] {
    const absent = names.filter((name) => !this.#byName.has(name))
    if (absent.length > 0) {
      const near = nearDetail(absent, [...this.#byName.keys()])
      throw new PlatformError('data.missing-column', { dataset: this.name, columns: absent, ...near })
    }
    return names.map((name) => this.#byName.get(name) as SourceColumn)
  }
}

/** Columns that the declaration names beside features. */
function declaredColumns({ ids, label, consent, describe }: DatasetConfig): string[] {
  const described = [describe?.month, describe?.amount, ...(describe?.segments ?? [])]
  const all = [...keyColumns(ids), label?.column, consent?.observedAt, ...described]
  return all.filter((column) => column !== undefined)
}

/** Types that `columns: all` leaves out. */
const NEVER_A_NUMBER = /^(?:DATE|TIME|TIMESTAMP|INTERVAL|BLOB|UUID|BIT|STRUCT|MAP|UNION|ENUM)|\[\d*\]$/

function idExpression({ name, type }: SourceColumn): string {
  const column = sqlName(name)
  if (!/^(?:FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return `CAST(${column} AS VARCHAR)`
  // A column of whole numbers with gaps is often stored with a fraction; its id is 42, not 42.0.
  return `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) < 9007199254740992
    THEN CAST(CAST(${column} AS BIGINT) AS VARCHAR) ELSE CAST(${column} AS VARCHAR) END`
}

/** A number, or a date as seconds; a row without either loses against every other. */
function orderExpression({ name }: SourceColumn): string {
  const text = `CAST(${sqlName(name)} AS VARCHAR)`
  return `coalesce(TRY_CAST(${text} AS DOUBLE), epoch(TRY_CAST(${text} AS TIMESTAMP)), '-inf'::DOUBLE)`
}
