// The result files of a job at the guest, beside its scores: what binning, selection and training left.
import { join } from 'node:path'
import type { CoefficientFacts, FeatureFacts, Table } from '#credit/evaluation/pack.ts'
import type { ProfiledColumn } from '#protocols/profile/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

/** Every column of every party as the guest knows it: of a host by alias, without cut points. */
export interface StoredBinning {
  readonly version: 1
  readonly features: readonly BinnedFeature[]
}

export interface BinnedFeature extends FeatureFacts {
  /** 1 where risk rises with the value, −1 where it falls, 0 where it turns or nothing is known */
  readonly observedSign: -1 | 0 | 1
}

export interface StoredSelection {
  readonly version: 1
  /** by party: aliases of hosts, names of the guest */
  readonly chosen: Readonly<Record<string, readonly string[]>>
  /** selection_log, corr_matrix, vif */
  readonly tables: readonly Table[]
}

export interface StoredCoefficients {
  readonly version: 1
  readonly intercept: number
  readonly coefficients: readonly CoefficientFacts[]
}

/** By party, the guest's own among them. */
export interface StoredProfiles {
  readonly version: 1
  readonly parties: Readonly<Record<string, readonly ProfiledColumn[]>>
}

export interface ResultFiles {
  readonly profiles: StoredProfiles
  readonly binning: StoredBinning
  readonly selection: StoredSelection
  readonly coefficients: StoredCoefficients
}

/** @throws PlatformError storage.full */
export async function storeResultFile<Name extends keyof ResultFiles>(
  jobDir: string,
  name: Name,
  value: ResultFiles[Name],
): Promise<void> {
  await writeJson(join(jobDir, `${name}.json`), value)
}

/** Undefined where the job has no such task, or did not get so far. @throws PlatformError storage.damaged */
export async function loadResultFile<Name extends keyof ResultFiles>(
  jobDir: string,
  name: Name,
): Promise<ResultFiles[Name] | undefined> {
  const value = await readJson<ResultFiles[Name]>(join(jobDir, `${name}.json`))
  if (value !== undefined && value.version !== 1)
    throw new PlatformError('storage.damaged', { file: `${name}.json`, problem: 'unknown version' })
  return value
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeDurably(path, Buffer.from(`${JSON.stringify(value, null, 2)}\n`), { mode: 0o600 })
}

/** @throws PlatformError storage.damaged */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const bytes = await readIfPresent(path)
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: path }, cause)
  }
}

/** Each line as JSON; none where there is no file. A last line without its end is being written right now. @throws PlatformError storage.damaged */
export async function readJsonLines<T>(path: string): Promise<readonly T[]> {
  const bytes = await readIfPresent(path)
  if (bytes === undefined) return []
  const text = Buffer.from(bytes).toString('utf8')
  try {
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T)
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: path }, cause)
  }
}
