// What the platform itself can state in the model document: from the job, from what it left, and from the cosigned log.
import { dirname, join } from 'node:path'
import type { DocumentFacts } from '#credit/report/document.ts'
import { parseJobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent } from '#runtime/files.ts'
import { type JobLog, readJobLog } from '../log/read-log.ts'
import { factsOfLog } from './document-of-log.ts'
import { factsOfResults } from './document-of-results.ts'
import { factsOfSpec } from './document-of-spec.ts'

/**
 * By the ids of the document's items; what the folder and the log do not say is left out.
 * @param jobDir `jobs/JOB` of a party's home, beside which its logs lie
 * @throws PlatformError storage.damaged
 */
export async function platformFacts(jobDir: string, job: string): Promise<DocumentFacts> {
  const bytes = await readIfPresent(join(jobDir, 'spec.json'))
  if (bytes === undefined) return {}
  const spec = parseJobSpec(bytes)
  const log = logOf(dirname(dirname(jobDir)), job)
  const found = { ...factsOfSpec(spec), ...(await factsOfResults(jobDir, spec)) }
  return log === undefined ? found : { ...found, ...factsOfLog(log, spec, job) }
}

/** Undefined for a folder without a log of this job, such as a copy. */
function logOf(home: string, job: string): JobLog | undefined {
  try {
    return readJobLog(home, job)
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'job.unknown') return undefined
    throw thrown
  }
}
