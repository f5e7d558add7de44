// The sections of a job over rows of all parties: each has the same columns of other rows, and its own labels.
import Type from 'typebox'

const closed = { additionalProperties: false } as const
export const Statistics = Type.Object(
  {
    protocol: Type.Literal('fedavg', { default: 'fedavg' }),
    minimumRows: Type.Integer({
      minimum: 20,
      maximum: 1_000_000,
      default: 50,
      description: 'rows of all parties together behind every cell of a histogram',
    }),
    bins: Type.Integer({ minimum: 4, maximum: 64, default: 16, description: 'of the histogram of a column, at most' }),
  },
  { ...closed, description: 'counts, means, variances and histograms over the rows of all parties' },
)

const MISSING = Type.Union([Type.Literal('mean'), Type.Literal('indicator')], {
  default: 'mean',
  description: 'mean: the mean of all parties; indicator: the same, and one more input that says so',
})

const Network = Type.Union(
  [
    Type.Object({ kind: Type.Literal('logistic'), missing: MISSING }, closed),
    Type.Object(
      {
        kind: Type.Literal('mlp'),
        hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), {
          maxItems: 8,
          default: [16],
          description: 'units of each hidden layer',
        }),
        activation: Type.Union([Type.Literal('relu'), Type.Literal('tanh'), Type.Literal('sigmoid')], {
          default: 'relu',
        }),
        embeddings: Type.Optional(
          Type.Array(
            Type.Object(
              {
                column: Type.String({ minLength: 1, maxLength: 128 }),
                cardinality: Type.Integer({ minimum: 2, maximum: 100_000, description: 'codes 0 to cardinality − 1' }),
                width: Type.Integer({ minimum: 1, maximum: 256 }),
              },
              closed,
            ),
            { minItems: 1, maxItems: 64, description: 'columns of categories, each a learned vector' },
          ),
        ),
        missing: MISSING,
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('keras'),
        json: Type.String({
          minLength: 2,
          maxLength: 65_536,
          description: 'what model.to_json() of Keras writes; layers that keep a state are refused',
        }),
        missing: MISSING,
      },
      closed,
    ),
  ],
  { default: { kind: 'logistic' } },
)

const Optimiser = Type.Union(
  [
    Type.Object(
      { kind: Type.Literal('sgd'), momentum: Type.Number({ minimum: 0, maximum: 0.99, default: 0 }) },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('adam'),
        beta1: Type.Number({ minimum: 0, maximum: 0.999, default: 0.9 }),
        beta2: Type.Number({ minimum: 0, maximum: 0.9999, default: 0.999 }),
        epsilon: Type.Number({ minimum: 1e-10, maximum: 1e-2, default: 1e-8 }),
      },
      closed,
    ),
  ],
  { default: { kind: 'sgd' }, description: 'of the training at each party' },
)

const SERVER_RATE = Type.Number({ minimum: 1e-6, maximum: 10, default: 1, description: 'of the step after each round' })
/** FedAdam and FedYogi: Reddi et al. 2021. */
const adaptive = <const Kind extends string>(kind: Kind) =>
  Type.Object(
    {
      kind: Type.Literal(kind),
      serverLearningRate: Type.Number({ minimum: 1e-6, maximum: 10, default: 0.03 }),
      beta1: Type.Number({ minimum: 0, maximum: 0.999, default: 0.9 }),
      beta2: Type.Number({ minimum: 0, maximum: 0.9999, default: 0.99 }),
      tau: Type.Number({ minimum: 1e-9, maximum: 1, default: 1e-3 }),
    },
    closed,
  )

const Algorithm = Type.Union(
  [
    Type.Object({ kind: Type.Literal('fedavg'), serverLearningRate: SERVER_RATE }, closed),
    Type.Object(
      {
        kind: Type.Literal('fedprox'),
        mu: Type.Number({ minimum: 0, maximum: 100, default: 0.01, description: 'pull to where the round started' }),
        serverLearningRate: SERVER_RATE,
      },
      closed,
    ),
    adaptive('fedadam'),
    adaptive('fedyogi'),
    Type.Object({ kind: Type.Literal('scaffold'), serverLearningRate: SERVER_RATE }, closed),
  ],
  { default: { kind: 'fedavg' } },
)

