// Who may call what: every RPC of every service, by every kind of caller that must be refused, with the exact code and
// no change of what the coordinator keeps. The list of RPCs comes from the service definitions: a new one has no row
// here, and the first test says so.
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createSecureContext } from 'node:tls'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issueTlsCertificate } from '#crypto/identity/certificates.ts'
import { coordinatorChannel } from '#crypto/identity/coordinator-channel.ts'
import { bytesOf, openKeysFolder, textOf } from '#crypto/identity/home.ts'
import { agentId } from '#crypto/identity/names.ts'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { extendRevocation, signRevocation } from '#crypto/identity/revocation.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { loadService } from '#protos/load.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import { Secret } from '#runtime/secret.ts'
import { WIRE_VERSION } from './link-service.ts'
import type { RunningCoordinator } from './coordinator.ts'
import {
  answerOf,
  connectAgent,
  identityOf,
  makeFederation,
  openCaller,
  PASSPHRASE,
  signedSpec,
  startTestCoordinator,
  type TestFederation,
} from './test-federation.ts'

const DAY_MS = 86_400_000
let federation: TestFederation
let coordinator: RunningCoordinator
let job = ''
let submitted: { job_spec: Buffer; signature: Buffer }
const callers = new Map<string, PartyIdentity>()

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax', 'land', 'gone'], ['stranger'])
  // the clock stands still, so that no deadline of the job changes the state meanwhile
  const start = Date.now()
  coordinator = await startTestCoordinator(federation, {}, { now: () => start })
  for (const party of ['bank', 'tax']) (await connectAgent(federation, party, coordinator.address)).leave()
  const bank = openCaller(federation, 'bank', coordinator.address)
  submitted = signedSpec(federation, ['tax'])
  const view = await answerOf<JobView__Output>((done) => bank.jobs.Submit(submitted, done as never))
  job = view.job
  const now = Date.now()
  callers.set('of a foreign root', identityOf(federation, 'stranger'))
  callers.set('of our name from a foreign root', await withCertificate('bank', 'stranger', {}))
  callers.set('of our name from the root of another member', await withCertificate('bank', 'tax', {}))
  callers.set('expired', await withCertificate('bank', 'bank', { now: new Date(now - 30 * DAY_MS), days: 7 }))
  callers.set('not valid yet', await withCertificate('bank', 'bank', { now: new Date(now + 30 * DAY_MS), days: 7 }))
  callers.set('revoked', await withCertificate('bank', 'bank', {}))
  callers.set('of a revoked party', identityOf(federation, 'gone'))
  const serial = new X509Certificate(callers.get('revoked')?.tlsCertificatePem ?? '').serialNumber
  for (const [party, serials] of [
    ['bank', [serial]],
    ['gone', []],
  ] as const) {
    const list = extendRevocation('test-federation', party, undefined, { serials, wholeParty: serials.length === 0 })
    const asParty = openCaller(federation, party, coordinator.address)
    const text = JSON.stringify(signRevocation(identityOf(federation, party), list))
    await answerOf((done) => asParty.federation.Revoke({ list: text }, done as never))
    asParty.federation.close()
  }
  bank.jobs.close()
})
afterAll(() => coordinator.close())

/** A TLS certificate in the name of `party`, issued by the root of `issuer`. */
async function withCertificate(party: string, issuer: string, times: { now?: Date; days?: number }) {
  const keystore = await openKeysFolder(join(federation.folder, issuer), 'party', PASSPHRASE)
  const root = { pem: textOf(keystore, 'root-certificate'), privateKey: bytesOf(keystore, 'root-key') }
  const subject = { kind: 'client', name: party, uri: agentId('test-federation', party) } as const
  const { pem, privateKeyPem } = await issueTlsCertificate({ root, subject, ...times })
  const tlsPrivateKeyPem = new Secret('tls-key', Buffer.from(privateKeyPem))
  return { ...identityOf(federation, party), tlsCertificatePem: pem, tlsPrivateKeyPem }
}

