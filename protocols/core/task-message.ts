// The body of an envelope: a message of a task, to protobuf and back. The one place where its bytes are trusted or refused.
import type { TaskMessage__Output } from '#protos/gen/tributary/v1/TaskMessage.ts'
import { messageType } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { MessageHeader } from './contract.ts'
import type { MessageKind } from './schedule.ts'

/** Largest payload of one message. */
export const MAX_MESSAGE_BYTES = 64 * 2 ** 20
const WIRE_VERSION = 1
const MAX_ROUND = 1_000_000
const KINDS: ReadonlySet<string> = new Set([
  'ciphertext',
  'masked-share',
  'psi-points',
  'public-key',
  'released-aggregate',
  'split-sides',
  'control',
] satisfies MessageKind[])

export interface TaskMessage {
  readonly task: string
  readonly header: MessageHeader
  readonly payload: Uint8Array
}

const wire = messageType<TaskMessage__Output>('tributary.v1.TaskMessage')

export function encodeTaskMessage({ task, header, payload }: TaskMessage): Uint8Array {
  return wire.encode({
    version: WIRE_VERSION,
    task,
    round: header.round,
    step: header.step,
    part: header.part,
    kind: header.kind,
    key_id: header.keyId ?? '',
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
  })
}

/** The payload is a view of `bytes`. @throws PlatformError protocol.malformed, protocol.version, transport.too-large */
export function decodeTaskMessage(bytes: Uint8Array): TaskMessage {
  const message = wire.decode(bytes)
  if (message.version !== WIRE_VERSION)
    throw new PlatformError('protocol.version', { expected: WIRE_VERSION, got: message.version })
  if (message.payload.length > MAX_MESSAGE_BYTES)
    throw new PlatformError('transport.too-large', { bytes: message.payload.length, limit: MAX_MESSAGE_BYTES })
  const problem = problemOf(message)
  if (problem !== undefined) throw new PlatformError('protocol.malformed', { message: 'TaskMessage', problem })
  const { task, round, step, part, payload } = message
  const kind = message.kind as MessageKind
  const header = { round, step, part, kind, ...(message.key_id === '' ? {} : { keyId: message.key_id }) }
  return { task, header, payload }
}

function problemOf(message: TaskMessage__Output): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(message.task)) return 'task is no name'
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(message.step)) return 'step is no name'
  if (!KINDS.has(message.kind)) return 'kind is not one of the closed list'
  if (message.round > MAX_ROUND) return 'round is out of range'
  if (message.key_id.length > 128) return 'key id is too long'
  return undefined
}
