// How a party's programs dial the coordinator: mutual TLS 1.3, and a name that does not depend on the address dialled.
import { createSecureContext } from 'node:tls'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { CLIENT_OPTIONS } from '#runtime/grpc-options.ts'
import { coordinatorName } from './names.ts'
import type { PartyIdentity } from './party-home.ts'

export type Dialler = Pick<PartyIdentity, 'federation' | 'tlsCertificatePem' | 'tlsPrivateKeyPem'>

/** Credentials and options of a gRPC channel to the coordinator with this root. */
export function coordinatorChannel(
  { federation, tlsCertificatePem, tlsPrivateKeyPem }: Dialler,
  coordinatorRootPem: string,
): { readonly credentials: ChannelCredentials; readonly options: Record<string, string | number> } {
  const secure = tlsPrivateKeyPem.reveal((key) =>
    createSecureContext({
      ca: coordinatorRootPem,
      cert: tlsCertificatePem,
      key: Buffer.from(key),
      minVersion: 'TLSv1.3',
    }),
  )
  return {
    credentials: credentials.createFromSecureContext(secure),
    options: { ...CLIENT_OPTIONS, 'grpc.ssl_target_name_override': coordinatorName(federation) },
  }
}
