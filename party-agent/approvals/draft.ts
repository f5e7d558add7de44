// A draft of an approval: what a job asks for and no more, with the validity and budget of a template, made narrower as
// its signers wish.
import { randomBytes } from 'node:crypto'
import { type Approval, type AskedOfOwner, type CardDigests, digitsOf, treeCells } from '#protocols/core/approval.ts'
import type { Bilingual, Language } from '#runtime/bilingual.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { isHorizontal } from '#protocols/core/job-rules.ts'
import { MOST_TREE_LEVELS } from '#protocols/core/job-sections.ts'
import { type JobSpec, partiesOf, planTasks, type TaskName, type TaskPlan } from '#protocols/core/job-spec.ts'
import { MAX_ASKS, MAX_TREES } from '#protocols/secureboost/params.ts'
import { PlatformError } from '#runtime/errors.ts'

export type TemplateName = 'alignment' | 'statistics' | 'credit-model' | 'pilot' | 'warning'

interface Template {
  readonly about: Bilingual
  /** the parts of a job that the contract is about; absent: all */
  readonly tasks?: readonly TaskName[]
  readonly days: number
  readonly runs: number
  readonly retention: string
  readonly legalBasis: Bilingual
}

/** The common contracts. Everything that a template does not say comes from the job. */
export const TEMPLATES: Readonly<Record<TemplateName, Template>> = {
  alignment: {
    about: { en: 'finding common customers only: no model, no statistics', zh: '仅求交：不建模、不统计' },
    tasks: ['align'],
    days: 30,
    runs: 3,
    retention: 'P30D',
    legalBasis: {
      en: 'authorisation of the applicants, and the confidentiality agreement between the parties',
      zh: '申请人授权及各方签订的保密协议',
    },
  },
  statistics: {
    about: {
      en: 'statistics, binning, information value and selection of columns: no model',
      zh: '统计、分箱、IV 与变量筛选：不建模',
    },
    tasks: ['align', 'bin', 'select', 'statistics'],
    days: 90,
    runs: 10,
    retention: 'P90D',
    legalBasis: {
      en: 'authorisation of the applicants, and the data evaluation agreement between the parties',
      zh: '申请人授权及各方签订的数据评估协议',
    },
  },
  'credit-model': {
    about: { en: 'a credit model, developed over half a year', zh: '信贷模型，开发期半年' },
    days: 180,
    runs: 20,
    retention: 'P1Y',
    legalBasis: {
      en: 'authorisation of the applicants, and the contract between the parties',
      zh: '申请人授权及各方签订的合同',
    },
  },
  pilot: {
    about: { en: 'a pilot: one month, three runs', zh: '试点：一个月，三次运行' },
    days: 30,
    runs: 3,
    retention: 'P30D',
    legalBasis: {
      en: 'authorisation of the applicants, and the pilot agreement between the parties',
      zh: '申请人授权及各方签订的试点协议',
    },
  },
  warning: {
    about: { en: 'early warning after lending, refreshed over a year', zh: '贷后预警，一年内定期更新' },
    days: 365,
    runs: 100,
    retention: 'P2Y',
    legalBasis: {
      en: 'authorisation in the loan contract, and the contract between the parties',
      zh: '借款合同中的授权及各方签订的合同',
    },
  },
}

export const NARROWABLE = [
  'columns',
  'minIntersection',
  'minBinRows',
  'minLeafRows',
  'minDifference',
  'maxDigits',
  'maxRounds',
  'maxReleasedCells',
  'maxTreeDepth',
  'maxTreeCells',
  'membership',
  'minRows',
  'maxEpsilon',
  'runs',
  'validFrom',
  'validTo',
] as const
type Narrowable = (typeof NARROWABLE)[number]

const DAY_MS = 86_400_000
/** Parts of a list with an entry for each row: 2^24 rows at 32,768 a message. */
const MOST_PARTS = 512
/** Where the job asks for no number: as few rows behind a bin or leaf as a job may ever ask for. */
const LEAST_ROWS = 50
/** Rows in which two jobs must differ: the cross-run guard's own floor. */
const LEAST_DIFFERENCE = 10

export interface DraftOptions {
  readonly template: TemplateName
  readonly cards: CardDigests
  readonly now: Date
  readonly legalBasis?: string | undefined
  /** of the template's words; English unless said */
  readonly language?: Language
  /** `key=value`, each making the draft narrower */
  readonly narrow?: readonly string[]
  /** of a draft that is made again to the same bytes; a new one unless given */
  readonly id?: string
}

