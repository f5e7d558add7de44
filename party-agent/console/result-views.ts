// A result at a glance, as the console tells it: what was measured, on which rows, in how many rounds, and what there is to open.
import { join } from 'node:path'
import type { Headline, JobLine, Overview } from '#console/api/results.ts'
import type { Measure } from '#credit/evaluation/discrimination.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { chaptersOf } from '#credit/report/chapters.ts'
import { PlatformError } from '#runtime/errors.ts'
import { averageChapters, type AverageFacts } from '../results/average-chapters.ts'
import { loadAverageResult, loadStatistics, type StoredAverageResult } from '../results/average-facts.ts'
import { loadBatchScores, scoredRows } from '../results/batch-scores.ts'
import { algorithmOf, challengerOf } from '../results/evaluation-facts.ts'
import type { JobEvent, LocalResult, LocalTargetResult } from '../results/local-job.ts'
import type { PackDepth, PackStore } from '../results/pack-store.ts'
import { hasOwnPart, type LocalResultKind, resultKind } from '../results/result-kind.ts'
import { readJson, readJsonLines } from '../results/stored.ts'
import { type KnownJob, knownJob } from './known-jobs.ts'

/** @throws PlatformError job.unknown, storage.damaged where its files are there and cannot be read */
export async function jobHere(home: string, job: string): Promise<KnownJob> {
  const known = await knownJob(home, job)
  if (known !== undefined) return known
  for (const file of ['job.json', 'spec.json']) await readJson(join(home, 'jobs', job, file))
  throw new PlatformError('job.unknown', { job })
}

export async function jobLine(
  home: string,
  { job, name, guest, state, submittedAt, spec }: KnownJob,
): Promise<JobLine> {
  const kind = await resultKind(join(home, 'jobs', job)).catch(damagedKind)
  return { job, name, guest, hosts: spec.hosts.map(({ party }) => party), kind, state, submittedAt }
}

/** One result that cannot be read does not hide the others. */
function damagedKind(thrown: unknown): JobLine['kind'] {
  if (thrown instanceof PlatformError && thrown.code === 'storage.damaged') return 'damaged'
  throw thrown
}

/** Of a kind that has an evaluation: the pack behind its chapters. @throws PlatformError results.none, storage.damaged */
export function packBehind(packs: PackStore, job: string, kind: LocalResultKind): Promise<EvaluationPack> {
  const depths: Partial<Record<LocalResultKind, PackDepth>> = { classes: 'all', numbers: 'all', scan: 'columns' }
  const depth = depths[kind]
  if (depth === undefined) throw new PlatformError('results.none', { job, kind })
  return packs.packOf(job, depth)
}

/** @throws PlatformError results.none where the job did not average, storage.damaged */
export async function averageBehind(home: string, { job, spec, submittedAt }: KnownJob): Promise<AverageFacts> {
  const folder = join(home, 'jobs', job)
  const result = await loadAverageResult(folder)
  if (result === undefined) throw new PlatformError('results.none', { job })
  const events = await readJsonLines<JobEvent>(join(folder, 'events.jsonl'))
  const columns = (await loadStatistics(folder))?.columns ?? []
  return { spec, result, columns, endedAt: events.at(-1)?.time ?? submittedAt }
}

/**
 * What can be opened of a result; the evaluation is computed for it where it is not there yet.
 * @throws PlatformError results.none, storage.damaged
 */
export async function chapterNames(home: string, packs: PackStore, known: KnownJob): Promise<readonly string[]> {
  const kind = await resultKind(join(home, 'jobs', known.job))
  if (kind === 'average') return averageChapters(await averageBehind(home, known))
  if (kind !== 'classes' && kind !== 'numbers' && kind !== 'scan') return []
  return chaptersOf(await packBehind(packs, known.job, kind))
}

