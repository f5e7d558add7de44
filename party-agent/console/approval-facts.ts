// One approval with all that is known of it: document, signatures, the jobs that used it and those that it would let in.
import type { ApprovalFacts } from '#console/api/approvals.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { PlatformError } from '#runtime/errors.ts'
import { CARDS, cardDigest } from '../approvals/cards.ts'
import { differencesOf } from '../approvals/differences.ts'
import { coveredBy } from '../approvals/requests.ts'
import { digestOf } from '../approvals/statements.ts'
import type { StoredApproval } from '../approvals/store.ts'
import { approvalRow, cardsOf, privacyOf, sendersIn } from './approval-views.ts'
import { knownJob } from './known-jobs.ts'
import type { AgentParts } from './parts.ts'
import { earlierApproval } from './request-draft.ts'

type FactParts = Pick<AgentParts, 'config' | 'store' | 'now'>

/** @throws PlatformError approval.unknown */
export async function approvalFacts(parts: FactParts, id: string): Promise<ApprovalFacts> {
  const { store, now } = parts
  const approval = await store.find(id)
  if (approval === undefined) throw new PlatformError('approval.unknown', { approval: id })
  const { document, bytes, revocation, damage } = approval
  const facts = { row: approvalRow(approval), jobs: await jobsUnder(parts, approval) }
  if (document === undefined || bytes === undefined)
    return { ...facts, damage: damage?.code ?? 'approval.tampered', cards: [], otherCards: [], waiting: [] }
  const waiting = coveredBy(document, await store.requests(), now())
  const privacy = waiting.find((request) => request.privacy !== undefined)?.privacy
  const earlier = earlierApproval(await store.all(), document, document)
  const names = document.protocols.map(({ name }) => name)
  return {
    ...facts,
    digest: digestOf(bytes),
    bytes: Buffer.from(bytes).toString('base64'),
    ...(damage === undefined ? {} : { damage: damage.code }),
    cards: cardsOf(names, sendersIn(document)),
    otherCards: otherCards(document),
    ...(revocation === undefined
      ? {}
      : { revocation: { by: revocation.by, reason: revocation.reason, time: revocation.time } }),
    waiting: waiting.map(({ job }) => job),
    ...(privacy === undefined ? {} : { privacy: privacyOf(privacy) }),
    ...(earlier === undefined ? {} : { earlier: comparedWith(earlier, document) }),
  }
}

export function comparedWith(earlier: { readonly id: string; readonly document: Approval }, document: Approval) {
  return { approval: earlier.id, differences: differencesOf(earlier.document, document) }
}

/** The jobs that used it, the latest first. */
export async function jobsUnder({ config }: Pick<FactParts, 'config'>, { runs }: StoredApproval) {
  const jobs: ApprovalFacts['jobs'] = []
  for (const job of runs.toReversed()) {
    const known = await knownJob(config.home, job)
    const isUnderWay = known?.state === 'accepted' || known?.state === 'started'
    jobs.push({ job, ...(known === undefined ? {} : { name: known.name, state: known.state }), running: isUnderWay })
  }
  return jobs
}

/** Protocols whose card here is another than the one that people signed. */
function otherCards({ protocols }: Approval): string[] {
  const here = new Map(CARDS.map((card) => [card.protocol, cardDigest(card)]))
  return protocols.filter(({ name, card }) => here.get(name) !== card).map(({ name }) => name)
}
