// What a modeler submits: who takes part with which columns, and the plan of tasks. One schema for the
// command line, the coordinator and every agent; `docs/job.schema.json` is generated from it.
import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'

const PARTY = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'name of a party in the trust bundle' })
const NAME = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' })
const COLUMNS = Type.Union(
  [Type.Literal('all'), Type.Array(NAME, { minItems: 1, maxItems: 2000, uniqueItems: true })],
  {
    default: 'all',
    description: 'columns of the data set that enter the model, or all that it offers',
  },
)
const closed = { additionalProperties: false } as const

const Split = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('keyed-hash'),
        holdout: Type.Number({ minimum: 0.05, maximum: 0.5, description: 'share of rows held out' }),
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
    align: Type.Object(
      {
        protocol: Type.Literal('psi', { default: 'psi' }),
        minIntersection: Type.Integer({
          minimum: 50,
          maximum: 1_000_000_000,
          default: 1000,
          description: 'below this many common rows nothing is released',
        }),
      },
      { ...closed, default: {} },
    ),
    split: Split,
    train: Type.Object(
      {
        protocol: Type.Literal('vertical-lr', { default: 'vertical-lr' }),
        l2: Type.Number({
          minimum: 0,
          maximum: 1e9,
          default: 1,
          description: 'penalty ½·l2·‖w‖² beside the summed log loss (scikit-learn: 1/C); never on the intercept',
        }),
        rounds: Type.Integer({ minimum: 1, maximum: 500, default: 25, description: 'at most so many training rounds' }),
        tolerance: Type.Number({
          minimum: 1e-8,
          maximum: 0.1,
          default: 5e-4,
          description: 'stop when no standardised coefficient moved more than this',
        }),
        momentum: Type.Number({ minimum: 0, maximum: 0.95, default: 0.5 }),
        batchRows: Type.Union([Type.Literal('full'), Type.Integer({ minimum: 256, maximum: 131_072 })], {
          default: 'full',
          description: 'rows of one round',
        }),
        harmonics: Type.Integer({ minimum: 2, maximum: 8, default: 4, description: 'terms of the Fourier sigmoid' }),
      },
      { ...closed, default: {} },
    ),
    deadlines: Type.Object(
      {
        inviteSeconds: Type.Integer({
          minimum: 1,
          maximum: 604_800,
          default: 300,
          description: 'for every party to answer the invitation',
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
export type TaskName = 'align' | 'train'

/** One task of the plan, in the order in which the coordinator runs them. */
export interface TaskPlan {
  readonly task: TaskName
  readonly protocol: 'psi' | 'vertical-lr'
  readonly maxRounds: number
}

/** A training round is followed by one round that scores the hold-out rows. */
export function planTasks(spec: JobSpec): readonly TaskPlan[] {
  return [
    { task: 'align', protocol: spec.align.protocol, maxRounds: 1 },
    { task: 'train', protocol: spec.train.protocol, maxRounds: spec.train.rounds + 1 },
  ]
}

/** All parties of a job: the guest, then the hosts in job order. */
export function partiesOf(spec: JobSpec): readonly string[] {
  return [spec.guest.party, ...spec.hosts.map((host) => host.party)]
}

/** The id is the content: submitting the same bytes twice is one job. */
export function jobIdOf(specBytes: Uint8Array): string {
  return `job-${createHash('sha256').update(specBytes).digest('hex').slice(0, 20)}`
}

export interface SpecProblem {
  /** JSON pointer, such as /train/rounds */
  readonly path: string
  readonly message: string
}

const validator = Compile(JobSpecSchema)

/** Fills in defaults and checks everything that can be known without the federation. All problems at once. */
export function checkJobSpec(
  value: unknown,
):
  | { readonly spec: JobSpec; readonly problems: readonly [] }
  | { readonly spec: undefined; readonly problems: readonly SpecProblem[] } {
  const filled = validator.Default(structuredClone(value))
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
  return problems.length === 0 ? { spec, problems: [] } : { spec: undefined, problems }
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
