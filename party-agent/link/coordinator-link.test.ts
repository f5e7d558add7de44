import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import type { AgentFrame__Output } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { CoordinatorLink, WIRE_VERSION } from './coordinator-link.ts'
import {
  FEDERATION,
  makeKeyring,
  ScriptedCoordinator,
  type TestKeyring,
  until,
  WELCOME,
} from './scripted-coordinator.ts'

let keyring: TestKeyring
let coordinator: ScriptedCoordinator
let link: CoordinatorLink | undefined

beforeAll(async () => {
  keyring = await makeKeyring(['bank'])
})
afterAll(() => keyring[Symbol.asyncDispose]())
beforeEach(() => {
  coordinator = new ScriptedCoordinator(keyring)
})
afterEach(async () => {
  await link?.close()
  coordinator.stop()
})

interface Heard {
  readonly connected: number
  readonly lost: readonly PlatformError[]
  readonly refused: readonly PlatformError[]
  readonly frames: readonly CoordinatorFrame__Output[]
}

function dial(port: number): Heard {
  const bank = keyring.parties['bank'] as PartyIdentity
  const heard = {
    connected: 0,
    lost: [] as PlatformError[],
    refused: [] as PlatformError[],
    frames: [] as CoordinatorFrame__Output[],
  }
  link = new CoordinatorLink(
    {
      coordinator: `localhost:${port}`,
      coordinatorRootPem: keyring.coordinator.rootPem,
      tlsCertificatePem: bank.tlsCertificatePem,
      tlsPrivateKeyPem: bank.tlsPrivateKeyPem,
      party: 'bank',
      federation: FEDERATION,
      software: 'test',
      log: silentLogger,
    },
    {
      openJobs: () => ['job-1'],
      trustEdition: () => 1,
      connected: () => {
        heard.connected += 1
      },
      disconnected: (reason) => heard.lost.push(reason),
      refused: (reason) => heard.refused.push(reason),
      frame: (frame) => heard.frames.push(frame),
    },
  )
  return heard
}

test('the first frame names the party, the wire version and its open jobs', async () => {
  const hellos: AgentFrame__Output[] = []
  coordinator.greet = (stream, hello) => {
    hellos.push(hello)
    stream.write({ body: 'welcome', welcome: WELCOME })
  }
  const heard = dial(await coordinator.listen())
  await until(() => heard.connected === 1)
  expect(hellos[0]?.hello).toEqual({
    wire_version: WIRE_VERSION,
    party: 'bank',
    software: 'test',
    jobs: ['job-1'],
    trust_edition: 1,
  })
})

test('a coordinator of another wire version is protocol.version and is not talked to', async () => {
  coordinator.greet = (stream) =>
    stream.write({ body: 'welcome', welcome: { ...WELCOME, wire_version: WIRE_VERSION + 1 } })
  const heard = dial(await coordinator.listen())
  await until(() => link?.lastRefusal !== undefined)
  expect(link?.lastRefusal).toMatchObject({
    code: 'protocol.version',
    detail: { expected: WIRE_VERSION, got: WIRE_VERSION + 1 },
  })
  expect(heard.connected).toBe(0)
})

test('a new certificate replaces the open connection at once, and nobody is refused', async () => {
  let hellos = 0
  coordinator.greet = (stream) => {
    hellos += 1
    stream.write({ body: 'welcome', welcome: WELCOME })
  }
  const heard = dial(await coordinator.listen())
  await until(() => heard.connected === 1)
  link?.useCertificate(keyring.parties['bank'] as PartyIdentity)
  expect(link?.isConnected).toBe(false)
  expect(heard.lost).toMatchObject([{ code: 'transport.unavailable', detail: { status: 'a new certificate' } }])
  await until(() => heard.connected === 2)
  expect(hellos).toBe(2)
  expect(heard.refused).toEqual([])
  expect(await link?.send({ body: 'beat', beat: { number: 1 } })).toBe(true)
})

