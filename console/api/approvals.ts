// What people of a data owner decide: the inbox, the request of a job, the approval that two of them sign, and its end.
// The document travels as the very bytes that are signed: the page shows what it reads in them and counts their digest.
import Type, { type Static } from 'typebox'
import type { PersonRole } from '#crypto/people/people.ts'
import { calls } from './contract.ts'
import { Page, PageQuery } from './paging.ts'
import { Passphrase } from './session.ts'
import { JobId } from './ids.ts'

const closed = { additionalProperties: false } as const
const SIGNERS = ['steward', 'compliance'] as const satisfies readonly PersonRole[]
/** who decides, and who looks over their shoulders */
const READERS: readonly PersonRole[] = ['steward', 'compliance', 'auditor']

const ApprovalId = Type.String({ pattern: '^approval-[0-9a-f]{12}$' })
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in hex of the bytes of the document' })
const Base64 = Type.String({ description: 'base64 of the canonical bytes of the document' })
const Time = Type.String({ description: 'RFC 3339 UTC' })
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)
const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })

const Signature = Type.Object(
  { person: Type.String(), name: Type.String(), role: Type.String(), time: Time, keyid: Type.String() },
  closed,
)

export const ApprovalRow = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['proposed', 'signed-by-one', 'active', 'used-up', 'revoked', 'expired', 'damaged']),
    guest: Type.Optional(Type.String()),
    dataset: Type.Optional(Type.String()),
    purpose: Type.Optional(Type.String()),
    columns: Type.Integer(),
    validFrom: Type.Optional(Time),
    validTo: Type.Optional(Time),
    runs: Type.Integer({ description: 'that the document allows' }),
    runsLeft: Type.Integer(),
    signatures: Type.Array(Signature),
    needs: Type.Array(Type.Enum([...SIGNERS]), { description: 'roles that have yet to sign' }),
  },
  closed,
)
export type ApprovalRow = Static<typeof ApprovalRow>

export const RequestRow = Type.Object(
  {
    job: Type.String(),
    name: Type.String(),
    guest: Type.String(),
    purpose: Type.String(),
    dataset: Type.String(),
    columns: Type.Integer(),
    time: Time,
    answerBy: Type.Optional(Time),
    approval: Type.Optional(Type.String({ description: 'one person signed this approval of it already' })),
    needs: Type.Array(Type.Enum([...SIGNERS])),
    merges: Type.Integer({ description: 'columns of which it would join bins' }),
  },
  closed,
)
export type RequestRow = Static<typeof RequestRow>

export const Inbox = Type.Object(
  {
    approvals: Type.Enum(['on', 'off'], { description: 'off: people are not asked here, the policy alone decides' }),
    requests: Type.Array(RequestRow),
    unsigned: Type.Array(ApprovalRow, { description: 'wait for a first or second signature and for no request above' }),
    ending: Type.Array(ApprovalRow, { description: 'end within two weeks, or have one run left' }),
  },
  closed,
)
export type Inbox = Static<typeof Inbox>

export const CardView = Type.Object(
  {
    protocol: Type.String(),
    version: Type.String(),
    digest: Type.String(),
    title: Words,
    messages: Type.Array(
      Type.Object(
        {
          step: Type.String(),
          from: Words,
          to: Words,
          class: Words,
          parts: Type.Boolean(),
          learns: Words,
          minimumRows: Type.Integer({ description: '0: no floor' }),
          digits: Type.Integer({ description: '0: whole numbers' }),
          released: Type.Boolean({ description: 'plain numbers to the receiver' }),
          ours: Type.Boolean({ description: 'this party sends it' }),
        },
        closed,
      ),
    ),
    atTheEnd: Type.Array(Type.Object({ who: Words, knows: Words }, closed)),
  },
  closed,
)
export type CardView = Static<typeof CardView>

