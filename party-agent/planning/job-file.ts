// A job file: YAML (or JSON), whose problems point at line and column.
import { randomBytes } from 'node:crypto'
import { checkJobSpec, type JobSpec, JobSpecSchema } from '#protocols/core/job-spec.ts'
import { checkConfig, readYaml, sayProblem, type YamlSource } from '#runtime/config.ts'
import { PlatformError } from '#runtime/errors.ts'

/** @throws PlatformError config.unreadable; job.invalid whose `problems` are `file:line:column key: …` */
export function readJobFile(path: string): JobSpec {
  return checkJob(readYaml(path))
}

/** The job in YAML that was read already. @throws PlatformError job.invalid */
export function checkJob(source: YamlSource): JobSpec {
  try {
    checkConfig(JobSpecSchema, source)
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'config.invalid')
      throw new PlatformError('job.invalid', thrown.detail)
    throw thrown
  }
  const { spec, problems } = checkJobSpec(source.value)
  if (spec !== undefined) return spec
  throw new PlatformError('job.invalid', {
    file: source.name,
    problems: problems.map((problem) => sayProblem(source, problem)),
  })
}

/** The bytes that are signed and sent. A fresh nonce makes the same file a new job each time. */
export function jobBytes(spec: JobSpec): Uint8Array {
  return Buffer.from(JSON.stringify({ ...spec, nonce: spec.nonce ?? randomBytes(16).toString('hex') }))
}
