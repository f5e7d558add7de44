// Jobs as the files of this party know them: what a page says beside the number of a job.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import { readIfPresent } from '#runtime/files.ts'
import type { StoredJob } from '../tasks/job-files.ts'
import type { LocalJobState } from '../tasks/states.ts'

export interface KnownJob {
  readonly job: string
  readonly name: string
  readonly guest: string
  readonly state: LocalJobState
  readonly submittedAt: string
  readonly spec: JobSpec
  readonly failure?: StoredJob['failure']
}

/** Undefined where the party has no such job, or its files cannot be read: the job itself says why, elsewhere. */
export async function knownJob(home: string, job: string): Promise<KnownJob | undefined> {
  const folder = join(home, 'jobs', job)
  const [state, bytes] = [await readIfPresent(join(folder, 'job.json')), await readIfPresent(join(folder, 'spec.json'))]
  if (state === undefined || bytes === undefined) return undefined
  try {
    const stored = JSON.parse(Buffer.from(state).toString('utf8')) as StoredJob
    const spec = parseJobSpec(bytes)
    const { failure } = stored
    const facts = {
      job,
      name: spec.name,
      guest: spec.guest.party,
      state: stored.state,
      submittedAt: stored.submittedAt,
    }
    return { ...facts, spec, ...(failure === undefined ? {} : { failure }) }
  } catch {
    return undefined
  }
}

/** Numbers of all jobs that have a folder here. */
export async function jobsHere(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, 'jobs')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => /^job-[0-9a-f]{20}$/.test(name)).sort()
}
