// The guest's rows beyond their features: labels, weights, and what describes them in an evaluation.
import { isRow } from '#protocols/core/aligned-rows.ts'
import { type Dataset, labelKind } from '../data/dataset.ts'
import { monthOf } from '../data/day.ts'
import { type ScoredRows, type Segment, storeRows } from '../results/score-store.ts'
import { type Alignment } from './alignment.ts'

const NO_SEGMENT = 0xffff

/** Classes as a protocol takes them, 0 where the weight is 0; and the weights of the alignment. */
export async function labelsAndWeights(
  dataset: Dataset,
  alignment: Alignment,
): Promise<{ readonly labels: Uint8Array; readonly weights: Uint8Array }> {
  const raw = await dataset.labels(alignment.rows)
  const labels = Uint8Array.from(raw, (label) => (label === 1 ? 1 : 0))
  return { labels, weights: countedWeights(alignment, (row) => (raw[row] ?? -1) >= 0) }
}

/** The same of a label of whatever kind. */
export async function targetsAndWeights(
  dataset: Dataset,
  alignment: Alignment,
): Promise<{ readonly labels: Float64Array; readonly weights: Uint8Array }> {
  const raw = await dataset.targets(alignment.rows)
  const labels = raw.map((label) => (Number.isNaN(label) ? 0 : label))
  return { labels, weights: countedWeights(alignment, (row) => !Number.isNaN(raw[row])) }
}

function countedWeights({ rows, weights }: Alignment, isLabelled: (row: number) => boolean): Uint8Array {
  return Uint8Array.from(rows, (source, row) => (isLabelled(row) && isRow(source) ? (weights?.[row] ?? 1) : 0))
}

/** Keeps the rows for the evaluation: labels, months, amounts and segments of every row that is the guest's own. */
export async function storeGuestRows(jobDir: string, dataset: Dataset, alignment: Alignment): Promise<void> {
  const { rows, sets } = alignment
  const { month, amount, segments = [] } = dataset.config.describe ?? {}
  const at = async (column: string) => {
    const texts = await dataset.texts(column)
    return Array.from(rows, (row) => (isRow(row) ? (texts[row] ?? null) : null))
  }
  const monthly = month === undefined ? undefined : (await at(month)).map((text) => monthOf(text))
  await storeRows(jobDir, {
    sets,
    ...(await labelsOf(dataset, rows)),
    included: Uint8Array.from(rows, (row) => (isRow(row) ? 1 : 0)),
    ...(monthly === undefined
      ? {}
      : { months: Int32Array.from(monthly, (text) => Number((text ?? '0').replace('-', ''))) }),
    ...(amount === undefined
      ? {}
      : { amounts: Float64Array.from(await at(amount), (text) => Number(text ?? Number.NaN)) }),
    segments: await Promise.all(segments.map(async (column) => segmentOf(column, await at(column)))),
  })
}

/** No row has a class where the label is none. */
async function labelsOf(dataset: Dataset, rows: Uint32Array): Promise<Pick<ScoredRows, 'labels' | 'targets'>> {
  const kind = labelKind(dataset)
  if (kind === 'binary') return { labels: await dataset.labels(rows) }
  return { labels: new Int8Array(rows.length).fill(-1), targets: { kind, values: await dataset.targets(rows) } }
}

function segmentOf(dimension: string, texts: readonly (string | null)[]): Segment {
  const values = [...new Set(texts.filter((text) => text !== null))].sort().slice(0, NO_SEGMENT)
  const codeOf = new Map(values.map((value, code) => [value, code]))
  return { dimension, values, codes: Uint16Array.from(texts, (text) => codeOf.get(text ?? '') ?? NO_SEGMENT) }
}
