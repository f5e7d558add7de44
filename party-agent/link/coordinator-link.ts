// The one connection of an agent: dials out to the coordinator with mutual TLS 1.3, greets, carries frames both ways,
// and dials again for ever when it breaks.
import { randomInt } from 'node:crypto'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { coordinatorChannel, type Dialler } from '#crypto/identity/coordinator-channel.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { AgentLinkClient } from '#protos/gen/tributary/v1/AgentLink.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Hello } from '#protos/gen/tributary/v1/Hello.ts'
import type { Welcome__Output } from '#protos/gen/tributary/v1/Welcome.ts'
import { loadService } from '#protos/load.ts'
import { isErrorCode, PlatformError } from '#runtime/errors.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import type { Logger } from '#runtime/log.ts'

export const WIRE_VERSION = 3
/** Each attempt has a connection of its own: a shared one would go on waiting after an earlier failure. */
const OWN_CHANNEL = { 'grpc.use_local_subchannel_pool': 1 }
const GREETING_MS = 10_000
const BEAT_MS = 10_000
const FIRST_BACKOFF_MS = 200
const LONGEST_BACKOFF_MS = 10_000

export interface LinkOptions extends Dialler {
  /** host:port */
  readonly coordinator: string
  readonly coordinatorRootPem: string
  readonly party: string
  readonly software: string
  readonly log: Logger
}

export interface LinkListener {
  /** Jobs to name in the greeting: those whose end this agent has not seen. */
  openJobs(): readonly string[]
  /** Edition of the trust bundle to name in the greeting. */
  trustEdition(): number
  connected(welcome: Welcome__Output): void
  disconnected(reason: PlatformError): void
  /** The coordinator was reached, and does not take this agent as it is. Told at each attempt. */
  refused?(reason: PlatformError): void
  /** Every frame after the greeting, in order. Must not throw. */
  frame(frame: CoordinatorFrame__Output): void
}

type Call = ClientDuplexStream<AgentFrame, CoordinatorFrame__Output>

type LinkState =
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'greeting'; readonly call: Call; readonly client: AgentLinkClient; readonly timer: NodeJS.Timeout }
  | {
      readonly kind: 'connected'
      readonly call: Call
      readonly client: AgentLinkClient
      readonly timer: NodeJS.Timeout
      /** set while the stream takes no more */
      drained: Promise<void> | undefined
    }
  | { readonly kind: 'closed' }

export class CoordinatorLink {
  readonly #options: LinkOptions
  readonly #listener: LinkListener
  #dialler: Dialler
  #state: LinkState = { kind: 'closed' }
  #attempt = 0
  #beats = 0
  #refusal: PlatformError | undefined

