// What an alignment leaves for the tasks after it: this party's rows in the common order, training rows first.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { trainingMask } from '#protocols/core/split.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

export interface Alignment {
  /** source rows of this party's data set; training rows, then hold-out rows, in an order common to all parties */
  readonly rows: Uint32Array
  readonly trainRows: number
  readonly holdoutRows: number
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
): Pick<Alignment, 'rows' | 'trainRows' | 'holdoutRows'> {
  const training = trainingMask(split, ids, rowKey)
  const trainRows = training.reduce((count, value) => count + value, 0)
  const cut = new Uint32Array(rows.length)
  let nextTraining = 0
  let nextHoldout = trainRows
  for (const [i, row] of rows.entries()) {
    if (training[i] === 1) cut[nextTraining++] = row
    else cut[nextHoldout++] = row
  }
  return { rows: cut, trainRows, holdoutRows: rows.length - trainRows }
}

/** Rows first, then the file that names their digest: a crash between the two leaves no alignment. */
export async function storeAlignment(jobDir: string, alignment: Alignment): Promise<void> {
  const { rows, ...facts } = alignment
  const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)
  await writeDurably(join(jobDir, 'alignment.rows'), bytes, { mode: 0o600 })
  const text = JSON.stringify({ ...facts, sha256: sha256(bytes) }, null, 2)
  await writeDurably(join(jobDir, 'alignment.json'), Buffer.from(`${text}\n`), { mode: 0o600 })
}

/** @throws PlatformError storage.damaged */
export async function loadAlignment(jobDir: string): Promise<Alignment> {
  const [facts, bytes] = await Promise.all([
    readIfPresent(join(jobDir, 'alignment.json')),
    readIfPresent(join(jobDir, 'alignment.rows')),
  ])
  if (facts === undefined || bytes === undefined) throw new PlatformError('storage.damaged', { missing: 'alignment' })
  const { sha256: expected, ...rest } = JSON.parse(Buffer.from(facts).toString()) as Omit<Alignment, 'rows'> & {
    sha256: string
  }
  if (sha256(bytes) !== expected) throw new PlatformError('storage.damaged', { file: 'alignment.rows' })
  return { ...rest, rows: new Uint32Array(Uint8Array.from(bytes).buffer) }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