const Privacy = Type.Object(
  {
    unit: Type.Union([Type.Literal('party'), Type.Literal('row')], {
      default: 'party',
      description: 'party: nothing depends on any change of the rows of one party; row: on one row',
    }),
    l2Clip: Type.Number({
      minimum: 1e-6,
      maximum: 1000,
      default: 1,
      description: 'longest contribution of a party, or longest gradient of a row',
    }),
    noiseMultiplier: Type.Number({
      minimum: 0.1,
      maximum: 100,
      default: 1,
      description: 'standard deviation of the noise in the sum, as a multiple of what one unit can change',
    }),
    sampleRate: Type.Number({
      minimum: 0.0001,
      maximum: 1,
      default: 1,
      description: 'unit row: each row enters a round with this probability',
    }),
    delta: Type.Number({ minimum: 1e-12, maximum: 1e-3, default: 1e-5 }),
    budget: Type.Number({
      minimum: 0.01,
      maximum: 20,
      default: 8,
      description: 'epsilon of the whole job: no round starts that would pass it',
    }),
  },
  { ...closed, description: 'differential privacy of the sums of updates' },
)

const Dropout = Type.Object(
  {
    leastParties: Type.Integer({
      minimum: 3,
      maximum: 17,
      default: 3,
      description: 'rounds go on as long as so many parties take part',
    }),
    awaySeconds: Type.Integer({
      minimum: 1,
      maximum: 86_400,
      default: 30,
      description: 'a party whose agent is away for so long is left out until it is back',
    }),
    roundSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description: 'a party that has not sent its update so long after a round began is left out of that round',
      }),
    ),
  },
  {
    ...closed,
    description: 'a round that loses a party begins anew without it; it takes part again once it is back',
  },
)

export const Average = Type.Object(
  {
    protocol: Type.Literal('fedavg', { default: 'fedavg' }),
    model: Network,
    rounds: Type.Integer({ minimum: 1, maximum: 500, default: 20, description: 'at most so many' }),
    localEpochs: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 1,
      description: 'passes over the own rows a round',
    }),
    batchRows: Type.Union([Type.Literal('full'), Type.Integer({ minimum: 1, maximum: 65_536 })], {
      default: 128,
      description: 'rows of one step',
    }),
    learningRate: Type.Number({ minimum: 1e-6, maximum: 10, default: 0.1 }),
    decay: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'penalty ½·decay·‖w‖² of each step' }),
    optimiser: Optimiser,
    algorithm: Algorithm,
    clip: Type.Number({
      minimum: 1e-6,
      maximum: 1000,
      default: 1,
      description: 'bound of each weighted coordinate of an update before it is encrypted',
    }),
    normBound: Type.Optional(
      Type.Number({
        minimum: 1e-6,
        maximum: 1000,
        description: 'longest change of the model by one party in a round: longer ones are scaled down',
      }),
    ),
    opening: Type.Union([Type.Literal('rotating'), Type.Literal('shared')], {
      default: 'rotating',
      description:
        'rotating: one party opens the sum, another each round; shared: no party can, all do it together, at twice the bytes',
    }),
    from: Type.Optional(
      Type.Object(
        {
          job: Type.String({ pattern: '^job-[0-9a-f]{20}$' }),
          round: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 500, description: 'of a job that did not come to its end' }),
          ),
        },
        { ...closed, description: 'go on from the model of an earlier job, which every party has to hold' },
      ),
    ),
    minimumRows: Type.Integer({
      minimum: 50,
      maximum: 1_000_000,
      default: 100,
      description: 'training rows of each party, and held-out rows of all together',
    }),
    earlyStopping: Type.Optional(
      Type.Object(
        { rounds: Type.Integer({ minimum: 1, maximum: 100, default: 5 }) },
        { ...closed, description: 'stop when the hold-out loss of the federation did not fall for so many rounds' },
      ),
    ),
    personalise: Type.Optional(
      Type.Object(
        {
          epochs: Type.Integer({ minimum: 1, maximum: 100, default: 3 }),
          learningRate: Type.Number({ minimum: 1e-6, maximum: 10, default: 0.01 }),
        },
        { ...closed, description: 'each party goes on training the last layer on its own rows, and keeps it' },
      ),
    ),
    alone: Type.Boolean({
      default: false,
      description: 'at the end each party trains the same model on its own rows alone, to compare; as long again',
    }),
    dropout: Type.Optional(Dropout),
    privacy: Type.Optional(Privacy),
  },
  {
    ...closed,
    description:
      'one model of parties that have the same columns of different rows: each trains on its own, the sum of the updates is opened and nothing else; needs no align',
  },
)
