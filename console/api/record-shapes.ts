// What the calls of the record ask and answer: runs, time lines, records, governance, access, exports, disputes.
import Type, { type Static } from 'typebox'
import { JobId } from './ids.ts'

export const closed = { additionalProperties: false } as const

export const PartyName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
export const Collaboration = Type.String({ pattern: '^c-[0-9a-f]{20}$' })
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Time = Type.String({ description: 'RFC 3339 UTC' })
const Count = Type.Integer({ minimum: 0 })
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'in UTC' })
export const DAYS = { from: Type.Optional(Day), to: Type.Optional(Type.Union([Day], { description: 'this day too' })) }
export const Words = Type.String({ maxLength: 120 })
export const OfJob = Type.Object({ job: JobId }, closed)

/** sealed: every record of the run stands under a checkpoint that all have cosigned; frozen: a fault was found */
export const LOG_STATES = ['sealed', 'open', 'frozen'] as const
export const RUN_STATES = ['running', 'succeeded', 'failed', 'cancelled'] as const
/** What can be seen on the time line. */
export const MARKS = ['approvals', 'releases', 'withheld', 'refusals', 'anomalies', 'voided', 'accesses'] as const

export const Run = Type.Object(
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
export const Timeline = Type.Object(
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

export const Range = {
  from: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'position of the axis' })),
  to: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'position of the axis, inclusive' })),
}

/** A record in a list; what belongs to its kind alone is in `gist`. */
export const Line = Type.Object(
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

export const Whole = Type.Object(
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
export const Governance = Type.Object(
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

export const Disclosure = Type.Object(
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
export const AccessPage = Type.Object(
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
export const Progress = Type.Object(
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
export const ExportId = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) }, closed)

export const Dispute = Type.Object(
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
