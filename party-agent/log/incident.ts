// Evidence of a fault in a round log: one file for each, written once, never overwritten. While there is one, the
// collaboration is frozen.
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, isErrorCode, PlatformError } from '#runtime/errors.ts'
import type { MirrorHead } from './mirror-store.ts'

export interface Incident {
  readonly time: string
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, unknown>>
  /** the last checkpoint that was verified here: text of the signed note */
  readonly held: string
  /** the one that does not go with it, and the leaves that came with it, base64 */
  readonly got: string
  readonly from: number
  readonly leaves: readonly string[]
}

/** What came from the coordinator when it was found. */
export interface Offence {
  readonly from: number
  readonly leaves: readonly Uint8Array[]
  readonly checkpoint: Uint8Array
}

const NAME = /^incident-(\d{4})\.json$/

/** The codes of what is open, in order. */
export function openIncidents(folder: string): ErrorCode[] {
  return names(folder).map((name) => {
    const { code } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { code: string }
    return isErrorCode(code) ? code : 'log.frozen'
  })
}

/** What is open, whole, with the names of their files. @throws PlatformError storage.damaged */
export function readIncidents(folder: string): (Incident & { readonly name: string })[] {
  return names(folder).map((name) => {
    const path = join(folder, name)
    try {
      return { ...(JSON.parse(readFileSync(path, 'utf8')) as Incident), name }
    } catch (cause) {
      throw new PlatformError('storage.damaged', { file: path }, cause)
    }
  })
}

/** Durable when it returns. @returns the path */
export function writeIncident(
  folder: string,
  error: PlatformError,
  held: MirrorHead,
  got: Offence | undefined,
  now: Date,
): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const last = Number(NAME.exec(names(folder).at(-1) ?? '')?.[1] ?? 0)
  const path = join(folder, `incident-${String(last + 1).padStart(4, '0')}.json`)
  const incident: Incident = {
    time: now.toISOString(),
    code: error.code,
    detail: error.detail,
    held: Buffer.from(held.note).toString('utf8'),
    got: Buffer.from(got?.checkpoint ?? []).toString('utf8'),
    from: got?.from ?? held.size,
    leaves: (got?.leaves ?? []).map((leaf) => Buffer.from(leaf).toString('base64')),
  }
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${JSON.stringify(incident, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return path
}

function names(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
}
