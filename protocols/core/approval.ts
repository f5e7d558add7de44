// A data-use approval: what a job may do with one data set of one owner, as a closed document, and whether it covers a job.
// It is signed by two people of the owner (party-agent/approvals) and enforced by the owner's agent, nobody else.
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { groupOf, LEAST_MEMBERS, MOST_MEMBERS } from './job-groups.ts'
import { isHorizontal } from './job-rules.ts'
import { coalitionsOf, type JobSpec, partiesOf, planTasks, protocolsOf } from './job-spec.ts'
import { MOST_TREE_LEVELS } from './job-sections.ts'

const closed = { additionalProperties: false } as const
const PARTY = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
const NAME = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' })
const TEXT = Type.String({ minLength: 1, maxLength: 500 })
const TIME = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })
const COUNT = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })
/** Digits of a number that was not rounded. */
export const EXACT_DIGITS = 17
/** Stands for every column, and for every version of a data set. */
export const ANY = '*'

export const ApprovalSchema = Type.Object(
  {
    v: Type.Literal(1),
    id: Type.String({ pattern: '^approval-[0-9a-f]{12}$' }),
    owner: PARTY,
    dataset: NAME,
    datasetVersion: Type.String({ pattern: '^(\\*|schema-[0-9a-f]{16})$' }),
    columns: Type.Union([
      Type.Tuple([Type.Literal(ANY)]),
      Type.Array(NAME, { minItems: 1, maxItems: 2000, uniqueItems: true }),
    ]),
    purpose: TEXT,
    legalBasis: TEXT,
    guest: PARTY,
    counterparties: Type.Array(PARTY, { maxItems: 17, uniqueItems: true }),
    protocols: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
          version: Type.String({ pattern: '^[0-9]{1,4}$' }),
          card: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 16 },
    ),
    floors: Type.Object(
      {
        minIntersection: COUNT,
        /** rows in each bin of a released table */
        minBinRows: COUNT,
        /** rows in each leaf, for protocols that grow trees */
        minLeafRows: COUNT,
        /** rows in which two jobs must differ, if they differ: for the cross-run guard */
        minDifference: Type.Integer({ minimum: 10, maximum: 1_000_000_000 }),
        /** significant digits of each released number */
        maxDigits: Type.Integer({ minimum: 1, maximum: EXACT_DIGITS }),
        /** of each task, with the rounds that score */
        maxRounds: COUNT,
        maxReleasedCells: COUNT,
      },
      closed,
    ),
    /** what jobs may grow trees with; absent: no trees, and no rows scored with any */
    trees: Type.Optional(
      Type.Object(
        {
          /** visible: a host may be told which rows are in which node; hidden: never */
          membership: Type.Union([Type.Literal('hidden'), Type.Literal('visible')]),
          maxDepth: Type.Integer({ minimum: 1, maximum: MOST_TREE_LEVELS }),
          /** sums of gradients that leave a host in a whole job, see `treeCells` */
          maxCells: COUNT,
        },
        closed,
      ),
    ),
    /** what jobs may compute over the rows of all parties; absent: nothing */
    average: Type.Optional(
      Type.Object(
        {
          /** column that may be trained on as the label; absent: statistics only */
          label: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
          /** rows behind any number, and training rows of each party */
          minRows: COUNT,
          /** decimal; jobs need differential privacy, and may spend at most so much; absent: neither */
          maxEpsilon: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?$' })),
        },
        closed,
      ),
    ),
    /** the group in which the owner takes part: its numbers leave as part of the sum over these; absent: in none */
    group: Type.Optional(
      Type.Object(
        {
          name: PARTY,
          /** the owner among them, in job order */
          members: Type.Array(PARTY, { minItems: LEAST_MEMBERS, maxItems: MOST_MEMBERS, uniqueItems: true }),
        },
        closed,
      ),
    ),
    receivers: Type.Array(PARTY, { minItems: 1, maxItems: 17, uniqueItems: true }),
    validFrom: TIME,
    validTo: TIME,
    runs: COUNT,
    retention: Type.String({ pattern: '^P[1-9][0-9]{0,3}[DMY]$' }),
  },
  closed,
)
export type Approval = Static<typeof ApprovalSchema>
const validator = Compile(ApprovalSchema)

/** @throws PlatformError approval.invalid naming every problem */
export function checkApproval(value: unknown): Approval {
  const problems = validator.Check(value)
    ? timeProblems(value)
    : validator.Errors(value).map((error) => `${error.instancePath || 'document'}: ${error.message}`)
  if (problems.length > 0) throw new PlatformError('approval.invalid', { problems: problems.slice(0, 20) })
  return value as Approval
}

/** The pattern lets 2026-02-31 pass, and nothing yet says that an approval ends after it begins. */
function timeProblems({ validFrom, validTo }: Approval): string[] {
  const problems = [validFrom, validTo]
    .filter((time) => !isRealTime(time))
    .map((time) => `validFrom, validTo: ${time} is no time`)
  if (problems.length === 0 && validFrom >= validTo) problems.push('validTo: must be after validFrom')
  return problems
}

