// The task `value`: the models of coalitions, trained one after the other on the same rows and columns, so that the report
// can say what each partner brings. Hosts keep nothing of them; the guest keeps the scores of each.
import { join } from 'node:path'
import type { HePool } from '#crypto/he/pool.ts'
import { coalitionsOf } from '#protocols/core/job-spec.ts'
import { inStages, STAGES, type StagesInput } from '#protocols/core/stages.ts'
import { type GuestOutput, openGuest } from '#protocols/vertical-lr/guest.ts'
import { openHost } from '#protocols/vertical-lr/host.ts'
import { SCORING, SETUP, TRAINING } from '#protocols/vertical-lr/messages.ts'
import type { LrInput } from '#protocols/vertical-lr/training.ts'
import type { Dataset } from '../data/dataset.ts'
import { storeScores } from '../results/score-store.ts'
import { readJson } from '../results/stored.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { bindTreeValue } from './boost-value.ts'
import { loadTrainingInput, withLabels } from './train-input.ts'
import { MODEL_FILE, spread } from './train-results.ts'

const SCHEDULE = [...SETUP, ...TRAINING, ...SCORING, ...STAGES]

interface StoredWeights {
  readonly intercept?: number
  readonly features: readonly { readonly coefficient: number }[]
}

export async function bindValue(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
): Promise<TaskBinding> {
  if (job.spec.train === undefined) return await bindTreeValue(job, dataset, columns, pool)
  const own = await loadTrainingInput(job, dataset, columns)
  const stages = coalitionsOf(job.spec).map((hosts) => hosts.map((index) => job.spec.hosts[index]?.party ?? ''))
  const params = { ...own.input.params, standardErrors: false }
  const start = await startWeights(job)
  const inputOf = (input: LrInput) => ({ ...input, params, ...(start === undefined ? {} : { start }) })
  const takingPart = new Map<number, readonly string[]>()
  const entered = (round: number, hosts: readonly string[]) => void takingPart.set(round, hosts)
  const rest = { schedule: SCHEDULE, hostsAt: (round: number) => takingPart.get(round), onOutput: async () => {} }
  if (job.self !== job.spec.guest.party) {
    const input: StagesInput<LrInput, unknown> = {
      stages,
      entered,
      inputOf: () => inputOf(own.input),
      onStage: async () => {},
    }
    return { program: inStages(() => openHost(pool)) as never, input, ...rest }
  }
  const { input: labelled } = await withLabels(dataset, own)
  const input: StagesInput<LrInput, GuestOutput> = {
    stages,
    entered,
    inputOf: () => inputOf(labelled),
    onStage: (stage, { scores }) =>
      storeScores(job.jobDir, { hosts: stages[stage] ?? [], scores: spread(labelled, scores) }),
  }
  return { program: inStages(() => openGuest(pool) as never) as never, input, ...rest }
}

/** The weights of the job's own model: a model of fewer partners is near it, and takes fewer rounds from there. */
async function startWeights({ jobDir }: BoundJob): Promise<readonly number[] | undefined> {
  const stored = await readJson<StoredWeights>(join(jobDir, MODEL_FILE))
  if (stored === undefined) return undefined
  const weights = stored.features.map(({ coefficient }) => coefficient)
  return stored.intercept === undefined ? weights : [...weights, stored.intercept]
}
