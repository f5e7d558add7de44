// The optional sections of a job, each the settings of one task, or of what is made of its results.
import Type from 'typebox'
import { ALIAS_PATTERN } from './codec.ts'

const closed = { additionalProperties: false } as const
export const Profile = Type.Object(
  {
    protocol: Type.Literal('profile', { default: 'profile' }),
    minimumRows: Type.Integer({ minimum: 20, maximum: 1_000_000, default: 20, description: 'rows behind any number' }),
  },
  { ...closed, description: 'what the columns of the partners look like, told before anything is modelled' },
)

const ALIAS = Type.String({ pattern: ALIAS_PATTERN })

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

export const Train = Type.Object(
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
    columns: Type.Union([Type.Literal('standardised'), Type.Literal('woe')], {
      default: 'standardised',
      description: 'what enters the model: standardised values, or the weight of evidence of the bins (needs bin)',
    }),
    nonNegative: Type.Boolean({ default: false, description: 'no coefficient below zero (columns woe)' }),
    standardErrors: Type.Boolean({
      default: false,
      description: 'one more round for standard errors, Wald tests and p-values; at most 60 columns in total',
    }),
    harmonics: Type.Integer({ minimum: 2, maximum: 8, default: 4, description: 'terms of the Fourier sigmoid' }),
    precision: Type.Union([Type.Literal('standard'), Type.Literal('fine')], {
      default: 'standard',
      description:
        'fine: 8 harmonics, a tolerance of 5e-5, residuals with four bits more and two inner products a column and round: coefficients within 1e-3 of a centralised fit instead of 5e-3',
    }),
  },
  { ...closed, description: 'a logistic regression; what a job without train and boost trains' },
)

const share = (description: string, bounds: { minimum: number; maximum: number; default?: number }) =>
  Type.Number({ ...bounds, description })

/** Deepest tree: every level doubles the sums that leave a host. */
export const MOST_TREE_LEVELS = 6

export const Boost = Type.Object(
  {
    protocol: Type.Literal('secureboost', { default: 'secureboost' }),
    objective: Type.Union([Type.Literal('logistic'), Type.Literal('squared'), Type.Literal('poisson')], {
      default: 'logistic',
    }),
    trees: Type.Integer({ minimum: 1, maximum: 500, default: 30, description: 'at most so many' }),
    depth: Type.Integer({ minimum: 1, maximum: MOST_TREE_LEVELS, default: 3, description: 'levels of splits' }),
    learningRate: Type.Number({ minimum: 0.001, maximum: 1, default: 0.3 }),
    lambda: Type.Number({ minimum: 0, maximum: 1e6, default: 1, description: 'penalty on the square of leaf weights' }),
    gamma: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'gain that a split must bring' }),
    minChildWeight: Type.Number({ minimum: 0, maximum: 1e6, default: 1, description: 'sum of h on each side' }),
    minLeafRows: Type.Integer({ minimum: 50, maximum: 1_000_000, default: 50, description: 'training rows of a leaf' }),
    minLeafShare: share('of the training rows, in a leaf and in a bin', {
      minimum: 0.001,
      maximum: 0.2,
      default: 0.01,
    }),
    bins: Type.Integer({
      minimum: 2,
      maximum: 63,
      default: 32,
      description: 'at most so many bins of a column, without the one for missing values',
    }),
    rowSample: share('of the training rows, for each tree', { minimum: 0.1, maximum: 1, default: 1 }),
    columnSample: share("of each party's columns, for each tree", { minimum: 0.1, maximum: 1, default: 1 }),
    goss: Type.Optional(
      Type.Object(
        {
          top: share('of the rows, those with the largest gradients, all kept', { minimum: 0.01, maximum: 0.9 }),
          other: share('of the rows, drawn among the rest and weighted up', { minimum: 0.01, maximum: 0.9 }),
        },
        { ...closed, description: 'gradient-based one-side sampling, instead of rowSample' },
      ),
    ),
    earlyStopping: Type.Optional(
      Type.Object(
        { rounds: Type.Integer({ minimum: 1, maximum: 100, default: 10 }) },
        { ...closed, description: 'stop when the hold-out loss did not fall for so many trees' },
      ),
    ),
    guestFirst: Type.Integer({
      minimum: 0,
      maximum: 500,
      default: 0,
      description: "the first trees are grown on the guest's own columns, without a message",
    }),
    monotone: Type.Union([Type.Literal('declared'), Type.Literal('none')], {
      default: 'none',
      description: 'declared: the model rises or falls with a column as its owner declares',
    }),
    membership: Type.Union([Type.Literal('hidden'), Type.Literal('visible')], {
      default: 'hidden',
      description: 'visible: hosts see which rows are in which node, which is faster; their approval has to say so',
    }),
    precision: Type.Union([Type.Literal('quantised'), Type.Literal('exact')], {
      default: 'quantised',
      description: 'exact: sums of gradients with 30 bits or more, at twice the cost',
    }),
  },
  { ...closed, description: 'gradient-boosted trees; beside train, or instead of it' },
)

export const Score = Type.Object(
  {
    protocol: Type.Literal('secureboost', { default: 'secureboost' }),
    job: Type.String({ pattern: '^job-[0-9a-f]{20}$', description: 'the job of the same parties that grew the trees' }),
  },
  {
    ...closed,
    description:
      'score the rows of the guest with trees of an earlier job: hosts answer all their splits at once; stands beside align alone',
  },
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

export const Value = Type.Object(
  {
    coalitions: Type.Union([Type.Literal('partners'), Type.Literal('shapley')], {
      default: 'partners',
      description:
        'models that are trained again to say what each partner is worth: each partner alone with the guest and all without it, or every coalition',
    }),
  },
  closed,
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
