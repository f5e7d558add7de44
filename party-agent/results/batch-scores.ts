// The scores of a job that scores: one CSV line for each of the guest's rows, in the guest's folder of the job only.
import { join } from 'node:path'
import { exactScore, finalScore } from '#credit/scorecard/scaling.ts'
import { linkOf } from '#credit/trees/objective.ts'
import { isRow } from '#protocols/core/aligned-rows.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import type { StoredTrees } from './tree-facts.ts'

const SCORES_FILE = 'scores.csv'
const NEWLINE = 10

export interface BatchRows {
  /** name of the id column, and the id of each source row */
  readonly name: string
  readonly ids: readonly (string | null)[]
  /** source rows in the order of the alignment, decoys among them */
  readonly rows: Uint32Array
  readonly margins: Float64Array
}

/**
 * In the order of the source. Of classes the log-odds and the probability of a bad row, with points where the model has
 * a scale; of numbers and counts the label that is expected. @throws PlatformError storage.full
 */
export async function storeBatchScores(
  jobDir: string,
  { objective, scorecard }: Pick<StoredTrees, 'objective' | 'scorecard'>,
  { name, ids, rows, margins }: BatchRows,
): Promise<void> {
  const isClass = objective === 'logistic'
  const columns = isClass ? ['log_odds', 'pd', ...(scorecard === undefined ? [] : ['points'])] : ['expected']
  const cellsOf = (margin: number): number[] => {
    if (!isClass) return [linkOf(objective, margin)]
    const points = scorecard === undefined ? [] : [finalScore(exactScore(margin, scorecard), scorecard)]
    return [margin, linkOf(objective, margin), ...points]
  }
  const scored = Array.from(rows.keys()).filter((at) => isRow(rows[at] ?? 0))
  const lines = scored
    .toSorted((a, b) => (rows[a] ?? 0) - (rows[b] ?? 0))
    .map((at) => [quoted(ids[rows[at] ?? 0] ?? ''), ...cellsOf(margins[at] ?? Number.NaN)].join(','))
  const text = [[quoted(name), ...columns].join(','), ...lines, ''].join('\n')
  await writeDurably(join(jobDir, SCORES_FILE), Buffer.from(text), { mode: 0o600 })
}

/** Undefined where the job has scored nothing here. */
export function loadBatchScores(jobDir: string): Promise<Uint8Array | undefined> {
  return readIfPresent(join(jobDir, SCORES_FILE))
}

/** How many rows have a score in what `loadBatchScores` gives. */
export function scoredRows(csv: Uint8Array): number {
  return csv.reduce((lines, byte) => lines + Number(byte === NEWLINE), 0) - 1
}

/** An id in two lines would be two rows to whoever reads the file line by line. */
function quoted(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ')
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line
}
