// The calls of the model registry: versions by name, what each was made from, and what was made with it.
import { modelCalls, type ModelVersion as ToldVersion } from '#console/api/models.ts'
import { pageOf } from '#console/api/paging.ts'
import { type Served, served } from '#console/server/calls.ts'
import type { Visit } from '#console/server/visitor.ts'
import { PlatformError } from '#runtime/errors.ts'
import { softwareVersion } from '#runtime/version.ts'
import { assertOwnPart, modelNames, type ModelVersion, modelVersions, registerModel } from '../results/registry.ts'
import { settingsOf } from '../results/settings.ts'
import { jobsHere, type KnownJob, knownJob } from './known-jobs.ts'
import { type AgentParts, readingOf } from './parts.ts'

type ModelParts = Pick<AgentParts, 'config' | 'identity' | 'people' | 'now'>

export function modelsServed(parts: ModelParts): Served {
  const { home } = parts.config
  const state = ({ visitor }: Visit, jobs: readonly string[]): void => {
    using reading = readingOf(parts, visitor)
    for (const job of jobs) reading.require('model', job)
  }
  let last: Promise<unknown> = Promise.resolve()
  return served(modelCalls, {
    async models({ query }, visit) {
      const { items: names, ...rest } = pageOf(await modelNames(home), query, (name) => name)
      const newest = (await Promise.all(names.map((name) => modelVersions(home, name)))).flatMap(
        (versions) => versions.at(-1) ?? [],
      )
      state(
        visit,
        newest.map(({ job }) => job),
      )
      return { items: newest.map(lineOf), ...rest }
    },
    async model({ params: { name } }, visit) {
      const versions = await modelVersions(home, name)
      state(
        visit,
        versions.map(({ job }) => job),
      )
      const known = (await Promise.all((await jobsHere(home)).map((job) => knownJob(home, job)))).filter(
        (job) => job !== undefined,
      )
      const told = await Promise.all(versions.map((version) => versionOf(home, version, versions.length, known)))
      return { name, versions: told.reverse() }
    },
    async registerModel({ body: { name, job } }, visit) {
      state(visit, [job])
      // one after the other: two at once would take the same number
      const made = last.then(() => registerModel(home, { name, job, software: softwareVersion(), now: parts.now() }))
      last = made.catch(() => undefined)
      return lineOf(await made)
    },
  })
}

function lineOf({ name, version, job, registeredAt, digest }: ModelVersion) {
  return { name, version, job, registeredAt, digest }
}

async function versionOf(
  home: string,
  made: ModelVersion,
  newest: number,
  known: readonly KnownJob[],
): Promise<ToldVersion> {
  const { lineage, parts, job, version } = made
  const approvals = new Map(lineage.approvals.map(({ party, approval }) => [party, approval]))
  const scored = known.filter(({ spec }) => spec.score?.job === job)
  return {
    ...lineOf(made),
    jobName: known.find((each) => each.job === job)?.name ?? '',
    state: (await isChanged(home, made)) ? 'changed' : version === newest ? 'newest' : 'replaced',
    purpose: lineage.purpose,
    parties: lineage.datasets.map(({ party, dataset, columns }) => ({
      party,
      dataset,
      columns,
      approval: approvals.get(party) ?? '',
      parts: parts
        .filter((part) => part.party === party)
        .map(({ sha256, model = 'regression' as const }) => ({ model, sha256 })),
    })),
    parameters: settingsOf(lineage.parameters),
    measures: lineage.measures,
    ...(lineage.reused === undefined ? {} : { reused: lineage.reused }),
    scoredBy: scored.map(({ job: by, name, state }) => ({ job: by, name, state })),
    log: lineage.log,
    software: lineage.software,
  }
}

/** Whether the part kept here is another one than the log names. @throws PlatformError storage.damaged */
async function isChanged(home: string, { job, parts }: ModelVersion): Promise<boolean> {
  try {
    await assertOwnPart(home, job, parts)
    return false
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'model.changed') return true
    throw thrown
  }
}
