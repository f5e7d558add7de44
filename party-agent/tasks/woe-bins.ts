// The bins of this party's columns, as the task `bin` left them, and the columns as weights of evidence. Cut points are
// in this file and nowhere else: it stays with the owner.
import { join } from 'node:path'
import { assignBins, binCount, NO_ROW } from '#credit/bins.ts'
import type { OwnedColumn } from '#protocols/binning-iv/params.ts'
import { woeColumn } from '#protocols/vertical-lr/columns.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import { readJson, writeJson } from '../results/stored.ts'

export const BINS_FILE = 'bins.json'
export const CHOSEN_FILE = 'chosen.json'

interface StoredBins {
  readonly version: 1
  readonly fingerprint: string
  readonly columns: readonly OwnedColumn[]
}

interface StoredChoice {
  readonly version: 1
  readonly columns: readonly string[]
}

/** @param fingerprint of the data set that was binned */
export async function storeBins(jobDir: string, fingerprint: string, columns: readonly OwnedColumn[]): Promise<void> {
  await writeJson(join(jobDir, BINS_FILE), { version: 1, fingerprint, columns } satisfies StoredBins)
}

/** Names of own columns that the selection kept. */
export async function storeChoice(jobDir: string, columns: readonly string[]): Promise<void> {
  await writeJson(join(jobDir, CHOSEN_FILE), { version: 1, columns } satisfies StoredChoice)
}

/** The bins of the columns that go into the model: all, or those that a selection kept. @throws PlatformError storage.damaged */
export async function loadBins(jobDir: string, { chosen = true } = {}): Promise<readonly OwnedColumn[]> {
  const stored = await readJson<StoredBins>(join(jobDir, BINS_FILE))
  if (stored === undefined) throw new PlatformError('storage.damaged', { missing: BINS_FILE })
  const choice = chosen ? await readJson<StoredChoice>(join(jobDir, CHOSEN_FILE)) : undefined
  return stored.columns.filter(({ name }) => choice?.columns.includes(name) ?? true)
}

/** By column, in the fixed point of the model, what a row that this party does not have counts as. */
export function woeOfNoRow(columns: readonly OwnedColumn[]): number[] {
  const values = columns.map(({ bins, table }) => {
    const [index] = assignBins(Float64Array.of(Number.NaN), Uint32Array.of(NO_ROW), bins)
    return table.find(({ bin }) => bin === index)?.woe ?? 0
  })
  return [...woeColumn(values)]
}

/** By column, in the fixed point of the model: the least and the most that a row can hold. */
export function woeLimits(columns: readonly OwnedColumn[]): [number, number][] {
  return columns.map(({ table }) => {
    // a bin that the table does not have is WOE 0
    const codes = woeColumn([0, ...table.map(({ woe }) => woe)])
    return [Math.min(...codes), Math.max(...codes)]
  })
}

/** Each column as weights of evidence in the fixed point of the model, in the order of `columns`. */
export async function woeColumns(
  dataset: Dataset,
  rows: Uint32Array,
  columns: readonly OwnedColumn[],
): Promise<readonly Int32Array[]> {
  const out: Int32Array[] = []
  const names = columns.map(({ name }) => name)
  for await (const { name, values } of dataset.columns(names, rows)) {
    const column = columns.find((candidate) => candidate.name === name)
    if (column === undefined) throw new PlatformError('internal.unexpected', { column: name })
    const woe = new Float64Array(binCount(column.bins))
    for (const { bin, woe: value } of column.table) woe[bin] = value
    const assigned = assignBins(values, rows, column.bins)
    out.push(woeColumn(Float64Array.from(assigned, (bin) => woe[bin] as number)))
  }
  return out
}
