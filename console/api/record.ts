// The record of what was done: runs and their round log, who allowed and refused what, who read what, evidence to keep.
// Served by an agent, of what its own party holds. Whoever reads is stated in the party's access log before the answer.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { Page, PAGE_QUERY } from './paging.ts'

const closed = { additionalProperties: false } as const
const LOG_READERS = ['steward', 'compliance', 'modeler', 'operator', 'auditor'] as const
const LEDGER_READERS = ['steward', 'compliance', 'auditor'] as const
const EVIDENCE_READERS = ['compliance', 'auditor'] as const
const DISPUTE_READERS = ['steward', 'compliance'] as const

const JobId = Type.String({ pattern: '^job-[0-9a-f]{20}$' })
const PartyName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
const Collaboration = Type.String({ pattern: '^c-[0-9a-f]{20}$' })
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Time = Type.String({ description: 'RFC 3339 UTC' })
const Count = Type.Integer({ minimum: 0 })
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'in UTC' })
const DAYS = { from: Type.Optional(Day), to: Type.Optional(Type.Union([Day], { description: 'this day too' })) }
const Words = Type.String({ maxLength: 120 })
const OfJob = Type.Object({ job: JobId }, closed)

/** sealed: every record of the run stands under a checkpoint that all have cosigned; frozen: a fault was found */
export const LOG_STATES = ['sealed', 'open', 'frozen'] as const
export const RUN_STATES = ['running', 'succeeded', 'failed', 'cancelled'] as const
/** What can be seen on the time line. */
export const MARKS = ['approvals', 'releases', 'withheld', 'refusals', 'anomalies', 'voided', 'accesses'] as const

const Run = Type.Object(
  {
    job: Type.String(),
    collaboration: Collaboration,
    name: Type.String(),
    purpose: Type.String(),
    guest: Type.String(),
    parties: Type.Array(Type.String()),
    state: Type.Enum([...RUN_STATES]),
    /** of the proposal, or of the first record */
    started: Time,
    ended: Type.Optional(Time),
    /** training and other rounds that somebody opened */
    rounds: Count,
    records: Count,
    log: Type.Object(
      {
        state: Type.Enum([...LOG_STATES]),
        size: Count,
        sealedSize: Type.Integer({ minimum: 0, description: 'records that all participants have cosigned' }),
        root: Type.String({ description: 'of the sealed records, hex; empty before the first' }),
        cosigned: Type.Array(Type.Object({ party: Type.String(), time: Time }, closed), {
          description: 'the last checkpoint that all have cosigned',
        }),
        incidents: Type.Array(Type.String(), { description: 'codes of the error catalogue' }),
      },
      closed,
    ),
    refusals: Count,
    anomalies: Count,
    withheld: Type.Integer({ minimum: 0, description: 'numbers kept back by a threshold' }),
    voided: Type.Integer({ minimum: 0, description: 'rounds that lost a party' }),
    disputes: Count,
  },
  closed,
)
export type Run = Static<typeof Run>

const Cell = Type.Object(
  {
    party: Type.String(),
    column: Type.Integer({ description: 'position in `columns`' }),
    opened: Type.Optional(Time),
    closed: Type.Optional(Time),
    isOpen: Type.Optional(Type.Boolean({ description: 'a round in it was not closed' })),
    leftOut: Type.Optional(Count),
    sent: Type.Record(Type.String(), Count, { description: 'records of messages sent, by class' }),
    bytes: Count,
    marks: Type.Object(Object.fromEntries(MARKS.map((mark) => [mark, Type.Optional(Count)])), closed),
  },
  closed,
)
const Timeline = Type.Object(
  {
    job: Type.String(),
    parties: Type.Array(Type.String()),
    size: Type.Integer({ description: 'positions of the axis: 0 agreement, then every round, the last one the end' }),
    columns: Type.Array(
      Type.Object(
        {
          kind: Type.Enum(['agreement', 'rounds', 'end']),
          task: Type.String(),
          firstRound: Type.Integer(),
          lastRound: Type.Integer(),
          from: Type.Integer({ description: 'of the axis' }),
          to: Type.Integer({ description: 'of the axis, the last one in it' }),
        },
        closed,
      ),
    ),
    cells: Type.Array(Cell, { description: 'those that are not empty' }),
  },
  closed,
)
export type Timeline = Static<typeof Timeline>
export type TimelineCell = Static<typeof Cell>
export type TimelineColumn = Timeline['columns'][number]

const Range = {
  from: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'position of the axis' })),
  to: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'position of the axis, inclusive' })),
}

