// What a modeler submits: who takes part with which columns, and the plan of tasks. One schema for the
// command line, the coordinator and every agent; `docs/job.schema.json` is generated from it.
import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { Average, Statistics } from './horizontal-sections.ts'
import { groupOf, Groups } from './job-groups.ts'
import { Bin, Boost, Evaluate, Profile, Reuse, Score, Scorecard, Select, Train, Value } from './job-sections.ts'
import { isHorizontal, problemsOfSections, type SpecProblem } from './job-rules.ts'

const PARTY = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'name of a party in the trust bundle' })
const NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$'
const NAME = Type.String({ pattern: NAME_PATTERN })
const COLUMNS = Type.Union(
  [Type.Literal('all'), Type.Array(NAME, { minItems: 1, maxItems: 2000, uniqueItems: true })],
  {
    default: 'all',
    description: 'columns of the data set that enter the model, or all that it offers',
  },
)
const closed = { additionalProperties: false } as const

const MONTH_PATTERN = '^[0-9]{4}-(0[1-9]|1[0-2])$'
const OutOfTime = Type.Object(
  {
    column: Type.String({
      pattern: NAME_PATTERN,
      description: "column of the guest's data set with the month of each row, YYYY-MM",
    }),
    from: Type.String({
      pattern: MONTH_PATTERN,
      description: 'rows of this month and later are out of time: never trained on',
    }),
    recent: Type.Optional(
      Type.String({
        pattern: MONTH_PATTERN,
        description: 'rows of this month and later have no mature label: for stability only',
      }),
    ),
  },
  { ...closed, description: 'needs align.mode left' },
)

const Split = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('keyed-hash'),
        holdout: Type.Number({ minimum: 0.05, maximum: 0.5, description: 'share of rows held out' }),
        outOfTime: Type.Optional(OutOfTime),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('id-modulo', {
          description: 'rows whose numeric id leaves the remainder are held out; for public data with plain ids',
        }),
        divisor: Type.Integer({ minimum: 2, maximum: 100 }),
        remainder: Type.Integer({ minimum: 0, maximum: 99 }),
      },
      closed,
    ),
  ],
  { default: { kind: 'keyed-hash', holdout: 0.3 } },
)

export const JobSpecSchema = Type.Object(
  {
    version: Type.Literal(1),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    nonce: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{16,64}$',
        description: 'set by `job submit`, so that the same file can be submitted again as a new job',
      }),
    ),
    purpose: Type.String({
      minLength: 1,
      maxLength: 500,
      default: 'credit model',
      description: 'what the model is for, shown to data owners',
    }),
    guest: Type.Object({ party: PARTY, dataset: NAME, columns: COLUMNS }, closed),
    hosts: Type.Array(Type.Object({ party: PARTY, dataset: NAME, columns: COLUMNS }, closed), {
      minItems: 1,
      maxItems: 16,
    }),
    groups: Type.Optional(Groups),
    align: Type.Optional(
      Type.Object(
        {
          protocol: Type.Literal('psi', { default: 'psi' }),
          mode: Type.Union([Type.Literal('inner'), Type.Literal('left')], {
            default: 'inner',
            description:
              'inner: rows that all parties have; left: all rows of the guest, also those a partner does not cover',
          }),
          decoys: Type.Number({
            minimum: 0,
            maximum: 10,
            default: 1,
            description: 'left mode: rows of its own, no customers of the guest, that a host sees per row that is one',
          }),
          minIntersection: Type.Integer({
            minimum: 50,
            maximum: 1_000_000_000,
            default: 1000,
            description: 'below this many common rows nothing is released',
          }),
        },
        { ...closed, description: 'in every job but those with average or statistics' },
      ),
    ),
    split: Split,
    reuse: Type.Optional(Reuse),
    until: Type.Optional(
      Type.Union([Type.Literal('align'), Type.Literal('bin'), Type.Literal('select'), Type.Literal('train')], {
        description: 'end the job after this task; what comes later can go on from it with reuse',
      }),
    ),
    profile: Type.Optional(Profile),
    bin: Type.Optional(Bin),
    select: Type.Optional(Select),
    train: Type.Optional(Train),
    boost: Type.Optional(Boost),
    scorecard: Type.Optional(Scorecard),
    evaluate: Type.Optional(Evaluate),
    value: Type.Optional(Value),
    score: Type.Optional(Score),
    statistics: Type.Optional(Statistics),
    average: Type.Optional(Average),
    deadlines: Type.Object(
      {
        inviteSeconds: Type.Integer({
          minimum: 1,
          maximum: 604_800,
          default: 604_800,
          description: 'for every party to answer the invitation, its people who approve included',
        }),
        peerSeconds: Type.Integer({
          minimum: 1,
          maximum: 604_800,
          default: 600,
          description: 'for a party to come back, or to finish a round',
        }),
        jobSeconds: Type.Integer({ minimum: 10, maximum: 2_592_000, default: 86_400 }),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, $id: 'https://tributary.invalid/job.schema.json', title: 'Tributary job' },
)

