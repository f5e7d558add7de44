// What a protocol and the process that runs it promise each other.
import type { Secret } from '#runtime/secret.ts'
import type { Logger } from '#runtime/log.ts'
import type { MessageKind } from './schedule.ts'

/** A legal participant, by its name in the trust bundle: `^[a-z][a-z0-9-]{0,31}$`. */
export type PartyId = string

/** Peer of a task that adds ciphertexts which it cannot read: the coordinator. No party can have this name. */
export const ADDER = 'coordinator'

/** The address of one message inside a task. */
export interface MessageHeader {
  readonly round: number
  readonly step: string
  readonly kind: MessageKind
  /** number of this part, from 0; 0 for a step of one message */
  readonly part: number
  /** id of the key that opens the payload, where it is a ciphertext */
  readonly keyId?: string
  /** of a released aggregate: what stands behind the numbers. Known to the sender alone, never sent. */
  readonly release?: ReleaseRecord
}

export interface ReleaseRecord {
  readonly rows: number
  /** the threshold that `rows` was compared with */
  readonly minimumRows: number
  /** the message says that nothing is released */
  readonly withheld: boolean
}

/**
 * A pair of parties inside one task. Messages arrive in the order in which they were sent, once, unchanged.
 *
 * Durable: what `send` sends is on disk before it leaves. After a restart the task runs again from its
 * last round checkpoint, and a message that was stored already is sent again as it was, without calling `make`.
 */
export interface MessageChannel {
  readonly peer: PartyId
  send(header: MessageHeader, make: () => Uint8Array | Promise<Uint8Array>): Promise<void>
  /** The next message of the peer, which MUST carry this header. @throws PlatformError protocol.out-of-order, peer.timeout, peer.failed */
  receive(header: MessageHeader): Promise<Uint8Array>
}

/** Several peers that are told the same: durable towards each of them, and sealed and sent but once. */
export interface Audience {
  readonly peers: readonly PartyId[]
  /** `make` is called where the message is not stored for all of them: it makes what it made before. */
  send(header: MessageHeader, make: () => Uint8Array | Promise<Uint8Array>): Promise<void>
}

/** Secrets and choices of one task that must be the same after a restart. Sealed on disk before `seed` and `once` return. */
export interface TaskVault {
  /** 32 random bytes, drawn once under this label. Masks and permutations are expanded from such seeds, never drawn directly. */
  seed(label: string): Promise<Secret>
  /** Bytes made once under this label; later calls get the stored bytes. For keys, which cannot be made from a seed. */
  once(label: string, make: () => Promise<Uint8Array>): Promise<Uint8Array>
}

export interface TaskProgress {
  /** a short word for people, such as 'encrypting scores' */
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: 'rows' | 'ids' | 'blocks' | 'columns' | 'rounds'
}

/** All that a role may know and touch beside its own data. */
export interface TaskContext {
  readonly jobId: string
  readonly taskId: string
  readonly self: PartyId
  readonly guest: PartyId
  /** in job order; the first is the pivot of protocols that need one */
  readonly hosts: readonly PartyId[]
  channel(peer: PartyId): MessageChannel
  audience(peers: readonly PartyId[]): Audience
  /** who takes part in a round of a task that goes on without some, in job order; absent or undefined: all */
  takingPart?(round: number): readonly PartyId[] | undefined
  readonly vault: TaskVault
  readonly signal: AbortSignal
  readonly log: Logger
  progress(progress: TaskProgress): void
  /** A line for this party's own event file, such as the loss of a round. Never leaves the party. */
  event(name: string, fields: Readonly<Record<string, number | string | boolean>>): void
}

/** What a finished round leaves: the state from which the next starts, and whether the task is done. */
export interface RoundOutcome<State> {
  readonly state: State
  readonly finished: boolean
}

/**
 * One role of one protocol, cut at the points where a restart may resume. `State` is JSON: it is the checkpoint.
 * Round 0 is `setup` (agreement on parameters, keys); rounds 1, 2 … are opened by the coordinator.
 */
export interface RoleProgram<Input, State, Output> {
  setup(task: TaskContext, input: Input): Promise<State>
  round(task: TaskContext, input: Input, state: State, round: number): Promise<RoundOutcome<State>>
  /** After the last round, with no further messages. */
  finish(task: TaskContext, input: Input, state: State): Promise<Output>
}
