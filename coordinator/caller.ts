// Who is calling: from the certificate of the connection, checked again for every call and every stream.
import type { TLSSocket } from 'node:tls'
import {
  type ServerDuplexStream,
  type ServerInterceptor,
  ServerInterceptingCall,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js'
import { PlatformError } from '#runtime/errors.ts'
import { toServiceError } from '#runtime/grpc-errors.ts'
import { socketOf } from './grpc-server.ts'
import type { HeldTrust } from './membership/held-trust.ts'

type AnyCall =
  | ServerUnaryCall<unknown, unknown>
  | ServerWritableStream<unknown, unknown>
  | ServerDuplexStream<unknown, unknown>

export type Authenticate = (call: Pick<AnyCall, 'getAuthContext'>) => Promise<string>

/** @returns a function that says which party a call comes from. @throws PlatformError identity.* */
export function authenticator(trust: HeldTrust, now: () => number): Authenticate {
  return (call) => verifySocket(trust, socketOf(call), now)
}

/**
 * The party at the other end of a connection. The certificate must satisfy both OpenSSL, by the roots of the bundle,
 * and our own rules, which also say why it does not.
 * @throws PlatformError identity.*
 */
export async function verifySocket(
  trust: HeldTrust,
  socket: Pick<TLSSocket, 'getPeerCertificate' | 'authorized'> | undefined,
  now: () => number,
): Promise<string> {
  const der: Uint8Array | undefined = socket?.getPeerCertificate().raw
  if (socket === undefined || der === undefined) {
    throw new PlatformError('identity.unknown', { problem: 'no client certificate' })
  }
  const party = await trust.verify(der, new Date(now()))
  // a connection made before its party joined has no verdict of OpenSSL: it must be made anew
  if (!socket.authorized) throw new PlatformError('identity.unknown', { party, problem: 'refused by TLS' })
  return party
}

/** Refuses every call of an unknown caller before its handler hears of it, but for the paths named as open. */
export function callGate(authenticate: Authenticate, open: ReadonlySet<string>): ServerInterceptor {
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        if (open.has(method.path)) return next()
        authenticate(call).then(
          () => next(),
          (thrown: unknown) => call.sendStatus(toServiceError(thrown)),
        )
      },
    })
}
