// The optional sections of a job, each the settings of one task, or of what is made of its results.
import Type from 'typebox'

const closed = { additionalProperties: false } as const
export const Profile = Type.Object(
  {
    protocol: Type.Literal('profile', { default: 'profile' }),
    minimumRows: Type.Integer({ minimum: 20, maximum: 1_000_000, default: 20, description: 'rows behind any number' }),
  },
  { ...closed, description: 'what the columns of the partners look like, told before anything is modelled' },
)

const ALIAS = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' })

export const Bin = Type.Object(
  {
    protocol: Type.Literal('binning-iv', { default: 'binning-iv' }),
    method: Type.Union(
      [Type.Literal('quantile'), Type.Literal('equal-width'), Type.Literal('chi-merge'), Type.Literal('monotonic')],
      { default: 'quantile', description: 'for columns whose owner declared no cut points of its own' },
    ),
    bins: Type.Integer({
      minimum: 2,
      maximum: 50,
      default: 10,
      description: 'at most so many bins of ordinary values',
    }),
    minimumRows: Type.Integer({ minimum: 50, maximum: 1_000_000, default: 50, description: 'training rows of a bin' }),
    minimumShare: Type.Number({ minimum: 0.001, maximum: 0.2, default: 0.01, description: 'of the training rows' }),
    merges: Type.Optional(
      Type.Record(
        ALIAS,
        Type.Array(Type.Array(Type.Integer({ minimum: 1, maximum: 64 }), { minItems: 1 }), { minItems: 1 }),
        {
          description: 'by alias: bins of an earlier binning to join, by number; the owner accepts them with the job',
        },
      ),
    ),
  },
  closed,
)

export const Select = Type.Object(
  {
    protocol: Type.Literal('vertical-lr', { default: 'vertical-lr' }),
    minimumIv: Type.Number({ minimum: 0, maximum: 1, default: 0.02 }),
    maximumMissing: Type.Number({ minimum: 0, maximum: 1, default: 0.95 }),
    maximumStability: Type.Number({
      minimum: 0,
      maximum: 10,
      default: 0.1,
      description: 'population stability index of a column, training rows against out-of-time rows (稳定性)',
    }),
    maximumCorrelation: Type.Number({ minimum: 0, maximum: 1, default: 0.7 }),
    maximumVif: Type.Number({ minimum: 1, maximum: 1000, default: 5 }),
    stepwise: Type.Union([Type.Literal('none'), Type.Literal('backward'), Type.Literal('both')], { default: 'none' }),
    pValue: Type.Number({ minimum: 0.0001, maximum: 0.5, default: 0.05, description: 'of stepwise entry and stay' }),
    maximumColumns: Type.Integer({ minimum: 1, maximum: 200, default: 60 }),
    keep: Type.Array(ALIAS, { maxItems: 200, default: [], description: 'kept whatever the rules say' }),
    drop: Type.Array(ALIAS, { maxItems: 2000, default: [] }),
  },
  closed,
)

export const Scorecard = Type.Object(
  {
    baseScore: Type.Number({ minimum: 0, maximum: 10_000, default: 600, description: 'points at the base odds' }),
    baseOdds: Type.Number({ minimum: 0.001, maximum: 100_000, default: 30, description: 'good to one bad' }),
    pdo: Type.Number({ minimum: 1, maximum: 1000, default: 20, description: 'points that double the odds' }),
    low: Type.Number({ default: 300, description: 'no score is lower' }),
    high: Type.Number({ default: 850, description: 'no score is higher' }),
  },
  closed,
)

export const Evaluate = Type.Object(
  { bands: Type.Union([Type.Literal(10), Type.Literal(20)], { default: 10, description: 'score bands' }) },
  { ...closed, description: 'only what the guest does with its own rows: no message is sent for it' },
)

export const Reuse = Type.Object(
  {
    job: Type.String({ pattern: '^job-[0-9a-f]{20}$' }),
    through: Type.Union([Type.Literal('align'), Type.Literal('bin'), Type.Literal('select')]),
  },
  {
    ...closed,
    description:
      'take the results of an earlier job of the same parties and settings, through this task, and go on from there',
  },
)
