// Can this agent reach its coordinator: the port, the mutual TLS handshake, and the clock on the other side.
import { createConnection } from 'node:net'
import type { ServiceError } from '@grpc/grpc-js'
import { coordinatorChannel, type Dialler } from '#crypto/identity/coordinator-channel.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { loadService } from '#protos/load.ts'

const DIAL_MS = 5_000
const CALL_MS = 10_000

/** @returns undefined when the port answers, else the reason: an errno such as ECONNREFUSED, or `timeout` */
export function dialProblem(coordinator: string): Promise<string | undefined> {
  const colon = coordinator.lastIndexOf(':')
  const host = coordinator.slice(0, colon).replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(coordinator.slice(colon + 1)), timeout: DIAL_MS })
    const end = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('timeout'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

export type Answer =
  | { readonly federation: string; readonly coordinatorTime: Date | undefined }
  | { readonly problem: string }

/** One call as this party: proves certificates and trust on both sides. */
export function askCoordinator(coordinator: string, identity: Dialler, bundle: TrustBundle): Promise<Answer> {
  const channel = coordinatorChannel(identity, bundle.coordinator.rootPem)
  const { Federation } = loadService().tributary.v1
  const client = new Federation(coordinator, channel.credentials, channel.options)
  return new Promise<Answer>((resolve) => {
    let coordinatorTime: Date | undefined
    const call = client.describe({}, { deadline: Date.now() + CALL_MS }, (error: ServiceError | null, view) => {
      client.close()
      if (error !== null) resolve({ problem: error.details || error.message })
      else resolve({ federation: view?.federation ?? '', coordinatorTime })
    })
    // HTTP/2 servers of Node date their answers, to the second.
    call.on('metadata', (metadata) => {
      const date = new Date(String(metadata.get('date')[0]))
      if (!Number.isNaN(date.getTime())) coordinatorTime = date
    })
  })
}
