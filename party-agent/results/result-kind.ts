// What kind of result a party keeps of a job, told from which files are there: no measure is read for it.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { loadBatchScores } from './batch-scores.ts'
import { readJson } from './stored.ts'
import { SPLITS_FILE, TREES_FILE } from './tree-facts.ts'

/**
 * classes: a model of bad and good; numbers: of a number or a count; average: a model of all parties' rows; scan: columns
 * without a model; scores: rows were scored; part: this party has its part of a model only; none: nothing yet or ever
 */
export type LocalResultKind = 'classes' | 'numbers' | 'average' | 'scan' | 'scores' | 'part' | 'none'

/** @param jobDir folder of the job at this party @throws PlatformError storage.damaged */
export async function resultKind(jobDir: string): Promise<LocalResultKind> {
  if ((await loadBatchScores(jobDir)) !== undefined) return 'scores'
  const result = await readJson<{ readonly protocol?: string; readonly targets?: object }>(join(jobDir, 'result.json'))
  if (result?.protocol === 'fedavg') return 'average'
  if (result !== undefined) return result.targets === undefined ? 'classes' : 'numbers'
  if (await anyOf(jobDir, ['binning.json', 'profiles.json'])) return 'scan'
  return (await hasOwnPart(jobDir)) ? 'part' : 'none'
}

/** Whether this party keeps columns of a model with its own cut points or thresholds. */
export function hasOwnPart(jobDir: string): Promise<boolean> {
  return anyOf(jobDir, ['model.json', TREES_FILE, SPLITS_FILE])
}

async function anyOf(folder: string, files: readonly string[]): Promise<boolean> {
  const found = files.map((file) =>
    access(join(folder, file)).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(found)).includes(true)
}