const AskedColumn = Type.Object(
  {
    name: Type.String(),
    alias: Type.String({ description: 'what other parties see instead of the name' }),
    en: Type.Optional(Type.String()),
    zh: Type.Optional(Type.String()),
    unit: Type.Optional(Type.String()),
    sign: Type.Optional(Type.Enum(['+', '-', '0'])),
  },
  closed,
)

export const Privacy = Type.Object(
  {
    rounds: Type.Integer(),
    before: Type.Number({ description: 'ε of the data set now' }),
    after: Type.Number({ description: 'ε after all rounds of the job' }),
    delta: Type.Number(),
    limit: Type.Optional(Type.Number()),
  },
  closed,
)

export const RequestFacts = Type.Object(
  {
    job: Type.String(),
    name: Type.String(),
    guest: Type.String(),
    purpose: Type.String(),
    counterparties: Type.Array(Type.String()),
    receivers: Type.Array(Type.String()),
    dataset: Type.String(),
    datasetVersion: Type.String(),
    label: Type.Optional(Type.String({ description: 'column of labels that it trains on' })),
    columns: Type.Array(AskedColumn),
    tasks: Type.Array(
      Type.Object(
        {
          task: Type.String(),
          protocol: Type.String(),
          rounds: Type.Integer(),
          bytes: Type.Optional(Type.Number({ description: 'of all parties together, about' })),
        },
        closed,
      ),
    ),
    cards: Type.Array(CardView),
    estimate: Type.Optional(
      Type.Object(
        { rows: Type.Integer(), bytes: Type.Number(), seconds: Type.Number() },
        { ...closed, description: 'rough, of all parties together; absent where the catalogue cannot be asked' },
      ),
    ),
    privacy: Type.Optional(Privacy),
    merges: Type.Array(
      Type.Object(
        { alias: Type.String(), column: Type.Optional(Type.String()), groups: Type.Array(Type.Array(Type.Integer())) },
        closed,
      ),
    ),
    time: Time,
    answerBy: Type.Optional(Time),
    approval: Type.Optional(Type.String({ description: 'signed by one person: the second signs this one' })),
    needs: Type.Array(Type.Enum([...SIGNERS])),
    earlier: Type.Optional(Type.String({ description: 'the last approval of the same guest for the same data set' })),
    templates: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          about: Words,
          days: Type.Integer(),
          runs: Type.Integer(),
          retention: Type.String(),
          legalBasis: Words,
        },
        closed,
      ),
    ),
    spec: Type.String({ description: 'the job as its guest signed it, JSON' }),
  },
  closed,
)
export type RequestFacts = Static<typeof RequestFacts>

const WISHES = {
  template: Type.String({ maxLength: 40 }),
  legalBasis: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })),
  narrow: Type.Array(Type.String({ minLength: 3, maxLength: 260_000 }), {
    maxItems: 24,
    description: 'KEY=VALUE as of `tributary approve --narrow`: only towards less',
  }),
  language: Type.Enum(['en', 'zh'], { description: "of the template's words" }),
}
export const DraftWishes = Type.Object(WISHES, closed)
export type DraftWishes = Static<typeof DraftWishes>

export const Difference = Type.Object({ field: Type.String(), before: Type.String(), after: Type.String() }, closed)
export type Difference = Static<typeof Difference>

export const Draft = Type.Object(
  {
    id: Type.String(),
    at: Time,
    digest: Digest,
    bytes: Base64,
    missing: Type.Array(Type.String(), {
      description: 'what the job asks for and this leaves out: it would be refused',
    }),
    fromTemplate: Type.Array(Difference),
    earlier: Type.Optional(Type.Object({ approval: Type.String(), differences: Type.Array(Difference) }, closed)),
  },
  closed,
)
export type Draft = Static<typeof Draft>

