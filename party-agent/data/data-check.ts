// `tributary data check`: all data sets of a configuration read once, with every problem and what mends it.
import type { IdKind, IdProfile } from '#protocols/core/ids.ts'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { type ErrorCode, type ErrorDetail, PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { AgentConfig, DatasetConfig, LabelKind, MissingRule } from '../config.ts'
import { missingRule } from './aligned-view.ts'
import { readConsents } from './consent.ts'
import type { ColumnProfile } from './column-profile.ts'
import { type Dataset, labelKind, openDataset } from './dataset.ts'
import { dayOf } from './day.ts'

/** Below this share of valid ids an alignment is not worth starting. */
export const MIN_VALID_SHARE = 0.98

export interface DataProblem {
  readonly code: ErrorCode
  /** an error stops jobs; a warning stops those that use the column */
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly mend: string
}

export interface ColumnReport extends ColumnProfile {
  readonly rule: MissingRule
}

export interface DatasetReport {
  readonly dataset: string
  /** no problem of level error */
  readonly ok: boolean
  /** absent where the source could not be read so far */
  readonly rows?: number
  readonly idKind: IdKind
  readonly ids?: IdProfile
  readonly columns: readonly ColumnReport[]
  readonly label?: {
    readonly column: string
    readonly kind: LabelKind
    readonly zeros: number
    readonly ones: number
    /** other values; none where the label is a class */
    readonly others: number
    /** neither good nor bad */
    readonly indeterminate: number
  }
  /** by host: rows whose first id has a consent for it on its day */
  readonly consents?: Readonly<Record<string, number>>
  readonly problems: readonly DataProblem[]
}

export interface CheckReport {
  readonly ok: boolean
  readonly datasets: readonly DatasetReport[]
}

/** Reads every data set whole, one after the other. Problems are in the report; it does not throw for bad data. */
export async function dataCheck(config: AgentConfig): Promise<CheckReport> {
  const datasets: DatasetReport[] = []
  for (const [name, dataset] of Object.entries(config.datasets)) {
    datasets.push(await checkDataset(name, dataset, config.resources.memoryMb))
  }
  return { ok: datasets.every((dataset) => dataset.ok), datasets }
}

/** Valid ids among those that are there, 0 to 1. */
export function validShare(profile: IdProfile): number {
  return profile.total === 0 ? 0 : profile.valid / profile.total
}

/** Parts of the check of one data set, in this order. */
export type CheckPart = 'source' | 'ids' | 'columns' | 'label' | 'consents'

type Findings = {
  -readonly [K in 'rows' | 'ids' | 'columns' | 'label' | 'consents']?: DatasetReport[K]
}

/** One data set. @param begun told of each part before it is read */
export async function checkDataset(
  name: string,
  config: DatasetConfig,
  memoryMb: number,
  begun: (part: CheckPart) => void = () => undefined,
): Promise<DatasetReport> {
  const problems: DataProblem[] = []
  const found: Findings = {}
  const part = async (which: CheckPart, check: () => Promise<void>) => {
    begun(which)
    await recordProblem(problems, check)
  }
  try {
    begun('source')
    await using dataset = await openDataset(name, config, { memoryMb })
    found.rows = (await dataset.describe()).rows
    await part('ids', () => checkIds(dataset, found, problems))
    await part('columns', () => checkColumns(dataset, found, problems))
    await part('label', () => checkLabel(dataset, found))
    await part('consents', () => checkConsents(dataset, found))
  } catch (thrown) {
    problems.push(problemOf(thrown))
  }
  const ok = problems.every((problem) => problem.level === 'warning')
  return { dataset: name, ok, idKind: config.ids.kind, columns: [], ...found, problems }
}

async function checkIds(dataset: Dataset, found: Findings, problems: DataProblem[]): Promise<void> {
  // The profile is wanted also where the rule refuses duplicates.
  const { ids } = dataset.config
  const profile = await dataset.profileIds()
  found.ids = profile
  const facts = { dataset: dataset.name, column: ids.column }
  if (ids.sampleId !== undefined) await recordProblem(problems, async () => void (await dataset.sample()))
  else if (ids.duplicates === 'reject' && profile.duplicates > 0) {
    problems.push(problemOf(new PlatformError('data.duplicate-id', { ...facts, duplicates: profile.duplicates })))
  }
  if (validShare(profile) < MIN_VALID_SHARE) {
    const { total, valid, empty, badFormat, badCheck } = profile
    const detail = { ...facts, kind: ids.kind, total, valid, empty, badFormat, badCheck }
    problems.push(problemOf(new PlatformError('data.few-valid-ids', detail), valid === 0 ? 'error' : 'warning'))
  }
}

async function checkColumns(dataset: Dataset, found: Findings, problems: DataProblem[]): Promise<void> {
  const { columns } = await dataset.describe()
  const { missing } = dataset.config
  const reports = (await dataset.profile(columns)).map((profile) => ({
    ...profile,
    rule: missingRule(missing, profile.name),
  }))
  found.columns = reports
  for (const { name, notNumbers, missingShare, constant, rule } of reports) {
    const warn = (code: ErrorCode, detail: ErrorDetail) =>
      problems.push(problemOf(new PlatformError(code, { dataset: dataset.name, column: name, ...detail }), 'warning'))
    if (notNumbers.count > 0) warn('data.not-a-number', notNumbers)
    else if (constant) warn('data.constant-column', {})
    if (rule === 'reject' && missingShare > 0) warn('data.missing-value', { missingShare })
  }
}

async function checkLabel(dataset: Dataset, found: Findings): Promise<void> {
  const column = dataset.config.label?.column
  if (column === undefined || found.rows === undefined) return
  const labels = await dataset.targets(Uint32Array.from({ length: found.rows }, (_, row) => row))
  const count = (is: (label: number) => boolean) => labels.reduce((sum, label) => sum + Number(is(label)), 0)
  const [zeros, ones] = [count((label) => label === 0), count((label) => label === 1)]
  const indeterminate = count(Number.isNaN)
  const others = found.rows - zeros - ones - indeterminate
  found.label = { column, kind: labelKind(dataset), zeros, ones, others, indeterminate }
}

async function checkConsents(dataset: Dataset, found: Findings): Promise<void> {
  const { consent, ids } = dataset.config
  if (consent === undefined) return
  const consents = await readConsents(dataset.name, consent, ids.kind, [])
  const { idOfRow, keys } = await dataset.sample()
  const days = (await dataset.texts(consent.observedAt)).map(dayOf)
  const rowsFor = (host: string) =>
    idOfRow[0]?.filter((id, row) => id >= 0 && consents.allows(keys[0]?.ids[id] ?? '', host, days[row])).length ?? 0
  found.consents = Object.fromEntries(Object.keys(consent.scopes).map((host) => [host, rowsFor(host)]))
}

/** One bad part does not hide the others. */
async function recordProblem(problems: DataProblem[], check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (thrown) {
    problems.push(problemOf(thrown))
  }
}

function problemOf(thrown: unknown, level: DataProblem['level'] = 'error'): DataProblem {
  const error = toPlatformError(thrown)
  // The cause stays on this machine, and so does this report: it may quote the owner's own query.
  const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return { code: error.code, level, message: `${error.message}${why}`, mend: ERROR_CODES[error.code].mend }
}
