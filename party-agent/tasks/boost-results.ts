// What growing trees leaves: at the guest trees.json, the scores of its rows and its part of result.json; at a host
// splits.json.
import { join } from 'node:path'
import { evaluate } from '#credit/evaluation/discrimination.ts'
import { evaluateTargets } from '#credit/evaluation/targets.ts'
import { linkOf } from '#credit/trees/objective.ts'
import type { Objective } from '#credit/trees/params.ts'
import { isRow, rangeOf, SET_NAMES, type SetName } from '#protocols/core/aligned-rows.ts'
import { ownersOf } from '#protocols/core/job-groups.ts'
import { boostOf } from '#protocols/core/job-spec.ts'
import type { GuestInput, GuestOutput, HostOutput } from '#protocols/secureboost/params.ts'
import { storeScores } from '../results/score-store.ts'
import { readJson, writeJson } from '../results/stored.ts'
import { SPLITS_FILE, type StoredSplits, type StoredTrees, TREES_FILE } from '../results/tree-facts.ts'
import type { LabelKind } from '../config.ts'
import type { BoundJob } from './binding.ts'
import type { GuestBoosting } from './boost-input.ts'
import { growAlone } from './boost-alone.ts'
import { RESULT_FILE } from './train-results.ts'

/** What the round log takes the measures of the trees from. */
export const TREE_RESULT_FILE = 'trees-result.json'
/** Probabilities nearer to 0 and 1 have no log-odds. */
const EDGE = 1e-9

export async function storeSplits(job: BoundJob, { splits, trees }: HostOutput): Promise<void> {
  const part: StoredSplits = {
    version: 1,
    job: job.jobId,
    party: job.self,
    protocol: 'secureboost',
    trees,
    splits,
  }
  await writeJson(join(job.jobDir, SPLITS_FILE), part)
}

export async function storeTrees(job: BoundJob, output: GuestOutput): Promise<void> {
  const { spec, self, jobId } = job
  const { start, trees, splits, aliases, losses, stoppedEarly } = output
  const part: StoredTrees = {
    version: 1,
    job: jobId,
    party: self,
    protocol: 'secureboost',
    objective: boostOf(spec).objective,
    start,
    ...(spec.scorecard === undefined ? {} : { scorecard: spec.scorecard }),
    owners: [self, ...ownersOf(spec).map(({ name }) => name)],
    aliases,
    trees,
    splits,
    losses,
    stoppedEarly,
  }
  await writeJson(join(job.jobDir, TREES_FILE), part)
}

/** Measures on the hold-out rows: trees on the guest's own columns, grown here in the clear, beside the joint trees. */
export async function storeTreeResult(
  job: BoundJob,
  { alignment, input, kind }: GuestBoosting,
  output: GuestOutput,
): Promise<void> {
  const { jobDir, spec, self } = job
  const { objective } = boostOf(spec)
  const joint = scoresOf(kind, objective, spreadMargins(input, output.margins))
  const alone = scoresOf(kind, objective, growAlone(input, await job.seedOf('trees alone')))
  await storeScores(jobDir, { hosts: spec.hosts.map(({ party }) => party), kind: 'trees', scores: joint })
  await storeScores(jobDir, { hosts: [], kind: 'trees', scores: alone })
  const { from, to } = rangeOf(alignment, 'holdout')
  const counted = Array.from({ length: to - from }, (_, i) => from + i).filter(
    (row) => isRow(alignment.rows[row] ?? 0) && input.weights[row] !== 0,
  )
  const at = (values: Float64Array) => Float64Array.from(counted, (row) => values[row] ?? 0)
  const labels = at(input.labels)
  const measures =
    kind === 'binary'
      ? {
          bankOnly: evaluate(at(alone), Uint8Array.from(labels)),
          joint: evaluate(at(joint), Uint8Array.from(labels)),
        }
      : {
          targets: {
            kind,
            bankOnly: evaluateTargets(at(alone), labels, kind),
            joint: evaluateTargets(at(joint), labels, kind),
          },
        }
  const trainRows = rangeOf(alignment, 'train').to
  const training = input.weights.subarray(0, trainRows).reduce((sum, weight) => sum + weight, 0)
  const trees = {
    ...measures,
    rounds: output.trees.length,
    converged: output.stoppedEarly,
    losses: output.losses.map(({ train }) => train),
  }
  const about = { job: job.jobId, name: spec.name, party: self, protocol: 'secureboost' }
  const rows = { training, holdout: counted.length }
  const result = { ...about, alignment: alignment.report, rows, ...trees }
  await writeJson(join(jobDir, TREE_RESULT_FILE), result)
  const champion =
    spec.train === undefined ? undefined : await readJson<Record<string, unknown>>(join(jobDir, RESULT_FILE))
  // written again after a crash: the same challenger once more
  await writeJson(join(jobDir, RESULT_FILE), champion === undefined ? result : { ...champion, challenger: trees })
}

/** Margins of all sets at the places of their rows; NaN where there are none. */
export function spreadMargins(
  input: GuestInput,
  margins: Readonly<Partial<Record<SetName, Float64Array>>>,
): Float64Array {
  const all = new Float64Array(input.labels.length).fill(Number.NaN)
  for (const name of SET_NAMES) {
    const of = margins[name]
    if (of !== undefined) all.set(of, rangeOf(input, name).from)
  }
  return all
}

/** What the evaluation compares with the labels: log-odds of a class, else the label that is expected. */
export function scoresOf(kind: LabelKind, objective: Objective, margins: Float64Array): Float64Array {
  if (kind === 'binary') return logOdds(objective, margins)
  return margins.map((margin) => linkOf(objective, margin))
}

/** Log-odds of a bad row from margins: of an event, or of at least one event where events are counted. */
function logOdds(objective: Objective, margins: Float64Array): Float64Array {
  if (objective === 'logistic') return margins
  return margins.map((margin) => {
    const p = objective === 'squared' ? margin : 1 - Math.exp(-Math.exp(margin))
    const inside = Math.min(1 - EDGE, Math.max(EDGE, p))
    return Math.log(inside / (1 - inside))
  })
}
