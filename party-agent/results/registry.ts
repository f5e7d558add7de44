// The models of this party, by name and version: which job made each, what it was made from, and the digest that binds
// the parts which lie at their owners. All of it comes from the cosigned log, so every party computes the same digest.
import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '#crypto/log/jcs.ts'
import { type JobSpec, parseJobSpec, planTasks } from '#protocols/core/job-spec.ts'
import type { LogRecord, RecordOf } from '#protocols/log/records.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent } from '#runtime/files.ts'
import { type JobLog, readJobLog } from '../log/read-log.ts'
import { readJson, writeJson } from './stored.ts'

export interface ModelPart {
  readonly party: string
  /** SHA-256 of the party's file, see PART_FILES */
  readonly sha256: string
  /** absent: the regression */
  readonly model?: 'trees' | 'average'
}

/**
 * By the task that leaves it: this party's part of a model. Trees are at the guest, splits with thresholds at their owner;
 * an averaged model is at every party, in the same bytes.
 */
const PART_FILES = {
  train: ['model.json'],
  boost: ['trees.json', 'splits.json'],
  average: ['average-model.json'],
} as const
type ModelTask = keyof typeof PART_FILES
const MODEL_OF: Readonly<Record<ModelTask, ModelPart['model']>> = {
  train: undefined,
  boost: 'trees',
  average: 'average',
}

export interface ModelVersion {
  readonly name: string
  readonly version: number
  readonly job: string
  readonly registeredAt: string
  /** SHA-256 of the canonical JSON of job, specification digest and parts: the same at every party */
  readonly digest: string
  readonly parts: readonly ModelPart[]
  readonly lineage: {
    readonly specSha256: string
    readonly purpose: string
    readonly datasets: readonly {
      readonly party: string
      readonly dataset: string
      readonly columns: JobSpec['guest']['columns']
    }[]
    /** digest of the approval under which each owner took part; empty where it needed none */
    readonly approvals: readonly { readonly party: string; readonly approval: string }[]
    readonly parameters: Pick<
      JobSpec,
      'align' | 'split' | 'train' | 'boost' | 'bin' | 'select' | 'scorecard' | 'statistics' | 'average'
    >
    /** an earlier job whose results this one took over */
    readonly reused?: string
    readonly measures: readonly { readonly name: string; readonly value: string }[]
    readonly log: { readonly collaboration: string; readonly size: number }
    readonly software: string
  }
}

