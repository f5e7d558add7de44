// A draft of an approval: what a job asks for and no more, with the validity and budget of a template, made narrower as
// its signers wish.
import { randomBytes } from 'node:crypto'
import type { Approval, AskedOfOwner, CardDigests } from '#protocols/core/approval.ts'
import type { Bilingual } from '#protocols/core/card.ts'
import { type JobSpec, partiesOf, planTasks } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'

interface Template {
  readonly about: Bilingual
  readonly days: number
  readonly runs: number
  readonly retention: string
  readonly legalBasis: string
}

/** The common contracts. Everything that a template does not say comes from the job. */
export const TEMPLATES = {
  'credit-model': {
    about: { en: 'a credit model, developed over half a year', zh: '信贷模型，开发期半年' },
    days: 180,
    runs: 20,
    retention: 'P1Y',
    legalBasis: 'authorisation of the applicants, and the contract between the parties',
  },
  pilot: {
    about: { en: 'a pilot: one month, three runs', zh: '试点：一个月，三次运行' },
    days: 30,
    runs: 3,
    retention: 'P30D',
    legalBasis: 'authorisation of the applicants, and the pilot agreement between the parties',
  },
  warning: {
    about: { en: 'early warning after lending, refreshed over a year', zh: '贷后预警，一年内定期更新' },
    days: 365,
    runs: 100,
    retention: 'P2Y',
    legalBasis: 'authorisation in the loan contract, and the contract between the parties',
  },
} as const satisfies Record<string, Template>
export type TemplateName = keyof typeof TEMPLATES

export const NARROWABLE = [
  'columns',
  'minIntersection',
  'maxRounds',
  'maxReleasedCells',
  'runs',
  'validFrom',
  'validTo',
] as const
type Narrowable = (typeof NARROWABLE)[number]

const DAY_MS = 86_400_000
/** Parts of a list of positions: 2^24 rows at 32,768 a message. */
const MOST_POSITION_PARTS = 512

export interface DraftOptions {
  readonly template: TemplateName
  readonly cards: CardDigests
  readonly now: Date
  readonly legalBasis?: string | undefined
  /** `key=value`, each making the draft narrower */
  readonly narrow?: readonly string[]
}

/** @throws PlatformError approval.invalid for a change that would make it wider, or that nobody knows */
export function draftApproval(spec: JobSpec, asked: AskedOfOwner, options: DraftOptions): Approval {
  const { cards, now, narrow = [] } = options
  const template = TEMPLATES[options.template]
  const guest = spec.guest.party
  const protocols = [...new Set(planTasks(spec).map((task) => task.protocol))].map((name) => {
    const { version, card } = cards.get(name) ?? { version: '0', card: '' }
    return { name, version, card }
  })
  const draft: Approval = {
    v: 1,
    id: `approval-${randomBytes(6).toString('hex')}`,
    owner: asked.self,
    dataset: asked.dataset,
    datasetVersion: asked.datasetVersion,
    columns: [...asked.columns],
    purpose: spec.purpose.normalize('NFC').trim(),
    legalBasis: (options.legalBasis ?? template.legalBasis).normalize('NFC'),
    guest,
    counterparties: partiesOf(spec).filter((party) => party !== asked.self && party !== guest),
    protocols,
    floors: {
      minIntersection: spec.align.minIntersection,
      maxRounds: spec.train.rounds,
      maxReleasedCells: mostReleased(spec, asked.self),
    },
    receivers: [guest],
    validFrom: now.toISOString(),
    validTo: new Date(now.getTime() + template.days * DAY_MS).toISOString(),
    runs: template.runs,
    retention: template.retention,
  }
  return narrow.reduce(narrowed, draft)
}

/** Released aggregates that a job of this size sends at most: sizes and positions, then three a round and host. */
function mostReleased(spec: JobSpec, self: string): number {
  const rounds = spec.train.rounds + 1
  if (spec.guest.party === self) return spec.hosts.length * (1 + MOST_POSITION_PARTS + rounds)
  return 3 * rounds + 1
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
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw refused('expected a whole number')
  const before = key === 'runs' ? draft.runs : draft.floors[key]
  const wider = key === 'minIntersection' ? number < before : number > before
  if (wider) throw refused(`wider than ${before}`)
  return key === 'runs' ? { ...draft, runs: number } : { ...draft, floors: { ...draft.floors, [key]: number } }
}
