// Approvals, requests and cards in the form in which the console tells them.
import type { ApprovalRow, CardView, RequestFacts, RequestRow } from '#console/api/approvals.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { type Card, classWords, roleWords } from '#protocols/core/card.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { isReleased } from '#protocols/core/schedule.ts'
import { type JobSpec, partiesOf, planTasks, protocolsOf } from '#protocols/core/job-spec.ts'
import { CARDS, cardDigest } from '../approvals/cards.ts'
import { TEMPLATES } from '../approvals/draft.ts'
import { halfSigned, rolesToSign, runsLeft } from '../approvals/requests.ts'
import type { ApprovalRequest, StoredApproval } from '../approvals/store.ts'
import type { ApprovalsConfig } from '../config.ts'
import { aliasesIn, type FeaturesConfig } from '../data/feature-keys.ts'
import type { Preflight } from '../planning/preflight.ts'

export function approvalRow(approval: StoredApproval): ApprovalRow {
  const { id, state, document, signatures, damage } = approval
  const facts =
    document === undefined
      ? {}
      : {
          guest: document.guest,
          dataset: document.dataset,
          purpose: document.purpose,
          validFrom: document.validFrom,
          validTo: document.validTo,
        }
  return {
    id,
    state: damage === undefined ? state : 'damaged',
    ...facts,
    columns: document?.columns.length ?? 0,
    runs: document?.runs ?? 0,
    runsLeft: runsLeft(approval),
    signatures: signatures.map(({ person, name, role, time, keyid }) => ({ person, name, role, time, keyid })),
    needs: [...rolesToSign(approval)],
  }
}

/** @param approvals all of this party, to find one of the job that a person signed */
export function requestRow(
  request: ApprovalRequest,
  approvals: readonly StoredApproval[],
  config: ApprovalsConfig,
  now: Date,
): RequestRow {
  const { job, spec, asked, time } = request
  const half = halfSigned(approvals, request, now)
  return {
    job,
    name: spec.name,
    guest: spec.guest.party,
    purpose: spec.purpose,
    dataset: asked.dataset,
    columns: asked.columns.length,
    time,
    ...answerByOf(request, config),
    ...(half === undefined ? {} : { approval: half.id }),
    needs: half === undefined ? ['steward', 'compliance'] : [...rolesToSign(half)],
    merges: Object.keys(spec.bin?.merges ?? {}).length,
  }
}

/** @param offered columns of the data set, in its order */
export function requestFacts(
  request: ApprovalRequest,
  row: RequestRow,
  offered: readonly string[],
  features: FeaturesConfig,
  earlier: string | undefined,
  planned: Pick<Preflight, 'estimate' | 'rows'> | undefined,
): RequestFacts {
  const { job, spec, asked, privacy } = request
  const aliases = aliasesOfRequest(request, offered, features)
  const guest = spec.guest.party
  const { answerBy, approval } = row
  return {
    job,
    name: spec.name,
    guest,
    purpose: spec.purpose,
    counterparties: partiesOf(spec).filter((party) => party !== asked.self && party !== guest),
    receivers: [guest],
    dataset: asked.dataset,
    datasetVersion: asked.datasetVersion,
    ...(asked.label === undefined || spec.average === undefined ? {} : { label: asked.label }),
    columns: asked.columns.map((name) => {
      const { en, zh, unit, sign } = features[name] ?? {}
      return { name, alias: aliases.get(name) ?? name, ...wordsOf({ en, zh, unit, sign }) }
    }),
    tasks: planTasks(spec).map(({ task, protocol, maxRounds }) => {
      const bytes = planned?.estimate.find((one) => one.task === task)?.bytes
      return { task, protocol, rounds: maxRounds, ...(bytes === undefined ? {} : { bytes }) }
    }),
    ...(planned === undefined || planned.estimate.length === 0 ? {} : { estimate: totalOf(planned) }),
    cards: cardsOf([...protocolsOf(spec, asked.self)], sendersOf(spec, asked.self)),
    ...(privacy === undefined ? {} : { privacy: privacyOf(privacy) }),
    merges: mergesOf(spec, aliases),
    time: row.time,
    ...(answerBy === undefined ? {} : { answerBy }),
    ...(approval === undefined ? {} : { approval }),
    needs: row.needs,
    ...(earlier === undefined ? {} : { earlier }),
    templates: Object.entries(TEMPLATES).map(([name, { about, days, runs, retention, legalBasis }]) => ({
      name,
      about: { ...about },
      days,
      runs,
      retention,
      legalBasis: { ...legalBasis },
    })),
    spec: JSON.stringify(spec, null, 2),
  }
}

