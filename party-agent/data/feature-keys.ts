// What an owner declares of its columns: what others may call them, what it expects of them, and where it cuts them.
// Cut points and special codes stay here; alias, names and sign are told to the guest of a job that bins the column.
import Type, { type Static } from 'typebox'
import { ALIAS_PATTERN } from '#protocols/core/codec.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ConfigProblem } from '#runtime/schema-problems.ts'

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1, maxLength: 120 })

export const FeatureSchema = Type.Object(
  {
    alias: Type.Optional(
      Type.String({
        pattern: ALIAS_PATTERN,
        description: 'what other parties see instead of the name of the column; by default PARTY.F01, PARTY.F02 …',
      }),
    ),
    zh: Type.Optional(Text),
    en: Type.Optional(Text),
    unit: Type.Optional(Type.String({ maxLength: 32 })),
    sign: Type.Optional(
      Type.Union([Type.Literal('+'), Type.Literal('-'), Type.Literal('0')], {
        description: 'business expectation: + a larger value is riskier, - a smaller one is, 0 none',
      }),
    ),
    specials: Type.Optional(
      Type.Array(Type.Number(), {
        maxItems: 16,
        uniqueItems: true,
        description: 'values that are codes and no quantities: each gets a bin of its own',
      }),
    ),
    cuts: Type.Optional(
      Type.Array(Type.Number(), {
        minItems: 1,
        maxItems: 49,
        description: 'ascending cut points to use instead of the method that a job asks for',
      }),
    ),
  },
  closed,
)

/** By column; columns that are not named have the defaults. */
export const FeaturesSchema = Type.Record(Type.String(), FeatureSchema)

export type FeatureConfig = Static<typeof FeatureSchema>
export type FeaturesConfig = Readonly<Record<string, FeatureConfig>>

/** @param at JSON pointer of `features` */
export function featureProblems(at: string, features: FeaturesConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const aliases = new Map<string, string>()
  for (const [column, { alias, cuts = [] }] of Object.entries(features)) {
    const path = `${at}/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (cuts.some((cut, i) => i > 0 && cut <= (cuts[i - 1] ?? cut)))
      problems.push({ path: `${path}/cuts`, message: 'must be ascending' })
    if (alias === undefined) continue
    const other = aliases.get(alias)
    if (other !== undefined) problems.push({ path: `${path}/alias`, message: `${other} has this alias too` })
    aliases.set(alias, column)
  }
  return problems
}

/**
 * Alias of each offered column, in the order of the data set: declared, or the party's name and the column's place.
 * @throws PlatformError data.missing-column where something is declared of a column that is not offered
 */
export function aliasesOf(
  party: string,
  dataset: string,
  offered: readonly string[],
  features: FeaturesConfig = {},
): ReadonlyMap<string, string> {
  const unknown = Object.keys(features).filter((column) => !offered.includes(column))
  if (unknown.length > 0)
    throw new PlatformError('data.missing-column', { party, dataset, key: 'features', columns: unknown.slice(0, 20) })
  const width = Math.max(2, String(offered.length).length)
  return new Map(
    offered.map((column, i) => [
      column,
      features[column]?.alias ?? `${party.toUpperCase()}.F${String(i + 1).padStart(width, '0')}`,
    ]),
  )
}

/**
 * Alias of each column that a job uses of this party. A member of a group shows those of the group, so that all members
 * call a column the same: by the group's name, and the column's place among the names in order.
 * @param columns that the job uses, of those that the data set offers
 * @throws PlatformError data.missing-column as `aliasesOf`
 */
export function aliasesIn(
  spec: Pick<JobSpec, 'hosts' | 'groups'>,
  party: string,
  { name, offered, columns }: { name: string; offered: readonly string[]; columns: readonly string[] },
  features: FeaturesConfig = {},
): ReadonlyMap<string, string> {
  const own = aliasesOf(party, name, offered, features)
  const group = groupOf(spec, party)
  if (group === undefined) return own
  const ofUsed = Object.entries(features).filter(([column]) => columns.includes(column))
  return aliasesOf(group.name, name, columns.toSorted(), Object.fromEntries(ofUsed))
}
