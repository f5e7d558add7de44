// The guest's rows as the evaluation sees them, and what each model said of them: the folder `scores` of a job. Every
// figure of a report is computed from these files, at any later time.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TargetKind } from '#credit/evaluation/targets.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, syncDirectory, writeDurably } from '#runtime/files.ts'
import { readJson } from './stored.ts'

/** One entry a row of the common order, decoys among them. */
export interface ScoredRows {
  readonly sets: readonly AlignedSet[]
  /** 1 bad, 0 good, −1 without a label or indeterminate */
  readonly labels: Int8Array
  /** where the label is a number or a count; NaN without one */
  readonly targets?: { readonly kind: TargetKind; readonly values: Float64Array }
  /** 0 for a decoy, which is no row of the guest */
  readonly included: Uint8Array
  /** yyyymm, 0 unknown */
  readonly months?: Int32Array
  readonly amounts?: Float64Array
  readonly segments: readonly Segment[]
}

export interface Segment {
  readonly dimension: string
  readonly values: readonly string[]
  /** index into `values`, 0xffff for none */
  readonly codes: Uint16Array
}

/** A model of the guest and some hosts; none: the guest alone. */
export interface ModelScores {
  readonly hosts: readonly string[]
  /** absent: the regression */
  readonly kind?: ModelKind
  /** log-odds of bad, or the label that the model expects where it is no class; NaN where a row was not scored */
  readonly scores: Float64Array
}

/** A job may train one model of each kind on the same rows. */
export type ModelKind = 'regression' | 'trees'

interface StoredRows {
  readonly version: 1
  readonly rows: number
  readonly sets: readonly AlignedSet[]
  /** absent: the label is a class */
  readonly targets?: TargetKind
  readonly months: boolean
  readonly amounts: boolean
  readonly segments: readonly Omit<Segment, 'codes'>[]
}

type Column = Int8Array | Uint8Array | Uint16Array | Int32Array | Float64Array

const FOLDER = 'scores'
const INDEX = 'rows.json'

/** The columns first, then the file that tells of them. @throws PlatformError storage.full */
export async function storeRows(jobDir: string, rows: ScoredRows): Promise<void> {
  const folder = await openFolder(jobDir)
  const { sets, labels, targets, included, months, amounts, segments } = rows
  await write(folder, 'labels.i8', labels)
  if (targets !== undefined) await write(folder, 'targets.f64', targets.values)
  await write(folder, 'included.u8', included)
  if (months !== undefined) await write(folder, 'months.i32', months)
  if (amounts !== undefined) await write(folder, 'amounts.f64', amounts)
  for (const [i, { codes }] of segments.entries()) await write(folder, `segment-${i}.u16`, codes)
  const stored: StoredRows = {
    version: 1,
    rows: labels.length,
    sets,
    ...(targets === undefined ? {} : { targets: targets.kind }),
    months: months !== undefined,
    amounts: amounts !== undefined,
    segments: segments.map(({ dimension, values }) => ({ dimension, values })),
  }
  await writeDurably(join(folder, INDEX), Buffer.from(`${JSON.stringify(stored)}\n`), { mode: 0o600 })
}

/** Written again after a crash, with the same scores. @throws PlatformError storage.full */
export async function storeScores(jobDir: string, { hosts, kind, scores }: ModelScores): Promise<void> {
  await write(await openFolder(jobDir), fileOf(hosts, kind), scores)
}

/** @throws PlatformError storage.damaged where a column is absent or has another length */
export async function loadRows(jobDir: string): Promise<ScoredRows> {
  const folder = join(jobDir, FOLDER)
  const stored = await readJson<StoredRows>(join(folder, INDEX))
  if (stored === undefined) throw new PlatformError('storage.damaged', { missing: 'scores' })
  const { rows, sets, targets, months, amounts, segments } = stored
  const read = async <C extends Column>(name: string, make: (buffer: ArrayBuffer) => C): Promise<C> => {
    const column = await readColumn(folder, name, make)
    if (column?.length !== rows) throw new PlatformError('storage.damaged', { file: name })
    return column
  }
  const columns = await Promise.all(
    segments.map(async (segment, i) => ({
      ...segment,
      codes: await read(`segment-${i}.u16`, (buffer) => new Uint16Array(buffer)),
    })),
  )
  return {
    sets,
    labels: await read('labels.i8', (buffer) => new Int8Array(buffer)),
    ...(targets === undefined
      ? {}
      : { targets: { kind: targets, values: await read('targets.f64', (buffer) => new Float64Array(buffer)) } }),
    included: await read('included.u8', (buffer) => new Uint8Array(buffer)),
    ...(months ? { months: await read('months.i32', (buffer) => new Int32Array(buffer)) } : {}),
    ...(amounts ? { amounts: await read('amounts.f64', (buffer) => new Float64Array(buffer)) } : {}),
    segments: columns,
  }
}

/** Undefined where no such model was trained. */
export async function loadScores(
  jobDir: string,
  hosts: readonly string[],
  kind: ModelKind = 'regression',
): Promise<ModelScores | undefined> {
  const scores = await readColumn(join(jobDir, FOLDER), fileOf(hosts, kind), (buffer) => new Float64Array(buffer))
  return scores === undefined ? undefined : { hosts, kind, scores }
}

/** Names of parties have no '+'. */
function fileOf(hosts: readonly string[], kind: ModelKind = 'regression'): string {
  const name = kind === 'trees' ? 'trees' : 'model'
  return hosts.length === 0 ? `${name}.alone.f64` : `${name}.with.${hosts.join('+')}.f64`
}

async function openFolder(jobDir: string): Promise<string> {
  const folder = join(jobDir, FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncDirectory(jobDir)
  return folder
}

async function write(folder: string, name: string, column: Column): Promise<void> {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  await writeDurably(join(folder, name), bytes, { mode: 0o600 })
}

async function readColumn<C extends Column>(
  folder: string,
  name: string,
  make: (buffer: ArrayBuffer) => C,
): Promise<C | undefined> {
  const bytes = await readIfPresent(join(folder, name))
  return bytes === undefined ? undefined : make(Uint8Array.from(bytes).buffer)
}
