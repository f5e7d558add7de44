// The calls of a coordinator: how the federation runs. Nothing that belongs to a party is here (approvals, ledger, bins,
// contents of messages, names of columns): what a party has, its own agent serves. The operator sees all of it;
// compliance and audit see jobs, the round logs, and who looked at what.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { Amount, Bytes, Certificate, Check, Machine, Time, TimeOrNone } from './operation.ts'
import { PAGE_QUERY, Page, PageQuery } from './paging.ts'

const closed = { additionalProperties: false } as const
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
const State = Type.Enum([...JOB_STATES])
const Count = Type.Integer({ minimum: 0 })
const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'of a party' })
const JobId = Type.String({ pattern: '^[!-~]{1,64}$' })
const Collaboration = Type.String({ pattern: '^c-[0-9a-f]{20}$' })
const Digest = Type.String({ description: 'SHA-256, hex' })
const Names = Type.Array(Type.String())

const Failure = Type.Object(
  { code: Type.String(), party: Type.String({ description: 'empty: the coordinator found it' }) },
  { ...closed, description: 'the details are with the parties: they can name columns' },
)

export const Overview = Type.Object(
  {
    federation: Type.String(),
    startedAt: Time,
    trustEdition: Count,
    parties: Type.Object({ all: Count, connected: Count }, closed),
    jobs: Type.Object({ waiting: Count, running: Count, endedLately: Count, failedLately: Count }, closed),
    logs: Type.Object({ all: Count, unsealed: Count }, closed),
    certificates: Type.Object({ nextEnd: TimeOrNone, toLookAt: Count }, closed),
    relayedBytes: Bytes,
    changes: Type.Integer({ description: 'grows with each change of a job' }),
  },
  closed,
)
export type Overview = Static<typeof Overview>

export const PartyLine = Type.Object(
  {
    party: Name,
    connected: Type.Boolean(),
    since: TimeOrNone,
    lastSeen: TimeOrNone,
    software: Type.String(),
    certificate: Type.Optional(Certificate),
    rootEnds: Time,
    revoked: Type.Boolean(),
    datasets: Count,
    runningJobs: Count,
    queuedBytes: Bytes,
  },
  closed,
)
export type PartyLine = Static<typeof PartyLine>

const Revocation = Type.Object(
  {
    party: Name,
    state: Type.Enum(['in-force', 'pending']),
    edition: Count,
    certificates: Count,
    wholeParty: Type.Boolean(),
    signed: Names,
    needed: Count,
  },
  closed,
)
const Invitation = Type.Object(
  {
    party: Name,
    expires: Time,
    tries: Count,
    usedAt: TimeOrNone,
    state: Type.Enum(['open', 'used', 'expired', 'exhausted']),
  },
  { ...closed, description: 'never its token' },
)
const Proposal = Type.Object(
  {
    edition: Count,
    openedAt: TimeOrNone,
    joins: Names,
    signed: Names,
    needed: Count,
    missing: Type.Array(Type.String(), { description: 'new parties that have not signed' }),
  },
  closed,
)
export const Trust = Type.Object(
  {
    edition: Count,
    digest: Digest,
    previous: Digest,
    parties: Names,
    signers: Names,
    waitingFor: Type.Array(Type.String(), { description: 'founders that have not joined yet' }),
    proposal: Type.Optional(Proposal),
    revocations: Type.Array(Revocation),
    invitations: Type.Array(Invitation),
  },
  closed,
)
export type Trust = Static<typeof Trust>

const TaskLine = Type.Object(
  {
    task: Type.String(),
    protocol: Type.String(),
    state: Type.String(),
    round: Count,
    maxRounds: Count,
    startedAt: TimeOrNone,
    endedAt: TimeOrNone,
  },
  closed,
)
const JOB_LINE = {
  job: JobId,
  name: Type.String(),
  guest: Name,
  hosts: Type.Array(Name),
  state: State,
  submittedAt: TimeOrNone,
  startedAt: TimeOrNone,
  endedAt: TimeOrNone,
  failure: Type.Optional(Failure),
}
export const JobLine = Type.Object({ ...JOB_LINE, task: Type.Optional(TaskLine), relayedBytes: Bytes }, closed)
export type JobLine = Static<typeof JobLine>

export const JobDetail = Type.Object(
  {
    ...JOB_LINE,
    tasks: Type.Array(TaskLine),
    parties: Type.Array(
      Type.Object(
        {
          party: Name,
          group: Type.String({ description: 'of a job with groups; else empty' }),
          connected: Type.Boolean(),
          answer: Type.Enum(['waiting', 'accepted']),
          task: Type.String(),
          round: Count,
          phase: Type.String(),
          done: Amount,
          total: Amount,
          unit: Type.String(),
          sentBytes: Bytes,
          receivedBytes: Bytes,
          closedRound: Type.Boolean({ description: 'has finished the round that is open' }),
        },
        closed,
      ),
    ),
    traffic: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), bytes: Bytes, chunks: Count }, closed)),
    quotaBytes: Bytes,
    collaboration: Collaboration,
  },
  closed,
)
export type JobDetail = Static<typeof JobDetail>

const Cosigner = Type.Object({ party: Name, size: Count, time: TimeOrNone, waitedFor: Type.Boolean() }, closed)
const LOG_LINE = {
  collaboration: Collaboration,
  parties: Type.Array(Name),
  size: Type.Integer({ minimum: 0, description: 'records' }),
  headSize: Type.Integer({ minimum: 0, description: 'records under the last checkpoint' }),
  sealedSize: Type.Integer({ minimum: 0, description: 'records under the last checkpoint that all cosigned' }),
  cosigners: Type.Array(Cosigner),
}
export const LogLine = Type.Object(LOG_LINE, closed)
export type LogLine = Static<typeof LogLine>
export const LogDetail = Type.Object(
  {
    ...LOG_LINE,
    origin: Type.String(),
    root: Type.String({ description: 'of the last checkpoint, hex; empty before the first' }),
    checkpoint: Type.String({ description: 'C2SP signed note with the cosignatures; empty before the first' }),
    /** tiles of the tree under the checkpoint, as C2SP tlog-tiles paths */
    tiles: Type.Integer({ minimum: 0 }),
  },
  closed,
)
export type LogDetail = Static<typeof LogDetail>