/** At once: nothing is computed. @param mayReadPart whether the reader's role allows this party's part of the model */
export async function overviewOf(home: string, known: KnownJob, mayReadPart: boolean): Promise<Overview> {
  const line = await jobLine(home, known)
  const folder = join(home, 'jobs', known.job)
  const part = { ownPart: mayReadPart && (await hasOwnPart(folder)) }
  const nothing = { ...line, ...part, headline: [], files: [] }
  switch (line.kind) {
    case 'none':
    case 'part':
    case 'damaged':
      return nothing
    case 'scores': {
      const scored = scoredRows((await loadBatchScores(folder)) ?? new Uint8Array())
      return { ...nothing, scored, files: ['scores'] }
    }
    case 'average': {
      const { result } = await averageBehind(home, known)
      return { ...nothing, ...averageGlance(result), files: ['report', 'evaluation'] }
    }
    case 'scan':
      return { ...nothing, files: ['evaluation'] }
    default: {
      const result = await readJson<LocalResult | LocalTargetResult>(join(folder, 'result.json'))
      const challenger = challengerOf(known.spec)
      return {
        ...nothing,
        ...(result === undefined ? {} : 'targets' in result ? targetGlance(result) : classGlance(result)),
        algorithm: algorithmOf(known.spec),
        ...(challenger === undefined ? {} : { challenger }),
        files: ['report', 'model-document', 'evaluation'],
      }
    }
  }
}

type Glance = Pick<Overview, 'headline' | 'rows' | 'rounds' | 'converged'>

function classGlance({ bankOnly, joint, challenger, rows, rounds, converged }: LocalResult): Glance {
  const measures = (model: Headline['model'], of: Pick<LocalResult, 'bankOnly' | 'joint'>): Headline[] =>
    (['auc', 'ks'] as const).map((measure) => {
      return { model, measure, alone: measured(of.bankOnly[measure]), joint: measured(of.joint[measure]) }
    })
  const headline = [
    ...measures('final', { bankOnly, joint }),
    ...(challenger === undefined ? [] : measures('challenger', challenger)),
  ]
  return { headline, rows, rounds, converged }
}

function targetGlance({ targets, rows, rounds, converged }: LocalTargetResult): Glance {
  const names = [
    ['rmse', 'rmse'],
    ['deviance', 'poisson_deviance'],
    ['gini', 'gini'],
  ] as const
  const headline = names.flatMap(([name, measure]): Headline[] => {
    const [alone, joint] = [targets.bankOnly[name], targets.joint[name]]
    if (joint === null) return []
    return [{ model: 'final', measure, joint: measured(joint), ...(alone === null ? {} : { alone: measured(alone) }) }]
  })
  return { headline, rows, rounds, converged }
}

/** An interval of a measure that could not be measured is none: JSON has no number for it. */
function measured({ value, low, high }: Measure): Headline['joint'] {
  return Number.isFinite(low) && Number.isFinite(high) ? { value, low, high } : { value }
}

function averageGlance(result: StoredAverageResult): Glance & Pick<Overview, 'average' | 'algorithm'> {
  const { federated, rows, rounds, parties, parameters, bestRound, stoppedEarly, modelDigest, engine, privacy } = result
  const spent = rounds.at(-1)?.epsilon
  return {
    headline: federated === undefined ? [] : federatedHeadline(federated),
    rows,
    rounds: rounds.length,
    converged: stoppedEarly,
    algorithm: result.algorithm,
    average: {
      parties,
      parameters,
      bestRound,
      rounds: rounds.length,
      stoppedEarly,
      modelDigest,
      engine: `${engine.name} ${engine.version}`,
      ...(privacy === undefined
        ? {}
        : {
            privacy: {
              unit: privacy.unit,
              budget: privacy.budget,
              delta: privacy.delta,
              noiseMultiplier: privacy.noiseMultiplier,
              ...(spent === undefined ? {} : { spent }),
            },
          }),
    },
  }
}

/** Over the hold-out rows of all parties; what a model of the own rows alone reaches was measured on other rows. */
function federatedHeadline({ auc, aucError, ks }: NonNullable<StoredAverageResult['federated']>): Headline[] {
  return [
    { model: 'final', measure: 'auc', joint: { value: auc, low: auc - aucError, high: auc + aucError } },
    { model: 'final', measure: 'ks', joint: { value: ks } },
  ]
}
