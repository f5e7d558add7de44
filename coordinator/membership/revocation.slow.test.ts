// Revocation at a running coordinator: what is open is closed, what is new is refused, and the list is handed on.
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { extendRevocation, parseRevocation, signRevocation } from '#crypto/identity/revocation.ts'
import type { RevocationView__Output } from '#protos/gen/tributary/v1/RevocationView.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import type { RunningCoordinator } from '../coordinator.ts'
import {
  answerOf,
  connectAgent,
  identityOf,
  makeFederation,
  openCaller,
  RawAgent,
  startTestCoordinator,
  type TestFederation,
} from '../test-federation.ts'

const NAME = 'test-federation'
let federation: TestFederation
let coordinator: RunningCoordinator

beforeEach(async () => {
  federation = await makeFederation(['bank', 'tax', 'land'])
  coordinator = await startTestCoordinator(federation)
})
afterEach(() => coordinator.close())

async function revoke(
  as: string,
  party: string,
  serials: readonly string[] = [],
  edition = 1,
): Promise<RevocationView__Output> {
  const caller = openCaller(federation, as, coordinator.address)
  const fresh = extendRevocation(NAME, party, undefined, { serials, wholeParty: serials.length === 0 })
  const list = JSON.stringify(signRevocation(identityOf(federation, as), { ...fresh, edition }))
  try {
    return await answerOf((done) => caller.federation.Revoke({ list }, done as never))
  } finally {
    caller.federation.close()
    caller.jobs.close()
  }
}

const serialOf = (party: string) => new X509Certificate(identityOf(federation, party).tlsCertificatePem).serialNumber

test('an open connection of a revoked certificate is closed, and the next one is refused; others stay', async () => {
  const tax = await connectAgent(federation, 'tax', coordinator.address)
  const bank = await connectAgent(federation, 'bank', coordinator.address)
  await revoke('tax', 'tax', [serialOf('tax')])
  expect(fromServiceError(await tax.failed()).code).toBe('transport.unavailable')
  const again = new RawAgent(federation, identityOf(federation, 'tax'), coordinator.address)
  again.hello()
  expect(fromServiceError(await again.failed()).code).toBe('identity.revoked')
  expect(coordinator.relay.outletOf('tax')).toBeUndefined()
  const update = await bank.heard('trust_update')
  expect(parseRevocation(update.revocations[0] ?? '')).toMatchObject({ party: 'tax', serials: [serialOf('tax')] })
  expect(bank.error).toBeUndefined()
  bank.leave()
})

test('a party is revoked by two thirds of the parties, and by less than that not', async () => {
  const tax = await connectAgent(federation, 'tax', coordinator.address)
  const first = await revoke('bank', 'tax')
  expect(first).toMatchObject({ list: '', signed: ['bank'], needed: 2 })
  expect(await revoke('bank', 'tax')).toMatchObject({ list: '', signed: ['bank'] })
  // another wording of the other party does not add up with it
  expect(await revoke('land', 'tax', ['AB'])).toMatchObject({ list: '' })
  expect(tax.error).toBeUndefined()
  const second = await revoke('land', 'tax')
  expect(parseRevocation(second.list)).toMatchObject({ party: 'tax', wholeParty: true })
  await tax.failed()
})

test('a revocation outlives the coordinator', async () => {
  await revoke('tax', 'tax', [serialOf('tax')])
  await revoke('bank', 'land')
  await coordinator.close()
  coordinator = await startTestCoordinator(federation)
  const tax = new RawAgent(federation, identityOf(federation, 'tax'), coordinator.address)
  tax.hello()
  expect(fromServiceError(await tax.failed()).code).toBe('identity.revoked')
  const waiting = await answerOf<RevocationView__Output>((done) =>
    openCaller(federation, 'bank', coordinator.address).federation.Revocations({ party: 'land' }, done as never),
  )
  expect(parseRevocation(waiting.pending)).toMatchObject({ party: 'land', wholeParty: true })
  expect(waiting.signed).toEqual(['bank'])
})

test('no TLS session is resumed, so that every connection shows its certificate', async () => {
  const { tlsCertificatePem, tlsPrivateKeyPem } = identityOf(federation, 'bank')
  const [host, port] = coordinator.address.split(':') as [string, string]
  const open = async (session?: Buffer) => {
    const socket = connect({
      host,
      port: Number(port),
      servername: `coordinator.${NAME}`,
      ca: federation.rootPem,
      cert: tlsCertificatePem,
      key: tlsPrivateKeyPem.reveal((key) => Buffer.from(key)),
      ALPNProtocols: ['h2'],
      ...(session === undefined ? {} : { session }),
    })
    let last: Buffer | undefined
    socket.on('session', (given) => {
      last = given
    })
    await new Promise((resolve) => socket.once('data', resolve)) // the server's settings come after its sessions
    const reused = socket.isSessionReused()
    socket.destroy()
    return { last, reused }
  }
  const first = await open()
  expect(first.reused).toBe(false)
  expect((await open(first.last)).reused).toBe(false)
})
