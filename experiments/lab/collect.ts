// Reads the homes of a lab into one result.
import { availableParallelism, cpus } from 'node:os'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { bytesByKind, type LocalModel, lossCurve, readLocalJob } from '#party-agent/results/local-job.ts'
import type { StoredAverageResult } from '#party-agent/results/average-facts.ts'
import { partiesOf } from '#protocols/core/job-spec.ts'
import type { LabHomes, LabMember } from './homes.ts'
import type { LabPlan } from './lab-file.ts'
import type { LabResult } from './lab-result.ts'

export async function collectResult(
  plan: LabPlan,
  homes: LabHomes,
  view: JobView,
  setUpSeconds: number,
  keep: boolean,
): Promise<LabResult> {
  const models: Record<string, LocalModel> = {}
  const averages: Record<string, StoredAverageResult> = {}
  const sent: Record<string, Record<string, number>> = {}
  for (const party of partiesOf(plan.job)) {
    const { model, average, record } = await readLocalJob((homes.parties[party] as LabMember).home, view.job)
    if (model !== undefined) models[party] = model
    if (average !== undefined) averages[party] = average
    sent[party] = bytesByKind(record, 'sent')
  }
  const guest = await readLocalJob((homes.parties[plan.job.guest.party] as LabMember).home, view.job)
  return {
    job: view.job,
    name: view.name,
    state: view.state,
    ...(view.failure_code === ''
      ? {}
      : { failure: { code: view.failure_code, party: view.failure_party, detail: view.failure_detail } }),
    ...(guest.result === undefined ? {} : { metrics: guest.result }),
    ...(guest.targetResult === undefined ? {} : { targetMetrics: guest.targetResult }),
    ...(Object.keys(averages).length === 0 ? {} : { averages }),
    models,
    losses: lossCurve(guest.events),
    sent,
    seconds: {
      setUp: setUpSeconds,
      job: secondsBetween(view.submitted_at, view.ended_at),
      tasks: Object.fromEntries(view.tasks.map((task) => [task.task, secondsBetween(task.started_at, task.ended_at)])),
    },
    machine: {
      cores: availableParallelism(),
      model: cpus()[0]?.model ?? 'unknown',
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    },
    ...(keep ? { folder: homes.folder } : {}),
  }
}

function secondsBetween(start: string, end: string): number {
  return start === '' || end === '' ? 0 : (Date.parse(end) - Date.parse(start)) / 1000
}
