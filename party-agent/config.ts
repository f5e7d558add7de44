// The agent's configuration file: one schema, read whole at start, every problem named at once.
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import {
  type ConsentConfig,
  ConsentSchema,
  type DescribeConfig,
  DescribeSchema,
  FURTHER_IDS,
  type FurtherIds,
  keyProblems,
} from './data/dataset-keys.ts'
import { type FeaturesConfig, FeaturesSchema, featureProblems } from './data/feature-keys.ts'
import { type ConsoleConfig, consoleProblems, ConsoleSchema, resolveConsole } from '#console/server/config.ts'
import { ENGINE_CHOICES, type EngineChoice } from '#crypto/he/engine.ts'
import { ID_KINDS, type IdKind } from '#protocols/core/ids.ts'
import { PROTOCOLS } from '#protocols/core/job-spec.ts'
import { readYamlConfig } from '#runtime/config.ts'
import type { ConfigProblem } from '#runtime/schema-problems.ts'

const closed = { additionalProperties: false } as const
const PARTY_PATTERN = '^[a-z][a-z0-9-]{0,31}$'
/** How a data set is named; the same pattern as in the job spec. */
const DATASET_PATTERN = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

const path = (description: string) => Type.String({ minLength: 1, maxLength: 4096, description })
const Column = Type.String({ minLength: 1, maxLength: 128 })
const Columns = Type.Union([
  Type.Literal('all'),
  Type.Array(Column, { minItems: 1, maxItems: 2000, uniqueItems: true }),
])
/** A class, or what trees with another objective learn from. */
export const LABEL_KINDS = ['binary', 'number', 'count'] as const
const MissingRule = Type.Union([Type.Literal('mean'), Type.Literal('zero'), Type.Literal('reject')])
const literals = <const T extends string>(values: readonly T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)))

const Source = Type.Object(
  {
    csv: Type.Optional(path('a CSV file, relative to this file')),
    parquet: Type.Optional(path('a Parquet file, relative to this file')),
    sql: Type.Optional(Type.String({ minLength: 1, maxLength: 100_000, description: 'one DuckDB SELECT' })),
  },
  { ...closed, minProperties: 1, maxProperties: 1, description: 'exactly one of csv, parquet, sql' },
)

const Dataset = Type.Object(
  {
    source: Source,
    ids: Type.Object(
      {
        column: Column,
        kind: literals(ID_KINDS),
        duplicates: Type.Union([Type.Literal('reject'), Type.Literal('first'), Type.Literal('last')], {
          default: 'reject',
          description: 'which row counts where an id occurs more than once',
        }),
        orderBy: Type.Optional(Column),
        ...FURTHER_IDS,
      },
      closed,
    ),
    coverage: Type.Optional(
      Type.Union([Type.Literal('complete'), Type.Literal('partial')], {
        description:
          'complete: who has no row here has nothing, as in a registry; partial, the default: nothing is known',
      }),
    ),
    consent: Type.Optional(ConsentSchema),
    describe: Type.Optional(DescribeSchema),
    features: Type.Optional(FeaturesSchema),
    label: Type.Optional(
      Type.Object(
        {
          column: Column,
          kind: Type.Optional(
            Type.Union(literals(LABEL_KINDS).anyOf, {
              description: 'binary, the default: 1 bad and 0 good; number: any number; count: a whole number from 0',
            }),
          ),
          indeterminate: Type.Optional(
            Type.Array(Type.Union([Type.String({ maxLength: 64 }), Type.Number()]), {
              maxItems: 20,
              description: "values that are neither good nor bad, '' for an empty field: kept, and not trained on",
            }),
          ),
        },
        closed,
      ),
    ),
    privacy: Type.Optional(
      Type.Object(
        {
          epsilon: Type.Number({ minimum: 0.01, maximum: 100 }),
          delta: Type.Number({ minimum: 1e-12, maximum: 1e-3, default: 1e-5 }),
        },
        { ...closed, description: 'that all jobs with differential privacy together may spend of this data set' },
      ),
    ),
    columns: Type.Union(Columns.anyOf, { default: 'all' }),
    missing: Type.Object(
      {
        default: Type.Union(MissingRule.anyOf, { default: 'mean' }),
        values: Type.Array(Type.Union([Type.String({ maxLength: 64 }), Type.Number()]), { maxItems: 64, default: [] }),
        columns: Type.Record(Type.String(), MissingRule, { default: {} }),
      },
      { ...closed, default: {} },
    ),
  },
  // TypeBox fills defaults inside a record only where its value type has a default itself.
  { ...closed, default: {} },
)

const AnyOrNames = (item: ReturnType<typeof Type.String>) =>
  Type.Union([Type.Literal('any'), Type.Array(item, { minItems: 1, maxItems: 100, uniqueItems: true })])

