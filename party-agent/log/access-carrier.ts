// From the access log of the party into the round logs: what people read of a job, the job's other parties can see.
import { parseRecord } from '#crypto/log/dsse.ts'
import { AccessLog, type AccessParty, hasAccessLog, isAccess } from '#protocols/log/access-log.ts'
import { recordIn } from '#protocols/log/records.ts'
import type { AgentLog } from './agent-log.ts'

export class AccessCarrier {
  readonly #home: string
  readonly #party: AccessParty
  readonly #roundLog: Pick<AgentLog, 'accessed'>
  /** records looked at since the start; the round log leaves out what it stated before that */
  #seen = 0

  constructor(home: string, party: AccessParty, roundLog: Pick<AgentLog, 'accessed'>) {
    this.#home = home
    this.#party = party
    this.#roundLog = roundLog
  }

  /** States what is new. @throws PlatformError storage.damaged, log.malformed */
  check(): void {
    if (!hasAccessLog(this.#home)) return
    using access = new AccessLog(this.#home, this.#party)
    for (const leaf of access.leaves(this.#seen + 1)) {
      const record = recordIn(parseRecord(leaf))
      this.#seen = record.seq
      if (!isAccess(record) || record.job === '') continue
      const { job, actor } = record
      const at = new Date(record.time)
      if (record.kind === 'export.made') {
        this.#roundLog.accessed({ kind: 'export.made', job, actor, size: record.size, root: record.root, at })
      } else {
        const { role, purpose, decision } = record
        // the number tells it from other reads of the same, and finds it in the party's own log
        const object = `${record.object} (access ${record.seq})`
        this.#roundLog.accessed({ kind: 'access', job, actor, role, object, purpose, decision, at })
      }
    }
  }
}