interface StoredModel {
  readonly version: 1
  readonly versions: readonly ModelVersion[]
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/

/**
 * The next version of a model. The same job twice is one version.
 * @throws PlatformError model.name; job.unknown; model.incomplete where the log does not say that the job succeeded with a
 * part of every party; model.changed where this party's own part is not the one in the log
 */
export async function registerModel(
  home: string,
  {
    name,
    job,
    software,
    now,
  }: { readonly name: string; readonly job: string; readonly software: string; readonly now: Date },
): Promise<ModelVersion> {
  const path = fileOf(home, name)
  const log = readJobLog(home, job)
  const records = log.records.map(({ record }) => record)
  const { spec, specSha256, parts, digest } = boundModel(records, job)
  await assertOwnPart(home, job, parts)
  const stored = (await readJson<StoredModel>(path)) ?? { version: 1, versions: [] }
  const known = stored.versions.find((version) => version.job === job)
  if (known !== undefined) return known
  const made: ModelVersion = {
    name,
    version: stored.versions.length + 1,
    job,
    registeredAt: now.toISOString(),
    digest,
    parts,
    lineage: lineageOf(spec, specSha256, log, records, software),
  }
  await mkdir(join(home, 'models'), { recursive: true, mode: 0o700 })
  await writeJson(path, { version: 1, versions: [...stored.versions, made] } satisfies StoredModel)
  return made
}

/**
 * The model of a job as its log binds it: the part of every party, and one digest over job, specification and parts.
 * @throws PlatformError model.incomplete
 */
export function boundModel(
  records: readonly LogRecord[],
  job: string,
): Pick<ModelVersion, 'parts' | 'digest'> & { readonly spec: JobSpec; readonly specSha256: string } {
  const spec = specIn(records, job)
  const parties = [spec.guest, ...spec.hosts].map(({ party }) => party)
  const parts = modelTasksOf(spec).flatMap((task) => partsIn(records, job, parties, task))
  const specSha256 = ofKind(records, 'job.proposed')[0]?.specDigest ?? ''
  const digest = sha256(canonicalJson({ job, specSha256, parts: parts.map((part) => ({ ...part })) }))
  return { spec, specSha256, parts, digest }
}

/** Names of the models that are registered here, in order. */
export async function modelNames(home: string): Promise<string[]> {
  const files = await readdir(join(home, 'models')).catch(() => [])
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/** Versions of a model, oldest first. @throws PlatformError model.unknown, model.name */
export async function modelVersions(home: string, name: string): Promise<readonly ModelVersion[]> {
  const stored = await readJson<StoredModel>(fileOf(home, name))
  if (stored === undefined) throw new PlatformError('model.unknown', { name })
  return stored.versions
}

/** Whether this party's part is still the one that the log names. @throws PlatformError model.changed */
export async function assertOwnPart(home: string, job: string, parts: readonly ModelPart[]): Promise<void> {
  for (const [task, files] of Object.entries(PART_FILES)) {
    const logged = parts.filter(({ model }) => model === MODEL_OF[task as ModelTask])
    if (logged.length === 0) continue
    const stored = await Promise.all(files.map((file) => readIfPresent(join(home, 'jobs', job, file))))
    const own = stored.flatMap((bytes) => (bytes === undefined ? [] : [sha256(bytes)]))
    if (own.length === 1 && logged.some((part) => part.sha256 === own[0])) continue
    throw new PlatformError('model.changed', { job, own: own[0]?.slice(0, 16) ?? `no ${files.join(' or ')}` })
  }
}

/** The tasks of the job that left a model, of those that a job can have. */
function modelTasksOf(spec: JobSpec): ModelTask[] {
  return planTasks(spec).flatMap(({ task }) =>
    task === 'train' || task === 'boost' || task === 'average' ? [task] : [],
  )
}

function specIn(records: readonly LogRecord[], job: string): JobSpec {
  const proposed = ofKind(records, 'job.proposed')[0]
  if (proposed === undefined) throw new PlatformError('model.incomplete', { job, missing: 'job.proposed' })
  return parseJobSpec(Buffer.from(proposed.spec, 'base64'))
}

/** The part of every party, in job order: the last that each wrote down for the task that trains the model. */
function partsIn(
  records: readonly LogRecord[],
  job: string,
  parties: readonly string[],
  trained: ModelTask,
): ModelPart[] {
  const digests = ofKind(records, 'model.digest').filter(({ task }) => task === trained)
  const closed = ofKind(records, 'job.closed').filter(({ state }) => state === 'succeeded')
  return parties.map((party) => {
    const part = digests.findLast(({ author }) => author === party)
    const missing = part === undefined ? 'model.digest' : 'job.closed'
    if (part === undefined || !closed.some(({ author }) => author === party))
      throw new PlatformError('model.incomplete', { job, missing: `${missing} of ${party}` })
    const model = MODEL_OF[trained]
    return { party, sha256: part.digest, ...(model === undefined ? {} : { model }) }
  })
}

function lineageOf(
  spec: JobSpec,
  specSha256: string,
  { collaboration, size }: JobLog,
  records: readonly LogRecord[],
  software: string,
): ModelVersion['lineage'] {
  const { align, split, train, boost, bin, select, scorecard, statistics, average, reuse } = spec
  const reused = reuse?.job ?? average?.from?.job
  return {
    specSha256,
    purpose: spec.purpose,
    datasets: [spec.guest, ...spec.hosts].map(({ party, dataset, columns }) => ({ party, dataset, columns })),
    approvals: ofKind(records, 'job.accepted').map(({ author, approval }) => ({ party: author, approval })),
    parameters: {
      ...(align === undefined ? {} : { align }),
      split,
      ...(train === undefined ? {} : { train }),
      ...(boost === undefined ? {} : { boost }),
      ...(bin === undefined ? {} : { bin }),
      ...(select === undefined ? {} : { select }),
      ...(scorecard === undefined ? {} : { scorecard }),
      ...(statistics === undefined ? {} : { statistics }),
      ...(average === undefined ? {} : { average }),
    },
    ...(reused === undefined ? {} : { reused }),
    measures: ofKind(records, 'metric.released').map(({ task, name, value }) => ({
      name: task === 'boost' ? `trees: ${name}` : name,
      value,
    })),
    log: { collaboration, size },
    software,
  }
}

export function ofKind<Kind extends LogRecord['kind']>(records: readonly LogRecord[], kind: Kind): RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind)
}

function fileOf(home: string, name: string): string {
  if (!NAME.test(name)) throw new PlatformError('model.name', { name: name.slice(0, 64), expected: String(NAME) })
  return join(home, 'models', `${name}.json`)
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
