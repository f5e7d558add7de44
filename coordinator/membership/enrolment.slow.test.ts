// Enrolment against a real coordinator: founders, a later party, and every way in which an invitation does not open.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import { createCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { makeInvitation, type Invitation } from '#crypto/identity/invitation.ts'
import { createPartyHome, openPartyHome, type PartyCard, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { emptyTrustBundle, formatTrustBundle, parseTrustBundle } from '#crypto/identity/trust.ts'
import type { FederationView__Output } from '#protos/gen/tributary/v1/FederationView.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import { WIRE_VERSION } from '../link-service.ts'
import type { CoordinatorConfig } from '../config.ts'
import type { RunningCoordinator } from '../coordinator.ts'
import {
  answerOf,
  openCaller,
  PASSPHRASE,
  RawAgent,
  startTestCoordinator,
  type TestFederation,
} from '../test-federation.ts'
import { NO_ENROLMENT, writeState } from './enrolment.ts'
import { recordInvitation } from './invitations.ts'
import { type Applicant, openApplicant } from './test-applicant.ts'

const FEDERATION = 'test-federation'
let federation: TestFederation
let coordinator: RunningCoordinator
let applicant: Applicant
let now = Date.now()
const cards = new Map<string, PartyCard>()
const identities = new Map<string, PartyIdentity>()

beforeEach(async () => {
  now = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'tributary-enrolment-'))
  const home = join(folder, 'coordinator')
  const passphrase = PASSPHRASE
  const facts = { federation: FEDERATION, passphrase, hosts: ['127.0.0.1'] }
  const { rootPem, logKey } = await createCoordinatorHome(home, facts)
  const trustBundle = join(home, 'trust.yaml')
  writeFileSync(trustBundle, formatTrustBundle(emptyTrustBundle(FEDERATION, rootPem, logKey)))
  for (const party of ['bank', 'tax', 'social', 'park']) {
    cards.set(party, await createPartyHome(join(folder, party), { federation: FEDERATION, party, passphrase }))
    identities.set(party, await openPartyHome(join(folder, party), passphrase))
  }
  const quotas = { jobBytes: 1024 ** 3, adderBytes: 512 * 1024 ** 2 }
  const config: CoordinatorConfig = { home, listen: '127.0.0.1:0', trustBundle, logLevel: 'silent', quotas }
  federation = { folder, rootPem, config, parties: identities }
  coordinator = await startTestCoordinator(federation, {}, { now: () => now })
  applicant = openApplicant(FEDERATION, coordinator.address, rootPem)
})
afterEach(async () => {
  applicant.client.close()
  await coordinator.close()
  rmSync(federation.folder, { recursive: true })
})

const identity = (party: string) => identities.get(party) as PartyIdentity
const card = (party: string) => cards.get(party) as PartyCard
const enrolmentFolder = () => join(federation.config.home, 'enrolment')

async function invite(party: string, hours = 24): Promise<Invitation> {
  const facts = { federation: FEDERATION, party, coordinator: coordinator.address, rootPem: federation.rootPem }
  const invitation = makeInvitation({ ...facts, hours, now: new Date(now) })
  await recordInvitation(enrolmentFolder(), invitation)
  return invitation
}

/** The code that a call was refused with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no refusal',
    (error: unknown) => fromServiceError(error).code,
  )
}

/** A running federation of these parties, made by enrolment alone. */
async function found(founders: readonly string[]): Promise<void> {
  await coordinator.close()
  await writeState(enrolmentFolder(), { ...NO_ENROLMENT, founders })
  coordinator = await startTestCoordinator(federation, {}, { now: () => now })
  applicant.client.close()
  applicant = openApplicant(FEDERATION, coordinator.address, federation.rootPem)
  for (const party of founders) await applicant.join(await invite(party), identity(party), card(party))
  const { bundle } = await applicant.show(identity(founders[0] as string))
  for (const party of founders) await applicant.confirm(identity(party), parseTrustBundle(bundle))
}

test('the first bundle comes into force when all founders have joined and signed, and not before', async () => {
  await coordinator.close()
  await writeState(enrolmentFolder(), { ...NO_ENROLMENT, founders: ['bank', 'tax'] })
  coordinator = await startTestCoordinator(federation, {}, { now: () => now })
  applicant.client.close()
  applicant = openApplicant(FEDERATION, coordinator.address, federation.rootPem)

  const first = await applicant.join(await invite('bank'), identity('bank'), card('bank'))
  expect(first).toMatchObject({ waiting_for: ['tax'], bundle: '', adopted: false })
  const stranger = await refusal(applicant.join(await invite('park'), identity('park'), card('park')))
  expect(stranger).toBe('enrolment.busy')
  const second = await applicant.join(await invite('tax'), identity('tax'), card('tax'))
  expect(second).toMatchObject({ waiting_for: [], adopted: false, missing: ['bank', 'tax'] })
  const bundle = parseTrustBundle(second.bundle)
  expect(bundle).toMatchObject({ edition: 1, previous: '0'.repeat(64) })
  const caller = openCaller(federation, 'bank', coordinator.address)
  expect(await refusal(answerOf((done) => caller.federation.Describe({}, done as never)))).toBe('identity.unknown')

  expect(await applicant.confirm(identity('bank'), bundle)).toMatchObject({ adopted: false, missing: ['tax'] })
  expect(await applicant.confirm(identity('tax'), bundle)).toMatchObject({ adopted: true })
  const again = openCaller(federation, 'tax', coordinator.address)
  const view = await answerOf<FederationView__Output>((done) => again.federation.Describe({}, done as never))
  expect(view.parties.map(({ party }) => party)).toEqual(['bank', 'tax'])
  for (const client of [caller, again]) client.federation.close()
})