/** A record in a list; what belongs to its kind alone is in `gist`. */
const Line = Type.Object(
  {
    collaboration: Collaboration,
    number: Type.Integer({ description: 'in the log, from 0' }),
    time: Time,
    author: Type.String(),
    kind: Type.String(),
    job: Type.String(),
    isSealed: Type.Boolean(),
    gist: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  closed,
)
export type RecordLine = Static<typeof Line>

const Whole = Type.Object(
  {
    collaboration: Collaboration,
    number: Count,
    isSealed: Type.Boolean(),
    leafHash: Hash,
    digest: Type.Union([Hash], { description: 'SHA-256 of the leaf: `prev` of its author’s next record' }),
    bytes: Count,
    signature: Type.Object({ keyId: Type.String(), base64: Type.String(), party: Type.String() }, closed),
    kind: Type.String(),
    record: Type.Record(Type.String(), Type.Unknown(), { description: 'every field, as docs/log-format.md says' }),
    specification: Type.Optional(Type.String({ description: 'of job.proposed: what is in `spec`, as text' })),
    otherEnd: Type.Optional(Type.Integer({ description: 'number of the record of the same message at its other end' })),
  },
  closed,
)
export type WholeRecord = Static<typeof Whole>

export const GOVERNANCE_KINDS = [
  'approval.granted',
  'approval.revoked',
  'approval.used',
  'approval.awaited',
  'policy.refused',
  'anomaly',
  'cell.released',
  'round.voided',
  'log.incident',
] as const
const Governance = Type.Object(
  {
    id: Type.String(),
    time: Time,
    kind: Type.Enum([...GOVERNANCE_KINDS]),
    party: Type.String(),
    job: Type.String(),
    source: Type.Enum(['log', 'party'], { description: 'the log that all cosign, or what this party alone keeps' }),
    collaboration: Type.Optional(Type.String()),
    number: Type.Optional(Count),
    approval: Type.Optional(Type.String({ description: 'number of an approval of this party' })),
    gist: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  closed,
)
export type GovernanceLine = Static<typeof Governance>

const Disclosure = Type.Object(
  {
    job: Type.String(),
    name: Type.String(),
    party: Type.String(),
    class: Type.String(),
    records: Count,
    messages: Count,
    bytes: Count,
    first: Time,
    last: Time,
  },
  closed,
)
export type DisclosureSum = Static<typeof Disclosure>

const AccessLine = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    time: Time,
    job: Type.String(),
    actor: Type.String(),
    kind: Type.Enum(['access', 'export.made']),
    role: Type.Optional(Type.String()),
    object: Type.Optional(Type.String()),
    purpose: Type.Optional(Type.String()),
    decision: Type.Optional(Type.String()),
    size: Type.Optional(Count),
    root: Type.Optional(Hash),
  },
  closed,
)
export type AccessLine = Static<typeof AccessLine>
const AccessPage = Type.Object(
  {
    items: Type.Array(AccessLine),
    next: Type.Optional(Type.String()),
    checked: Type.Integer({ description: 'records whose signature and chain were checked for this answer: all' }),
  },
  closed,
)

export const EXPORT_KINDS = ['evidence', 'dossier'] as const
const Made = Type.Object(
  {
    name: Type.String(),
    bytes: Count,
    sha256: Hash,
    records: Count,
    root: Hash,
    unsealed: Type.Integer({ minimum: 0, description: 'newer records that are not in it: not all have cosigned them' }),
    verified: Type.Optional(Type.Boolean({ description: 'of a dossier: what it says on its first line' })),
  },
  closed,
)
const Progress = Type.Object(
  {
    state: Type.Enum(['making', 'made']),
    done: Count,
    of: Count,
    made: Type.Optional(Made),
  },
  closed,
)
export type ExportProgress = Static<typeof Progress>
export type MadeExport = Static<typeof Made>
const ExportId = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) }, closed)

const Dispute = Type.Object(
  {
    id: Type.String(),
    job: Type.String(),
    round: Type.Integer(),
    guest: Type.String(),
    by: Type.String(),
    reason: Type.String(),
    time: Time,
    side: Type.Enum(['asked', 'shown'], { description: 'this party asked, or showed its update' }),
    isSigned: Type.Boolean({ description: 'the signature of the guest holds' }),
    shown: Type.Array(Type.Object({ party: Type.String(), actor: Type.String(), time: Time }, closed), {
      description: 'reads of updates that the round log of the job states, by party',
    }),
  },
  closed,
)
export type Dispute = Static<typeof Dispute>

