// Where a job stands, as every party of it may see: state, tasks, what each party does, bytes, and who must act.
import Type, { type Static } from 'typebox'
import { JobId } from './ids.ts'

const closed = { additionalProperties: false } as const
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)
const Time = Type.String({ description: 'RFC 3339 UTC' })
const Count = Type.Integer({ minimum: 0 })

export const JOB_STATES = [
  'submitted',
  'inviting',
  'ready',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'rejected',
] as const
export const JobState = Type.Enum([...JOB_STATES])
export type JobState = Static<typeof JobState>

export const JobSummary = Type.Object(
  {
    job: JobId,
    name: Type.String(),
    state: JobState,
    guest: Type.String(),
    hosts: Type.Array(Type.String()),
    isOwn: Type.Boolean({ description: 'submitted by this party' }),
    submitted: Time,
    ended: Type.Optional(Time),
    /** of the task that runs */
    at: Type.Optional(Type.Object({ task: Type.String(), round: Count, rounds: Count }, closed)),
    failure: Type.Optional(Type.String({ description: 'code of the error catalogue' })),
  },
  closed,
)
export type JobSummary = Static<typeof JobSummary>

const TaskProgress = Type.Object(
  {
    task: Type.String(),
    protocol: Type.String(),
    state: Type.Enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled']),
    round: Count,
    rounds: Type.Integer({ minimum: 0, description: 'at most; 0 is its preparation' }),
    started: Type.Optional(Time),
    ended: Type.Optional(Time),
  },
  closed,
)
export type TaskProgress = Static<typeof TaskProgress>

/** What a party is doing, in one word. */
const PARTY_STAGES = [
  'away',
  'invited',
  'awaiting-approval',
  'accepted',
  'working',
  'left-out',
  'idle',
  'done',
] as const

const PartyProgress = Type.Object(
  {
    party: Type.String(),
    connected: Type.Boolean(),
    group: Type.Optional(Type.String()),
    stage: Type.Enum([...PARTY_STAGES]),
    task: Type.Optional(Type.String()),
    round: Count,
    /** the words of its agent; of left-out why: away, late or behind */
    phase: Type.Optional(Type.String()),
    done: Count,
    total: Count,
    unit: Type.Optional(Type.String({ description: 'of done and total; of approvals the roles that are missing' })),
    sent: Type.Integer({ minimum: 0, description: 'bytes, relayed so far' }),
    received: Count,
  },
  closed,
)
export type PartyProgress = Static<typeof PartyProgress>

const Wait = Type.Object(
  {
    party: Type.String(),
    for: Type.Enum(['approval', 'connection', 'answer']),
    /** of approvals: steward, compliance */
    roles: Type.Array(Type.String()),
    since: Type.Optional(Type.String({ description: 'RFC 3339 UTC; at the latest, where only this agent noticed it' })),
    until: Type.Optional(Type.String({ description: 'the job is rejected then; known where this agent has the job' })),
  },
  closed,
)
export type Wait = Static<typeof Wait>

const Failure = Type.Object(
  {
    code: Type.String(),
    party: Type.String({ description: 'empty: at the coordinator' }),
    detail: Type.Record(Type.String(), Type.String()),
    who: Type.String({ description: 'who must act' }),
    summary: Words,
    mend: Words,
  },
  closed,
)
export type Failure = Static<typeof Failure>

export const JobProgress = Type.Object(
  {
    job: JobId,
    name: Type.String(),
    state: JobState,
    guest: Type.String(),
    isOwn: Type.Boolean({ description: 'submitted by this party' }),
    submitted: Time,
    started: Type.Optional(Time),
    ended: Type.Optional(Time),
    tasks: Type.Array(TaskProgress),
    parties: Type.Array(PartyProgress),
    waits: Type.Array(Wait, { description: 'what it cannot go on without' }),
    secondsLeft: Type.Optional(
      Type.Number({ minimum: 0, description: 'at most, of the task that runs, from the pace of its rounds' }),
    ),
    /** when this was so: times that pass are counted from here */
    at: Time,
    failure: Type.Optional(Failure),
  },
  closed,
)
export type JobProgress = Static<typeof JobProgress>
