// A message channel seen through a schedule: a role can only say its own lines, in order.
import { PlatformError } from '#runtime/errors.ts'
import type { MessageChannel } from './contract.ts'
import type { BodyOf, Receives, Schedule, Sends, Step } from './schedule.ts'

/** One round of one schedule between this role and one peer. */
export interface RoleChannel<S extends Schedule, Role extends string> {
  readonly peer: string
  /** `body` is called only if this message was not stored before a restart. */
  send<N extends Sends<S, Role>>(
    name: N,
    body: () => BodyOf<S, N> | Promise<BodyOf<S, N>>,
    part?: PartOptions,
  ): Promise<void>
  receive<N extends Receives<S, Role>>(name: N, part?: PartOptions): Promise<BodyOf<S, N>>
}

export interface PartOptions {
  /** number of the part, for steps of arity 'parts' */
  readonly part?: number
  readonly keyId?: string
}

/** @param role the role this party plays towards `channel.peer`, @param peerRole the role of the peer */
export function openRound<const S extends Schedule, Role extends string>(
  schedule: S,
  role: Role,
  peerRole: string,
  channel: MessageChannel,
  round: number,
): RoleChannel<S, Role> {
  const find = (name: string, from: string, to: string): Step => {
    const found = schedule.find((candidate) => candidate.name === name)
    if (found === undefined || found.from !== from || found.to !== to) {
      throw new PlatformError('protocol.out-of-order', { step: name, from, to, expected: 'a step of this schedule' })
    }
    return found
  }
  const header = (found: Step, options: PartOptions) => ({
    round,
    step: found.name,
    kind: found.kind,
    part: options.part ?? 0,
    ...(options.keyId === undefined ? {} : { keyId: options.keyId }),
  })
  return {
    peer: channel.peer,
    async send(name, body, options = {}) {
      const found = find(name, role, peerRole)
      await channel.send(header(found, options), async () => found.codec.encode(await body()))
    },
    async receive(name, options = {}) {
      const found = find(name, peerRole, role)
      const bytes = await channel.receive(header(found, options))
      return found.codec.decode(bytes) as never
    },
  }
}
