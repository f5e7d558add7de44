// Jobs from the modeler's side: a job file from a template, its check and pre-flight, submission, and watching it run.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { Page, PAGE_QUERY } from './paging.ts'
import { JobId } from './ids.ts'
import { JobProgress, JobState, JobSummary } from './job-progress.ts'

const closed = { additionalProperties: false } as const
const MODELERS = ['modeler'] as const
const Language = Type.Enum(['en', 'zh'])
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)
const Party = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
const Count = Type.Integer({ minimum: 0 })

/** Of a job file; what is signed and sent may be 224 KiB. */
export const MAX_JOB_TEXT = 256 * 1024
/** JSON escapes what YAML writes plainly, and Chinese takes three bytes */
const BODY_BYTES = 4 * MAX_JOB_TEXT
const JobText = Type.String({ maxLength: MAX_JOB_TEXT, description: 'a job file in YAML' })

const Template = Type.Object(
  {
    name: Type.String(),
    title: Words,
    tasks: Type.Array(Type.String(), { description: 'in the order in which they would run' }),
    partners: Type.Array(Party, { description: 'who offers what fits it' }),
    lacking: Type.Optional(Type.Object(Words.properties, { ...closed, description: 'why it cannot be used here' })),
  },
  closed,
)
export type Template = Static<typeof Template>

const Draft = Type.Object(
  { text: JobText, partners: Type.Array(Party, { description: 'who could take part' }), chosen: Type.Array(Party) },
  closed,
)

const JobProblem = Type.Object(
  {
    line: Type.Integer({ minimum: 1 }),
    column: Type.Integer({ minimum: 1 }),
    key: Type.String({ description: 'such as train.rounds; empty where the text is no YAML' }),
    message: Type.String(),
  },
  closed,
)
export type JobProblem = Static<typeof JobProblem>

const Finding = Type.Object(
  { party: Party, level: Type.Enum(['problem', 'warning']), text: Words, mend: Words },
  closed,
)
const Check = Type.Object(
  {
    name: Type.String(),
    title: Words,
    state: Type.Enum(['passed', 'warning', 'problem']),
    findings: Type.Array(Finding),
  },
  closed,
)
const Estimate = Type.Object(
  { task: Type.String(), bytes: Count, seconds: Type.Number({ minimum: 0 }) },
  {
    ...closed,
    description: 'sent by all together; of two cores on one machine, right within a factor of two or three',
  },
)
const Preflight = Type.Object(
  {
    checks: Type.Array(Check),
    estimate: Type.Array(Estimate, { description: 'empty where a party or data set is missing' }),
    rows: Type.Integer({ minimum: 0, description: 'at most so many are trained on, held out and tested together' }),
    roundTripMs: Count,
  },
  closed,
)
export type Preflight = Static<typeof Preflight>

const Checked = Type.Object(
  {
    problems: Type.Array(JobProblem, { description: 'empty: the job can be submitted' }),
    job: Type.Optional(
      Type.Object({ name: Type.String(), purpose: Type.String(), parties: Type.Array(Party) }, closed),
    ),
    preflight: Type.Optional(Preflight),
  },
  { ...closed, description: 'pre-flight where there is no problem and the coordinator answers' },
)
export type Checked = Static<typeof Checked>

const OfJob = Type.Object({ job: JobId }, closed)

export const jobCalls = calls({
  templates: {
    method: 'GET',
    path: '/job-templates',
    summary: 'Templates of job files, and which of them fit what the parties offer',
    who: MODELERS,
    reply: Type.Array(Template),
  },
  draftJob: {
    method: 'GET',
    path: '/job-templates/:template',
    summary: 'A job file from a template, filled with the parties that offer fitting data',
    who: MODELERS,
    params: Type.Object({ template: Type.String({ maxLength: 32 }) }, closed),
    query: Type.Object(
      {
        language: Type.Optional(Language),
        partners: Type.Optional(
          Type.String({ pattern: '^([a-z][a-z0-9-]{0,31}(,[a-z][a-z0-9-]{0,31})*)?$', maxLength: 600 }),
        ),
      },
      closed,
    ),
    reply: Draft,
  },
  check: {
    method: 'POST',
    path: '/job-check',
    summary: 'Every mistake of a job file with line and column; without any, what its pre-flight finds',
    who: MODELERS,
    body: Type.Object({ text: JobText }, closed),
    bodyLimit: BODY_BYTES,
    reply: Checked,
  },
  submit: {
    method: 'POST',
    path: '/jobs',
    summary: 'Submit a job file, signed by the party; the access log states who did',
    who: MODELERS,
    body: Type.Object({ text: JobText }, closed),
    bodyLimit: BODY_BYTES,
    reply: Type.Object({ job: JobId }, closed),
  },
  jobs: {
    method: 'GET',
    path: '/jobs',
    summary: 'The jobs that this party takes part in, the newest first',
    who: 'signed-in',
    query: Type.Object({ ...PAGE_QUERY, state: Type.Optional(JobState) }, closed),
    reply: Page(JobSummary),
  },
  job: {
    method: 'GET',
    path: '/jobs/:job',
    summary: 'Where a job stands',
    who: 'signed-in',
    params: OfJob,
    reply: JobProgress,
  },
  jobText: {
    method: 'GET',
    path: '/jobs/:job/text',
    summary: 'The job file that was submitted, to start another from; it is kept where the job ran',
    who: 'signed-in',
    params: OfJob,
    reply: Type.Object({ text: JobText }, closed),
  },
  watchJob: {
    method: 'GET',
    path: '/jobs/:job/events',
    summary: 'Where a job stands, at once and at each change until it ended; the loss where this party knows it',
    who: 'signed-in',
    params: OfJob,
    events: Type.Union([
      Type.Object({ kind: Type.Literal('job'), job: JobProgress }, closed),
      Type.Object(
        {
          kind: Type.Literal('loss'),
          task: Type.String(),
          points: Type.Array(Type.Object({ round: Count, loss: Type.Number() }, closed)),
        },
        { ...closed, description: 'rounds that are new; all of them first' },
      ),
      Type.Object({ kind: Type.Literal('away') }, { ...closed, description: 'the coordinator does not answer' }),
    ]),
  },
  cancelJob: {
    method: 'DELETE',
    path: '/jobs/:job',
    summary: 'End a job for all its parties; only the party that submitted it may',
    who: MODELERS,
    params: OfJob,
    reply: JobProgress,
  },
})
