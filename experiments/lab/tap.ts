// For tests: a wire tap between the agents and the coordinator of a lab. It ends TLS on both sides with the lab's own
// keys, so it sees what the coordinator sees (HTTP/2 and gRPC, with sealed envelopes inside), and the raw bytes too.
// A lab has everybody's keys on one machine; nobody in a real federation could build this.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { openCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { parseAgentId } from '#crypto/identity/names.ts'
import { openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import type { LabHomes } from './homes.ts'

export interface Tap extends AsyncDisposable {
  readonly address: string
  /** every byte as it crossed the network, both directions of all connections one after the other */
  encrypted(): Buffer
  /** payloads of the HTTP/2 streams, each stream and direction in one piece: gRPC messages back to back */
  plain(): Buffer
  /** breaks all connections, as a network that fails would */
  cut(): void
}

/** @param coordinator host:port that the tap forwards to */
export async function startTap(homes: LabHomes, coordinator: string): Promise<Tap> {
  const identities = new Map<string, PartyIdentity>()
  for (const { name, home, passphrase } of Object.values(homes.parties)) {
    identities.set(name, await openPartyHome(home, passphrase))
  }
  const root = await readFile(join(homes.coordinator.home, 'keys', 'root.pem'), 'utf8')
  const server = await openCoordinatorHome(homes.coordinator.home, homes.coordinator.passphrase)
  const serverContext = server.privateKeyPem.reveal((key) =>
    createSecureContext({ cert: server.certificatePem, key: Buffer.from(key), minVersion: 'TLSv1.3' }),
  )
  const coordinatorPort = Number(coordinator.slice(coordinator.lastIndexOf(':') + 1))
  const raw: Buffer[] = []
  const streams: Http2Recorder[] = []
  const sockets = new Set<Socket>()

  const listener = createServer((incoming) => {
    track(sockets, incoming)
    const outer = new TLSSocket(incoming, {
      isServer: true,
      secureContext: serverContext,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    })
    outer.on('error', () => incoming.destroy())
    outer.once('secure', () => {
      const identity = identities.get(partyOf(outer) ?? '')
      if (identity === undefined) return incoming.destroy()
      const upstream = connect(coordinatorPort, '127.0.0.1')
      track(sockets, upstream)
      const inner = identity.tlsPrivateKeyPem.reveal((key) =>
        connectTls({
          socket: upstream,
          host: '127.0.0.1',
          ca: root,
          cert: identity.tlsCertificatePem,
          key: Buffer.from(key),
          ALPNProtocols: ['h2'],
          minVersion: 'TLSv1.3',
        }),
      )
      joinSides(outer, inner, streams)
    })
  })
  const innerPort = await listen(listener)
  // A TLS socket reads past the socket under it: the raw bytes are recorded by a forwarder of their own.
  const forwarder = createServer((incoming) => {
    const onward = connect(innerPort, '127.0.0.1')
    for (const [from, to] of [
      [incoming, onward],
      [onward, incoming],
    ] as const) {
      track(sockets, from)
      from.on('data', (bytes: Buffer) => raw.push(bytes))
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  const port = await listen(forwarder)
  return {
    address: `localhost:${port}`,
    encrypted: () => Buffer.concat(raw),
    plain: () => Buffer.concat(streams.flatMap((stream) => stream.payloads())),
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    [Symbol.asyncDispose]: () => close([forwarder, listener], sockets),
  }
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
}

function partyOf(socket: TLSSocket): string | undefined {
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? undefined : parseAgentId(new X509Certificate(raw).subjectAltName ?? '')?.party
}

/** Joins two connections with back-pressure and records both directions. */
function joinSides(outer: TLSSocket, inner: TLSSocket, streams: Http2Recorder[]): void {
  for (const [from, to, preface] of [
    [outer, inner, true],
    [inner, outer, false],
  ] as const) {
    const recorder = new Http2Recorder(preface)
    streams.push(recorder)
    from.on('data', (bytes: Buffer) => recorder.add(bytes))
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(servers: readonly Server[], sockets: Set<Socket>): Promise<void> {
  const closed = servers.filter((server) => server.listening).map((server) => once(server, 'close'))
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
  await Promise.all(closed)
}

const PREFACE_BYTES = 24
const FRAME_HEAD_BYTES = 9
const DATA_FRAME = 0

/** Takes an HTTP/2 connection apart into the payloads of its streams (RFC 9113, section 4.1). */
export class Http2Recorder {
  readonly #streams = new Map<number, Buffer[]>()
  #rest = Buffer.alloc(0)
  #toSkip: number

  /** @param preface true for the direction of the client, which starts with the connection preface */
  constructor(preface: boolean) {
    this.#toSkip = preface ? PREFACE_BYTES : 0
  }

  add(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (this.#toSkip > 0) {
      if (this.#rest.length < this.#toSkip) return
      this.#rest = this.#rest.subarray(this.#toSkip)
      this.#toSkip = 0
    }
    while (this.#rest.length >= FRAME_HEAD_BYTES) {
      const length = this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < FRAME_HEAD_BYTES + length) return
      const payload = this.#rest.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length)
      // headers are kept too, each frame by itself: a value in a header would be a leak like any other
      const stream = this.#rest[3] === DATA_FRAME ? this.#rest.readUInt32BE(5) & 0x7fffffff : -1
      const kept = this.#streams.get(stream) ?? []
      kept.push(payload)
      this.#streams.set(stream, kept)
      this.#rest = this.#rest.subarray(FRAME_HEAD_BYTES + length)
    }
  }

  payloads(): Buffer[] {
    return [...this.#streams.values()].map((parts) => Buffer.concat(parts))
  }
}
