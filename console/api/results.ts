// What came out of a job at this party, a chapter at a time, as files, and beside other jobs. Every call that tells a
// measure is stated in the party's access log before it is answered; a file is stated as an export too.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { PAGE_QUERY, Page } from './paging.ts'
import { listOf, Measured, Run, Scaling, Series, TablePart } from './tables.ts'
import { JobId } from './ids.ts'

const closed = { additionalProperties: false } as const

const Job = Type.Object({ job: JobId }, closed)
const TableName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' })

/** Who may read results, and this party's part of a model: as party-agent/people/permissions.ts says. */
const RESULT_READERS = ['modeler', 'steward', 'compliance', 'auditor'] as const
const MODEL_READERS = ['modeler', 'auditor'] as const

/**
 * classes: a model of bad and good; numbers: of a number or a count; average: a model of all parties' rows; scan: columns
 * without a model; scores: rows were scored; part: this party has its own part of a model, and another has the result;
 * none: nothing yet, or nothing ever, as the state of the job says; damaged: its files cannot be read
 */
const RESULT_KINDS = ['classes', 'numbers', 'average', 'scan', 'scores', 'part', 'none', 'damaged'] as const
export const ResultKind = Type.Enum([...RESULT_KINDS])
export type ResultKind = Static<typeof ResultKind>

/** Of a job at this party. */
const AboutJob = {
  job: JobId,
  name: Type.String(),
  guest: Type.String(),
  hosts: listOf(Type.String(), { maxItems: 16 }),
  kind: ResultKind,
  state: Type.String({ description: 'of the job, as this party knows it' }),
  submittedAt: Type.String({ description: 'RFC 3339 UTC' }),
}
export const JobLine = Type.Object(AboutJob, closed)
export type JobLine = Static<typeof JobLine>

/** A measure on the hold-out rows, of the guest alone and of all. */
const Headline = Type.Object(
  {
    model: Type.Enum(['final', 'challenger']),
    measure: Type.Enum(['auc', 'ks', 'rmse', 'poisson_deviance', 'gini', 'r2']),
    alone: Type.Optional(Measured),
    joint: Measured,
  },
  closed,
)
export type Headline = Static<typeof Headline>

const Averaging = Type.Object(
  {
    parties: Type.Integer(),
    parameters: Type.Integer(),
    bestRound: Type.Integer(),
    rounds: Type.Integer(),
    stoppedEarly: Type.Boolean(),
    modelDigest: Type.String(),
    engine: Type.String(),
    privacy: Type.Optional(
      Type.Object(
        {
          unit: Type.String(),
          budget: Type.Number({ description: 'epsilon of the whole job' }),
          delta: Type.Number(),
          noiseMultiplier: Type.Number(),
          spent: Type.Optional(Type.Number({ description: 'epsilon after the last round' })),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const Overview = Type.Object(
  {
    ...AboutJob,
    algorithm: Type.Optional(Type.String()),
    challenger: Type.Optional(Type.String()),
    /** rows of the guest; of averaging those of all parties */
    rows: Type.Optional(Type.Object({ training: Type.Integer(), holdout: Type.Integer() }, closed)),
    rounds: Type.Optional(
      Type.Integer({ description: 'of a regression or of averaging; of trees how many there are' }),
    ),
    converged: Type.Optional(Type.Boolean()),
    scored: Type.Optional(Type.Integer({ description: 'rows that have a score' })),
    headline: listOf(Headline),
    average: Type.Optional(Averaging),
    /** whether this party keeps a part of a model that the caller may read */
    ownPart: Type.Boolean(),
    files: listOf(Type.String(), { maxItems: 16 }),
  },
  closed,
)
export type Overview = Static<typeof Overview>

/** What a part of the report needs: credit/report draws an EvaluationPack of just these. */
export const Chapter = Type.Object(
  {
    chapter: Type.String(),
    run: Run,
    scoreUnit: Type.Enum(['points', 'log-odds', 'expected']),
    scaling: Type.Union([Scaling, Type.Null()]),
    tables: listOf(TablePart),
    series: listOf(Series),
    challenger: Type.Optional(Type.Object({ algorithm: Type.String(), series: listOf(Series) }, closed)),
    /** columns whose owners said what they are */
    names: listOf(
      Type.Object({ party: Type.String(), feature: Type.String(), zh: Type.String(), en: Type.String() }, closed),
    ),
  },
  closed,
)
export type Chapter = Static<typeof Chapter>

/** This party's own part of a model: its columns with its own cut points, as no other party sees them. */
export const OwnPart = Type.Object(
  {
    party: Type.String(),
    intercept: Type.Optional(Type.Number()),
    columns: listOf(
      Type.Object(
        {
          name: Type.String(),
          coefficient: Type.Number(),
          mean: Type.Optional(Type.Number()),
          sd: Type.Optional(Type.Number()),
          standardError: Type.Optional(Type.Number()),
          p: Type.Optional(Type.Number()),
        },
        closed,
      ),
    ),
    tables: listOf(TablePart),
  },
  closed,
)
export type OwnPart = Static<typeof OwnPart>

export const MOST_COMPARED = 6

export const Comparison = Type.Object(
  {
    kind: Type.Enum(['models', 'averages']),
    jobs: listOf(
      Type.Object({ ...AboutJob, algorithm: Type.String(), challenger: Type.Optional(Type.String()) }, closed),
    ),
    /** run_comparison: a line a set, a measure and a model */
    measures: TablePart,
    /** settings of the jobs that are not the same in all; a value for each job */
    settings: listOf(Type.Object({ setting: Type.String(), values: listOf(Type.String()) }, closed)),
    /** columns that are not in the models of all; null where the job does not tell */
    features: listOf(
      Type.Object(
        { party: Type.String(), feature: Type.String(), inModel: listOf(Type.Union([Type.Boolean(), Type.Null()])) },
        closed,
      ),
    ),
    /** columns that are in the models of all */
    shared: Type.Integer(),
    /** stability of the score of each job, by set */
    stability: listOf(
      Type.Object({ set: Type.String(), values: listOf(Type.Union([Type.Number(), Type.Null()])) }, closed),
    ),
  },
  closed,
)
export type Comparison = Static<typeof Comparison>

export const PAGES = ['report', 'model-document'] as const
const PageFile = Type.Object({ job: JobId, page: Type.Enum([...PAGES]), language: Type.Enum(['zh', 'en']) }, closed)
const Rows = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000, description: '200 unless given' })),
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: '`next` of the rows before' })),
    party: Type.Optional(Type.String({ maxLength: 128 })),
    feature: Type.Optional(Type.String({ maxLength: 256 })),
    set: Type.Optional(Type.String({ maxLength: 64 })),
    tree: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  closed,
)

