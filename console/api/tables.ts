// Tables and plot series of an evaluation as calls send them: the pack of credit/evaluation, a piece at a time.
import Type, { type Static, type TSchema } from 'typebox'

const closed = { additionalProperties: false } as const

/** The values that the pure functions of credit/ take and give are not to be changed. */
export function listOf<T extends TSchema>(item: T, options: { readonly maxItems?: number } = {}) {
  return Type.Immutable(Type.Array(item, options))
}

export const Cell = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])

/** Beginning of a table; the call `table` gives the rest. */
export const TablePart = Type.Object(
  {
    name: Type.String(),
    columns: listOf(Type.String()),
    rows: listOf(listOf(Cell)),
    total: Type.Integer({ minimum: 0, description: 'rows of the whole table' }),
    next: Type.Optional(Type.String({ description: '`after` of the rows that follow; absent at the end' })),
  },
  closed,
)
export type TablePart = Static<typeof TablePart>

const Point = Type.Object({ x: Type.Number(), y: Type.Number() }, closed)
const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** As SetSeries of credit/evaluation/pack.ts. */
export const Series = Type.Object(
  {
    set: Type.String(),
    roc: listOf(Point),
    badShare: listOf(Point),
    goodShare: listOf(Point),
    lift: listOf(Point),
    ksAt: OrNull(
      Type.Object({ x: Type.Number(), bad: Type.Number(), good: Type.Number(), score: Type.Number() }, closed),
    ),
    calibration: listOf(Type.Object({ pd: Type.Number(), rate: Type.Number(), n: Type.Number() }, closed)),
    histogram: listOf(
      Type.Object({ from: Type.Number(), to: Type.Number(), bad: Type.Number(), good: Type.Number() }, closed),
    ),
  },
  closed,
)

export const Scaling = Type.Object(
  {
    baseScore: Type.Number(),
    baseOdds: Type.Number(),
    pdo: Type.Number(),
    low: Type.Number(),
    high: Type.Number(),
  },
  closed,
)

export const Bilingual = Type.Object({ zh: Type.String(), en: Type.String() }, closed)

/** As RunFacts of credit/evaluation/pack.ts. */
export const Run = Type.Object(
  {
    title: Bilingual,
    jobId: Type.String(),
    guest: Type.String(),
    parties: listOf(Type.Object({ party: Type.String(), name: Bilingual }, closed)),
    createdAt: Type.String(),
    algorithm: Type.String(),
    modelVersion: Type.Optional(Type.String()),
    software: Type.Optional(Type.String()),
    synthetic: Type.Optional(Type.Boolean()),
  },
  closed,
)

/** A measure with its 95 % interval, where there is one. */
export const Measured = Type.Object(
  { value: Type.Number(), low: Type.Optional(Type.Number()), high: Type.Optional(Type.Number()) },
  closed,
)
export type Measured = Static<typeof Measured>
