// For tests: a coordinator that follows a script, so that it can say what the real one never says. Real keys, real TLS.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import {
  type CoordinatorIdentity,
  createCoordinatorHome,
  openCoordinatorHome,
} from '#crypto/identity/coordinator-home.ts'
import { createPartyHome, openPartyHome, type PartyCard, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { makeTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import type { AgentFrame__Output } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import { loadService } from '#protos/load.ts'
import { SERVER_OPTIONS } from '#runtime/grpc-options.ts'
import { WIRE_VERSION } from './coordinator-link.ts'

export const FEDERATION = 'test-federation'
export const WELCOME = {
  wire_version: WIRE_VERSION,
  federation: FEDERATION,
  coordinator_time: '',
  max_chunk_bytes: 262_144,
}

export type AgentStream = ServerDuplexStream<AgentFrame__Output, CoordinatorFrame>

export interface TestKeyring extends AsyncDisposable {
  readonly folder: string
  readonly coordinator: CoordinatorIdentity
  readonly parties: Readonly<Record<string, PartyIdentity>>
  readonly trust: TrustBundle
}

/** Makes keys for a coordinator and these parties. Slow on purpose, as key stores are: once a file is enough. */
export async function makeKeyring(names: readonly string[]): Promise<TestKeyring> {
  const folder = await mkdtemp(join(tmpdir(), 'scripted-'))
  const common = { federation: FEDERATION, passphrase: 'a long passphrase' }
  const home = join(folder, 'coordinator')
  await createCoordinatorHome(home, { ...common, hosts: ['localhost', '127.0.0.1'] })
  const coordinator = await openCoordinatorHome(home, common.passphrase)
  const parties: Record<string, PartyIdentity> = {}
  const cards: PartyCard[] = []
  for (const party of names) {
    cards.push(await createPartyHome(join(folder, party), { ...common, party }))
    parties[party] = await openPartyHome(join(folder, party), common.passphrase)
  }
  const trust = makeTrustBundle(FEDERATION, coordinator.rootPem, cards, coordinator.logKey)
  const dispose = () => rm(folder, { recursive: true, force: true })
  return { folder, coordinator, parties, trust, [Symbol.asyncDispose]: dispose }
}

export class ScriptedCoordinator {
  readonly streams: AgentStream[] = []
  /** every frame after the greeting */
  readonly frames: AgentFrame__Output[] = []
  /** what happens at the first frame of each stream */
  greet: (stream: AgentStream, hello: AgentFrame__Output) => void = (stream) =>
    stream.write({ body: 'welcome', welcome: WELCOME })
  /** hears each frame after the greeting at once */
  onFrame: (frame: AgentFrame__Output) => void = () => undefined
  readonly #keyring: TestKeyring
  #server: Server | undefined

  constructor(keyring: TestKeyring) {
    this.#keyring = keyring
  }

  /** @returns the port */
  listen(port = 0): Promise<number> {
    const server = new Server(SERVER_OPTIONS)
    this.#server = server
    server.addService(loadService().tributary.v1.AgentLink.service, {
      Connect: (stream: AgentStream) => this.#serve(stream),
    })
    const { coordinator, parties } = this.#keyring
    const roots = Object.values(parties).map((party) => party.rootPem)
    const secure = coordinator.privateKeyPem.reveal((key) => {
      const pair = { cert_chain: Buffer.from(coordinator.certificatePem), private_key: Buffer.from(key) }
      return ServerCredentials.createSsl(Buffer.from(roots.join('\n')), [pair], true)
    })
    return new Promise((resolve, reject) => {
      server.bindAsync(`localhost:${port}`, secure, (error, bound) => (error === null ? resolve(bound) : reject(error)))
    })
  }

  say(frame: CoordinatorFrame): void {
    this.streams.at(-1)?.write(frame)
  }

  /** The first frame for which `find` gives something, now or later. */
  async heard<T>(find: (frame: AgentFrame__Output) => T | null | undefined): Promise<T> {
    for (;;) {
      for (const frame of this.frames) {
        const found = find(frame)
        if (found !== undefined && found !== null) return found
      }
      await pause()
    }
  }

  stop(): void {
    this.#server?.forceShutdown()
  }

  #serve(stream: AgentStream): void {
    this.streams.push(stream)
    let greeted = false
    stream.on('data', (frame: AgentFrame__Output) => {
      if (greeted) this.frames.push(frame)
      else this.greet(stream, frame)
      if (greeted) this.onFrame(frame)
      greeted = true
    })
    stream.on('error', () => undefined) // a forced shutdown
    stream.on('end', () => stream.end())
  }
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause()
}

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