const JobRule = Type.Object(
  {
    guest: Type.String({ pattern: PARTY_PATTERN, description: 'the party that submits the job' }),
    purposes: Type.Union(AnyOrNames(Type.String({ minLength: 1, maxLength: 500 })).anyOf, { default: 'any' }),
    protocols: Type.Array(Type.Enum([...PROTOCOLS]), {
      minItems: 1,
      uniqueItems: true,
    }),
    datasets: Type.Record(Type.String(), Type.Object({ columns: Columns }, closed)),
    peers: AnyOrNames(Type.String({ pattern: PARTY_PATTERN })),
    minIntersection: Type.Integer({ minimum: 50, maximum: 1_000_000_000, default: 1000 }),
    maxRounds: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  },
  closed,
)

export const AgentConfigSchema = Type.Object(
  {
    home: path('folder of keys and state, relative to this file'),
    coordinator: Type.String({
      pattern: '^[^\\s:/]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$',
      description: 'host:port',
    }),
    trustBundle: path('the trust bundle of the federation, relative to this file'),
    passphraseFile: Type.Optional(path('file with the passphrase of the key store, relative to this file')),
    logLevel: Type.Union(literals(['debug', 'info', 'warn', 'error', 'silent']).anyOf, { default: 'info' }),
    resources: Type.Object(
      {
        heWorkers: Type.Integer({ minimum: 1, maximum: 64, default: 2 }),
        heEngine: Type.Union(literals(ENGINE_CHOICES).anyOf, {
          default: 'auto',
          description: 'auto: WebAssembly SIMD kernels where they can run; seal: SEAL alone, the same results, slower',
        }),
        memoryMb: Type.Integer({ minimum: 128, maximum: 65_536, default: 512, description: 'for the data engine' }),
      },
      { ...closed, default: {} },
    ),
    console: Type.Optional(ConsoleSchema),
    datasets: Type.Record(Type.String(), Dataset, { default: {} }),
    approvals: Type.Union(
      [
        Type.Literal('off', { description: 'jobs need no approval of people; for experiments' }),
        Type.Object(
          {
            ownJobs: Type.Union(literals(['approved', 'allowed']).anyOf, {
              default: 'approved',
              description: 'whether jobs that this party submits need an approval for its own data too',
            }),
            waitSeconds: Type.Integer({
              minimum: 0,
              maximum: 604_800,
              default: 604_800,
              description: 'an invitation without approval is kept open so long; 0 refuses at once',
            }),
          },
          closed,
        ),
      ],
      {
        default: { ownJobs: 'approved', waitSeconds: 604_800 },
        description: 'two people of this party sign what jobs may do with its data',
      },
    ),
    policy: Type.Object(
      { jobs: Type.Array(JobRule, { maxItems: 1000, default: [] }) },
      { ...closed, default: {}, description: 'what jobs may do here; nothing else is allowed' },
    ),
  },
  { ...closed, title: 'Tributary agent' },
)

export type LabelKind = (typeof LABEL_KINDS)[number]

export type MissingRule = 'mean' | 'zero' | 'reject'

/** What stands for "no value", and what to do about it. */
export interface MissingRules {
  readonly default: MissingRule
  /** texts or numbers of the source that mean "no value", beside an empty field */
  readonly values: readonly string[]
  readonly columns: Readonly<Record<string, MissingRule>>
}

/** Paths are absolute. */
export type SourceConfig =
  | { readonly kind: 'csv'; readonly path: string }
  | { readonly kind: 'parquet'; readonly path: string }
  | { readonly kind: 'sql'; readonly query: string; readonly folder: string }

export interface DatasetConfig {
  readonly source: SourceConfig
  readonly ids: FurtherIds & {
    readonly column: string
    readonly kind: IdKind
    readonly duplicates: 'reject' | 'first' | 'last'
    /** number or date that decides which duplicate is first or last, instead of the order of the source */
    readonly orderBy?: string
  }
  /** `indeterminate`: values that are neither good nor bad; `kind`: binary unless given */
  readonly label?: { readonly column: string; readonly kind?: LabelKind; readonly indeterminate?: readonly string[] }
  /** whether an id that is not here is known to have nothing; partial by default */
  readonly coverage?: 'complete' | 'partial'
  readonly consent?: ConsentConfig
  readonly describe?: DescribeConfig
  /** by column */
  readonly features?: FeaturesConfig
  /** that all jobs with differential privacy together may spend of it */
  readonly privacy?: { readonly epsilon: number; readonly delta: number }
  readonly columns: 'all' | readonly string[]
  readonly missing: MissingRules
}

export type ApprovalsConfig = Static<typeof AgentConfigSchema>['approvals']
export type PolicyConfig = Static<typeof AgentConfigSchema>['policy']

export interface AgentConfig {
  readonly file: string
  readonly home: string
  /** host:port */
  readonly coordinator: string
  readonly trustBundle: string
  readonly passphraseFile?: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly resources: { readonly heWorkers: number; readonly heEngine: EngineChoice; readonly memoryMb: number }
  /** absent: no HTTP port is open */
  readonly console?: ConsoleConfig
  readonly datasets: Readonly<Record<string, DatasetConfig>>
  readonly approvals: ApprovalsConfig
  readonly policy: PolicyConfig
}

