// The gRPC server: TLS 1.3 with client certificates and nothing else, a wide receive window, bounded headers.
import { constants } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { PlatformError } from '#runtime/errors.ts'
import { SERVER_OPTIONS, WINDOW_BYTES } from '#runtime/grpc-options.ts'

// grpc-js has no option for it, so it is set for the process: nothing here speaks an older version.
tls.DEFAULT_MIN_VERSION = 'TLSv1.3'

const MAX_HEADER_BYTES = 16 * 1024
const HANDSHAKE_TIMEOUT_MS = 5_000

/** The private members of grpc-js's server that this file relies on; its version is pinned, and a test watches them. */
interface ServerInternals {
  commonServerOptions: Record<string, unknown>
  createHttp2Server(credentials: ServerCredentials): EventEmitter
}

/** A server without services, not bound yet. */
export function makeServer(): Server {
  const server = new Server(SERVER_OPTIONS)
  widenServerWindow(server)
  return server
}

/**
 * grpc-js receives through the HTTP/2 default window of 64 KiB, which a line of 40 ms turns into under 1 MiB/s
 * (grpc-node PR 3058). Sets both the window of a stream and that of a connection.
 * @throws PlatformError internal.unexpected when this version of grpc-js is built differently
 */
export function widenServerWindow(server: Server): void {
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
  })
  internals.createHttp2Server = function (credentials) {
    const http2 = createHttp2Server.call(this, credentials)
    http2.on('session', (session: ServerHttp2Session) => session.setLocalWindowSize(WINDOW_BYTES))
    return http2
  }
}

/**
 * Ends a stream whose peer does not read: ending it in good order would wait for that peer for ever.
 * @throws PlatformError internal.unexpected when this version of grpc-js is built differently
 */
export function abortStream(call: ServerDuplexStream<unknown, unknown>): void {
  const { stream } = (call as unknown as { call: { stream?: Duplex } }).call
  if (typeof stream?.destroy !== 'function') {
    throw new PlatformError('internal.unexpected', { problem: 'grpc-js moved the HTTP/2 stream of a call' })
  }
  stream.destroy()
}

/** Credentials that demand a client certificate issued by one of these roots. */
export function serverCredentials(
  clientRootPems: readonly string[],
  certificatePem: string,
  privateKeyPem: Uint8Array,
): ServerCredentials {
  const roots = Buffer.from(clientRootPems.join('\n'))
  const pair = { cert_chain: Buffer.from(certificatePem), private_key: Buffer.from(privateKeyPem) }
  return ServerCredentials.createSsl(roots, [pair], true)
}
