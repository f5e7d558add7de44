// The ids of a data set as PSI takes them in: normalised, one row an id, with a profile of what was left out.
import { type IdProfile, IdTally } from '#protocols/core/ids.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { DatasetConfig } from '../config.ts'

export interface UsableIds {
  /** normalised, each once, in the order in which they first occur */
  readonly ids: string[]
  /** rows[i] is the source row that counts for ids[i] */
  readonly rows: Uint32Array
  readonly profile: IdProfile
}

/** One stretch of the id column in source order. `order` holds the values of ids.orderBy, where there is one. */
export interface IdChunk {
  readonly firstRow: number
  readonly ids: readonly (string | null)[]
  readonly order?: Float64Array
  /** rows that are none of this column: not even counted */
  readonly skipped?: readonly boolean[]
}

const EXAMPLES = 10
/** A Map of V8 holds 2^24 entries. */
const MAX_IDS = 16_000_000

/**
 * Applies normalisation and the rule for duplicates. Memory: about 100 bytes an id.
 * @param onProgress called with the rows read so far
 * @throws PlatformError data.empty, data.few-valid-ids when not one id is valid, data.duplicate-id by the rule `reject`
 */
export async function collectUsableIds(
  dataset: string,
  rules: DatasetConfig['ids'],
  chunks: AsyncIterable<IdChunk>,
  onProgress?: (rows: number) => void,
): Promise<UsableIds> {
  const { duplicateRows, ...usable } = await gatherIds(rules, chunks, onProgress)
  assertUsable(dataset, rules, usable.profile, duplicateRows)
  return usable
}

/** The same without refusals: what is there, by the rule `first` where the rule is `reject`. */
export async function gatherIds(
  rules: DatasetConfig['ids'],
  chunks: AsyncIterable<IdChunk>,
  onProgress: (rows: number) => void = () => undefined,
): Promise<UsableIds & { duplicateRows: readonly number[] }> {
  const tally = new IdTally(rules.kind)
  const place = new Map<string, number>()
  const rows: number[] = []
  const orders: number[] = []
  const duplicateRows: number[] = []
  let read = 0
  for await (const chunk of chunks) {
    for (const [i, raw] of chunk.ids.entries()) {
      if (chunk.skipped?.[i] === true) continue
      const id = tally.add(raw)
      if (id === undefined) continue
      const row = chunk.firstRow + i
      const order = chunk.order?.[i] ?? row
      const known = place.get(id)
      if (known === undefined) {
        if (rows.length === MAX_IDS) throw new PlatformError('data.unreadable', { problem: `more than ${MAX_IDS} ids` })
        place.set(id, rows.length)
        rows.push(row)
        if (chunk.order !== undefined) orders.push(order)
        continue
      }
      tally.addDuplicate()
      if (duplicateRows.length < EXAMPLES) duplicateRows.push(row)
      if (replaces(rules.duplicates, order, orders[known] ?? (rows[known] as number))) {
        rows[known] = row
        if (chunk.order !== undefined) orders[known] = order
      }
    }
    read += chunk.ids.length
    onProgress(read)
  }
  return { ids: [...place.keys()], rows: Uint32Array.from(rows), profile: tally.profile(), duplicateRows }
}

/** Ties go to the earlier row for `first` and to the later row for `last`. */
function replaces(rule: DatasetConfig['ids']['duplicates'], order: number, known: number): boolean {
  if (rule === 'last') return order >= known
  return rule === 'first' && order < known
}

/**
 * @param least valid ids
 * @throws PlatformError data.empty, data.few-valid-ids, data.duplicate-id by the rule `reject`
 */
export function assertUsable(
  dataset: string,
  rules: DatasetConfig['ids'],
  profile: IdProfile,
  duplicateRows: readonly number[],
  least = 1,
): void {
  if (profile.total === 0) throw new PlatformError('data.empty', { dataset })
  if (profile.valid < least) {
    const { empty, badFormat, badCheck } = profile
    throw new PlatformError('data.few-valid-ids', { dataset, kind: rules.kind, valid: 0, empty, badFormat, badCheck })
  }
  if (rules.duplicates === 'reject' && profile.duplicates > 0) {
    throw new PlatformError('data.duplicate-id', {
      dataset,
      column: rules.column,
      duplicates: profile.duplicates,
      rows: duplicateRows.map((row) => String(row + 1)),
    })
  }
}
