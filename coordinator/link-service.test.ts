import { connect } from 'node:http2'
import { credentials, makeGenericClientConstructor, status } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeServer, widenServerWindow } from './grpc-server.ts'
import type { RunningCoordinator } from './coordinator.ts'
import { WIRE_VERSION } from './link-service.ts'
import { WINDOW_BYTES } from '#runtime/grpc-options.ts'
import {
  answerOf,
  connectAgent,
  identityOf,
  makeFederation,
  openCaller,
  RawAgent,
  startTestCoordinator,
  type TestFederation,
} from './test-federation.ts'

let federation: TestFederation
let coordinator: RunningCoordinator

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax'], ['stranger'])
  coordinator = await startTestCoordinator(federation)
})
afterAll(() => coordinator.close())

function open(party: string): RawAgent {
  return new RawAgent(federation, identityOf(federation, party), coordinator.address)
}

test('an agent that shows its certificate is welcomed', async () => {
  const agent = await connectAgent(federation, 'bank', coordinator.address)
  expect(agent.frames[0]).toMatchObject({
    body: 'welcome',
    welcome: { wire_version: WIRE_VERSION, federation: 'test-federation', max_chunk_bytes: 262144 },
  })
  agent.leave()
})

test('an agent whose root is not in the trust bundle is refused before its first frame', async () => {
  const agent = open('stranger')
  agent.hello()
  expect((await agent.failed()).code).toBe(status.UNAUTHENTICATED)
  expect(agent.frames).toEqual([])
})

test('an agent that says it is another party is refused', async () => {
  const agent = open('tax')
  agent.say({ hello: { wire_version: WIRE_VERSION, party: 'bank', software: 'test', jobs: [] } })
  const error = await agent.failed()
  expect(error.code).toBe(status.PERMISSION_DENIED)
  expect(error.metadata.get('tributary-code')).toEqual(['identity.wrong-party'])
  expect(JSON.parse(String(error.metadata.get('tributary-detail')[0]))).toEqual({ expected: 'tax', got: 'bank' })
})

test('an agent of another wire version is refused with both versions', async () => {
  const agent = open('tax')
  agent.say({ hello: { wire_version: 7, party: 'tax', software: 'test', jobs: [] } })
  const error = await agent.failed()
  expect(error.metadata.get('tributary-code')).toEqual(['protocol.version'])
  expect(JSON.parse(String(error.metadata.get('tributary-detail')[0]))).toEqual({ coordinator: WIRE_VERSION, agent: 7 })
})

test('a first frame that is no hello is refused, and no stack crosses the wire', async () => {
  const agent = open('tax')
  agent.say({ beat: { number: 1 } })
  const error = await agent.failed()
  expect(error.metadata.get('tributary-code')).toEqual(['protocol.malformed'])
  expect(JSON.stringify(error.metadata.getMap())).not.toMatch(/\.ts:|at /)
})

test('a second connection of a party closes the first, and says why', async () => {
  const first = await connectAgent(federation, 'tax', coordinator.address)
  const second = await connectAgent(federation, 'tax', coordinator.address)
  expect(await first.heard('refusal')).toMatchObject({ code: 'identity.connected-elsewhere', fatal: true })
  expect((await first.failed()).metadata.get('tributary-code')).toEqual(['identity.connected-elsewhere'])
  second.say({ beat: { number: 5 } })
  await second.heard('beat', { number: 5 })
  first.leave()
  second.leave()
})

test('a catalog out of bounds is refused and ends the connection', async () => {
  const agent = await connectAgent(federation, 'tax', coordinator.address)
  const dataset = { name: 'not a name', id_kind: 'plain', rows: 1, columns: [], label: '' }
  agent.say({ catalog: { datasets: [dataset] } })
  expect(await agent.heard('refusal')).toMatchObject({ code: 'protocol.malformed', fatal: true })
  await agent.failed()
})

test('the health service answers', async () => {
  const caller = healthClient()
  const answer = await answerOf((done) => caller['check']?.({ service: '' }, done))
  expect(answer).toMatchObject({ status: 'SERVING' })
  caller.close()
})

test('the federation is described with who is connected and what is offered', async () => {
  const agent = await connectAgent(federation, 'tax', coordinator.address)
  const { federation: service } = openCaller(federation, 'bank', coordinator.address)
  const view = await answerOf((done) => service.Describe({}, done as never))
  expect(view).toMatchObject({
    federation: 'test-federation',
    parties: [
      { party: 'bank', connected: false },
      { party: 'tax', connected: true, software: 'test', datasets: [{ name: 'tax_rows', label: '' }] },
    ],
  })
  agent.leave()
  service.close()
})

/** A client of the standard health service, as a load balancer with a party's certificate would be. */
function healthClient() {
  const Health = makeGenericClientConstructor(healthService, 'grpc.health.v1.Health')
  const identity = identityOf(federation, 'tax')
  const creds = identity.tlsPrivateKeyPem.reveal((key) =>
    credentials.createSsl(Buffer.from(federation.rootPem), Buffer.from(key), Buffer.from(identity.tlsCertificatePem)),
  )
  return new Health(coordinator.address, creds)
}

function rawConnection(versions: { maxVersion?: 'TLSv1.2'; minVersion?: 'TLSv1.2' } = {}) {
  const identity = identityOf(federation, 'tax')
  return identity.tlsPrivateKeyPem.reveal((key) =>
    connect(`https://${coordinator.address}`, {
      ca: federation.rootPem,
      cert: identity.tlsCertificatePem,
      key: Buffer.from(key),
      ...versions,
    }),
  )
}

test('TLS 1.2 is refused', async () => {
  const session = rawConnection({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  const error = await new Promise((resolve) => {
    session.on('error', resolve)
    session.on('connect', () => resolve('connected'))
  })
  expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) })
})

test('the server receives through a wide window', async () => {
  const session = rawConnection()
  await new Promise((resolve) => session.once('remoteSettings', resolve))
  expect(session.remoteSettings.initialWindowSize).toBe(WINDOW_BYTES)
  expect(session.remoteSettings.maxHeaderListSize).toBe(16 * 1024)
  // the window of the connection is announced in a frame of its own
  await expect.poll(() => session.state.remoteWindowSize, { timeout: 15_000 }).toBeGreaterThanOrEqual(WINDOW_BYTES)
  session.destroy()
})

test('widening fails loudly when grpc-js moves its private members', () => {
  const server = makeServer()
  expect(() => widenServerWindow(server)).not.toThrow()
  expect(() => widenServerWindow({} as never)).toThrowError(/^internal\.unexpected/)
})
