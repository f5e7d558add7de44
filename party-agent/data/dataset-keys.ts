// The part of a data set's configuration that alignment reads: further kinds of ids, samples, and consents.
import Type, { type Static } from 'typebox'
import { ID_KINDS, type IdKind } from '#protocols/core/ids.ts'
import type { ConfigProblem } from '#runtime/schema-problems.ts'

const closed = { additionalProperties: false } as const
const Column = Type.String({ minLength: 1, maxLength: 128 })
const Kind = Type.Union(ID_KINDS.map((kind) => Type.Literal(kind)))

/** Keys beside ids.column and ids.kind. */
export const FURTHER_IDS = {
  sampleId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description:
        'column with another value in every row, such as a loan number: with align.mode left the id may repeat',
    }),
  ),
  second: Type.Optional(
    Type.Object(
      { column: Column, kind: Kind },
      {
        ...closed,
        description: 'a second id of each row, tried at hosts that have such ids where the first matches nothing',
      },
    ),
  ),
  kindColumn: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'column that says of which kind the id of a row is; ids.kind is then that of most rows',
    }),
  ),
  kinds: Type.Optional(
    Type.Record(Type.String({ maxLength: 64 }), Kind, {
      description: 'values of kindColumn and the kinds that they mean; by default each kind by its own name',
    }),
  ),
}

export const ConsentSchema = Type.Object(
  {
    source: Type.Object(
      {
        csv: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
        parquet: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
      },
      { ...closed, minProperties: 1, maxProperties: 1, description: 'exactly one of csv, parquet' },
    ),
    id: Type.String({ minLength: 1, maxLength: 128, description: 'column with the id, of the kind ids.kind' }),
    scope: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'column with what may be asked for: one word, or several with | between them',
    }),
    purpose: Column,
    signedAt: Column,
    expiresAt: Type.String({ minLength: 1, maxLength: 128, description: 'the last day; empty: no consent' }),
    withdrawnAt: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'a consent that was withdrawn, at whatever time, is none',
      }),
    ),
    purposes: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      maxItems: 20,
      description: 'values of the purpose column that allow the use',
    }),
    observedAt: Type.String({
      minLength: 1,
      maxLength: 128,
      description:
        'column of this data set with the day on which the consent must hold, such as that of the application',
    }),
    scopes: Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
      Type.String({ minLength: 1, maxLength: 64 }),
      {
        minProperties: 1,
        description: 'by host: the word of the scope column; a host that is not named may be asked about nobody',
      },
    ),
  },
  { ...closed, description: 'no id without a consent for a host reaches that host, not even masked' },
)

/** What describes rows for the evaluation; never offered to a model unless `columns` names it. */
export const DescribeSchema = Type.Object(
  {
    month: Type.Optional(Column),
    amount: Type.Optional(Column),
    segments: Type.Array(Column, { maxItems: 20, uniqueItems: true, default: [] }),
  },
  closed,
)

export interface ConsentConfig extends Omit<Static<typeof ConsentSchema>, 'source'> {
  readonly source: { readonly kind: 'csv' | 'parquet'; readonly path: string }
}

export type DescribeConfig = Static<typeof DescribeSchema>

/** Beside column, kind, duplicates and orderBy. */
export interface FurtherIds {
  readonly sampleId?: string
  readonly second?: { readonly column: string; readonly kind: IdKind }
  readonly kindColumn?: string
  readonly kinds?: Readonly<Record<string, IdKind>>
}

/** Columns that name or order rows, and so are never features. */
export function keyColumns(ids: FurtherIds & { readonly column: string; readonly orderBy?: string }): string[] {
  const all = [ids.column, ids.orderBy, ids.sampleId, ids.second?.column, ids.kindColumn]
  return all.filter((column) => column !== undefined)
}

/** The kinds of the rows of a data set, the declared first; each with the values of kindColumn that mean it. */
export function kindsOfRows({
  kind,
  kindColumn,
  kinds,
}: FurtherIds & { readonly kind: IdKind }): Map<IdKind, string[]> {
  const found = new Map<IdKind, string[]>([[kind, []]])
  if (kindColumn === undefined) return found
  const named = kinds ?? Object.fromEntries(ID_KINDS.map((name) => [name, name]))
  for (const [value, means] of Object.entries(named)) found.set(means, [...(found.get(means) ?? []), value])
  return found
}

interface RawKeys {
  readonly ids: FurtherIds & { readonly column: string; readonly kind: IdKind; readonly orderBy?: string }
  readonly columns: 'all' | readonly string[]
  readonly label?: { readonly column: string }
  readonly consent?: { readonly observedAt: string }
}

/** What one key alone cannot show. @param at JSON pointer of the data set */
export function keyProblems(at: string, { ids, columns, label, consent }: RawKeys): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const add = (key: string, message: string) => problems.push({ path: `${at}${key}`, message })
  const { second, kindColumn, kinds, sampleId } = ids
  if (sampleId === ids.column) add('/ids/sampleId', 'is the id column: leave it out where every id stands once')
  if (second !== undefined && second.kind === ids.kind) {
    add('/ids/second/kind', `is the kind of ids.column too, ${ids.kind}; a second id needs another`)
  }
  if (second !== undefined && second.column === ids.column) add('/ids/second/column', 'is the id column')
  if (second !== undefined && kindColumn !== undefined) {
    add('/ids/kindColumn', 'says what the one id of a row is; with ids.second a row has two')
  }
  if (kinds !== undefined && kindColumn === undefined) add('/ids/kinds', 'needs ids.kindColumn')
  if (kinds !== undefined && !Object.values(kinds).includes(ids.kind)) {
    add('/ids/kinds', `no value means ${ids.kind}, which ids.kind says most rows are`)
  }
  if (label !== undefined && keyColumns(ids).includes(label.column))
    add('/label/column', 'names rows: it cannot be the label')
  if (consent !== undefined && columns !== 'all' && columns.includes(consent.observedAt)) {
    add('/consent/observedAt', 'is a date, and cannot be one of the columns offered')
  }
  if (columns !== 'all') {
    for (const column of keyColumns(ids).filter((key) => key !== ids.column && key !== ids.orderBy)) {
      if (columns.includes(column)) add('/columns', `${column} names rows and is never offered`)
    }
  }
  return problems
}
