// The task `value` of a job whose model is trees: the trees of coalitions, grown one coalition after the other on the same
// rows and columns. Hosts keep nothing of them; the guest keeps the scores of each.
import type { HePool } from '#crypto/he/pool.ts'
import { boostOf, coalitionsOf } from '#protocols/core/job-spec.ts'
import { inStages, STAGES, type StagesInput } from '#protocols/core/stages.ts'
import { openGuest } from '#protocols/secureboost/guest.ts'
import { openHost } from '#protocols/secureboost/host.ts'
import type { GuestInput, GuestOutput, HostInput, HostOutput } from '#protocols/secureboost/params.ts'
import type { Dataset } from '../data/dataset.ts'
import { storeScores } from '../results/score-store.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { loadGuestInput, loadHostInput } from './boost-input.ts'
import { scoresOf, spreadMargins } from './boost-results.ts'
import { BOOST_SCHEDULE } from './boost-task.ts'

const SCHEDULE = [...BOOST_SCHEDULE, ...STAGES]

export async function bindTreeValue(
  job: BoundJob,
  dataset: Dataset,
  columns: readonly string[],
  pool: HePool,
): Promise<TaskBinding> {
  const stages = coalitionsOf(job.spec).map((hosts) => hosts.map((index) => job.spec.hosts[index]?.party ?? ''))
  const takingPart = new Map<number, readonly string[]>()
  const entered = (round: number, hosts: readonly string[]) => void takingPart.set(round, hosts)
  const rest = { schedule: SCHEDULE, hostsAt: (round: number) => takingPart.get(round), onOutput: async () => {} }
  if (job.self !== job.spec.guest.party) {
    const { input: own } = await loadHostInput(job, dataset, columns)
    const input: StagesInput<HostInput, HostOutput> = { stages, entered, inputOf: () => own, onStage: async () => {} }
    return { program: inStages(() => openHost(pool)) as never, input, ...rest }
  }
  const { input: own, kind } = await loadGuestInput(job, dataset, columns)
  const { objective } = boostOf(job.spec)
  const input: StagesInput<GuestInput, GuestOutput> = {
    stages,
    entered,
    inputOf: () => own,
    onStage: (stage, { margins }) => {
      const scores = scoresOf(kind, objective, spreadMargins(own, margins))
      return storeScores(job.jobDir, { hosts: stages[stage] ?? [], kind: 'trees', scores })
    },
  }
  return { program: inStages(() => openGuest(pool)) as never, input, ...rest }
}
