// New parties: an invitation turns a card into a proposed edition of the trust bundle, and the parties' signatures turn
// the proposal into the bundle in force. One request at a time, so that an invitation is used once.
import { join } from 'node:path'
import {
  BUNDLE_CONTEXT,
  bundleBytes,
  bundleDigest,
  consentTo,
  predecessorOf,
} from '#crypto/identity/bundle-signatures.ts'
import { JOIN_CONTEXT, joinBytes, SHOW_CONTEXT, showBytes } from '#crypto/identity/invitation.ts'
import { isCardSigned, type PartyCard, parsePartyCard } from '#crypto/identity/party-card.ts'
import { verifySignature } from '#crypto/identity/signing.ts'
import { formatTrustBundle, makeTrustBundle, parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'
import type { HeldTrust } from './held-trust.ts'
import { openInvitation, useInvitation } from './invitations.ts'

/** a proposal that nobody finished makes room for another one */
const PROPOSAL_LIFE_MS = 7 * 86_400_000
/** how far the clocks of two companies may differ */
const CLOCK_MS = 10 * 60_000

/** What is on disk in <home>/enrolment/state.json. */
export interface EnrolmentState {
  /** who must sign the first edition; empty once it is in force */
  readonly founders: readonly string[]
  /** of founders that joined */
  readonly cards: readonly PartyCard[]
  /** YAML of the proposed bundle with its signatures so far, or empty */
  readonly proposal: string
  readonly openedAt: string
}

export const NO_ENROLMENT: EnrolmentState = { founders: [], cards: [], proposal: '', openedAt: '' }

export interface ProposalView {
  readonly waitingFor: readonly string[]
  readonly bundle: string
  readonly adopted: boolean
  readonly signed: readonly string[]
  readonly needed: number
  readonly missing: readonly string[]
}

/** Of a federation that is about to change. */
export interface Pending {
  readonly waitingFor: readonly string[]
  readonly proposal?: TrustBundle
  readonly openedAt?: string
  readonly signed?: readonly string[]
  readonly needed?: number
  readonly missing?: readonly string[]
}

export function statePath(folder: string): string {
  return join(folder, 'state.json')
}

/** @throws PlatformError storage.damaged */
export async function readState(folder: string): Promise<EnrolmentState> {
  const bytes = await readIfPresent(statePath(folder))
  if (bytes === undefined) return NO_ENROLMENT
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as EnrolmentState
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: statePath(folder) }, cause)
  }
}

/** @throws PlatformError storage.full */
export function writeState(folder: string, state: EnrolmentState): Promise<void> {
  return writeDurably(statePath(folder), `${JSON.stringify(state)}\n`)
}

