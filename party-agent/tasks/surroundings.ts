// What all jobs of an agent share: keys, trust, programs, the connection, and who is told.
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import type { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { ApprovalGate } from '../approvals/gate.ts'
import type { AgentLog } from '../log/agent-log.ts'
import type { MailWire } from '../mail/context.ts'
import type { TaskPrograms } from './binding.ts'

export interface JobSurroundings {
  readonly identity: PartyIdentity
  readonly trust: TrustBundle
  readonly programs: TaskPrograms
  /** absent where jobs need no approval of people */
  readonly approvals?: ApprovalGate | undefined
  /** told when this party stops a job for want of approval */
  readonly refused?: (job: string, error: PlatformError) => void
  readonly wire: MailWire
  readonly roundLog: AgentLog
  readonly log: Logger
  readonly now: () => Date
}
