// What this party holds of the round log of a job, for a person to read. It only reads, so the agent may run meanwhile.
import { join } from 'node:path'
import { parseRecord } from '#crypto/log/dsse.ts'
import { parseNote } from '#crypto/log/note.ts'
import { collaborationIdOf, type LogRecord, recordIn, type RecordOf } from '#protocols/log/records.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import { logFolders } from './log-folders.ts'
import { openIncidents } from './incident.ts'
import { MIRROR_FILE, type MirrorHead, MirrorStore } from './mirror-store.ts'

export interface JobLog {
  readonly collaboration: string
  readonly parties: readonly string[]
  /** leaves verified here, of all jobs */
  readonly size: number
  /** of those, how many all participants have cosigned */
  readonly sealedSize: number
  /** root of the tree over those, in hex; '' before the first */
  readonly sealedRoot: string
  /** codes of the faults found in this log; it is frozen while there is one */
  readonly incidents: readonly ErrorCode[]
  /** records of the job with their numbers in the log */
  readonly records: readonly { readonly number: number; readonly record: LogRecord }[]
  /** approvals under which parties accepted the job, as they were granted; they belong to no one job */
  readonly approvals: readonly RecordOf<'approval.granted'>[]
}

/** @throws PlatformError job.unknown when no log held here names the job; storage.damaged */
export function readJobLog(home: string, job: string): JobLog {
  for (const folder of logFolders(home)) {
    using store = new MirrorStore(join(folder, MIRROR_FILE), { readOnly: true })
    const about = store.about()
    if (about === undefined) continue
    const records: { number: number; record: LogRecord }[] = []
    const granted: RecordOf<'approval.granted'>[] = []
    let size = 0
    for (const leaf of store.leaves()) {
      const record = recordIn(parseRecord(leaf))
      if (record.job === job) records.push({ number: size, record })
      else if (record.kind === 'approval.granted') granted.push(record)
      size += 1
    }
    if (records.length === 0) continue
    const { federation, parties } = about
    const collaboration = collaborationIdOf(federation, parties)
    const sealed = store.sealed()
    const held = { size, sealedSize: sealed.size, sealedRoot: rootOf(sealed), incidents: openIncidents(folder) }
    const accepted = records.flatMap(({ record }) => (record.kind === 'job.accepted' ? [record] : []))
    const approvals = granted.filter(({ author, approval }) =>
      accepted.some((by) => by.author === author && by.approval === approval),
    )
    return { collaboration, parties, ...held, records, approvals }
  }
  throw new PlatformError('job.unknown', { job })
}

/** The third line of a checkpoint. It was verified when it was stored. */
function rootOf({ size, note }: MirrorHead): string {
  if (size === 0) return ''
  return Buffer.from(parseNote(note).text.split('\n')[2] ?? '', 'base64').toString('hex')
}
