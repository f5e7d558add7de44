// The data sets of this party as it declared them, the check of one, what was spent and released of it, and the policy.
import Type, { type Static } from 'typebox'
import type { PersonRole } from '#crypto/people/people.ts'
import { calls } from './contract.ts'

const closed = { additionalProperties: false } as const
const READERS: readonly PersonRole[] = ['steward', 'compliance', 'auditor']
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)
const DatasetName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' })

export const DatasetRow = Type.Object(
  {
    name: Type.String(),
    source: Type.Enum(['csv', 'parquet', 'sql']),
    idKind: Type.String(),
    rows: Type.Optional(
      Type.Integer({ description: 'rounded down to a hundred, as others see it; absent: unreadable' }),
    ),
    columns: Type.Integer(),
    label: Type.Optional(Type.Object({ column: Type.String(), kind: Type.String() }, closed)),
    coverage: Type.Enum(['complete', 'partial']),
    consent: Type.Boolean(),
    limit: Type.Optional(Type.Number({ description: 'ε that all jobs together may spend' })),
  },
  closed,
)
export type DatasetRow = Static<typeof DatasetRow>

export const DatasetFacts = Type.Object(
  {
    row: DatasetRow,
    columns: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          alias: Type.String(),
          en: Type.Optional(Type.String()),
          zh: Type.Optional(Type.String()),
          unit: Type.Optional(Type.String()),
          sign: Type.Optional(Type.Enum(['+', '-', '0'])),
          missing: Type.String(),
          cuts: Type.Integer({ description: 'own cut points, which stay here' }),
          specials: Type.Integer(),
        },
        closed,
      ),
    ),
    ids: Type.Object(
      {
        column: Type.String(),
        kind: Type.String(),
        duplicates: Type.String(),
        orderBy: Type.Optional(Type.String()),
        second: Type.Optional(Type.String()),
        sampleId: Type.Optional(Type.String()),
      },
      closed,
    ),
    consent: Type.Optional(
      Type.Object(
        { purposes: Type.Array(Type.String()), hosts: Type.Array(Type.String()), observedAt: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type DatasetFacts = Static<typeof DatasetFacts>

const Problem = Type.Object(
  { code: Type.String(), level: Type.Enum(['error', 'warning']), message: Type.String(), summary: Words, mend: Words },
  closed,
)

export const CheckedDataset = Type.Object(
  {
    ok: Type.Boolean(),
    rows: Type.Optional(Type.Integer()),
    ids: Type.Optional(
      Type.Object(
        {
          kind: Type.String(),
          total: Type.Integer(),
          valid: Type.Integer(),
          empty: Type.Integer(),
          badFormat: Type.Integer(),
          badCheck: Type.Integer(),
          duplicates: Type.Integer(),
        },
        closed,
      ),
    ),
    columns: Type.Array(
      Type.Object(
        { name: Type.String(), missingShare: Type.Number(), constant: Type.Boolean(), rule: Type.String() },
        closed,
      ),
    ),
    label: Type.Optional(
      Type.Object(
        {
          column: Type.String(),
          kind: Type.String(),
          zeros: Type.Integer(),
          ones: Type.Integer(),
          others: Type.Integer(),
          indeterminate: Type.Integer(),
        },
        closed,
      ),
    ),
    consents: Type.Record(Type.String(), Type.Integer()),
    problems: Type.Array(Problem),
  },
  closed,
)
export type CheckedDataset = Static<typeof CheckedDataset>

/** Parts of a check, in this order. */
export const CHECK_PARTS = ['source', 'ids', 'columns', 'label', 'consents'] as const

export const CheckEvent = Type.Object(
  {
    part: Type.Optional(Type.Enum([...CHECK_PARTS], { description: 'that is read now' })),
    done: Type.Integer(),
    total: Type.Integer(),
    report: Type.Optional(CheckedDataset),
  },
  closed,
)
export type CheckEvent = Static<typeof CheckEvent>

export const DatasetBudget = Type.Object(
  {
    privacy: Type.Object(
      {
        epsilon: Type.Number({ description: 'spent by all jobs together' }),
        delta: Type.Number(),
        limit: Type.Optional(Type.Number()),
        jobs: Type.Array(
          Type.Object(
            {
              job: Type.String(),
              unit: Type.String(),
              rounds: Type.Integer(),
              epsilon: Type.Number(),
              last: Type.String(),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    leastDifference: Type.Integer({ description: 'rows in which two released sets must differ, if they differ' }),
    cells: Type.Array(
      Type.Object(
        {
          version: Type.String(),
          job: Type.String(),
          what: Type.String(),
          count: Type.Integer(),
          total: Type.Integer(),
          set: Type.String({ description: 'equal for equal sets of rows' }),
          time: Type.String(),
        },
        closed,
      ),
      { description: 'sets of rows that stood behind results, the newest first; at most 500' },
    ),
    cellCount: Type.Integer(),
    jobs: Type.Integer(),
  },
  closed,
)
export type DatasetBudget = Static<typeof DatasetBudget>

const AnyOr = Type.Union([Type.Literal('any'), Type.Array(Type.String())])
export const PolicyRule = Type.Object(
  {
    guest: Type.String(),
    purposes: AnyOr,
    protocols: Type.Array(Type.String()),
    datasets: Type.Array(
      Type.Object(
        { name: Type.String(), columns: Type.Union([Type.Literal('all'), Type.Array(Type.String())]) },
        closed,
      ),
    ),
    peers: AnyOr,
    minIntersection: Type.Integer(),
    maxRounds: Type.Integer(),
  },
  closed,
)
export type PolicyRule = Static<typeof PolicyRule>

export const Policy = Type.Object(
  {
    rules: Type.Array(PolicyRule),
    approvals: Type.Union([
      Type.Literal('off'),
      Type.Object({ ownJobs: Type.Enum(['approved', 'allowed']), waitSeconds: Type.Integer() }, closed),
    ]),
  },
  closed,
)
export type Policy = Static<typeof Policy>

const OfDataset = Type.Object({ name: DatasetName }, closed)

export const dataCalls = calls({
  datasets: {
    method: 'GET',
    path: '/datasets',
    summary: 'The data sets that this party declared',
    who: 'signed-in',
    reply: Type.Object({ items: Type.Array(DatasetRow) }, closed),
  },
  dataset: {
    method: 'GET',
    path: '/datasets/:name',
    summary: 'One data set: columns, ids, label, consents',
    who: 'signed-in',
    params: OfDataset,
    reply: DatasetFacts,
  },
  checkDataset: {
    method: 'GET',
    path: '/datasets/:name/check',
    summary: 'Read a data set once and name all its problems, telling how far it is',
    who: ['steward', 'compliance', 'operator'],
    params: OfDataset,
    events: CheckEvent,
  },
  datasetBudget: {
    method: 'GET',
    path: '/datasets/:name/budget',
    summary: 'Privacy spent, and sets of rows that stood behind results',
    who: READERS,
    params: OfDataset,
    reply: DatasetBudget,
  },
  policy: {
    method: 'GET',
    path: '/policy',
    summary: 'What jobs may do here by configuration',
    who: 'signed-in',
    reply: Policy,
  },
})
