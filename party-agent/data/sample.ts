// What a data set brings to a left alignment: at a host different ids by kind, at the guest rows with one or two ids.
import { type IdKind, type IdProfile, IdTally } from '#protocols/core/ids.ts'
import type { KeyedIds } from '#protocols/psi/left-params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { DatasetConfig } from '../config.ts'
import { kindsOfRows } from './dataset-keys.ts'
import { RowExamples } from './row-examples.ts'
import { assertUsable, gatherIds, type IdChunk } from './usable-ids.ts'

/** One stretch of the columns that name rows; those that are declared are there. */
export interface KeyChunk extends IdChunk {
  /** of ids.second */
  readonly seconds?: readonly (string | null)[]
  /** of ids.kindColumn */
  readonly kinds?: readonly (string | null)[]
  /** of ids.sampleId */
  readonly samples?: readonly (string | null)[]
}

export interface HostKeys {
  /** the declared kind first */
  readonly keys: readonly KeyedIds[]
  /** source row that counts for each id, numbered through all kinds */
  readonly rows: Uint32Array
  readonly profile: IdProfile
}

export interface Sample {
  readonly keys: readonly KeyedIds[]
  /** source row of each row of the sample */
  readonly rows: Uint32Array
  /** for each key, row by row of the sample: the number of its id through all keys, or −1 */
  readonly idOfRow: readonly Int32Array[]
  /** row by row: what the keyed split hashes, the first id or, where a row has none, its sample id or number */
  readonly splitKeys: readonly string[]
  /** of the first id; duplicates are rows that share it */
  readonly profile: IdProfile
}

type IdRules = DatasetConfig['ids']

/** @param chunks starts a pass over the source @throws PlatformError data.empty, data.few-valid-ids, data.duplicate-id */
export async function collectHostKeys(
  dataset: string,
  rules: IdRules,
  chunks: () => AsyncIterable<KeyChunk>,
): Promise<HostKeys> {
  const keys: KeyedIds[] = []
  const rows: number[] = []
  const profiles: IdProfile[] = []
  const known = new Set<string>()
  for (const [kind, values] of kindsOfRows(rules)) {
    for (const value of values) known.add(value)
    const wanted = rules.kindColumn === undefined ? undefined : new Set(values)
    const usable = await gatherIds({ ...rules, kind }, ofKind(chunks(), wanted))
    if (usable.profile.total > 0) assertUsable(dataset, { ...rules, kind }, usable.profile, usable.duplicateRows, 0)
    keys.push({ kind, ids: usable.ids })
    for (const row of usable.rows) rows.push(row)
    profiles.push(usable.profile)
  }
  const profile = sumOf(profiles)
  const others = rules.kindColumn === undefined ? 0 : await countOthers(chunks(), known)
  // A kind that nobody declared is a spelling that nobody can check.
  const all = { ...profile, total: profile.total + others, badFormat: profile.badFormat + others }
  assertUsable(dataset, { ...rules, duplicates: 'first' }, all, [])
  return { keys, rows: Uint32Array.from(rows), profile: all }
}

/** Every row stays, also one without a usable id: nobody is asked about it. @throws PlatformError data.empty, data.few-valid-ids, data.duplicate-id */
export async function collectSample(dataset: string, rules: IdRules, chunks: AsyncIterable<KeyChunk>): Promise<Sample> {
  const kinds: IdKind[] = [rules.kind, ...(rules.second === undefined ? [] : [rules.second.kind])]
  const tallies = kinds.map((kind) => new IdTally(kind))
  const places = kinds.map(() => new Map<string, number>())
  const idOfRow = kinds.map((): number[] => [])
  const splitKeys: string[] = []
  const samples = new SampleIds(dataset, rules)
  for await (const chunk of chunks) {
    for (let i = 0; i < chunk.ids.length; i++) {
      samples.add(chunk.samples?.[i], chunk.firstRow + i)
      for (const [k, column] of [chunk.ids, chunk.seconds ?? []].slice(0, kinds.length).entries()) {
        const id = tallies[k]?.add(column[i] ?? null)
        if (id !== undefined && k === 0 && places[0]?.has(id) === true) tallies[0]?.addDuplicate()
        ;(idOfRow[k] as number[]).push(id === undefined ? -1 : placeOf(places[k] as Map<string, number>, id))
        if (k === 0) splitKeys.push(id ?? `row:${chunk.samples?.[i] ?? chunk.firstRow + i}`)
      }
    }
  }
  const profile = (tallies[0] as IdTally).profile()
  samples.check()
  const duplicateRule = rules.sampleId === undefined ? rules.duplicates : 'first'
  assertUsable(dataset, { ...rules, duplicates: duplicateRule }, profile, [])
  const starts = places.map((_, k) => places.slice(0, k).reduce((sum, ids) => sum + ids.size, 0))
  return {
    keys: kinds.map((kind, k) => ({ kind, ids: [...(places[k] as Map<string, number>).keys()] })),
    rows: Uint32Array.from(splitKeys, (_, row) => row),
    idOfRow: idOfRow.map((list, k) => Int32Array.from(list, (id) => (id < 0 ? -1 : id + (starts[k] as number)))),
    splitKeys,
    profile,
  }
}

/** Each value of ids.sampleId once. */
class SampleIds {
  readonly #dataset: string
  readonly #column: string | undefined
  readonly #known = new Set<string>()
  readonly #bad = new RowExamples()

  constructor(dataset: string, { sampleId }: IdRules) {
    this.#dataset = dataset
    this.#column = sampleId
  }

  add(raw: string | null | undefined, row: number): void {
    if (this.#column === undefined) return
    const text = raw?.trim() ?? ''
    if (text === '' || this.#known.has(text)) this.#bad.add(row)
    else this.#known.add(text)
  }

  check(): void {
    if (this.#bad.count === 0) return
    const problem = 'ids.sampleId must have another value in every row'
    throw new PlatformError('data.duplicate-id', {
      dataset: this.#dataset,
      column: this.#column ?? '',
      problem,
      ...this.#bad.detail(),
    })
  }
}

function placeOf(places: Map<string, number>, id: string): number {
  const known = places.get(id)
  if (known !== undefined) return known
  places.set(id, places.size)
  return places.size - 1
}

/** Rows of these kinds alone. @param wanted values of the kind column; undefined for all rows */
async function* ofKind(
  chunks: AsyncIterable<KeyChunk>,
  wanted: ReadonlySet<string> | undefined,
): AsyncGenerator<IdChunk> {
  for await (const chunk of chunks) {
    if (wanted === undefined) yield chunk
    else yield { ...chunk, skipped: chunk.ids.map((_, i) => !wanted.has(chunk.kinds?.[i]?.trim() ?? '')) }
  }
}

async function countOthers(chunks: AsyncIterable<KeyChunk>, known: ReadonlySet<string>): Promise<number> {
  let others = 0
  for await (const { ids, kinds } of chunks) {
    others += ids.filter((_, i) => !known.has(kinds?.[i]?.trim() ?? '')).length
  }
  return others
}

function sumOf(profiles: readonly IdProfile[]): IdProfile {
  const sum = (key: Exclude<keyof IdProfile, 'shape'>) => profiles.reduce((total, profile) => total + profile[key], 0)
  const counts = { total: sum('total'), valid: sum('valid'), empty: sum('empty') }
  const faults = { badFormat: sum('badFormat'), badCheck: sum('badCheck'), duplicates: sum('duplicates') }
  const shape = profiles.flatMap((profile) => profile.shape).toSorted((a, b) => b.count - a.count)
  return { ...counts, ...faults, shape: shape.slice(0, 5) }
}