export function privacyOf({ rounds, before, after, delta, limit }: NonNullable<ApprovalRequest['privacy']>) {
  return { rounds, before, after, delta, ...(limit === undefined ? {} : { limit: limit.epsilon }) }
}

/** Cards of these protocols. @param ours roles in which this party sends */
export function cardsOf(protocols: readonly string[], ours: readonly string[]): CardView[] {
  return CARDS.filter(({ protocol }) => protocols.includes(protocol)).map((card) => cardView(card, ours))
}

/** Roles of the cards that a party of a document has. */
export function sendersIn({ owner, guest, group }: Approval): readonly string[] {
  const everybody = ['party', 'opener', ...(group === undefined ? [] : ['member'])]
  return owner === guest ? ['guest', ...everybody] : [...HOST_ROLES, ...everybody]
}

/** Columns whose bins a job would join. */
function mergesOf(spec: JobSpec, aliases: ReadonlyMap<string, string>): RequestFacts['merges'] {
  const columns = new Map([...aliases].map(([column, alias]) => [alias, column]))
  return Object.entries(spec.bin?.merges ?? {}).flatMap(([alias, groups]) => {
    const column = columns.get(alias)
    return column === undefined ? [] : [{ alias, column, groups: groups.map((group) => [...group]) }]
  })
}

/** What other parties of the job call the columns that it uses; none where the declared columns are not there. */
export function aliasesOfRequest(
  { spec, asked }: Pick<ApprovalRequest, 'spec' | 'asked'>,
  offered: readonly string[],
  features: FeaturesConfig,
): ReadonlyMap<string, string> {
  try {
    const columns = { name: asked.dataset, offered, columns: asked.columns }
    return aliasesIn(spec, asked.self, columns, features)
  } catch {
    return new Map()
  }
}

function totalOf({ estimate, rows }: Pick<Preflight, 'estimate' | 'rows'>) {
  const sum = (of: 'bytes' | 'seconds') => estimate.reduce((total, task) => total + task[of], 0)
  return { rows, bytes: sum('bytes'), seconds: sum('seconds') }
}

const HOST_ROLES = ['host', 'pivot', 'dealer', 'earlier-host', 'later-host', 'lone-host'] as const

function sendersOf(spec: JobSpec, self: string): readonly string[] {
  const everybody = ['party', 'opener', ...(groupOf(spec, self) === undefined ? [] : ['member'])]
  if (spec.guest.party === self) return ['guest', ...everybody]
  const place = spec.hosts.findIndex(({ party }) => party === self)
  const others = spec.hosts.length > 1 ? ['earlier-host', 'later-host'] : ['lone-host']
  return ['host', place === 0 ? 'pivot' : 'dealer', ...others, ...everybody]
}

function cardView(card: Card, ours: readonly string[]): CardView {
  return {
    protocol: card.protocol,
    version: card.version,
    digest: cardDigest(card),
    title: { ...card.title },
    messages: card.messages.map((message) => ({
      step: message.step,
      from: { ...roleWords(message.from) },
      to: { ...roleWords(message.to) },
      class: { ...classWords(message.class) },
      parts: message.arity === 'parts',
      learns: { ...message.reveals },
      minimumRows: message.release?.minimumRows ?? 0,
      digits: message.release?.digits ?? 0,
      released: isReleased(message.class),
      ours: ours.includes(message.from),
    })),
    atTheEnd: card.atTheEnd.map(({ who, knows }) => ({ who: { ...who }, knows: { ...knows } })),
  }
}

function answerByOf({ time }: ApprovalRequest, config: ApprovalsConfig): { readonly answerBy?: string } {
  return config === 'off' ? {} : { answerBy: new Date(Date.parse(time) + config.waitSeconds * 1000).toISOString() }
}

function wordsOf(words: {
  readonly en: string | undefined
  readonly zh: string | undefined
  readonly unit: string | undefined
  readonly sign: '+' | '-' | '0' | undefined
}) {
  const { en, zh, unit, sign } = words
  return {
    ...(en === undefined ? {} : { en }),
    ...(zh === undefined ? {} : { zh }),
    ...(unit === undefined || unit === '' ? {} : { unit }),
    ...(sign === undefined ? {} : { sign }),
  }
}