export const recordCalls = calls({
  loggedRuns: {
    method: 'GET',
    path: '/record/runs',
    summary: 'Runs with the status of their log',
    who: LOG_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        log: Type.Optional(Type.Enum([...LOG_STATES])),
        state: Type.Optional(Type.Enum([...RUN_STATES])),
        party: Type.Optional(PartyName),
        words: Type.Optional(Words),
        isOdd: Type.Optional(Type.Boolean({ description: 'with refusals, anomalies, voided rounds or disputes' })),
      },
      closed,
    ),
    reply: Page(Run),
  },
  loggedRun: {
    method: 'GET',
    path: '/record/runs/:job',
    summary: 'A run with the status of its log',
    who: LOG_READERS,
    params: OfJob,
    reply: Run,
  },
  runTimeline: {
    method: 'GET',
    path: '/record/runs/:job/timeline',
    summary: 'The record of a run by party and round, reduced to so many columns',
    who: LOG_READERS,
    params: OfJob,
    query: Type.Object({ ...Range, columns: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })) }, closed),
    reply: Timeline,
  },
  runRecords: {
    method: 'GET',
    path: '/record/runs/:job/records',
    summary: 'The records of a run in the order of the log, with the approvals it used',
    who: LOG_READERS,
    params: OfJob,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...Range,
        party: Type.Optional(PartyName),
        kind: Type.Optional(Type.String({ pattern: '^[a-z]+(\\.[a-z]+)?$', maxLength: 40 })),
        class: Type.Optional(Type.String({ pattern: '^[a-z-]{1,32}$' })),
      },
      closed,
    ),
    reply: Page(Line),
  },
  logRecord: {
    method: 'GET',
    path: '/record/logs/:collaboration/records/:number',
    summary: 'One record with all its fields, its place and its signature',
    who: LOG_READERS,
    params: Type.Object({ collaboration: Collaboration, number: Type.Integer({ minimum: 0 }) }, closed),
    reply: Whole,
  },
  governance: {
    method: 'GET',
    path: '/record/governance',
    summary: 'Approvals, refusals and anomalies across jobs',
    who: LEDGER_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        kind: Type.Optional(Type.Enum([...GOVERNANCE_KINDS])),
        party: Type.Optional(PartyName),
        job: Type.Optional(JobId),
      },
      closed,
    ),
    reply: Page(Governance),
  },
  disclosureSums: {
    method: 'GET',
    path: '/record/disclosures',
    summary: 'What left each party by job and class, as the round logs say',
    who: LEDGER_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        party: Type.Optional(PartyName),
        job: Type.Optional(JobId),
        class: Type.Optional(Type.String({ pattern: '^[a-z-]{1,32}$' })),
      },
      closed,
    ),
    reply: Page(Disclosure),
  },
  accessRecords: {
    method: 'GET',
    path: '/record/access',
    summary: 'Who of this party read what, with the whole chain checked',
    who: EVIDENCE_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        actor: Type.Optional(Words),
        job: Type.Optional(JobId),
        object: Type.Optional(Type.String({ pattern: '^[a-z]{1,32}$' })),
        decision: Type.Optional(Type.Enum(['allowed', 'refused'])),
      },
      closed,
    ),
    reply: AccessPage,
  },
  startExport: {
    method: 'POST',
    path: '/record/runs/:job/exports',
    summary: 'Begin to make the evidence bundle or the dossier of a run',
    who: EVIDENCE_READERS,
    params: OfJob,
    body: Type.Object(
      { what: Type.Enum([...EXPORT_KINDS]), language: Type.Enum(['en', 'zh']), purpose: Type.Optional(Words) },
      closed,
    ),
    reply: Type.Object({ id: Type.String() }, closed),
  },
  exportProgress: {
    method: 'GET',
    path: '/record/exports/:id/progress',
    summary: 'How far an export is',
    who: EVIDENCE_READERS,
    params: ExportId,
    events: Progress,
  },
  exportedEvidence: {
    method: 'GET',
    path: '/record/exports/:id/evidence',
    summary: 'The evidence bundle that was made',
    who: EVIDENCE_READERS,
    params: ExportId,
    file: 'application/x-tar',
  },
  exportedDossier: {
    method: 'GET',
    path: '/record/exports/:id/dossier',
    summary: 'The dossier that was made',
    who: EVIDENCE_READERS,
    params: ExportId,
    file: 'text/html',
  },
  disputes: {
    method: 'GET',
    path: '/record/disputes',
    summary: 'Disputes about training rounds in which this party asked or showed',
    who: DISPUTE_READERS,
    query: Type.Object({ ...PAGE_QUERY }, closed),
    reply: Page(Dispute),
  },
})
