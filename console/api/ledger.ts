// What left this party: by day and by job, in sums and line by line, and the bins that jobs proposed to join.
import Type, { type Static } from 'typebox'
import type { PersonRole } from '#crypto/people/people.ts'
import { JobId } from './ids.ts'
import { calls } from './contract.ts'
import { PAGE_QUERY, Page } from './paging.ts'

const closed = { additionalProperties: false } as const
const READERS: readonly PersonRole[] = ['steward', 'compliance', 'auditor']
const Bytes = { messages: Type.Integer(), bytes: Type.Integer(), envelopeBytes: Type.Integer() }
const Release = Type.Object(
  { rows: Type.Integer(), minimumRows: Type.Integer(), withheld: Type.Boolean() },
  { ...closed, description: 'rows behind a plain number, and how few they may be' },
)

/** Everything of one kind that went to one receiver. */
export const LeftSum = Type.Object(
  {
    class: Type.String(),
    to: Type.String(),
    decryptableBy: Type.Array(Type.String(), { description: 'parties that, all together, can open it' }),
    approval: Type.String({ description: "digest of the approval that covers it, or ''" }),
    ...Bytes,
  },
  closed,
)
export type LeftSum = Static<typeof LeftSum>

export const LeftStep = Type.Object(
  { task: Type.String(), step: Type.String(), messages: Type.Integer(), least: Type.Optional(Release) },
  { ...closed, description: 'plain numbers of one step, with the fewest rows behind any of them' },
)

const Chain = Type.Object(
  {
    whole: Type.Boolean(),
    lines: Type.Integer({ description: 'that follow from each other' }),
    brokenAt: Type.Optional(Type.Integer({ description: 'number of the first line that does not' })),
    head: Type.Optional(Type.String({ description: 'SHA-256 of the last line' })),
  },
  closed,
)
export type Chain = Static<typeof Chain>

const JobName = { job: Type.String(), name: Type.Optional(Type.String()), guest: Type.Optional(Type.String()) }

export const LeftOfJob = Type.Object(
  {
    ...JobName,
    state: Type.Optional(Type.String()),
    first: Type.Optional(Type.String()),
    last: Type.Optional(Type.String()),
    ...Bytes,
    chain: Chain,
    sums: Type.Array(LeftSum),
    releases: Type.Array(LeftStep),
    approvals: Type.Record(Type.String(), Type.String(), { description: 'digest → approval' }),
  },
  closed,
)
export type LeftOfJob = Static<typeof LeftOfJob>

export const LeftOfDay = Type.Object(
  {
    day: Type.String(),
    ...Bytes,
    sums: Type.Array(LeftSum),
    jobs: Type.Array(Type.Object({ ...JobName, ...Bytes, whole: Type.Boolean() }, closed)),
    approvals: Type.Record(Type.String(), Type.String()),
  },
  closed,
)
export type LeftOfDay = Static<typeof LeftOfDay>

export const LeftLine = Type.Object(
  {
    seq: Type.Integer(),
    task: Type.String(),
    round: Type.Integer(),
    step: Type.String(),
    to: Type.String(),
    class: Type.String(),
    ...Bytes,
    sha256: Type.String(),
    keyId: Type.String(),
    decryptableBy: Type.Array(Type.String()),
    approval: Type.String(),
    release: Type.Optional(Release),
    time: Type.String(),
  },
  closed,
)
export type LeftLine = Static<typeof LeftLine>

export const BinProposal = Type.Object(
  {
    job: Type.String(),
    name: Type.String(),
    guest: Type.String(),
    alias: Type.String(),
    column: Type.Optional(Type.String({ description: 'absent where no column here has this alias' })),
    groups: Type.Array(Type.Array(Type.Integer()), { description: 'numbers of bins that become one' }),
    outcome: Type.Enum(['waiting', 'accepted', 'joined', 'refused', 'not-reached']),
    code: Type.Optional(Type.String({ description: 'of the refusal' })),
    approval: Type.Optional(Type.String()),
    time: Type.String(),
  },
  closed,
)
export type BinProposal = Static<typeof BinProposal>

const OfJob = Type.Object({ job: JobId }, closed)

export const ledgerCalls = calls({
  leftJobs: {
    method: 'GET',
    path: '/left',
    summary: 'Jobs of which something left this party, the newest first',
    who: READERS,
    query: Type.Object(PAGE_QUERY, closed),
    reply: Page(Type.Object({ ...JobName, ...Bytes, whole: Type.Boolean(), last: Type.String() }, closed)),
  },
  leftOfDay: {
    method: 'GET',
    path: '/left/days/:day',
    summary: 'What left on one day, UTC',
    who: READERS,
    params: Type.Object({ day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }) }, closed),
    reply: LeftOfDay,
  },
  leftOfJob: {
    method: 'GET',
    path: '/left/jobs/:job',
    summary: 'What left in one job, and whether its ledger is unbroken',
    who: READERS,
    params: OfJob,
    reply: LeftOfJob,
  },
  leftLines: {
    method: 'GET',
    path: '/left/jobs/:job/lines',
    summary: 'The disclosure ledger of a job, line by line',
    who: READERS,
    params: OfJob,
    query: Type.Object({ ...PAGE_QUERY, class: Type.Optional(Type.String({ maxLength: 32 })) }, closed),
    reply: Page(LeftLine),
  },
  bins: {
    method: 'GET',
    path: '/bins',
    summary: 'Bins of this party that jobs proposed to join, and what became of it',
    who: READERS,
    query: Type.Object(PAGE_QUERY, closed),
    reply: Page(BinProposal),
  },
})