export const resultCalls = calls({
  results: {
    method: 'GET',
    path: '/results',
    summary: 'Jobs of this party, and of what kind the result of each is; tells no measure',
    who: RESULT_READERS,
    query: Type.Object(PAGE_QUERY, closed),
    reply: Page(JobLine),
  },
  result: {
    method: 'GET',
    path: '/results/:job',
    summary: 'What came out of a job, at a glance',
    who: RESULT_READERS,
    params: Job,
    reply: Overview,
  },
  chapters: {
    method: 'GET',
    path: '/results/:job/chapters',
    summary: 'Which chapters a result has; computes the evaluation where it is not there yet, and tells no measure',
    who: RESULT_READERS,
    params: Job,
    reply: Type.Object({ chapters: listOf(Type.String(), { maxItems: 32 }) }, closed),
  },
  chapter: {
    method: 'GET',
    path: '/results/:job/chapters/:chapter',
    summary: 'Tables and plot series of a chapter; a long table begins only',
    who: RESULT_READERS,
    params: Type.Object({ job: JobId, chapter: Type.String({ pattern: '^[a-z]{1,32}$' }) }, closed),
    reply: Chapter,
  },
  table: {
    method: 'GET',
    path: '/results/:job/tables/:table',
    summary: 'Rows of one table, those that match',
    who: RESULT_READERS,
    params: Type.Object({ job: JobId, table: TableName }, closed),
    query: Rows,
    reply: TablePart,
  },
  ownPart: {
    method: 'GET',
    path: '/results/:job/part',
    summary: "This party's own part of the model, with its own cut points",
    who: MODEL_READERS,
    params: Job,
    reply: OwnPart,
  },
  compare: {
    method: 'GET',
    path: '/results/compare',
    summary: 'Two to six jobs side by side',
    who: RESULT_READERS,
    query: Type.Object(
      { jobs: Type.String({ pattern: '^job-[0-9a-f]{20}(,job-[0-9a-f]{20}){0,5}$', description: 'with commas' }) },
      closed,
    ),
    reply: Comparison,
  },
  pageFile: {
    method: 'GET',
    path: '/results/:job/files/pages/:page/:language',
    summary: 'The report, or the model document, as one page that needs no network',
    who: RESULT_READERS,
    params: PageFile,
    file: 'text/html; charset=utf-8',
  },
  csvFile: {
    method: 'GET',
    path: '/results/:job/files/tables/:table',
    summary: 'One table as CSV',
    who: RESULT_READERS,
    params: Type.Object({ job: JobId, table: TableName }, closed),
    file: 'text/csv; charset=utf-8',
  },
  jsonFile: {
    method: 'GET',
    path: '/results/:job/files/evaluation',
    summary: 'The whole evaluation as JSON',
    who: RESULT_READERS,
    params: Job,
    file: 'application/json',
  },
  scoresFile: {
    method: 'GET',
    path: '/results/:job/files/scores',
    summary: "The scores of this party's own rows, of a job that scored",
    who: RESULT_READERS,
    params: Job,
    file: 'text/csv; charset=utf-8',
  },
})