  /** Starts dialling at once. */
  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options
    this.#dialler = options
    this.#listener = listener
    this.#dial()
  }

  get isConnected(): boolean {
    return this.#state.kind === 'connected'
  }

  /** Why the coordinator last refused this agent, if it did. */
  get lastRefusal(): PlatformError | undefined {
    return this.#refusal
  }

  /** True when the stream took the frame and has room for the next; false when there is no connection. */
  async send(frame: AgentFrame): Promise<boolean> {
    const state = this.#state
    if (state.kind !== 'connected') return false
    while (state.drained !== undefined) {
      await state.drained
      if (this.#state !== state) return false
    }
    if (!state.call.write(frame)) {
      state.drained = drainOf(state.call).then(() => {
        state.drained = undefined
      })
      await state.drained
    }
    return this.#state === state
  }

  /**
   * Connections use this certificate from now on. One that is open is replaced at once: the coordinator closes it when
   * its certificate expires. What was on its way is sent again, as after any other break.
   */
  useCertificate({ federation, tlsCertificatePem, tlsPrivateKeyPem }: Dialler): void {
    this.#dialler = { federation, tlsCertificatePem, tlsPrivateKeyPem }
    const state = this.#state
    if (state.kind !== 'connected') return
    clearTimeout(state.timer)
    this.#options.log.info('coordinator.redialled', { reason: 'a new certificate' })
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.#dial(), 0) }
    state.call.cancel()
    state.client.close()
    const { coordinator } = this.#options
    this.#listener.disconnected(
      new PlatformError('transport.unavailable', { coordinator, status: 'a new certificate' }),
    )
  }

  /** Ends the connection after what was sent, and stays closed. */
  async close(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'closed') return
    clearTimeout(state.timer)
    if (state.kind === 'waiting') return
    const ended = new Promise<void>((resolve) => {
      state.call.once('status', () => resolve())
      setTimeout(resolve, 2000).unref()
    })
    state.call.end()
    await ended
    state.call.cancel()
    state.client.close()
  }

  #dial(): void {
    const { coordinator, coordinatorRootPem } = this.#options
    this.#attempt += 1
    const channel = coordinatorChannel(this.#dialler, coordinatorRootPem)
    const { AgentLink } = loadService().tributary.v1
    const client = new AgentLink(coordinator, channel.credentials, { ...channel.options, ...OWN_CHANNEL })
    const call = client.Connect()
    const timer = setTimeout(() => call.cancel(), GREETING_MS)
    this.#state = { kind: 'greeting', call, client, timer }
    call.on('data', (frame: CoordinatorFrame__Output) => this.#frameArrived(call, frame))
    // A status follows every error, but the error must have a listener.
    call.on('error', (error: ServiceError) => this.#lost(call, error))
    call.on('end', () => this.#lost(call, undefined))
    const { party, software } = this.#options
    const jobs = [...this.#listener.openJobs()]
    const trust_edition = this.#listener.trustEdition()
    const hello: Hello = { wire_version: WIRE_VERSION, party, software, jobs, trust_edition }
    call.write({ body: 'hello', hello })
  }

  #frameArrived(call: Call, frame: CoordinatorFrame__Output): void {
    const state = this.#state
    if (state.kind !== 'greeting' && state.kind !== 'connected') return
    if (state.call !== call) return
    if (frame.body === 'refusal' && frame.refusal) {
      const { code, detail, job, fatal } = frame.refusal
      const error = new PlatformError(isErrorCode(code) ? code : 'protocol.malformed', { ...detail, job })
      this.#refusal = error
      this.#options.log.warn('frame.refused', { code, job, fatal, reason: error.message })
      if (fatal) return this.#lost(call, error)
    }
    if (state.kind === 'connected') {
      if (frame.body !== 'beat') this.#listener.frame(frame)
    } else if (frame.body === 'welcome' && frame.welcome) this.#welcomed(state, frame.welcome)
    else if (frame.body !== 'refusal') {
      this.#lost(call, new PlatformError('protocol.malformed', { expected: 'welcome', got: frame.body ?? 'nothing' }))
    }
  }

  #welcomed(state: LinkState & { kind: 'greeting' }, welcome: Welcome__Output): void {
    const { call, client } = state
    const { federation } = this.#options
    if (welcome.wire_version !== WIRE_VERSION) {
      const detail = { peer: 'coordinator', expected: WIRE_VERSION, got: welcome.wire_version }
      return this.#lost(call, new PlatformError('protocol.version', detail))
    }
    if (welcome.federation !== federation) {
      const detail = { expected: federation, got: welcome.federation.slice(0, 64) }
      return this.#lost(call, new PlatformError('identity.unknown', detail))
    }
    clearTimeout(state.timer)
    const timer = setInterval(() => {
      this.#beats += 1
      void this.send({ body: 'beat', beat: { number: this.#beats } })
    }, BEAT_MS)
    this.#state = { kind: 'connected', call, client, timer, drained: undefined }
    this.#attempt = 0
    this.#refusal = undefined
    this.#options.log.info('coordinator.connected', { coordinator: this.#options.coordinator, federation })
    this.#listener.connected(welcome)
  }

  #lost(call: Call, cause: ServiceError | PlatformError | undefined): void {
    const state = this.#state
    if ((state.kind !== 'greeting' && state.kind !== 'connected') || state.call !== call) return
    clearTimeout(state.timer)
    const reason = reasonOf(this.#options.coordinator, cause)
    // The refusals that a new attempt at once cannot mend wait the longest pause.
    const patient = reason.code !== 'transport.unavailable'
    if (patient) this.#refusal = reason
    const limit = patient
      ? LONGEST_BACKOFF_MS
      : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#attempt, 16))
    const pauseMs = randomInt(Math.ceil(limit / 2), limit + 1)
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.#dial(), pauseMs) }
    call.cancel()
    state.client.close()
    const fields = { code: reason.code, attempt: this.#attempt, pauseMs, reason: reason.message }
    // A long outage is one line a while, not one every ten seconds at `warn`.
    if (state.kind === 'connected' || (this.#attempt & (this.#attempt - 1)) === 0)
      this.#options.log.warn('coordinator.lost', fields)
    else this.#options.log.debug('coordinator.lost', fields)
    if (state.kind === 'connected') this.#listener.disconnected(reason)
    if (patient) this.#listener.refused?.(reason)
  }
}

/** What the coordinator named, or else that it cannot be reached. */
function reasonOf(coordinator: string, cause: ServiceError | PlatformError | undefined): PlatformError {
  const named = cause === undefined ? undefined : fromServiceError(cause)
  if (named !== undefined && named.code !== 'internal.unexpected') return named
  const status = cause instanceof Error ? cause.message.slice(0, 300) : 'the stream ended'
  return new PlatformError('transport.unavailable', { coordinator, status }, cause)
}

function drainOf(call: Call): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'error', 'end', 'status', 'close']) call.off(name, done)
      resolve()
    }
    for (const name of ['drain', 'error', 'end', 'status', 'close']) call.on(name, done)
  })
}