/**
 * Reads `agent.yaml`; paths in it are taken relative to it and come back absolute.
 * @throws PlatformError config.unreadable; config.invalid whose `problems` name each key with its line and range
 */
export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const raw = readYamlConfig(AgentConfigSchema, file, crossChecks)
  const folder = dirname(resolve(file))
  const absolute = (relative: string) => resolve(folder, relative)
  return Object.freeze({
    file: resolve(file),
    home: absolute(raw.home),
    coordinator: raw.coordinator,
    trustBundle: absolute(raw.trustBundle),
    ...(raw.passphraseFile === undefined ? {} : { passphraseFile: absolute(raw.passphraseFile) }),
    logLevel: raw.logLevel,
    resources: raw.resources,
    ...(raw.console === undefined ? {} : { console: resolveConsole(raw.console, absolute) }),
    datasets: Object.freeze(
      Object.fromEntries(
        Object.entries(raw.datasets).map(([name, dataset]) => [name, resolveDataset(dataset, folder)]),
      ),
    ),
    approvals: raw.approvals,
    policy: raw.policy,
  })
}

type RawConfig = Static<typeof AgentConfigSchema>
type RawDataset = RawConfig['datasets'][string]

function resolveDataset(raw: RawDataset, folder: string): DatasetConfig {
  const { source, label, consent, missing, ...rest } = raw
  return Object.freeze({
    ...defined(rest),
    source: resolveSource(source, folder),
    ids: defined(raw.ids),
    ...(label === undefined ? {} : { label: resolveLabel(label) }),
    ...(consent === undefined ? {} : { consent: resolveConsent(consent, folder) }),
    missing: { ...missing, values: missing.values.map(String) },
  })
}

/** Without the keys that hold nothing. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as Defined<T>
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function resolveLabel({ indeterminate, ...rest }: NonNullable<RawDataset['label']>) {
  return { ...defined(rest), ...(indeterminate === undefined ? {} : { indeterminate: indeterminate.map(String) }) }
}

function resolveConsent(raw: NonNullable<RawDataset['consent']>, folder: string): ConsentConfig {
  const { csv, parquet } = raw.source
  const kind = csv === undefined ? 'parquet' : 'csv'
  return { ...raw, source: { kind, path: resolve(folder, csv ?? parquet ?? '') } }
}

function resolveSource(source: RawDataset['source'], folder: string): SourceConfig {
  if (source.csv !== undefined) return { kind: 'csv', path: resolve(folder, source.csv) }
  if (source.parquet !== undefined) return { kind: 'parquet', path: resolve(folder, source.parquet) }
  return { kind: 'sql', query: source.sql ?? '', folder }
}

/** What one key alone cannot show. */
function crossChecks(config: RawConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const port = Number(config.coordinator.slice(config.coordinator.lastIndexOf(':') + 1))
  if (port < 1 || port > 65_535)
    problems.push({ path: '/coordinator', message: `expected a port in [1, 65535], got ${port}` })
  if (config.console !== undefined) problems.push(...consoleProblems('/console', config.console))
  for (const [name, dataset] of Object.entries(config.datasets)) {
    problems.push(...datasetProblems(`/datasets/${pointer(name)}`, name, dataset))
  }
  for (const [i, rule] of config.policy.jobs.entries()) {
    for (const name of Object.keys(rule.datasets).filter((name) => !Object.hasOwn(config.datasets, name))) {
      const declared = Object.keys(config.datasets).join(', ') || 'none'
      const path = `/policy/jobs/${i}/datasets/${pointer(name)}`
      problems.push({ path, message: `no such data set is declared here; declared: ${declared}` })
    }
  }
  return problems
}

function datasetProblems(at: string, name: string, dataset: RawDataset): ConfigProblem[] {
  const { ids, label, columns, missing } = dataset
  const problems: ConfigProblem[] = []
  const add = (key: string, message: string) => problems.push({ path: `${at}${key}`, message })
  if (!DATASET_PATTERN.test(name)) add('', `the name must match ${DATASET_PATTERN.source}`)
  if (ids.orderBy !== undefined && ids.duplicates === 'reject') {
    add('/ids/orderBy', 'decides between duplicates: needs ids.duplicates first or last, got reject')
  }
  problems.push(...keyProblems(at, dataset as Parameters<typeof keyProblems>[1]))
  problems.push(...featureProblems(`${at}/features`, dataset.features ?? {}))
  if (columns === 'all') return problems
  if (columns.includes(ids.column)) add('/columns', `the id column ${ids.column} is never offered`)
  if (label !== undefined && columns.includes(label.column))
    add('/columns', `the label ${label.column} is never offered`)
  for (const column of Object.keys(missing.columns).filter((column) => !columns.includes(column))) {
    add(`/missing/columns/${pointer(column)}`, 'not one of the columns offered')
  }
  return problems
}

function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