/** @throws PlatformError approval.invalid for a change that would make it wider, or that nobody knows */
export function draftApproval(spec: JobSpec, asked: AskedOfOwner, options: DraftOptions): Approval {
  const { cards, now, narrow = [], language = 'en', id = `approval-${randomBytes(6).toString('hex')}` } = options
  const template = TEMPLATES[options.template]
  const guest = spec.guest.party
  const plan = planTasks(spec).filter(({ task }) => template.tasks?.includes(task) ?? true)
  const group = groupOf(spec, asked.self)
  const names = plan.map((task): string => task.protocol)
  const protocols = [...new Set([...names, ...(group === undefined ? [] : ['group'])])].map((name) => {
    const { version, card } = cards.get(name) ?? { version: '0', card: '' }
    return { name, version, card }
  })
  const draft: Approval = {
    v: 1,
    id,
    owner: asked.self,
    dataset: asked.dataset,
    datasetVersion: asked.datasetVersion,
    columns: [...asked.columns],
    purpose: spec.purpose.normalize('NFC').trim(),
    legalBasis: (options.legalBasis ?? template.legalBasis[language]).normalize('NFC'),
    guest,
    counterparties: partiesOf(spec).filter((party) => party !== asked.self && party !== guest),
    protocols,
    floors: {
      minIntersection: spec.align?.minIntersection ?? LEAST_ROWS,
      minBinRows: spec.bin?.minimumRows ?? LEAST_ROWS,
      minLeafRows: spec.boost?.minLeafRows ?? LEAST_ROWS,
      minDifference: LEAST_DIFFERENCE,
      maxDigits: Math.max(1, ...digitsOf(spec, cards).map(({ digits }) => digits)),
      maxRounds: Math.max(1, ...plan.map(({ maxRounds }) => maxRounds)),
      maxReleasedCells: mostReleased(spec, plan, cards, asked.self),
    },
    ...treesOf(spec, plan, asked),
    ...averageOf(spec, plan, asked),
    ...(group === undefined ? {} : { group: { name: group.name, members: [...group.members] } }),
    receivers: [guest],
    validFrom: now.toISOString(),
    validTo: new Date(now.getTime() + template.days * DAY_MS).toISOString(),
    runs: template.runs,
    retention: template.retention,
  }
  return narrow.reduce(narrowed, draft)
}

/** Tasks of one protocol that release different things. */
const SCHEDULE_OF: Readonly<Partial<Record<TaskName, string>>> = { statistics: 'STATISTICS', average: 'AVERAGING' }

/** Released aggregates that a job of this size sends at most: each of its cards' in each round, to each peer. */
function mostReleased(spec: JobSpec, plan: readonly TaskPlan[], cards: CardDigests, self: string): number {
  const isGuest = spec.guest.party === self
  const isShared = isHorizontal(spec)
  const perRound = plan.map((planned) => {
    const { task, protocol, maxRounds } = planned
    const all = cards.get(protocol)?.releases ?? []
    // every party opens sums in its turn, and tells them to all others
    const mine = isShared
      ? all.filter(({ schedule }) => schedule === SCHEDULE_OF[task])
      : all.filter(({ from }) => (from === 'guest') === isGuest)
    const lists = mine.filter(({ arity }) => arity === 'parts').length
    return (mine.length - lists) * (maxRounds + 1) + lists * mostParts(spec, planned)
  })
  const sum = perRound.reduce((total, messages) => total + messages, 0)
  return Math.max(1, sum * (isGuest || isShared ? spec.hosts.length : 1))
}

/** Messages of one list: of trees one a split, where they are grown and where they score. */
function mostParts({ boost }: JobSpec, { task, protocol, maxRounds }: TaskPlan): number {
  if (task === 'score') return MAX_TREES * mostSplits(MOST_TREE_LEVELS)
  return protocol === boost?.protocol ? maxRounds * mostSplits(boost.depth) : MOST_PARTS
}

/** Splits that a guest can ask a host for in one tree: of each node that can have one, and again where one is refused. */
function mostSplits(depth: number): number {
  return MAX_ASKS * (2 ** depth - 1)
}