export const RecordLine = Type.Object(
  {
    number: Count,
    leaf: Type.String({ description: 'SHA-256 of the leaf, hex' }),
    kind: Type.String(),
    author: Name,
    seq: Count,
    time: Time,
    job: Type.String(),
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description:
        'fields that tell of the course, not of contents: task, round, step, from, to, class, bytes, digests',
    }),
  },
  closed,
)
export type RecordLine = Static<typeof RecordLine>

export const Resources = Type.Object(
  {
    machine: Machine,
    adder: Type.Object({ used: Bytes, highest: Bytes, limit: Bytes }, closed),
    relay: Type.Object(
      {
        jobBytesLimit: Bytes,
        jobs: Type.Array(Type.Object({ job: JobId, name: Type.String(), bytes: Bytes }, closed)),
        queues: Type.Array(Type.Object({ party: Name, bytes: Bytes, highest: Bytes }, closed)),
      },
      closed,
    ),
    files: Type.Array(Type.Object({ file: Type.String(), bytes: Bytes }, closed)),
  },
  closed,
)
export type Resources = Static<typeof Resources>

export const AccessLine = Type.Object(
  {
    number: Count,
    time: Time,
    person: Type.String(),
    role: Type.String(),
    object: Type.String(),
    purpose: Type.String(),
    job: Type.String(),
    decision: Type.String(),
  },
  closed,
)
export type AccessLine = Static<typeof AccessLine>

const OPERATOR = ['operator'] as const
const ALL = ['operator', 'compliance', 'auditor'] as const
const RECORD = ['compliance', 'auditor'] as const
const ofJob = { params: Type.Object({ job: JobId }, closed) }
const ofLog = { params: Type.Object({ collaboration: Collaboration }, closed) }

export const coordinatorCalls = calls({
  overview: { method: 'GET', path: '/overview', summary: 'How the federation runs', who: ALL, reply: Overview },
  overviewEvents: {
    method: 'GET',
    path: '/overview/events',
    summary: 'The overview now and after each change',
    who: ALL,
    events: Overview,
  },
  parties: {
    method: 'GET',
    path: '/parties',
    summary: 'Parties with their connection, software and certificate',
    who: OPERATOR,
    query: PageQuery,
    reply: Page(PartyLine),
  },
  trust: {
    method: 'GET',
    path: '/trust',
    summary: 'Edition of the trust bundle, proposal, revocations, invitations',
    who: OPERATOR,
    reply: Trust,
  },
  certificates: {
    method: 'GET',
    path: '/certificates',
    summary: 'All certificates that are known here, the first to end first',
    who: OPERATOR,
    query: PageQuery,
    reply: Page(Certificate),
  },
  queue: {
    method: 'GET',
    path: '/jobs',
    summary: 'Jobs, newest first',
    who: ALL,
    query: Type.Object({ ...PAGE_QUERY, state: Type.Optional(State), party: Type.Optional(Name) }, closed),
    reply: Page(JobLine),
  },
  job: {
    method: 'GET',
    path: '/jobs/:job',
    summary: 'A job with rounds and parties',
    who: ALL,
    ...ofJob,
    reply: JobDetail,
  },
  jobEvents: {
    method: 'GET',
    path: '/jobs/:job/events',
    summary: 'The job now and after each change, until it ended',
    who: ALL,
    ...ofJob,
    events: JobDetail,
  },
  logs: {
    method: 'GET',
    path: '/logs',
    summary: 'Round logs: sizes, checkpoints, who cosigned',
    who: ALL,
    query: PageQuery,
    reply: Page(LogLine),
  },
  log: {
    method: 'GET',
    path: '/logs/:collaboration',
    summary: 'A round log and its checkpoint',
    who: ALL,
    ...ofLog,
    reply: LogDetail,
  },
  records: {
    method: 'GET',
    path: '/logs/:collaboration/records',
    summary: 'Records of a round log as digests and public fields, newest first',
    who: ALL,
    ...ofLog,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        job: Type.Optional(JobId),
        kind: Type.Optional(Type.String({ pattern: '^[a-z.]{1,40}$' })),
        author: Type.Optional(Name),
      },
      closed,
    ),
    reply: Page(RecordLine),
  },
  tile: {
    method: 'GET',
    path: '/logs/:collaboration/tiles',
    summary: 'A tile of the tree (C2SP tlog-tiles): digests only',
    who: ALL,
    ...ofLog,
    query: Type.Object({ path: Type.String({ maxLength: 100, description: 'such as tile/0/000.p/17' }) }, closed),
    file: 'application/octet-stream',
  },
  resources: {
    method: 'GET',
    path: '/resources',
    summary: 'Memory, processor, disk, relay, adder',
    who: OPERATOR,
    reply: Resources,
  },
  checks: {
    method: 'GET',
    path: '/checks',
    summary: 'What this coordinator needs, green or red',
    who: OPERATOR,
    reply: Type.Object({ ok: Type.Boolean(), at: Time, checks: Type.Array(Check) }, closed),
  },
  access: {
    method: 'GET',
    path: '/access',
    summary: 'Who looked at what here, newest first',
    who: RECORD,
    query: PageQuery,
    reply: Page(AccessLine),
  },
})
