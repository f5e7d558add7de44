// A job that goes on from an earlier one: the results of its first tasks are taken over instead of computed again.
// Every party does so by itself, from its own folder of the earlier job.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import { SPLITS_FILE, TREES_FILE } from '../results/tree-facts.ts'

type Reuse = NonNullable<JobSpec['reuse']>

/** What a task leaves for the tasks after it; guests and hosts leave different ones. */
const FILES: Readonly<Record<Reuse['through'], readonly string[]>> = {
  align: ['alignment.rows', 'alignment.json'],
  bin: ['bins.json', 'binning.json'],
  select: ['selection.json', 'chosen.json'],
}
/** The one of them that every party has. */
const MARK: Readonly<Record<Reuse['through'], string>> = {
  align: 'alignment.json',
  bin: 'bins.json',
  select: 'chosen.json',
}
const ORDER = ['align', 'bin', 'select'] as const
const TAKEN = 'reused.json'

/**
 * Refuses a job that wants to go on from something else than it says.
 * @param jobsFolder this party's folder of jobs
 * @throws PlatformError job.reuse-differs naming the sections, job.reuse-missing where the earlier job left no results here
 */
export async function assertReusable(jobsFolder: string, spec: JobSpec, self: string): Promise<void> {
  const { reuse } = spec
  if (reuse === undefined) return
  const folder = join(jobsFolder, reuse.job)
  const bytes = await readIfPresent(join(folder, 'spec.json'))
  const left = await readIfPresent(join(folder, MARK[reuse.through]))
  if (bytes === undefined || left === undefined)
    throw new PlatformError('job.reuse-missing', { party: self, job: reuse.job, through: reuse.through })
  const earlier = parseJobSpec(bytes)
  const [before, now] = [takenSections(earlier, reuse.through), takenSections(spec, reuse.through)]
  const differing = Object.keys(now).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
  if (differing.length > 0)
    throw new PlatformError('job.reuse-differs', { party: self, job: reuse.job, sections: differing })
}

/**
 * Refuses a job that wants to score with trees that this party has no part of.
 * @throws PlatformError job.reuse-differs where other parties grew them, job.reuse-missing where none are here
 */
export async function assertScorable(jobsFolder: string, spec: JobSpec, self: string): Promise<void> {
  const { score, guest, hosts } = spec
  if (score === undefined) return
  const folder = join(jobsFolder, score.job)
  const bytes = await readIfPresent(join(folder, 'spec.json'))
  const part = await readIfPresent(join(folder, self === guest.party ? TREES_FILE : SPLITS_FILE))
  if (bytes === undefined || part === undefined)
    throw new PlatformError('job.reuse-missing', { party: self, job: score.job, through: 'boost' })
  const earlier = parseJobSpec(bytes)
  const others = [
    // members' splits are of no use one by one, and scoring asks every host by itself
    ...(earlier.groups === undefined ? [] : ['groups']),
    ...(earlier.guest.party === guest.party ? [] : ['guest']),
    ...(JSON.stringify(earlier.hosts.map(({ party }) => party)) === JSON.stringify(hosts.map(({ party }) => party))
      ? []
      : ['hosts']),
  ]
  if (others.length > 0) throw new PlatformError('job.reuse-differs', { party: self, job: score.job, sections: others })
}

/** What the results of the tasks up to this one depend on. An alignment depends on no columns. */
function takenSections(spec: JobSpec, through: Reuse['through']): Record<string, unknown> {
  const { guest, hosts, groups, purpose, align, split } = spec
  const part = ({ party, dataset, columns }: JobSpec['guest']) =>
    through === 'align' ? [party, dataset] : [party, dataset, columns]
  const tasks = ORDER.slice(1, ORDER.indexOf(through) + 1).map((task) => [task, spec[task]])
  return { guest: part(guest), hosts: hosts.map(part), groups, purpose, align, split, ...Object.fromEntries(tasks) }
}

/** Copies what the earlier job left, once. @throws PlatformError as `assertReusable` */
export async function takeOver(jobDir: string, spec: JobSpec, self: string): Promise<void> {
  const { reuse } = spec
  if (reuse === undefined || (await readIfPresent(join(jobDir, TAKEN))) !== undefined) return
  const jobsFolder = join(jobDir, '..')
  await assertReusable(jobsFolder, spec, self)
  const taken: Record<string, string> = {}
  for (const name of ORDER.slice(0, ORDER.indexOf(reuse.through) + 1).flatMap((task) => FILES[task])) {
    const bytes = await readIfPresent(join(jobsFolder, reuse.job, name))
    if (bytes === undefined) continue
    await writeDurably(join(jobDir, name), bytes, { mode: 0o600 })
    taken[name] = createHash('sha256').update(bytes).digest('hex')
  }
  const text = JSON.stringify({ ...reuse, files: taken }, null, 2)
  await writeDurably(join(jobDir, TAKEN), Buffer.from(`${text}\n`), { mode: 0o600 })
}
