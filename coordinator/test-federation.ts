// A federation for tests: real keys in temporary homes, a real coordinator on loopback, raw agents and callers.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { createCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { createPartyHome, openPartyHome, type PartyCard, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { formatTrustBundle, makeTrustBundle } from '#crypto/identity/trust.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { loadService } from '#protos/load.ts'
import { coordinatorChannel } from '#crypto/identity/coordinator-channel.ts'
import { silentLogger } from '#runtime/log.ts'
import type { CoordinatorConfig } from './config.ts'
import { WIRE_VERSION } from './link-service.ts'
import { RawScribe } from './raw-scribe.ts'
import { type CoordinatorOverrides, type RunningCoordinator, startCoordinator } from './coordinator.ts'

export const PASSPHRASE = 'correct horse battery staple'
const FEDERATION = 'test-federation'

export interface TestFederation {
  readonly folder: string
  readonly rootPem: string
  readonly config: CoordinatorConfig
  readonly parties: ReadonlyMap<string, PartyIdentity>
}

/** Makes homes for a coordinator and these parties, and a trust bundle of all but `strangers`. */
export async function makeFederation(
  parties: readonly string[],
  strangers: readonly string[] = [],
): Promise<TestFederation> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-coordinator-'))
  const passphrase = PASSPHRASE
  const home = join(folder, 'coordinator')
  const options = { federation: FEDERATION, passphrase, hosts: ['127.0.0.1'] }
  const { rootPem, logKey } = await createCoordinatorHome(home, options)
  const identities = new Map<string, PartyIdentity>()
  const cards: PartyCard[] = []
  for (const party of [...parties, ...strangers]) {
    const card = await createPartyHome(join(folder, party), { federation: FEDERATION, party, passphrase })
    if (parties.includes(party)) cards.push(card)
    identities.set(party, await openPartyHome(join(folder, party), passphrase))
  }
  const trustBundle = join(folder, 'trust.yaml')
  writeFileSync(trustBundle, formatTrustBundle(makeTrustBundle(FEDERATION, rootPem, cards, logKey)))
  const config: CoordinatorConfig = {
    home,
    listen: '127.0.0.1:0',
    trustBundle,
    logLevel: 'silent',
    quotas: { jobBytes: 1024 ** 3, adderBytes: 512 * 1024 ** 2 },
  }
  return { folder, rootPem, config, parties: identities }
}

/** A coordinator with its own database: `name` tells the homes of one federation's coordinators apart. */
export function startTestCoordinator(
  federation: TestFederation,
  change: Partial<CoordinatorConfig> = {},
  overrides: CoordinatorOverrides = {},
): Promise<RunningCoordinator> {
  return startCoordinator({ ...federation.config, ...change }, PASSPHRASE, { log: silentLogger, ...overrides })
}

export function identityOf(federation: TestFederation, party: string): PartyIdentity {
  const identity = federation.parties.get(party)
  if (identity === undefined) throw new Error(`no party ${party} in this test`)
  return identity
}

/** Clients of the services, as the command line of this party would open them. */
export function openCaller(federation: TestFederation, party: string, address: string) {
  const { v1 } = loadService().tributary
  const channel = coordinatorChannel(identityOf(federation, party), federation.rootPem)
  return {
    jobs: new v1.Jobs(address, channel.credentials, channel.options),
    federation: new v1.Federation(address, channel.credentials, channel.options),
  }
}

/** The answer of a unary call as a promise. */
export function answerOf<T>(call: (done: (error: ServiceError | null, answer?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error === null ? resolve(answer as T) : reject(error)))
  })
}

/** An agent reduced to its stream: says what it is told and remembers what it hears. */
export class RawAgent {
  readonly party: string
  readonly frames: CoordinatorFrame__Output[] = []
  readonly stream: ClientDuplexStream<AgentFrame, CoordinatorFrame__Output>
  error: ServiceError | undefined
  ended = false
  readonly #scribe: RawScribe
  readonly #close: () => void
  #wake: (() => void)[] = []

