// What this party holds of the round log of a job, for a person to read. It only reads, so the agent may run meanwhile.
import { join } from 'node:path'
import { parseRecord } from '#crypto/log/dsse.ts'
import { collaborationIdOf, type LogRecord, recordIn } from '#protocols/log/records.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import { logFolders } from './log-folders.ts'
import { openIncidents } from './incident.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'

export interface JobLog {
  readonly collaboration: string
  readonly parties: readonly string[]
  /** leaves verified here, of all jobs */
  readonly size: number
  /** of those, how many all participants have cosigned */
  readonly sealedSize: number
  /** codes of the faults found in this log; it is frozen while there is one */
  readonly incidents: readonly ErrorCode[]
  /** records of the job with their numbers in the log */
  readonly records: readonly { readonly number: number; readonly record: LogRecord }[]
}

/** @throws PlatformError job.unknown when no log held here names the job; storage.damaged */
export function readJobLog(home: string, job: string): JobLog {
  for (const folder of logFolders(home)) {
    using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
    const about = store.about()
    if (about === undefined) continue
    const records: { number: number; record: LogRecord }[] = []
    let size = 0
    for (const leaf of store.leaves()) {
      const record = recordIn(parseRecord(leaf))
      if (record.job === job) records.push({ number: size, record })
      size += 1
    }
    if (records.length === 0) continue
    const { federation, parties } = about
    const collaboration = collaborationIdOf(federation, parties)
    const held = { size, sealedSize: store.sealed().size, incidents: openIncidents(folder) }
    return { collaboration, parties, ...held, records }
  }
  throw new PlatformError('job.unknown', { job })
}