export class Enrolment {
  readonly #folder: string
  readonly #trust: HeldTrust
  readonly #now: () => number
  #state: EnrolmentState
  #last: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, trust: HeldTrust, now: () => number, state: EnrolmentState) {
    this.#folder = folder
    this.#trust = trust
    this.#now = now
    this.#state = state
  }

  static async open(folder: string, trust: HeldTrust, now: () => number): Promise<Enrolment> {
    return new Enrolment(folder, trust, now, await readState(folder))
  }

  /**
   * @throws PlatformError enrolment.*, config.invalid for a card that cannot enter the bundle, identity.unknown for a
   *   proof that the card's key did not sign
   */
  join(asked: {
    readonly invitation: string
    readonly token: string
    readonly card: string
    readonly proof: Uint8Array
  }): Promise<ProposalView> {
    return this.#inOrder(async () => {
      const { invitation: id, token } = asked
      const card = parsePartyCard(asked.card)
      const now = new Date(this.#now())
      const record = await openInvitation(this.#folder, { id, token, party: card.party }, now)
      const key = Buffer.from(card.signingKey, 'base64')
      const bytes = joinBytes(this.#trust.bundle.federation, id, token, asked.card)
      if (!isCardSigned(card) || !verifySignature(key, JOIN_CONTEXT, bytes, asked.proof)) {
        throw new PlatformError('identity.unknown', { party: card.party, problem: 'the card and its key differ' })
      }
      const next = this.#stateWith(card)
      await useInvitation(this.#folder, record, now)
      await this.#save(next)
      return this.#view()
    })
  }

  /** The open proposal, or else the bundle in force, for a party of either. @throws PlatformError identity.unknown */
  show(asked: { readonly party: string; readonly time: string; readonly signature: Uint8Array }): ProposalView {
    const { party, time, signature } = asked
    const late = Math.abs(this.#now() - Date.parse(time))
    const bytes = showBytes(this.#trust.bundle.federation, party, time)
    const known = this.#keysOf(party).some((key) => verifySignature(key, SHOW_CONTEXT, bytes, signature))
    if (!known || !(late <= CLOCK_MS)) {
      const problem = known ? 'the clock differs by more than ten minutes' : 'no party with this key'
      throw new PlatformError('identity.unknown', { party: party.slice(0, 32), problem })
    }
    this.#trust.requireUnrevoked(party)
    return this.#view()
  }

  /**
   * Takes a party's signature under the proposal; with the last one the proposal is in force.
   * @throws PlatformError enrolment.no-proposal, identity.unknown, identity.revoked, storage.full
   */
  confirm(asked: {
    readonly party: string
    readonly digest: string
    readonly signature: Uint8Array
  }): Promise<ProposalView> {
    return this.#inOrder(async () => {
      const { party, digest, signature } = asked
      const proposal = this.#proposal()
      const held = this.#trust.bundle
      const target = proposal !== undefined && bundleDigest(proposal) === digest ? proposal : held
      if (bundleDigest(target) !== digest)
        throw new PlatformError('enrolment.no-proposal', { party: party.slice(0, 32) })
      const bytes = bundleBytes(target)
      if (!this.#keysOf(party).some((key) => verifySignature(key, BUNDLE_CONTEXT, bytes, signature))) {
        throw new PlatformError('identity.unknown', { party: party.slice(0, 32), problem: 'no party with this key' })
      }
      this.#trust.requireUnrevoked(party)
      if (target === held) return this.#view()
      const entry = { party, signature: Buffer.from(signature).toString('base64') }
      const others = target.signatures.filter((other) => other.signature !== entry.signature)
      const signed = { ...target, signatures: [...others, entry] }
      await this.#save({ ...this.#state, proposal: formatTrustBundle(signed) })
      const { signed: voters, needed, missing } = consentTo(held, signed)
      if (voters.length >= needed && missing.length === 0) {
        await this.#trust.adopt(signed)
        await this.#save(NO_ENROLMENT)
      }
      return this.#view()
    })
  }

  /** What is under way, for the operator: founders that are missing, or the edition that is proposed. */
  pending(): Pending {
    const proposal = this.#proposal()
    const waitingFor = this.#state.founders.filter((name) => !this.#state.cards.some((card) => card.party === name))
    if (proposal === undefined) return { waitingFor }
    return { waitingFor, proposal, openedAt: this.#state.openedAt, ...consentTo(this.#trust.bundle, proposal) }
  }

  #view(): ProposalView {
    const proposal = this.#proposal()
    const held = this.#trust.bundle
    if (proposal !== undefined) {
      return { waitingFor: [], bundle: formatTrustBundle(proposal), adopted: false, ...consentTo(held, proposal) }
    }
    const waitingFor = this.#state.founders.filter((name) => !this.#state.cards.some((card) => card.party === name))
    const nothing = { signed: [], needed: 0, missing: [] }
    if (held.edition === 0) return { waitingFor, bundle: '', adopted: false, ...nothing }
    return { waitingFor: [], bundle: formatTrustBundle(held), adopted: true, ...nothing }
  }

  #proposal(): TrustBundle | undefined {
    const { proposal, openedAt } = this.#state
    if (proposal === '' || this.#now() - Date.parse(openedAt) > PROPOSAL_LIFE_MS) return undefined
    return parseTrustBundle(proposal)
  }

  #keysOf(party: string): Uint8Array[] {
    const members = [this.#trust.bundle, this.#proposal()].flatMap((bundle) => bundle?.parties ?? [])
    const keys = [...members, ...this.#state.cards].filter((entry) => entry.party === party)
    return [...new Set(keys.map(({ signingKey }) => signingKey))].map((key) => Buffer.from(key, 'base64'))
  }

  /** @throws PlatformError enrolment.busy, config.invalid */
  #stateWith(card: PartyCard): EnrolmentState {
    const held = this.#trust.bundle
    if (this.#proposal() !== undefined) throw new PlatformError('enrolment.busy', { edition: held.edition + 1 })
    const founding = held.edition === 0
    const { founders } = this.#state
    if (founding && !founders.includes(card.party)) throw new PlatformError('enrolment.busy', { founders })
    const openedAt = new Date(this.#now()).toISOString()
    const cards = founding ? [...this.#state.cards.filter(({ party }) => party !== card.party), card] : [card]
    const added = makeTrustBundle(held.federation, held.coordinator.rootPem, cards, held.coordinator.logKey)
    const kept = held.parties.filter(({ party }) => party !== card.party)
    const next = {
      ...added,
      edition: held.edition + 1,
      previous: predecessorOf(held),
      parties: [...kept, ...added.parties],
    }
    const proposal = formatTrustBundle(parseTrustBundle(formatTrustBundle(next)))
    if (founding && cards.length < founders.length) return { founders, cards, proposal: '', openedAt }
    return { founders, cards: founding ? cards : [], proposal, openedAt }
  }

  async #save(state: EnrolmentState): Promise<void> {
    await writeState(this.#folder, state)
    this.#state = state
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
