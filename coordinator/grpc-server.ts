// The gRPC server: TLS 1.3, a wide receive window, bounded headers. Client certificates are asked for; whoever has none
// that counts gets as far as the call gate (caller.ts), which lets it through to the enrolment service only.
import { constants } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import tls, { TLSSocket } from 'node:tls'
import { Server, ServerCredentials, type ServerDuplexStream, type ServerInterceptor } from '@grpc/grpc-js'
import { PlatformError } from '#runtime/errors.ts'
import { SERVER_OPTIONS, WINDOW_BYTES } from '#runtime/grpc-options.ts'

// grpc-js has no option for it, so it is set for the process: nothing here speaks an older version.
tls.DEFAULT_MIN_VERSION = 'TLSv1.3'

const MAX_HEADER_BYTES = 16 * 1024
const HANDSHAKE_TIMEOUT_MS = 5_000
/**
 * From a change of trust to the sweep that follows: whoever revokes itself hears that it is done. A connection younger than that
 * was opened after the change, and is left to the call gate, which says why it refuses.
 */
export const ANSWER_MS = 2_000
/** for a connection without a certificate: enrolment is a few calls */
const ANONYMOUS_MS = 60_000

/** The private members of grpc-js's server that this file relies on; its version is pinned, and a test watches them. */
interface ServerInternals {
  commonServerOptions: Record<string, unknown>
  createHttp2Server(credentials: ServerCredentials): EventEmitter & Pick<tls.Server, 'setSecureContext'>
}

/** Connections of a server while it runs, and the roots that it believes client certificates by. */
export class Connections {
  readonly #sessions = new Map<ServerHttp2Session, number>()
  readonly #servers = new Set<Pick<tls.Server, 'setSecureContext'>>()

  #refusing = false

  opened(session: ServerHttp2Session): void {
    if (this.#refusing) return session.destroy()
    this.#sessions.set(session, Date.now())
    session.once('close', () => this.#sessions.delete(session))
  }

  /** Ends what is open and what was just being opened: gRPC's shutdown would wait for the latter for ever. */
  refuse(): void {
    this.#refusing = true
    for (const session of this.#sessions.keys()) session.destroy()
  }

  listening(server: Pick<tls.Server, 'setSecureContext'>): void {
    this.#servers.add(server)
  }

  /** For new connections; those that are open keep the verdict they had. */
  believe(options: tls.SecureContextOptions): void {
    const secureOptions = constants.SSL_OP_NO_TICKET
    for (const server of this.#servers) server.setSecureContext({ ...options, secureOptions, minVersion: 'TLSv1.3' })
  }

  /**
   * Destroys every connection older than ANSWER_MS whose certificate `verify` refuses now, with all its streams, and
   * connections without a certificate after ANONYMOUS_MS.
   * @returns the reasons of those with a certificate
   */
  async sweep(verify: (socket: TLSSocket) => Promise<unknown>): Promise<unknown[]> {
    const reasons: unknown[] = []
    for (const [session, since] of this.#sessions) {
      const age = Date.now() - since
      if (age < ANSWER_MS) continue
      const socket: unknown = session.destroyed ? undefined : session.socket
      // grpc-js and Node hand out a proxy of the socket, which instanceof sees through
      if (!(socket instanceof TLSSocket)) continue
      if (socket.getPeerCertificate().raw === undefined) {
        if (age > ANONYMOUS_MS) session.destroy()
        continue
      }
      await verify(socket).catch((reason: unknown) => {
        reasons.push(reason)
        session.destroy()
      })
    }
    return reasons
  }
}

/** A server without services, not bound yet. */
export function makeServer(interceptors: ServerInterceptor[] = [], connections = new Connections()): Server {
  const server = new Server({ ...SERVER_OPTIONS, interceptors })
  widenServerWindow(server, connections)
  return server
}

/**
 * The connection of a call. gRPC itself shows a certificate only when OpenSSL liked it, and then not why it did not.
 * @throws PlatformError internal.unexpected when this version of grpc-js is built differently
 */
export function socketOf(call: unknown): TLSSocket | undefined {
  // handlers hold the call of the innermost interceptor, each of which holds the next one
  type Layer = { call?: Layer; nextCall?: Layer; stream?: { session?: { socket?: unknown } } }
  let layer = call as Layer | undefined
  while (layer !== undefined && layer.stream === undefined) layer = layer.nextCall ?? layer.call
  if (layer === undefined)
    throw new PlatformError('internal.unexpected', { problem: 'grpc-js moved the stream of a call' })
  const socket = layer.stream?.session?.socket
  return socket instanceof TLSSocket ? socket : undefined
}

/**
 * grpc-js receives through the HTTP/2 default window of 64 KiB, which a line of 40 ms turns into under 1 MiB/s
 * (grpc-node PR 3058). Sets both the window of a stream and that of a connection.
 * @throws PlatformError internal.unexpected when this version of grpc-js is built differently
 */
export function widenServerWindow(server: Server, connections = new Connections()): void {
  const internals = server as unknown as ServerInternals
  const { commonServerOptions, createHttp2Server } = internals
  if (typeof createHttp2Server !== 'function' || typeof commonServerOptions !== 'object') {
    throw new PlatformError('internal.unexpected', { problem: 'grpc-js moved the members that set its window' })
  }
  Object.assign(commonServerOptions, {
    settings: {
      ...(commonServerOptions['settings'] as object | undefined),
      initialWindowSize: WINDOW_BYTES,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    // a resumed session would outlive the removal of a party from the trust bundle
    secureOptions: constants.SSL_OP_NO_TICKET,
    // the call gate refuses, with a code that says why
    rejectUnauthorized: false,
  })
  internals.createHttp2Server = function (credentials) {
    const http2 = createHttp2Server.call(this, credentials)
    connections.listening(http2)
    http2.on('session', (session: ServerHttp2Session) => {
      session.setLocalWindowSize(WINDOW_BYTES)
      connections.opened(session)
    })
    return http2
  }
}

/**
 * Ends a stream whose peer does not read: ending it in good order would wait for that peer for ever.
 * @throws PlatformError internal.unexpected when this version of grpc-js is built differently
 */
export function abortStream(call: ServerDuplexStream<unknown, unknown>): void {
  type Layer = { nextCall?: Layer; stream?: Duplex }
  let layer: Layer | undefined = (call as unknown as { call: Layer }).call
  while (layer !== undefined && layer.stream === undefined) layer = layer.nextCall
  const stream = layer?.stream
  if (typeof stream?.destroy !== 'function') {
    throw new PlatformError('internal.unexpected', { problem: 'grpc-js moved the HTTP/2 stream of a call' })
  }
  stream.destroy()
}

/** Credentials that ask for a client certificate issued by one of these roots. */
export function serverCredentials(
  clientRootPems: readonly string[],
  certificatePem: string,
  privateKeyPem: Uint8Array,
): ServerCredentials {
  const roots = Buffer.from(clientRootPems.join('\n'))
  const pair = { cert_chain: Buffer.from(certificatePem), private_key: Buffer.from(privateKeyPem) }
  return ServerCredentials.createSsl(roots, [pair], true)
}