interface Method {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly requestSerialize: (value: never) => Buffer
}

/** Every RPC that the coordinator could serve. */
function methods(): Map<string, Method> {
  const ours = Object.values(loadService().tributary.v1).flatMap((entry) => ('service' in entry ? [entry.service] : []))
  const all = [...ours, healthService].flatMap((service) => Object.values(service) as unknown as Method[])
  return new Map(all.map((method) => [method.path, method]))
}

/** How the call of this identity (or of nobody) with this body was refused: a code of ours, else the gRPC status. */
function refusalOf(path: string, caller: PartyIdentity | undefined, body: object | Buffer): Promise<string> {
  const method = methods().get(path) as Method
  const channel = coordinatorChannel(caller ?? identityOf(federation, 'bank'), federation.rootPem)
  const anonymous = () => credentials.createFromSecureContext(createSecureContext({ ca: federation.rootPem }))
  const client = new Client(coordinator.address, caller === undefined ? anonymous() : channel.credentials, {
    ...channel.options,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
  })
  const serialize = (value: object | Buffer) =>
    Buffer.isBuffer(value) ? value : method.requestSerialize(value as never)
  const deserialize = (bytes: Buffer) => bytes
  return new Promise<string>((resolve) => {
    const end = (error: ServiceError | null) => {
      client.close()
      if (error === null) return resolve('no refusal')
      const { code } = fromServiceError(error)
      resolve(code === 'internal.unexpected' ? (status[error.code] as string) : code)
    }
    if (!method.requestStream && !method.responseStream) {
      client.makeUnaryRequest(path, serialize, deserialize, body, (error) => end(error))
      return
    }
    const call = method.requestStream
      ? client.makeBidiStreamRequest(path, serialize, deserialize)
      : client.makeServerStreamRequest(path, serialize, deserialize, body)
    call.on('error', end)
    call.on('data', () => {
      call.removeAllListeners('error').on('error', () => undefined)
      call.cancel()
      end(null)
    })
    if (call instanceof Writable) call.write(body)
  })
}

/** SHA-256 over every file that the coordinator keeps but its keys. */
function stateHash(): string {
  const hash = createHash('sha256')
  const visit = (folder: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name)
      // the shared-memory index of SQLite is no state
      if (name === 'keys' || name.endsWith('-shm')) continue
      if (statSync(path).isDirectory()) visit(path)
      else hash.update(`${path}\0`).update(readFileSync(path))
    }
  }
  visit(federation.config.home)
  return hash.digest('hex')
}

const V1 = '/tributary.v1.'
const hello = (change: object = {}) => ({
  hello: { wire_version: WIRE_VERSION, party: 'bank', software: 'x', jobs: [], ...change },
})
const as = (party: string) => () => identityOf(federation, party)
const nobody = () => undefined

/** One more refusal of an RPC than those of bad certificates: who calls, with what, and the code. */
interface Refusal {
  readonly what: string
  readonly caller: () => PartyIdentity | undefined
  readonly body: () => object | Buffer
  readonly code: string
}
interface Row {
  /** a request that would be answered if the caller were a member */
  readonly valid: () => object
  /** callers without a certificate are let through to the handler */
  readonly open?: true
  readonly refusals: readonly Refusal[]
}

const tooLarge = (caller: Refusal['caller'] = as('bank')): Refusal => {
  return {
    what: 'a message beyond the limit',
    caller,
    body: () => randomBytes(400 * 1024),
    code: 'transport.too-large',
  }
}
/** field 1, length 100, no bytes */
const malformed = (caller: Refusal['caller'] = as('bank')): Refusal => {
  return { what: 'bytes that are no message', caller, body: () => Buffer.from([0x0a, 0x64]), code: 'INTERNAL' }
}
const jobRefusals = (): Refusal[] => [
  { what: 'a job of others', caller: as('land'), body: () => ({ job }), code: 'job.unknown' },
  { what: 'a job that never was', caller: as('bank'), body: () => ({ job: 'job-0' }), code: 'job.unknown' },
  tooLarge(),
  malformed(),
]
const revocation = (party: string, signer: string, edition = 1) => {
  const list = extendRevocation('test-federation', party, undefined, { serials: ['AB'], wholeParty: false })
  return { list: JSON.stringify(signRevocation(identityOf(federation, signer), { ...list, edition })) }
}