export type JobSpec = Static<typeof JobSpecSchema>
/** What the guest signs a job under; the context keeps the signature from meaning anything else. */
export const JOB_SPEC_CONTEXT = 'job-spec'
/** Of a job as it is submitted, so that it fits a frame of the link with its signature. */
export const MAX_SPEC_BYTES = 224 * 1024
/** The protocols that a job can ask for, and a policy or an approval can allow. */
export const PROTOCOLS = ['psi', 'profile', 'binning-iv', 'vertical-lr', 'secureboost', 'fedavg', 'group'] as const
export type ProtocolName = (typeof PROTOCOLS)[number]

export type TaskName = (typeof ORDER)[number]

/** One task of the plan, in the order in which the coordinator runs them. */
export interface TaskPlan {
  readonly task: TaskName
  readonly protocol: ProtocolName
  readonly maxRounds: number
}

const ORDER = [
  'align',
  'profile',
  'bin',
  'select',
  'train',
  'boost',
  'value',
  'score',
  'statistics',
  'average',
] as const

/** The alignment of a job that has one. @throws PlatformError internal.unexpected */
export function alignOf({ align }: JobSpec): NonNullable<JobSpec['align']> {
  if (align === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with align' })
  return align
}

/** Rounds of a job that may lose a party before there is a sum. */
const VOIDED_ROUNDS = 20

/** The averaging of a job that asks for it. @throws PlatformError internal.unexpected */
export function averageOf({ average }: JobSpec): NonNullable<JobSpec['average']> {
  if (average === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with average' })
  return average
}

/** The regression of a job that asks for one. @throws PlatformError internal.unexpected */
export function trainOf({ train }: JobSpec): NonNullable<JobSpec['train']> {
  if (train === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with train' })
  return train
}

/** The scoring of a job that asks for it. @throws PlatformError internal.unexpected */
export function scoreOf({ score }: JobSpec): NonNullable<JobSpec['score']> {
  if (score === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with score' })
  return score
}

/** The trees of a job that asks for them. @throws PlatformError internal.unexpected */
export function boostOf({ boost }: JobSpec): NonNullable<JobSpec['boost']> {
  if (boost === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with boost' })
  return boost
}

/** What is asked for, without what an earlier job has done already. */
export function planTasks(spec: JobSpec): readonly TaskPlan[] {
  const { align, profile, bin, select, train, boost, value, score, reuse, until } = spec
  const asked: TaskPlan[] = []
  if (align !== undefined) asked.push({ task: 'align', protocol: align.protocol, maxRounds: 1 })
  if (profile !== undefined) asked.push({ task: 'profile', protocol: profile.protocol, maxRounds: 1 })
  if (bin !== undefined) asked.push({ task: 'bin', protocol: bin.protocol, maxRounds: 2 })
  if (select !== undefined) asked.push({ task: 'select', protocol: select.protocol, maxRounds: 2 })
  const models = modelTasks(train, boost)
  asked.push(...models)
  const [first] = models
  if (value !== undefined && first !== undefined) {
    const coalitions = coalitionsOf(spec).length
    asked.push({ ...first, task: 'value', maxRounds: coalitions * (first.maxRounds + 1) })
  }
  if (score !== undefined) asked.push({ task: 'score', protocol: score.protocol, maxRounds: 1 })
  asked.push(...horizontalTasks(spec))
  const from = reuse === undefined ? 0 : ORDER.indexOf(reuse.through) + 1
  const last = ORDER.indexOf(until ?? 'average')
  return asked.filter(({ task }) => ORDER.indexOf(task) >= from && ORDER.indexOf(task) <= last)
}

/** The protocols in which a party takes part, each once; members of a group have one more, among themselves. */
export function protocolsOf(spec: JobSpec, party: string): readonly ProtocolName[] {
  const planned = planTasks(spec).map(({ protocol }) => protocol)
  return [...new Set([...planned, ...(groupOf(spec, party) === undefined ? [] : (['group'] as const))])]
}

/** The regression first: where there are both, it is the champion, and what the value report is about. */
function modelTasks(train: JobSpec['train'], boost: JobSpec['boost']): TaskPlan[] {
  // After the training rounds: the information matrix where it is asked for, and the scores.
  const rounds = train === undefined ? 0 : train.rounds + 1 + (train.standardErrors ? 2 : 0)
  return [
    ...(train === undefined ? [] : [{ task: 'train', protocol: train.protocol, maxRounds: rounds } as const]),
    ...(boost === undefined ? [] : [{ task: 'boost', protocol: boost.protocol, maxRounds: boost.trees } as const]),
  ]
}

function horizontalTasks({ statistics, average }: JobSpec): TaskPlan[] {
  return [
    ...(statistics === undefined ? [] : [{ task: 'statistics', protocol: statistics.protocol, maxRounds: 2 } as const]),
    ...(average === undefined
      ? []
      : [{ task: 'average', protocol: average.protocol, maxRounds: averageRounds(average) } as const]),
  ]
}

/** One that measures the last model, and where parties may be left out some that lose one and end as they began. */
function averageRounds({ rounds, dropout }: NonNullable<JobSpec['average']>): number {
  return rounds + 1 + (dropout === undefined ? 0 : VOIDED_ROUNDS)
}

/**
 * Hosts, by their index in the job, of each model that the value report trains again: never none (the guest fits that
 * alone) and never all (that is the job's model). One partner each, then all but one; or every coalition, by size.
 */
export function coalitionsOf(spec: JobSpec): readonly (readonly number[])[] {
  const hosts = spec.hosts.map((_, i) => i)
  if (spec.value === undefined) return []
  const all = Array.from({ length: 2 ** hosts.length }, (_, mask) => hosts.filter((i) => (mask >> i) & 1))
  const partial = all.filter(({ length }) => length > 0 && length < hosts.length)
  const wanted = ({ length }: readonly number[]) =>
    spec.value?.coalitions === 'shapley' || length === 1 || length === hosts.length - 1
  return partial.filter(wanted).sort((a, b) => a.length - b.length)
}

/** All parties of a job: the guest, then the hosts in job order. */
export function partiesOf(spec: JobSpec): readonly string[] {
  return [spec.guest.party, ...spec.hosts.map((host) => host.party)]
}

/** Whether the coordinator adds up encrypted updates in this job. */
export function usesAdder(spec: JobSpec): boolean {
  return isHorizontal(spec)
}

/** The id is the content: submitting the same bytes twice is one job. */
export function jobIdOf(specBytes: Uint8Array): string {
  return `job-${createHash('sha256').update(specBytes).digest('hex').slice(0, 20)}`
}

const validator = Compile(JobSpecSchema)

/** Fills in defaults and checks everything that can be known without the federation. All problems at once. */
export function checkJobSpec(
  value: unknown,
):
  | { readonly spec: JobSpec; readonly problems: readonly [] }
  | { readonly spec: undefined; readonly problems: readonly SpecProblem[] } {
  const filled = validator.Default(withModel(structuredClone(value)))
  if (!validator.Check(filled)) {
    const problems = validator.Errors(filled).map((error) => ({ path: error.instancePath, message: error.message }))
    return { spec: undefined, problems: problems.slice(0, 50) }
  }
  const spec = filled as JobSpec
  const problems: SpecProblem[] = []
  const parties = partiesOf(spec)
  for (const [i, party] of parties.entries()) {
    if (parties.indexOf(party) !== i)
      problems.push({ path: `/hosts/${i - 1}/party`, message: `${party} takes part twice` })
  }
  if (spec.split.kind === 'id-modulo' && spec.split.remainder >= spec.split.divisor) {
    problems.push({ path: '/split/remainder', message: 'must be smaller than the divisor' })
  }
  problems.push(...problemsOfSections(spec, planTasks(spec).length))
  return problems.length === 0 ? { spec, problems: [] } : { spec: undefined, problems }
}

/** A job that names no model trains the regression on aligned rows; averaging starts with statistics. */
function withModel(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const {
    align = {},
    hosts,
    train,
    boost,
    score,
    statistics,
    average,
  } = value as Partial<Record<keyof JobSpec, unknown>>
  // exact sums over two parties would tell each what the other has
  if (average !== undefined && Array.isArray(hosts) && hosts.length < 2) return value
  if (average !== undefined) return { ...value, statistics: statistics ?? {} }
  if (statistics !== undefined) return value
  const hasModel = [train, boost, score].some((section) => section !== undefined)
  return { ...value, align, ...(hasModel ? {} : { train: {} }) }
}

/** For bytes that came over the wire. @throws PlatformError job.invalid naming every problem */
export function parseJobSpec(bytes: Uint8Array): JobSpec {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new PlatformError('job.invalid', { problem: 'not JSON' }, cause)
  }
  const { spec, problems } = checkJobSpec(value)
  if (spec === undefined)
    throw new PlatformError('job.invalid', { problems: problems.map((p) => `${p.path}: ${p.message}`) })
  return spec
}
