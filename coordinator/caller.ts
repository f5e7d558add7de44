// Who is calling: from the certificate of the connection, checked again for every call and every stream.
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { type TrustBundle, verifyPeer } from '#crypto/identity/trust.ts'
import { PlatformError } from '#runtime/errors.ts'

type AnyCall = Pick<
  ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
  'getAuthContext'
>

export type Authenticate = (call: AnyCall) => Promise<string>

/** @returns a function that says which party a call comes from. @throws PlatformError identity.* */
export function authenticator(bundle: TrustBundle, now: () => number): Authenticate {
  return async (call) => {
    const der = call.getAuthContext().sslPeerCertificate?.raw
    if (der === undefined) throw new PlatformError('identity.unknown', { problem: 'no client certificate' })
    return verifyPeer(bundle, der, new Date(now()))
  }
}