const ROWS: Readonly<Record<string, Row>> = {
  [`${V1}AgentLink/Connect`]: {
    valid: () => hello(),
    refusals: [
      { what: 'in the name of another party', caller: as('tax'), body: () => hello(), code: 'identity.wrong-party' },
      {
        what: 'another wire version',
        caller: as('bank'),
        body: () => hello({ wire_version: 9 }),
        code: 'protocol.version',
      },
      { what: 'no greeting', caller: as('bank'), body: () => ({ beat: { number: 1 } }), code: 'protocol.malformed' },
      tooLarge(),
      malformed(),
    ],
  },
  [`${V1}Jobs/Submit`]: {
    valid: () => signedSpec(federation, ['tax']),
    refusals: [
      { what: 'the same job again', caller: as('bank'), body: () => submitted, code: 'job.exists' },
      { what: 'by a host', caller: as('tax'), body: () => submitted, code: 'identity.wrong-party' },
      { what: 'by a party outside', caller: as('land'), body: () => submitted, code: 'identity.wrong-party' },
      {
        what: 'with a signature of other bytes',
        caller: as('bank'),
        body: () => ({ ...submitted, job_spec: signedSpec(federation, ['tax']).job_spec }),
        code: 'job.bad-signature',
      },
      {
        what: 'a spec beyond the limit',
        caller: as('bank'),
        body: () => ({ ...submitted, job_spec: Buffer.alloc(230 * 1024, 0x20) }),
        code: 'job.invalid',
      },
      {
        what: 'a spec that is none',
        caller: as('bank'),
        body: () => ({ job_spec: Buffer.from('{') }),
        code: 'job.invalid',
      },
      tooLarge(),
      malformed(),
    ],
  },
  [`${V1}Jobs/Get`]: { valid: () => ({ job }), refusals: jobRefusals() },
  [`${V1}Jobs/Watch`]: { valid: () => ({ job }), refusals: jobRefusals() },
  [`${V1}Jobs/Cancel`]: {
    valid: () => ({ job }),
    refusals: [
      { what: 'by a host', caller: as('tax'), body: () => ({ job }), code: 'identity.wrong-party' },
      ...jobRefusals(),
    ],
  },
  [`${V1}Jobs/List`]: { valid: () => ({ limit: 5 }), refusals: [tooLarge(), malformed()] },
  [`${V1}Federation/Describe`]: { valid: () => ({}), refusals: [tooLarge(), malformed()] },
  [`${V1}Federation/Revocations`]: { valid: () => ({ party: 'tax' }), refusals: [tooLarge(), malformed()] },
  [`${V1}Federation/Revoke`]: {
    valid: () => revocation('land', 'land'),
    refusals: [
      {
        what: 'signed by another',
        caller: as('bank'),
        body: () => revocation('tax', 'tax'),
        code: 'revocation.unsigned',
      },
      { what: 'of a stranger', caller: as('bank'), body: () => revocation('x', 'bank'), code: 'identity.unknown' },
      { what: 'an older list', caller: as('bank'), body: () => revocation('bank', 'bank'), code: 'revocation.stale' },
      { what: 'no list', caller: as('bank'), body: () => ({ list: '{}' }), code: 'protocol.malformed' },
      tooLarge(),
      malformed(),
    ],
  },
  [`${V1}Enrolment/Join`]: {
    valid: () => ({}),
    open: true,
    refusals: [
      { what: 'no card', caller: nobody, body: () => ({ invitation: '00', token: 'x' }), code: 'config.invalid' },
      {
        what: 'no invitation',
        caller: nobody,
        body: () => ({
          invitation: '0'.repeat(16),
          token: 'x',
          card: readFileSync(join(federation.folder, 'stranger', 'keys', 'card.json'), 'utf8'),
        }),
        code: 'enrolment.unknown',
      },
      { what: 'long fields', caller: nobody, body: () => ({ token: 'x'.repeat(65) }), code: 'protocol.malformed' },
      tooLarge(nobody),
      malformed(nobody),
    ],
  },
  [`${V1}Enrolment/Show`]: {
    valid: () => ({}),
    open: true,
    refusals: [
      {
        what: 'without a signature',
        caller: nobody,
        body: () => ({ party: 'bank', time: new Date().toISOString() }),
        code: 'identity.unknown',
      },
      { what: 'long fields', caller: nobody, body: () => ({ party: 'x'.repeat(65) }), code: 'protocol.malformed' },
      tooLarge(nobody),
      malformed(nobody),
    ],
  },
  [`${V1}Enrolment/Confirm`]: {
    valid: () => ({}),
    open: true,
    refusals: [
      { what: 'nothing proposed', caller: nobody, body: () => ({ party: 'bank' }), code: 'enrolment.no-proposal' },
      { what: 'long fields', caller: nobody, body: () => ({ digest: 'x'.repeat(65) }), code: 'protocol.malformed' },
      tooLarge(nobody),
      malformed(nobody),
    ],
  },
  '/grpc.health.v1.Health/Check': { valid: () => ({ service: '' }), refusals: [tooLarge(), malformed()] },
  '/grpc.health.v1.Health/List': { valid: () => ({}), refusals: [tooLarge(), malformed()] },
  '/grpc.health.v1.Health/Watch': { valid: () => ({ service: '' }), refusals: [tooLarge(), malformed()] },
}