test('a later party is in when two thirds and the party itself have signed; a connected agent hears of it', async () => {
  await found(['bank', 'tax', 'social'])
  const agent = new RawAgent(federation, identity('bank'), coordinator.address)
  agent.say({ hello: { wire_version: WIRE_VERSION, party: 'bank', software: 'test', jobs: [], trust_edition: 1 } })
  await agent.heard('welcome')
  const { bundle } = await applicant.join(await invite('park'), identity('park'), card('park'))
  const proposed = parseTrustBundle(bundle)
  expect(proposed.edition).toBe(2)
  expect(await refusal(applicant.join(await invite('park'), identity('park'), card('park')))).toBe('enrolment.busy')
  expect(await applicant.confirm(identity('bank'), proposed)).toMatchObject({
    adopted: false,
    signed: ['bank'],
    needed: 2,
  })
  expect(await applicant.confirm(identity('bank'), proposed)).toMatchObject({ adopted: false, signed: ['bank'] })
  expect(await applicant.confirm(identity('tax'), proposed)).toMatchObject({ adopted: false, missing: ['park'] })
  expect(await applicant.confirm(identity('park'), proposed)).toMatchObject({ adopted: true })
  const update = await agent.heard('trust_update')
  expect(update.bundles.map((text) => bundleDigest(parseTrustBundle(text)))).toEqual([bundleDigest(proposed)])
  agent.leave()

  const newcomer = new RawAgent(federation, identity('park'), coordinator.address)
  newcomer.say({ hello: { wire_version: WIRE_VERSION, party: 'park', software: 'test', jobs: [], trust_edition: 2 } })
  await newcomer.heard('welcome')
  newcomer.leave()

  await coordinator.close()
  coordinator = await startTestCoordinator(federation)
  const late = new RawAgent(federation, identity('tax'), coordinator.address)
  late.say({ hello: { wire_version: WIRE_VERSION, party: 'tax', software: 'test', jobs: [], trust_edition: 1 } })
  expect((await late.heard('trust_update')).bundles).toHaveLength(1)
  late.leave()
})

test('of 100 uses of one invitation at once exactly one succeeds', async () => {
  await found(['bank', 'tax'])
  const invitation = await invite('park')
  const uses = Array.from({ length: 100 }, () => refusal(applicant.join(invitation, identity('park'), card('park'))))
  const codes = await Promise.all(uses)
  expect(codes.filter((code) => code === 'no refusal')).toHaveLength(1)
  expect(codes.filter((code) => code === 'enrolment.used')).toHaveLength(99)
})

test('an invitation does not open for a wrong token, another name, too late, or after five tries', async () => {
  await found(['bank', 'tax'])
  const invitation = await invite('park')
  const other = (await invite('park')).token
  expect(await refusal(applicant.join(invitation, identity('park'), card('park'), other))).toBe('enrolment.unknown')
  expect(await refusal(applicant.join(invitation, identity('social'), card('social')))).toBe('enrolment.unknown')
  const nowhere = { ...invitation, id: '0'.repeat(16) }
  expect(await refusal(applicant.join(nowhere, identity('park'), card('park')))).toBe('enrolment.unknown')
  for (let tries = 2; tries < 5; tries += 1) {
    expect(await refusal(applicant.join(invitation, identity('park'), card('park'), other))).toBe('enrolment.unknown')
  }
  expect(await refusal(applicant.join(invitation, identity('park'), card('park')))).toBe('enrolment.exhausted')

  const short = await invite('park', 1)
  now += 3_600_001
  expect(await refusal(applicant.join(short, identity('park'), card('park')))).toBe('enrolment.expired')
  expect(() => makeInvitation({ ...short, hours: 25, now: new Date() })).toThrowError(/at most 24 hours/)
})

test('a card goes in only with a proof by its own key', async () => {
  await found(['bank', 'tax'])
  const invitation = await invite('park')
  expect(await refusal(applicant.join(invitation, identity('social'), card('park')))).toBe('identity.unknown')
  const swapped = { ...card('park'), signingKey: card('social').signingKey }
  expect(await refusal(applicant.join(invitation, identity('social'), swapped))).toBe('identity.unknown')
  const asBank = { ...card('park'), party: 'bank' }
  expect(await refusal(applicant.join(invitation, identity('park'), asBank))).toBe('enrolment.unknown')
})

test('only parties of the bundle or of the proposal see it and sign it', async () => {
  await found(['bank', 'tax'])
  const { bundle } = await applicant.join(await invite('park'), identity('park'), card('park'))
  expect(await refusal(applicant.show(identity('social')))).toBe('identity.unknown')
  expect(await refusal(applicant.show(identity('bank'), new Date(now - 3_600_000)))).toBe('identity.unknown')
  expect(await refusal(applicant.confirm(identity('social'), parseTrustBundle(bundle)))).toBe('identity.unknown')
  const changed = { ...parseTrustBundle(bundle), edition: 3 }
  expect(await refusal(applicant.confirm(identity('bank'), changed))).toBe('enrolment.no-proposal')
})

test('a coordinator with another root does not hear the token', async () => {
  const wrong = openApplicant(FEDERATION, coordinator.address, card('bank').rootPem)
  expect(await refusal(wrong.show(identity('bank')))).toBe('transport.unavailable')
  wrong.client.close()
})
