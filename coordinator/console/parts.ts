// What the coordinator's console answers from. It is handed the coordinator's own parts and nothing of a party.
import type { MachineWatch } from '#console/server/machine.ts'
import type { CoordinatorIdentity } from '#crypto/identity/coordinator-home.ts'
import type { PersonDirectory } from '#crypto/people/people.ts'
import type { JobAdder } from '../adder/job-adder.ts'
import type { CoordinatorConfig } from '../config.ts'
import type { JobBook } from '../jobs/job-book.ts'
import type { Scheduler } from '../jobs/scheduler.ts'
import type { LogStore } from '../log/log-store.ts'
import type { RoundLogs } from '../log/round-logs.ts'
import type { Enrolment } from '../membership/enrolment.ts'
import type { HeldTrust } from '../membership/held-trust.ts'
import type { Presence } from '../membership/presence.ts'
import type { Relay } from '../relay/relay.ts'
import type { Store } from '../store/store.ts'

export interface CoordinatorParts {
  readonly config: Pick<CoordinatorConfig, 'home' | 'quotas'>
  /** as it is now: its certificate is renewed while it runs */
  readonly identity: () => CoordinatorIdentity
  readonly people: PersonDirectory
  readonly trust: HeldTrust
  readonly enrolment: Enrolment
  readonly presence: Presence
  readonly store: Store
  readonly book: JobBook
  readonly scheduler: Pick<Scheduler, 'progressOf'>
  readonly relay: Relay
  readonly adder: JobAdder
  readonly logs: RoundLogs
  readonly logStore: LogStore
  readonly machine: MachineWatch
  readonly startedAtMs: number
  readonly now: () => number
}

/** Where invitations and proposals of this home are. */
export function enrolmentFolder(home: string): string {
  return `${home}/enrolment`
}