const BAD_CERTIFICATES: readonly (readonly [caller: string, code: string])[] = [
  ['without a certificate', 'identity.unknown'],
  ['of a foreign root', 'identity.unknown'],
  ['of our name from a foreign root', 'identity.unknown'],
  ['of our name from the root of another member', 'identity.wrong-party'],
  ['expired', 'identity.expired'],
  ['not valid yet', 'identity.expired'],
  ['revoked', 'identity.revoked'],
  ['of a revoked party', 'identity.revoked'],
]

test('every RPC of every service has its rows', () => {
  expect(Object.keys(ROWS).sort()).toEqual([...methods().keys()].sort())
})

describe.each(Object.entries(ROWS).filter(([, row]) => row.open !== true))('%s', (path, row) => {
  test.each(BAD_CERTIFICATES)('a caller %s is refused with %s', async (caller, code) => {
    const before = stateHash()
    expect(await refusalOf(path, callers.get(caller), row.valid())).toBe(code)
    expect(stateHash()).toBe(before)
  })
})

describe.each(Object.entries(ROWS))('%s', (path, row) => {
  test.each(row.refusals.map((refusal) => [refusal.what, refusal.code, refusal] as const))(
    '%s is refused with %s',
    async (_, code, { caller, body }) => {
      const before = stateHash()
      expect(await refusalOf(path, caller(), body())).toBe(code)
      expect(stateHash()).toBe(before)
    },
  )
})

test('a list of jobs shows a party its own only', async () => {
  const land = openCaller(federation, 'land', coordinator.address)
  expect(await answerOf((done) => land.jobs.List({ limit: 10 }, done as never))).toEqual({ jobs: [] })
  land.jobs.close()
})

test('the same requests of a member are answered', async () => {
  for (const [path, row] of Object.entries(ROWS).filter(([, { open }]) => open !== true)) {
    const caller = path.endsWith('/Revoke') ? 'land' : 'bank'
    expect([path, await refusalOf(path, identityOf(federation, caller), row.valid())]).toEqual([path, 'no refusal'])
  }
})