function treesOf(spec: JobSpec, plan: readonly TaskPlan[], asked: AskedOfOwner): Pick<Approval, 'trees'> {
  const { boost } = spec
  // trees that are there already score, and none may be grown
  if (plan.some(({ task }) => task === 'score')) return { trees: { membership: 'hidden', maxDepth: 1, maxCells: 1 } }
  if (boost === undefined || plan.every(({ protocol }) => protocol !== boost.protocol)) return {}
  const maxCells = Math.max(1, treeCells(spec, asked.columns.length))
  return { trees: { membership: boost.membership, maxDepth: boost.depth, maxCells } }
}

/** As few rows as the smaller of both sections asks for; the label where a model is trained. */
function averageOf(spec: JobSpec, plan: readonly TaskPlan[], { label }: AskedOfOwner): Pick<Approval, 'average'> {
  const { statistics, average } = spec
  const asked = plan.flatMap(({ task }) =>
    task === 'statistics' || task === 'average' ? [(task === 'average' ? average : statistics)?.minimumRows ?? 0] : [],
  )
  if (asked.length === 0) return {}
  const trains = plan.some(({ task }) => task === 'average')
  const budget = trains ? average?.privacy?.budget : undefined
  return {
    average: {
      ...(trains && label !== undefined ? { label } : {}),
      minRows: Math.min(...asked),
      ...(budget === undefined ? {} : { maxEpsilon: String(budget) }),
    },
  }
}

/** One change. A wider value would be approved by nobody who read only the command. */
function narrowed(draft: Approval, change: string): Approval {
  const at = change.indexOf('=')
  const [key, value] = [change.slice(0, at) as Narrowable, change.slice(at + 1)]
  const refused = (problem: string) =>
    new PlatformError('approval.invalid', { problems: [`--narrow ${change}: ${problem}`] })
  if (at < 1 || !NARROWABLE.includes(key)) throw refused(`expected KEY=VALUE with a key of ${NARROWABLE.join(', ')}`)
  if (key === 'columns') {
    const columns = value.split(',').map((name) => name.trim())
    const asked: readonly string[] = draft.columns
    const wider = columns.filter((name) => !asked.includes(name))
    if (wider.length > 0) throw refused(`${wider.join(', ')}: not asked for`)
    return { ...draft, columns }
  }
  if (key === 'validFrom' || key === 'validTo') {
    const time = new Date(value)
    if (Number.isNaN(time.getTime())) throw refused('expected a date such as 2026-12-31')
    const text = time.toISOString()
    if (text < draft.validFrom || text > draft.validTo) throw refused(`outside ${draft.validFrom} to ${draft.validTo}`)
    return { ...draft, [key]: text }
  }
  const { trees } = draft
  if (key === 'membership') {
    if (trees === undefined || value !== 'hidden') throw refused('expected hidden, in an approval of trees')
    return { ...draft, trees: { ...trees, membership: 'hidden' } }
  }
  if (key === 'maxEpsilon' || key === 'minRows')
    return { ...draft, average: narrowedAverage(draft, key, value, refused) }
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw refused('expected a whole number')
  if (key === 'maxTreeDepth' || key === 'maxTreeCells') {
    if (trees === undefined) throw refused('no trees are asked for')
    const name = key === 'maxTreeDepth' ? 'maxDepth' : 'maxCells'
    if (number > trees[name]) throw refused(`wider than ${trees[name]}`)
    return { ...draft, trees: { ...trees, [name]: number } }
  }
  const before = key === 'runs' ? draft.runs : draft.floors[key]
  if (key.startsWith('min') ? number < before : number > before) throw refused(`wider than ${before}`)
  return key === 'runs' ? { ...draft, runs: number } : { ...draft, floors: { ...draft.floors, [key]: number } }
}

function narrowedAverage(
  { average }: Approval,
  key: 'maxEpsilon' | 'minRows',
  value: string,
  refused: (problem: string) => PlatformError,
): NonNullable<Approval['average']> {
  if (average === undefined) throw refused('no averaging is asked for')
  const number = Number(value)
  if (key === 'minRows') {
    if (!Number.isSafeInteger(number) || number < average.minRows) throw refused(`wider than ${average.minRows}`)
    return { ...average, minRows: number }
  }
  const most = average.maxEpsilon === undefined ? Number.POSITIVE_INFINITY : Number(average.maxEpsilon)
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(value) || number > most) throw refused(`wider than ${most}`)
  return { ...average, maxEpsilon: String(number) }
}
