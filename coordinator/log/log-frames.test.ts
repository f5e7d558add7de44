// The round log over the wire: what an agent may not say is refused with its code, and the log stays as it was.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { type AuthorState, collaborationIdOf, firstState, makeRecord, type RecordBody } from '#protocols/log/records.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { RunningCoordinator } from '../coordinator.ts'
import {
  connectAgent,
  identityOf,
  makeFederation,
  type RawAgent,
  startTestCoordinator,
  type TestFederation,
} from '../test-federation.ts'

const PARTIES = ['bank', 'tax']
const COLLABORATION = collaborationIdOf('test-federation', PARTIES)
let federation: TestFederation
let coordinator: RunningCoordinator
let bank: RawAgent

beforeAll(async () => {
  federation = await makeFederation([...PARTIES, 'land'])
  coordinator = await startTestCoordinator(federation)
  bank = await connectAgent(federation, 'bank', coordinator.address)
  bank.say({ log_sync: { collaboration: COLLABORATION, parties: PARTIES, size: 0 } })
})
afterAll(async () => {
  bank.leave()
  await coordinator.close()
})

function stateOf(author: string, signer = author): AuthorState {
  const { signStatement: sign, signingPublicKey: signingKey } = identityOf(federation, signer)
  return firstState({ collaboration: COLLABORATION, author, sign, signingKey })
}
const leafOf = (state: AuthorState, body: RecordBody) => Buffer.from(makeRecord(state, body, new Date()).leaf)
const append = (...leaves: Buffer[]): AgentFrame => ({ log_append: { collaboration: COLLABORATION, leaves } })
const opening = (parties = PARTIES): RecordBody => ({
  kind: 'collaboration.opened',
  job: '',
  federation: 'test-federation',
  participants: parties.map((party) => ({ party, keyid: keyIdOf(identityOf(federation, party).signingPublicKey) })),
  bundleDigest: '0'.repeat(64),
})

test.each<[string, string, () => AgentFrame]>([
  ['bytes that are no record', 'log.malformed', () => append(Buffer.from('{}'))],
  ['a record of another party', 'log.unknown-key', () => append(leafOf(stateOf('tax'), opening()))],
  ['a record in the name of another', 'log.signature', () => append(leafOf(stateOf('tax', 'bank'), opening()))],
  [
    'a log opened with other participants',
    'log.rule-broken',
    () => append(leafOf(stateOf('bank'), opening(['bank', 'land']))),
  ],
  [
    'a record that does not follow',
    'protocol.out-of-order',
    () => append(leafOf({ ...stateOf('bank'), seq: 3 }, opening())),
  ],
  [
    'records of a log that was not asked for',
    'protocol.out-of-order',
    () => ({ log_append: { collaboration: collaborationIdOf('test-federation', ['bank', 'land']), leaves: [] } }),
  ],
])('%s is refused with %s', async (_, code, frame) => {
  bank.frames.length = 0
  bank.say(frame())
  expect(await bank.heard('refusal')).toMatchObject({ code, fatal: false })
})

test('a party that is no participant hears and writes nothing', async () => {
  const land = await connectAgent(federation, 'land', coordinator.address)
  land.say({ log_sync: { collaboration: COLLABORATION, parties: PARTIES, size: 0 } })
  expect(await land.heard('refusal')).toMatchObject({ code: 'log.signature' })
  land.leave()
})

test('after all that the log is empty, and takes what is in order', async () => {
  bank.frames.length = 0
  bank.say(append(leafOf(stateOf('bank'), opening())))
  expect(await bank.heard('log_ack')).toMatchObject({ collaboration: COLLABORATION, seq: 1 })
  const entries = await bank.heard('log_entries')
  expect(entries).toMatchObject({ from: 0, leaves: { length: 1 } })
  bank.frames.length = 0
  bank.say({ cosignature: { collaboration: COLLABORATION, size: 1, line: '— bank AAAA' } })
  expect((await bank.heard('refusal')).code).toMatch(/^log\.(malformed|signature)$/)
})
