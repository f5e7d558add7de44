// A message channel seen through a schedule: a role can only say its own lines, in order.
import { PlatformError } from '#runtime/errors.ts'
import type { Audience, MessageChannel, ReleaseRecord } from './contract.ts'
import type { BodyOf, Receives, ReleasedKind, Schedule, Sends, Step, StepNamed } from './schedule.ts'

/** One round of one schedule between this role and one peer. */
export interface RoleChannel<S extends Schedule, Role extends string> {
  readonly peer: string
  /** `body` is called only if this message was not stored before a restart. */
  send<N extends Sends<S, Role>>(
    name: N,
    body: () => BodyOf<S, N> | Promise<BodyOf<S, N>>,
    ...options: SendOptions<S, N>
  ): Promise<void>
  receive<N extends Receives<S, Role>>(name: N, part?: PartOptions): Promise<BodyOf<S, N>>
}

/** One round of one schedule between this role and several peers of one role, who are all told the same. */
export type RoleAudience<S extends Schedule, Role extends string> = Pick<RoleChannel<S, Role>, 'send'>

export interface PartOptions {
  /** number of the part, for steps of arity 'parts' */
  readonly part?: number
  readonly keyId?: string
}

/** What a sender of plain numbers, or of sides, must say. */
export interface ReleaseOptions {
  /** rows that stand behind the numbers */
  readonly rows: number
  /** a threshold above the step's own */
  readonly minimumRows?: number
}

type SendOptions<S extends Schedule, Name extends string> =
  StepNamed<S, Name> extends { readonly kind: ReleasedKind }
    ? [options: PartOptions & ReleaseOptions]
    : [options?: PartOptions]

/**
 * What stands behind numbers that are about to leave.
 * @throws PlatformError release.too-few-rows below the threshold, unless the step can say that nothing is released
 */
function releaseRecord(found: Step, options: PartOptions & Partial<ReleaseOptions>): ReleaseRecord | undefined {
  if (found.release === undefined) return undefined
  const minimumRows = Math.max(found.release.minimumRows, options.minimumRows ?? 0)
  const rows = Number.isSafeInteger(options.rows) ? (options.rows as number) : 0
  const withheld = rows < minimumRows
  if (withheld && found.release.withholds === undefined) throw tooFewRows(found)
  return { rows, minimumRows, withheld }
}

/** Names no count: the error may be told to others. */
function tooFewRows({ name, release }: Step): PlatformError {
  return new PlatformError('release.too-few-rows', { step: name, floor: release?.minimumRows ?? 0 })
}

/** @param role the role this party plays towards the audience, @param peerRole the role of each in it */
export function openAudience<const S extends Schedule, Role extends string>(
  schedule: S,
  role: Role,
  peerRole: string,
  { peers, send }: Audience,
  round: number,
): RoleAudience<S, Role> {
  const receive = async (): Promise<never> => {
    throw new PlatformError('internal.unexpected', { problem: 'an audience does not answer' })
  }
  return openRound(schedule, role, peerRole, { peer: peers.join(), send, receive }, round)
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
    async send(name, body, ...[options = {}]) {
      const found = find(name, role, peerRole)
      const release = releaseRecord(found, options)
      const stated = release === undefined ? header(found, options) : { ...header(found, options), release }
      await channel.send(stated, async () => {
        const plain = await body()
        if (release?.withheld === true && found.release?.withholds?.(plain) !== true) throw tooFewRows(found)
        return found.codec.encode(plain)
      })
    },
    async receive(name, options = {}) {
      const found = find(name, peerRole, role)
      const bytes = await channel.receive(header(found, options))
      return found.codec.decode(bytes) as never
    },
  }
}