  constructor(federation: TestFederation, identity: PartyIdentity, address: string) {
    const { v1 } = loadService().tributary
    // a channel of its own: two agents of one party must not share a connection
    const channel = coordinatorChannel(identity, federation.rootPem)
    const client = new v1.AgentLink(address, channel.credentials, {
      ...channel.options,
      'grpc.use_local_subchannel_pool': 1,
    })
    this.party = identity.party
    this.stream = client.Connect() as ClientDuplexStream<AgentFrame, CoordinatorFrame__Output>
    const keyOf = (party: string) => identityOf(federation, party).signingPublicKey
    this.#scribe = new RawScribe(identity, keyOf, (frame) => this.stream.write(frame))
    this.stream.on('data', (frame: CoordinatorFrame__Output) => {
      this.frames.push(frame)
      this.#scribe.heard(frame)
      this.#notify()
    })
    this.stream.on('error', (error: ServiceError) => {
      this.error = error
      this.#notify()
    })
    this.stream.on('end', () => {
      this.ended = true
      this.#notify()
    })
    this.#close = () => client.close()
  }

  /** What an agent must state in the round log before it says this is stated. */
  say(frame: AgentFrame): void {
    this.#scribe.saying(frame)
    this.stream.write(frame)
  }

  /** Resolves when the transport took it: the way to feel back-pressure. */
  async sayAndFlush(frame: AgentFrame): Promise<void> {
    if (!this.stream.write(frame)) await new Promise((resolve) => this.stream.once('drain', resolve))
  }

  hello(jobs: readonly string[] = []): void {
    this.say({ hello: { wire_version: WIRE_VERSION, party: this.party, software: 'test', jobs: [...jobs] } })
    this.#scribe.greeted()
  }

  /** Waits until `find` gives something over the frames heard so far. */
  async until<T>(find: (frames: CoordinatorFrame__Output[]) => T | undefined | false, what = ''): Promise<T> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const found = find(this.frames)
      if (found !== undefined && found !== false) return found
      if (Date.now() > deadline) {
        const heard = this.frames.map((frame) => frame.body).join(' ')
        throw new Error(`${this.party} waited for ${what || find.toString()}; heard ${heard}; ${this.error?.message}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve)
        setTimeout(resolve, 100)
      })
    }
  }

  /** The first frame of this kind, and with these fields. */
  heard<K extends NonNullable<CoordinatorFrame__Output['body']>>(
    body: K,
    fields: object = {},
  ): Promise<NonNullable<CoordinatorFrame__Output[K]>> {
    const matches = (value: object) =>
      Object.entries(fields).every(([key, expected]) => (value as Record<string, unknown>)[key] === expected)
    const find = (frames: CoordinatorFrame__Output[]) =>
      frames.map((frame) => frame[body]).find((value) => value !== undefined && value !== null && matches(value))
    return this.until(find, `${body} ${JSON.stringify(fields)}`) as Promise<NonNullable<CoordinatorFrame__Output[K]>>
  }

  failed(): Promise<ServiceError> {
    return this.until(() => this.error, 'an error')
  }

  leave(): void {
    this.stream.cancel()
    this.#close()
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

/** Connects and waits for the welcome. */
export async function connectAgent(
  federation: TestFederation,
  party: string,
  address: string,
  jobs: readonly string[] = [],
): Promise<RawAgent> {
  const agent = new RawAgent(federation, identityOf(federation, party), address)
  agent.hello(jobs)
  await agent.heard('welcome')
  const columns = [`${party}_a`, `${party}_b`]
  const label = party === 'bank' ? 'bad' : ''
  agent.say({ catalog: { datasets: [{ name: `${party}_rows`, id_kind: 'plain', rows: 1000, columns, label }] } })
  agent.say({ beat: { number: 1 } })
  await agent.heard('beat', { number: 1 })
  return agent
}

let specs = 0

/** Signed bytes of a job between the bank and these hosts; each call is another job. */
export function signedSpec(
  federation: TestFederation,
  hosts: readonly string[],
  change: { readonly [Key in keyof JobSpec]?: unknown } = {},
): { job_spec: Buffer; signature: Buffer } {
  specs += 1
  const spec = {
    version: 1,
    name: `test job ${specs}`,
    guest: { party: 'bank', dataset: 'bank_rows' },
    hosts: hosts.map((party) => ({ party, dataset: `${party}_rows` })),
    train: { rounds: 2 },
    ...change,
  }
  const job_spec = Buffer.from(JSON.stringify(spec))
  return { job_spec, signature: Buffer.from(identityOf(federation, 'bank').sign('job-spec', job_spec)) }
}