function isRealTime(time: string): boolean {
  const at = new Date(time)
  return !Number.isNaN(at.getTime()) && at.toISOString() === time
}

/** What a job would use of its owner, as the owner's own agent finds it. */
export interface AskedOfOwner {
  readonly self: string
  readonly dataset: string
  readonly datasetVersion: string
  /** the columns that enter the model; `all` of a job is spelled out */
  readonly columns: readonly string[]
  /** column of its labels; absent where it declares none */
  readonly label?: string
}

export interface CardDigest {
  readonly version: string
  readonly card: string
  /** the released aggregates, as the card says them */
  readonly releases: readonly {
    readonly schedule: string
    readonly step: string
    readonly from: string
    readonly arity: 'one' | 'parts'
    readonly digits: number
  }[]
}

/** Version of each protocol that runs here, the digest of its who-learns-what card, and what it releases. */
export type CardDigests = ReadonlyMap<string, CardDigest>

/** True when the approval is for this guest's use of this data set and purpose: what it leaves out is then left out on purpose. */
export function isAbout(approval: Approval, spec: JobSpec, asked: AskedOfOwner): boolean {
  return (
    approval.owner === asked.self &&
    approval.dataset === asked.dataset &&
    approval.guest === spec.guest.party &&
    approval.purpose === spec.purpose.trim()
  )
}

/**
 * Each thing that a job asks for and the approval does not cover, in plain words naming column and owner; empty when all
 * of it is covered. Signatures and the budget of runs are not looked at here.
 */
export function covers(
  approval: Approval,
  spec: JobSpec,
  asked: AskedOfOwner,
  cards: CardDigests,
  now: Date,
): readonly string[] {
  const missing: string[] = []
  const { self: owner, dataset } = asked
  const add = (fails: boolean, problem: () => string) => {
    if (fails) missing.push(problem())
  }
  add(approval.owner !== owner, () => `owner: the approval is of ${approval.owner}, the data are of ${owner}`)
  add(approval.dataset !== dataset, () => `dataset: ${owner} approved ${approval.dataset}, the job uses ${dataset}`)
  const { datasetVersion } = approval
  add(
    datasetVersion !== ANY && datasetVersion !== asked.datasetVersion,
    () =>
      `datasetVersion: ${owner} approved ${datasetVersion} of ${dataset}, which is ${asked.datasetVersion} now: its columns changed`,
  )
  const approved: readonly string[] = approval.columns
  for (const column of approved[0] === ANY ? [] : asked.columns)
    add(!approved.includes(column), () => `column ${column} of ${dataset}: not approved by ${owner}`)
  const purpose = spec.purpose.trim()
  add(approval.purpose !== purpose, () => `purpose: ${owner} approved "${approval.purpose}", asked is "${purpose}"`)
  const guest = spec.guest.party
  add(approval.guest !== guest, () => `guest: ${owner} approved ${approval.guest}, the job is of ${guest}`)
  for (const party of partiesOf(spec).filter((name) => name !== owner && name !== guest))
    add(!approval.counterparties.includes(party), () => `counterparty ${party}: not approved by ${owner}`)
  add(!approval.receivers.includes(guest), () => `receiver ${guest}: ${owner} did not approve that it gets the result`)
  missing.push(...uncoveredGroup(approval, spec))
  missing.push(...uncoveredProtocols(approval, spec, cards), ...uncoveredLimits(approval, spec, asked, cards, now))
  return missing
}

/** Whose sums the owner's numbers hide in was approved as well, and that they hide in one at all. */
function uncoveredGroup({ owner, group: approved }: Approval, spec: JobSpec): string[] {
  const asked = groupOf(spec, owner)
  if (asked === undefined && approved === undefined) return []
  const words = (group: NonNullable<Approval['group']>) => `${group.name} (${group.members.join(', ')})`
  if (approved === undefined)
    return asked === undefined ? [] : [`group: ${owner} did not approve to be a member of ${words(asked)}`]
  if (asked === undefined) return [`group: ${owner} approved sums over ${words(approved)}, the job asks for its own`]
  const same = asked.name === approved.name && asked.members.toSorted().join() === approved.members.toSorted().join()
  return same ? [] : [`group: ${owner} approved ${words(approved)}, asked is ${words(asked)}`]
}

function uncoveredProtocols({ owner, protocols }: Approval, spec: JobSpec, cards: CardDigests): string[] {
  return protocolsOf(spec, owner).flatMap((name) => {
    const here = cards.get(name)
    const approved = protocols.filter((protocol) => protocol.name === name)
    if (here === undefined || approved.length === 0) return [`protocol ${name}: not approved by ${owner}`]
    const same = approved.filter(({ version }) => version === here.version)
    if (same.length === 0) return [`protocol ${name}: version ${here.version} is not approved by ${owner}`]
    if (same.some(({ card }) => card === here.card)) return []
    return [`protocol ${name}: what it reveals changed since ${owner} approved it: its card has another digest`]
  })
}