test('a coordinator of another federation is identity.unknown', async () => {
  coordinator.greet = (stream) => stream.write({ body: 'welcome', welcome: { ...WELCOME, federation: 'other' } })
  const heard = dial(await coordinator.listen())
  await until(() => link?.lastRefusal !== undefined)
  expect(link?.lastRefusal?.code).toBe('identity.unknown')
  expect(heard.connected).toBe(0)
  expect(heard.refused[0]).toMatchObject({ code: 'identity.unknown' })
})

test('anything before the welcome is protocol.malformed', async () => {
  coordinator.greet = (stream) => stream.write({ body: 'beat', beat: { number: 1 } })
  dial(await coordinator.listen())
  await until(() => link?.lastRefusal !== undefined)
  expect(link?.lastRefusal?.code).toBe('protocol.malformed')
})

test('a fatal refusal ends the connection with its code', async () => {
  const heard = dial(await coordinator.listen())
  await until(() => heard.connected === 1)
  const refusal = { code: 'identity.connected-elsewhere', detail: { party: 'bank' }, job: '', fatal: true }
  coordinator.streams[0]?.write({ body: 'refusal', refusal })
  await until(() => heard.lost.length === 1)
  expect(heard.lost[0]?.code).toBe('identity.connected-elsewhere')
  expect(link?.isConnected).toBe(false)
})

test('when the coordinator goes away the agent says so, sends nothing, and dials until it is back', async () => {
  const port = await coordinator.listen()
  const heard = dial(port)
  await until(() => heard.connected === 1)
  coordinator.stop()
  await until(() => heard.lost.length === 1)
  expect(heard.lost[0]?.code).toBe('transport.unavailable')
  expect(await link?.send({ body: 'beat', beat: { number: 1 } })).toBe(false)
  await coordinator.listen(port)
  await until(() => heard.connected === 2)
  expect(await link?.send({ body: 'beat', beat: { number: 1 } })).toBe(true)
})

test('a coordinator that offers only TLS 1.2 is not spoken to', async () => {
  const old = keyring.coordinator.privateKeyPem.reveal((key) =>
    createServer({
      key: Buffer.from(key),
      cert: keyring.coordinator.certificatePem,
      maxVersion: 'TLSv1.2',
      ALPNProtocols: ['h2'],
    }),
  )
  const refused = Promise.withResolvers<Error>()
  let secured = 0
  old.on('tlsClientError', (error) => refused.resolve(error))
  old.on('secureConnection', () => {
    secured += 1
  })
  await new Promise<void>((resolve) => old.listen(0, 'localhost', resolve))
  const heard = dial((old.address() as AddressInfo).port)
  expect(await refused.promise).toMatchObject({ code: expect.stringMatching(/VERSION|PROTOCOL/) })
  expect([secured, heard.connected]).toEqual([0, 0])
  old.close()
})

test('frames are delivered in order, and sending waits while the other side reads nothing', async () => {
  const heard = dial(await coordinator.listen())
  await until(() => heard.connected === 1)
  for (let number = 1; number <= 50; number++) {
    coordinator.streams[0]?.write({ body: 'peer_up', peer_up: { job: `job-${number}`, party: 'tax' } })
  }
  await until(() => heard.frames.length === 50)
  expect(heard.frames.map((frame) => frame.peer_up?.job)).toEqual(Array.from({ length: 50 }, (_, i) => `job-${i + 1}`))

  coordinator.streams[0]?.pause()
  const data = Buffer.alloc(256 * 1024)
  const chunk = { job: 'job-1', from: 'bank', to: 'tax', seq: 1, index: 0, count: 1, total_bytes: data.length, data }
  let taken = 0
  const sending = (async () => {
    for (; taken < 200; taken++) await link?.send({ body: 'chunk', chunk })
  })()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(taken).toBeLessThan(200)
  let received = 0
  coordinator.streams[0]?.on('data', (frame: AgentFrame__Output) => {
    received += frame.chunk === null ? 0 : 1
  })
  coordinator.streams[0]?.resume()
  await sending
  await until(() => received === 200)
})