export const ApprovalFacts = Type.Object(
  {
    row: ApprovalRow,
    digest: Type.Optional(Digest),
    bytes: Type.Optional(Base64),
    damage: Type.Optional(Type.String({ description: 'code of the catalogue' })),
    cards: Type.Array(CardView),
    otherCards: Type.Array(Type.String(), { description: 'protocols of which it names another edition of the card' }),
    revocation: Type.Optional(Type.Object({ by: Type.String(), reason: Type.String(), time: Time }, closed)),
    jobs: Type.Array(
      Type.Object(
        {
          job: Type.String(),
          name: Type.Optional(Type.String()),
          state: Type.Optional(Type.String()),
          running: Type.Boolean(),
        },
        closed,
      ),
    ),
    waiting: Type.Array(Type.String(), { description: 'jobs that wait and that it covers' }),
    privacy: Type.Optional(Privacy),
    earlier: Type.Optional(Type.Object({ approval: Type.String(), differences: Type.Array(Difference) }, closed)),
  },
  closed,
)
export type ApprovalFacts = Static<typeof ApprovalFacts>

const OfJob = Type.Object({ job: JobId }, closed)
const OfApproval = Type.Object({ id: ApprovalId }, closed)

export const approvalCalls = calls({
  inboxCounts: {
    method: 'GET',
    path: '/inbox/counts',
    summary: 'How many decisions wait for people of this party',
    who: 'signed-in',
    reply: Type.Object({ requests: Type.Integer(), signatures: Type.Integer(), ending: Type.Integer() }, closed),
  },
  inbox: { method: 'GET', path: '/inbox', summary: 'What waits for people of this party', who: READERS, reply: Inbox },
  request: {
    method: 'GET',
    path: '/requests/:job',
    summary: 'What a waiting job asks of this party',
    who: READERS,
    params: OfJob,
    reply: RequestFacts,
  },
  draft: {
    method: 'POST',
    path: '/requests/:job/draft',
    summary: 'The approval that would be signed; nothing is kept of it',
    who: SIGNERS,
    params: OfJob,
    body: DraftWishes,
    bodyLimit: 1_048_576,
    reply: Draft,
  },
  approve: {
    method: 'POST',
    path: '/requests/:job/approval',
    summary: 'Sign the draft that was shown',
    who: SIGNERS,
    params: OfJob,
    body: Type.Object({ ...WISHES, id: ApprovalId, at: Time, digest: Digest, passphrase: Passphrase }, closed),
    bodyLimit: 1_048_576,
    reply: ApprovalRow,
  },
  refuse: {
    method: 'POST',
    path: '/requests/:job/refusal',
    summary: 'Say no to a waiting job',
    who: SIGNERS,
    params: OfJob,
    body: Type.Object({ reason: Reason, passphrase: Passphrase }, closed),
    reply: Type.Object({ job: Type.String(), by: Type.String() }, closed),
  },
  approvals: {
    method: 'GET',
    path: '/approvals',
    summary: 'The approvals of this party, the newest first',
    who: READERS,
    query: PageQuery,
    reply: Page(ApprovalRow),
  },
  approval: {
    method: 'GET',
    path: '/approvals/:id',
    summary: 'One approval with its document, signatures and jobs',
    who: READERS,
    params: OfApproval,
    reply: ApprovalFacts,
  },
  approvalFile: {
    method: 'GET',
    path: '/approvals/:id/document',
    summary: 'The document with its signatures as a DSSE envelope',
    who: READERS,
    params: OfApproval,
    file: 'application/json',
  },
  sign: {
    method: 'POST',
    path: '/approvals/:id/signatures',
    summary: 'Sign the document that was shown',
    who: SIGNERS,
    params: OfApproval,
    body: Type.Object({ digest: Digest, passphrase: Passphrase }, closed),
    reply: ApprovalRow,
  },
  revoke: {
    method: 'POST',
    path: '/approvals/:id/revocation',
    summary: 'Withdraw an approval: jobs that run under it stop',
    who: SIGNERS,
    params: OfApproval,
    body: Type.Object({ reason: Reason, passphrase: Passphrase }, closed),
    reply: Type.Object({ approval: ApprovalRow, stopped: Type.Array(Type.String()) }, closed),
  },
})