function uncoveredLimits(
  approval: Approval,
  spec: JobSpec,
  asked: AskedOfOwner,
  cards: CardDigests,
  now: Date,
): string[] {
  const { owner, floors, validFrom, validTo } = approval
  const at = now.toISOString()
  const atLeast = (name: string, asked: number | undefined, least: number): [boolean, string] => [
    asked !== undefined && asked < least,
    `${name}: asked is ${asked}, ${owner} wants at least ${least}`,
  ]
  const limits: readonly (readonly [boolean, string])[] = [
    ...uncoveredTrees(approval, spec, asked.columns.length),
    ...uncoveredAverage(approval, spec, asked),
    atLeast('minIntersection', spec.align?.minIntersection, floors.minIntersection),
    atLeast('minBinRows', spec.bin?.minimumRows, floors.minBinRows),
    atLeast('minLeafRows', spec.boost?.minLeafRows, floors.minLeafRows),
    ...planTasks(spec).map(({ task, maxRounds }): [boolean, string] => [
      maxRounds > floors.maxRounds,
      `maxRounds: task ${task} asks for ${maxRounds}, ${owner} approved at most ${floors.maxRounds}`,
    ]),
    ...digitsOf(spec, cards).map(({ protocol, step, digits }): [boolean, string] => [
      digits > floors.maxDigits,
      `maxDigits: ${step} of ${protocol} has ${digits} significant digits, ${owner} approved at most ${floors.maxDigits}`,
    ]),
    [at < validFrom, `validFrom: the approval of ${owner} begins at ${validFrom}`],
    [at >= validTo, `validTo: the approval of ${owner} ended at ${validTo}`],
  ]
  return limits.filter(([fails]) => fails).map(([, problem]) => problem)
}

/**
 * Sums of gradients that leave a host with so many columns at most: of each tree the sums of every column and bin at the
 * nodes that are asked for, half of the nodes of each level. The value report grows its trees again.
 */
export function treeCells(spec: JobSpec, columns: number): number {
  const { boost } = spec
  if (boost === undefined) return 0
  const again = spec.train === undefined ? coalitionsOf(spec).length : 0
  return (1 + again) * boost.trees * 2 ** (boost.depth - 1) * columns * (boost.bins + 1)
}

function uncoveredTrees({ owner, trees }: Approval, spec: JobSpec, columns: number): [boolean, string][] {
  const { boost, score } = spec
  if (trees === undefined && (boost ?? score) !== undefined) return [[true, `trees: ${owner} approved none`]]
  if (trees === undefined || boost === undefined) return []
  const { membership, maxDepth, maxCells } = trees
  const cells = spec.guest.party === owner ? 0 : treeCells(spec, columns)
  return [
    [
      boost.membership === 'visible' && membership === 'hidden',
      `trees: ${owner} did not approve that hosts see which rows are in which node`,
    ],
    [boost.depth > maxDepth, `trees: asked are ${boost.depth} levels, ${owner} approved at most ${maxDepth}`],
    [cells > maxCells, `trees: asked are up to ${cells} sums, ${owner} approved at most ${maxCells}`],
  ]
}

function uncoveredAverage(
  { owner, average: approved }: Approval,
  spec: JobSpec,
  { label }: AskedOfOwner,
): [boolean, string][] {
  const { statistics, average } = spec
  if (!isHorizontal(spec)) return []
  if (approved === undefined) return [[true, `average: ${owner} approved nothing over the rows of all parties`]]
  const { minRows, maxEpsilon } = approved
  const tooFew = (section: string, rows: number | undefined): [boolean, string] => [
    rows !== undefined && rows < minRows,
    `average: ${section}.minimumRows is ${rows}, ${owner} wants at least ${minRows}`,
  ]
  const epsilon = average?.privacy?.budget
  return [
    [
      average !== undefined && (approved.label === undefined || approved.label !== label),
      `label: ${owner} approved ${approved.label ?? 'none'}, the data set has ${label ?? 'none'}`,
    ],
    tooFew('statistics', statistics?.minimumRows),
    tooFew('average', average?.minimumRows),
    [
      average !== undefined && maxEpsilon !== undefined && (epsilon === undefined || epsilon > Number(maxEpsilon)),
      `average: ${owner} wants differential privacy with an epsilon of at most ${maxEpsilon}, asked is ${epsilon ?? 'none'}`,
    ],
  ]
}

/** Precision of what the protocols of a job release: only steps that such a job can have. */
export function digitsOf(spec: JobSpec, cards: CardDigests) {
  const protocols = [...new Set(planTasks(spec).map((task) => task.protocol))]
  return protocols.flatMap((protocol) =>
    (cards.get(protocol)?.releases ?? [])
      .filter(({ from }) => from !== 'lone-host' || spec.hosts.length === 1)
      .filter(({ schedule }) => schedule !== 'INFORMATION' || spec.train?.standardErrors === true)
      .map(({ step, digits }) => ({ protocol, step, digits })),
  )
}
