// Models side by side, of one job or of several: the measures of each on each of its sets, computed anew from its scores;
// and models that several jobs averaged.
import { join } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { compareRuns, type ComparedModel, modelsOf } from '#credit/evaluation/compare.ts'
import type { EvaluationPack, RunFacts, Table } from '#credit/evaluation/pack.ts'
import { PlatformError } from '#runtime/errors.ts'
import { loadAverageResult, type StoredAverageResult } from './average-facts.ts'
import { evaluationFacts } from './evaluation-facts.ts'

export interface ComparedRuns {
  readonly runs: readonly RunFacts[]
  /** in the order of the columns: a job's own model, then its challenger */
  readonly models: readonly ComparedModel[]
  /** run_comparison */
  readonly table: Table
}

/** @throws PlatformError results.none naming the job that has no scores here, evaluation.invalid for fewer than two */
export async function comparedRuns(home: string, jobs: readonly string[]): Promise<ComparedRuns> {
  return comparedPacks(await Promise.all(jobs.map((job) => jointPack(join(home, 'jobs', job), job))))
}

/** @throws PlatformError evaluation.invalid for fewer than two models */
export function comparedPacks(packs: readonly EvaluationPack[]): ComparedRuns {
  return { runs: packs.map(({ run }) => run), models: modelsOf(packs), table: compareRuns(packs) }
}

/** The evaluation without what single partners add, which takes most of its time. @throws PlatformError results.none, storage.damaged */
export async function jointPack(jobDir: string, job: string): Promise<EvaluationPack> {
  const { coalitions: _, ...joint } = await evaluationFacts(jobDir, job)
  return buildEvaluation(joint)
}

/**
 * Undefined where none of the jobs averaged.
 * @throws PlatformError evaluation.invalid where some did and some did not: their hold-out rows are not the same
 */
export async function averagesOf(
  home: string,
  jobs: readonly string[],
): Promise<readonly StoredAverageResult[] | undefined> {
  const found = await Promise.all(jobs.map((job) => loadAverageResult(join(home, 'jobs', job))))
  const averages = found.filter((result) => result !== undefined)
  if (averages.length === 0) return undefined
  if (averages.length < jobs.length) throw new PlatformError('evaluation.invalid', { what: 'jobs of both kinds' })
  return averages
}
