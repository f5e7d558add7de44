// A job file as it is written: every mistake with the place where it stands.
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { parseYaml } from '#runtime/config.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkJob } from './job-file.ts'

export interface TextProblem {
  /** from 1 */
  readonly line: number
  readonly column: number
  /** such as train.rounds; empty where the text is no YAML */
  readonly key: string
  readonly message: string
}

const NAME = 'job.yaml'
const PLACE = /^job\.yaml:(\d+):(\d+) ([^]*)$/
/** keys of a job have no spaces; one that is unknown may */
const KEYED = /^(.+?): ([^]*)$/

/** The job, or everything that keeps the text from being one. */
export function readJobText(text: string): { readonly spec?: JobSpec; readonly problems: readonly TextProblem[] } {
  try {
    return { spec: checkJob(parseYaml(text, NAME)), problems: [] }
  } catch (thrown) {
    if (!(thrown instanceof PlatformError)) throw thrown
    const { problems, reason } = thrown.detail
    if (thrown.code === 'config.unreadable' && !Array.isArray(problems))
      return { problems: [{ line: 1, column: 1, key: '', message: String(reason) }] }
    if (!Array.isArray(problems)) throw thrown
    return { problems: (problems as readonly string[]).map((line) => placed(line, thrown.code === 'job.invalid')) }
  }
}

function placed(problem: string, isKeyed: boolean): TextProblem {
  const [, line, column, said = problem] = PLACE.exec(problem) ?? []
  const [, key, message] = (isKeyed ? KEYED.exec(said) : null) ?? []
  return { line: Number(line ?? 1), column: Number(column ?? 1), key: key ?? '', message: message ?? said }
}
