// The calls of the inbox: what waits for people of this party, what they sign, refuse and withdraw. A session reads;
// every signature takes the passphrase of the person again.
import { setTimeout as delay } from 'node:timers/promises'
import { approvalCalls, type ApprovalRow, type Inbox } from '#console/api/approvals.ts'
import { pageOf } from '#console/api/paging.ts'
import { type Served, served } from '#console/server/calls.ts'
import type { Visit } from '#console/server/visitor.ts'
import type { PersonSigner } from '#crypto/people/people.ts'
import { leftOut, requireUndecided, waitingRequest } from '../approvals/requests.ts'
import { APPROVAL_TYPE, envelopeOf } from '../approvals/statements.ts'
import type { ApprovalRequest } from '../approvals/store.ts'
import { requireSigner } from '../approvals/stored-approval.ts'
import { approvalFacts, comparedWith, jobsUnder } from './approval-facts.ts'
import { approvalRow, requestFacts, requestRow } from './approval-views.ts'
import { preflight } from '../planning/preflight.ts'
import type { AgentParts } from './parts.ts'
import { earlierApproval, fromTemplate, makeDraft, shownDraft } from './request-draft.ts'

/** An approval is told as ending so long before. */
const ENDING_MS = 14 * 86_400_000
/** A page waits so long for what the catalogue adds. */
const CATALOGUE_MS = 1500

type ApprovalParts = Pick<
  AgentParts,
  'config' | 'identity' | 'people' | 'gate' | 'approvals' | 'store' | 'coordinator' | 'now'
>

export function approvalsServed(parts: ApprovalParts): Served {
  const { store, now, identity } = parts
  const request = (job: string) => waitingRequest(store, job, identity.party)
  return served(approvalCalls, {
    async inboxCounts() {
      const { requests, unsigned, ending } = await inboxOf(parts)
      const halves = requests.filter(({ approval }) => approval !== undefined)
      return {
        requests: requests.length,
        signatures: halves.length + unsigned.length,
        ending: ending.length,
      }
    },
    inbox: () => inboxOf(parts),
    async request({ params }) {
      const waiting = await request(params.job)
      const approvals = await store.all()
      const row = requestRow(waiting, approvals, parts.config.approvals, now())
      const { dataset, columns } = waiting.asked
      const offered = (await parts.gate.catalog()).find(({ name }) => name === dataset)?.columns ?? columns
      const features = parts.config.datasets[dataset]?.features ?? {}
      const earlier = earlierApproval(approvals, { guest: row.guest, dataset })
      return requestFacts(waiting, row, offered, features, earlier?.id, await plannedCost(parts, waiting))
    },
    async draft({ params, body }) {
      const waiting = await request(params.job)
      const at = now()
      const draft = makeDraft(waiting, body, { at })
      const earlier = earlierApproval(await store.all(), draft.document)
      return {
        id: draft.document.id,
        at: at.toISOString(),
        digest: draft.digest,
        bytes: Buffer.from(draft.bytes).toString('base64'),
        missing: [...leftOut(draft.document, waiting, at)],
        fromTemplate: fromTemplate(waiting, body, draft, at),
        ...(earlier === undefined ? {} : { earlier: comparedWith(earlier, draft.document) }),
      }
    },
    async approve({ params, body }, visit) {
      const waiting = await request(params.job)
      const { id, at, digest, passphrase, ...wishes } = body
      requireSigner(visit.visitor.person)
      requireUndecided(await store.all(), waiting, visit.visitor.person.id, now())
      const draft = shownDraft(waiting, wishes, { id, at, digest }, now())
      // before anything is written: a wrong passphrase leaves no draft behind
      using signer = await signerOf(parts, visit, passphrase)
      if ((await store.find(id)) === undefined)
        await store.propose(draft.document).catch(async (thrown: unknown) => {
          // pressed twice: the first has proposed it meanwhile
          if ((await store.find(id)) === undefined) throw thrown
        })
      return await signedBy(parts, id, signer, digest)
    },
    async refuse({ params, body }, visit) {
      const waiting = await request(params.job)
      using signer = await signerOf(parts, visit, body.passphrase)
      await store.refuse(waiting.job, signer, body.reason)
      return { job: waiting.job, by: signer.person.id }
    },
    async approvals({ query }) {
      const rows = (await store.all()).map(approvalRow).toReversed()
      return pageOf(rows, query, ({ id }) => id)
    },
    approval: ({ params }) => approvalFacts(parts, params.id),
    async approvalFile({ params }) {
      const { bytes, signatures, id } = await store.intact(params.id)
      return { name: `${id}.dsse.json`, content: `${JSON.stringify(envelopeOf(APPROVAL_TYPE, bytes, signatures))}\n` }
    },
    async sign({ params, body }, visit) {
      using signer = await signerOf(parts, visit, body.passphrase)
      return await signedBy(parts, params.id, signer, body.digest)
    },
    async revoke({ params, body }, visit) {
      using signer = await signerOf(parts, visit, body.passphrase)
      const revoked = await store.revoke(params.id, signer, body.reason)
      await parts.approvals?.refresh()
      const jobs = await jobsUnder(parts, revoked)
      return { approval: approvalRow(revoked), stopped: jobs.filter(({ running }) => running).map(({ job }) => job) }
    },
  })
}

/** From the sizes in the catalogue; undefined where the coordinator does not say them in time: a request is read without. */
async function plannedCost({ coordinator }: ApprovalParts, { spec }: ApprovalRequest) {
  const view = async () => await (await coordinator()).describe()
  const found = await Promise.race([view().catch(() => undefined), delay(CATALOGUE_MS, undefined, { ref: false })])
  return found === undefined ? undefined : preflight(spec, found)
}

async function inboxOf({ store, config, now }: ApprovalParts): Promise<Inbox> {
  const approvals = await store.all()
  const at = now()
  const waiting: ApprovalRequest[] = []
  for (const request of await store.requests())
    if ((await store.refusalOf(request.job)) === undefined) waiting.push(request)
  const requests = waiting.map((request) => requestRow(request, approvals, config.approvals, at))
  const told = new Set(requests.map(({ approval }) => approval))
  const rows = approvals.map(approvalRow)
  const isEnding = ({ state, validTo = '', runsLeft: left, runs }: ApprovalRow) =>
    state === 'active' && (Date.parse(validTo) - at.getTime() < ENDING_MS || (left === 1 && runs > 1))
  return {
    approvals: config.approvals === 'off' ? 'off' : 'on',
    requests: requests.toSorted((a, b) => (a.time < b.time ? -1 : 1)),
    unsigned: rows.filter(({ id, needs }) => needs.length > 0 && !told.has(id)),
    ending: rows.filter(isEnding),
  }
}

/** The person of the session, by their own passphrase. @throws PlatformError person.wrong-role, keys.wrong-passphrase */
async function signerOf({ people }: ApprovalParts, { visitor }: Visit, passphrase: string): Promise<PersonSigner> {
  requireSigner(visitor.person)
  return await people.authenticate(visitor.person.id, passphrase)
}

async function signedBy(parts: ApprovalParts, id: string, signer: PersonSigner, digest: string): Promise<ApprovalRow> {
  const signed = await parts.store.sign(id, signer, digest)
  await parts.approvals?.refresh()
  return approvalRow(signed)
}
