// How a task of a job gets its role program and its input. Bound to the protocols in programs.ts.
import type { PartyId, RoleProgram } from '#protocols/core/contract.ts'
import type { JobSpec, TaskPlan } from '#protocols/core/job-spec.ts'
import type { Schedule } from '#protocols/core/schedule.ts'
import type { Logger } from '#runtime/log.ts'
import type { Secret } from '#runtime/secret.ts'

/** One role of one task, ready to run. */
export interface TaskBinding {
  readonly program: RoleProgram<never, never, unknown>
  readonly input: unknown
  /** every step that the program may send or receive: nothing else leaves */
  readonly schedule: Schedule
  /** Stores the output. After a crash at the wrong moment it is called again with the same output. */
  onOutput(output: unknown): Promise<void>
  /** file of this party's part of the model, where the task leaves one */
  readonly model?: string
  /** file of the result at the guest, where the task leaves one: its measures go into the round log */
  readonly result?: string
  /** the hosts that take part in a round of the task that has run, where not all do */
  hostsAt?(round: number): readonly PartyId[] | undefined
  /** sums of the adder are opened by all parties together, not by the one that gets them */
  readonly sharedSums?: boolean
  [Symbol.asyncDispose]?(): Promise<void>
}

/** What a binding may know of its job. */
export interface BoundJob {
  readonly jobId: string
  readonly spec: JobSpec
  readonly self: PartyId
  /** the folder of the job: outputs of tasks go here */
  readonly jobDir: string
  readonly log: Logger
  /** 32 bytes that are the same for all tasks of the job and after a restart */
  seedOf(label: string): Promise<Secret>
}

export interface TaskPrograms {
  open(task: TaskPlan, job: BoundJob): Promise<TaskBinding>
}
