// What an alignment leaves for the tasks after it: this party's rows in the common order, set after set, and at the
// guest the weight of each row and what it knows of each row and host.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { trainingMask } from '#protocols/core/split.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

export interface Alignment {
  readonly mode: 'inner' | 'left'
  /**
   * Source rows of this party's data set in the common order, or NO_ROW, or NO_CONSENT (aligned-rows.ts). In inner mode every source row
   * at most once; in left mode a row of a host stands once for each loan of that enterprise.
   */
  readonly rows: Uint32Array
  /** those with at least one row; their sum is `rows.length` */
  readonly sets: readonly AlignedSet[]
  /** at the guest, one a row: 1 counts, 0 does not (decoys, labels that are neither good nor bad) */
  readonly weights?: Uint8Array
  /** at the guest, by host, or group of hosts, and row: a number of STATUS */
  readonly statuses?: Readonly<Record<string, Uint8Array>>
  /** of the data set that was aligned: the next task refuses another */
  readonly fingerprint: string
  /** what people may read of it */
  readonly report: unknown
}

/**
 * Cuts the intersection into training and hold-out rows, as every party does by itself.
 * @param rows source rows in the common order; ids the normalised ids of these rows
 */
export function splitRows(
  split: JobSpec['split'],
  rows: Uint32Array,
  ids: readonly string[],
  rowKey: Uint8Array,
): Pick<Alignment, 'rows' | 'sets'> {
  const training = trainingMask(split, ids, rowKey)
  const trainRows = training.reduce((count, value) => count + value, 0)
  const cut = new Uint32Array(rows.length)
  let nextTraining = 0
  let nextHoldout = trainRows
  for (const [i, row] of rows.entries()) {
    if (training[i] === 1) cut[nextTraining++] = row
    else cut[nextHoldout++] = row
  }
  const sets: AlignedSet[] = [
    { name: 'train', rows: trainRows },
    { name: 'holdout', rows: rows.length - trainRows },
  ]
  return { rows: cut, sets: sets.filter((set) => set.rows > 0) }
}

/** What alignment.json holds beside the small facts: the names and lengths of the parts of alignment.rows. */
interface StoredFacts extends Omit<Alignment, 'rows' | 'weights' | 'statuses'> {
  readonly length: number
  readonly weighted: boolean
  readonly hosts: readonly string[]
  readonly sha256: string
}

/** Rows first, then the file that names their digest: a crash between the two leaves no alignment. */
export async function storeAlignment(jobDir: string, alignment: Alignment): Promise<void> {
  const { rows, weights, statuses, ...facts } = alignment
  const hosts = Object.keys(statuses ?? {})
  const parts = [bytesOf(rows), ...(weights === undefined ? [] : [weights]), ...hosts.map((host) => statuses?.[host])]
  const bytes = Buffer.concat(parts as Uint8Array[])
  await writeDurably(join(jobDir, 'alignment.rows'), bytes, { mode: 0o600 })
  const stored: StoredFacts = {
    ...facts,
    length: rows.length,
    weighted: weights !== undefined,
    hosts,
    sha256: sha256(bytes),
  }
  const text = JSON.stringify(stored, null, 2)
  await writeDurably(join(jobDir, 'alignment.json'), Buffer.from(`${text}\n`), { mode: 0o600 })
}

/** @throws PlatformError storage.damaged */
export async function loadAlignment(jobDir: string): Promise<Alignment> {
  const [text, stored] = await Promise.all([
    readIfPresent(join(jobDir, 'alignment.json')),
    readIfPresent(join(jobDir, 'alignment.rows')),
  ])
  if (text === undefined || stored === undefined) throw new PlatformError('storage.damaged', { missing: 'alignment' })
  const {
    length,
    weighted,
    hosts,
    sha256: expected,
    ...facts
  } = JSON.parse(Buffer.from(text).toString()) as StoredFacts
  if (sha256(stored) !== expected) throw new PlatformError('storage.damaged', { file: 'alignment.rows' })
  const bytes = Uint8Array.from(stored)
  const part = (at: number) => bytes.slice((4 + at) * length, (5 + at) * length)
  const statuses = Object.fromEntries(hosts.map((host, i) => [host, part(Number(weighted) + i)]))
  return {
    ...facts,
    rows: new Uint32Array(bytes.slice(0, 4 * length).buffer),
    ...(weighted ? { weights: part(0) } : {}),
    ...(hosts.length > 0 ? { statuses } : {}),
  }
}

function bytesOf(rows: Uint32Array): Uint8Array {
  return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
