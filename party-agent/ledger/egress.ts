// The last look at a message of a task before it is stored for sending: is it a step of the protocol, and does it look
// like what its class says? A vector of plain numbers dressed as a ciphertext, a share or a point stops here.
import { shapeOfWire, unevenField } from '#crypto/he/inspect.ts'
import { T } from '#crypto/he/params.ts'
import { uniformBytes, uniformValues } from '#crypto/uniformity.ts'
import { ADDER, type MessageHeader, type ReleaseRecord } from '#protocols/core/contract.ts'
import { isReleased, type Schedule, type Step } from '#protocols/core/schedule.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { RecordLine } from '../mail/record.ts'
import type { Disclosure } from './disclosures.ts'
import { isChunks, problemOfShare, problemOfUpdate } from './update-check.ts'

const POINT_BYTES = 32
/** of X25519, where no key id names a key of homomorphic encryption */
const AGREEMENT_KEY_BYTES = 32
/** Shorter shares are counted and not tested: seeds, and gradients of few columns. */
const LEAST_VALUES = 256

export interface EgressSetting {
  readonly task: string
  readonly schedule: Schedule
  readonly self: string
  readonly guest: string
  readonly hosts: readonly string[]
  /** hosts that stand side by side: members of each group */
  readonly groups?: readonly (readonly string[])[]
  /** the parties of a round in which not all take part; the guest may be missing */
  readonly participantsAt?: (round: number) => readonly string[] | undefined
  /** the hosts of a round in which not all take part */
  readonly hostsAt?: (round: number) => readonly string[] | undefined
  /** sums of the adder are opened by all parties together */
  readonly sharedSums?: boolean
  /** digest of the approval that covers the task, or '' */
  readonly approval: string
}

/** One task's way out. */
export class Egress {
  readonly #setting: EgressSetting
  readonly #steps: ReadonlyMap<string, Step>
  /** key id → the party that holds the secret key */
  readonly #owners = new Map<string, string>()
  readonly #releases = new Map<string, ReleaseRecord>()

  /** @param recorded what earlier rounds sent and received: the keys among it are known */
  constructor(setting: EgressSetting, recorded: readonly RecordLine[]) {
    this.#setting = setting
    this.#steps = new Map(setting.schedule.map((step) => [step.name, step]))
    for (const { kind, keyId, from } of recorded) if (kind === 'public-key') this.#owners.set(keyId, from)
  }

  /**
   * Stops what must not leave. Called before a message is sealed and stored.
   * @throws PlatformError egress.not-ciphertext, release.unrecorded
   */
  check(to: string, header: MessageHeader, payload: Uint8Array): void {
    const step = this.#steps.get(header.step)
    if (step === undefined || step.kind !== header.kind) throw this.#refusal(header, 'not a step of the schedule')
    if (to === ADDER && header.kind !== 'ciphertext') throw this.#refusal(header, 'the adder gets ciphertexts only')
    if (isReleased(header.kind) && header.release === undefined)
      throw new PlatformError('release.unrecorded', { task: this.#setting.task, step: header.step })
    const problem = this.#problemOf(step, to, header, payload)
    if (problem !== undefined) throw this.#refusal(header, problem)
  }

  /** A message is stored for sending, now or before a restart. */
  sent(to: string, header: MessageHeader): void {
    if (header.kind === 'public-key' && header.keyId !== undefined) this.#owners.set(header.keyId, this.#setting.self)
    if (header.release === undefined) return
    const place = `${header.round}/${header.step}/${to}`
    this.#releases.set(place, weaker(this.#releases.get(place), header.release))
  }

  received(from: string, header: MessageHeader): void {
    if (header.kind !== 'public-key' || header.keyId === undefined) return
    if (this.#owners.get(header.keyId) === this.#setting.self)
      throw new PlatformError('he.wrong-key', { peer: from, problem: 'a key of this party' })
    this.#owners.set(header.keyId, from)
  }

  /** The lines of a round as the disclosure ledger has them. @param lines of the round record, both directions */
  disclosuresOf(lines: readonly RecordLine[]): Disclosure[] {
    const { approval } = this.#setting
    return lines
      .filter((line) => line.direction === 'sent')
      .map(({ job, task, round, step, to, kind, messages, bytes, envelopeBytes, sha256, keyId, time }) => {
        const decryptableBy = this.openersOf({ round, step, from: this.#setting.self, to, keyId })
        const release = this.#releases.get(`${round}/${step}/${to}`)
        const size = { class: kind as Step['kind'], messages, bytes, envelopeBytes, sha256, keyId, decryptableBy }
        const allowed = { approval, decision: 'allowed' as const, ...(release === undefined ? {} : { release }), time }
        return { job, task, round, step, to, ...size, ...allowed }
      })
  }

  /**
   * Ciphertext: who owns the key. Share: who holds what hides it. All else: who gets it. An update hides behind what
   * its sender shares with each of the others; a sum of updates is for its opener, or for all together.
   */
  openersOf({
    round,
    step: name,
    from,
    to,
    keyId,
  }: Pick<RecordLine, 'round' | 'step' | 'from' | 'to' | 'keyId'>): readonly string[] {
    const { guest, hosts, groups = [], hostsAt, sharedSums } = this.#setting
    const participants = this.#setting.participantsAt?.(round)
    const all = participants ?? [guest, ...(hostsAt?.(round) ?? hosts)]
    if (to === ADDER || (from === ADDER && sharedSums === true)) return all.filter((party) => party !== from).sort()
    const step = this.#steps.get(name)
    const owner = this.#owners.get(keyId)
    if (step?.kind === 'ciphertext' && owner !== undefined) return [owner]
    if (step?.openableBy === undefined) return [to]
    const ends = { guest, hosts: hostsAt?.(round) ?? hosts, groups, from, to }
    const parties = step.openableBy.flatMap((role) => partiesOf(role, step, ends))
    return [...new Set(parties)].filter((party) => participants?.includes(party) !== false).sort()
  }

  #problemOf(step: Step, to: string, header: MessageHeader, payload: Uint8Array): string | undefined {
    if (step.kind === 'control' || isReleased(step.kind)) return undefined
    try {
      const body = step.codec.decode(payload)
      if (to === ADDER) return problemOfUpdate(body, header)
      if (step.kind === 'ciphertext') return this.#problemOfCiphertexts(body, to, header)
      if (step.kind === 'public-key') return problemOfKey(body, header)
      const parties = this.#setting.participantsAt?.(header.round)?.length ?? 1 + this.#setting.hosts.length
      if (isChunks(body)) return problemOfShare(body, step.name, parties)
      return step.kind === 'psi-points' ? problemOfPoints(body) : problemOfShares(body)
    } catch (thrown) {
      return toPlatformError(thrown).code
    }
  }

  /** A fresh ciphertext is under our own key; an answer is under the key of whom it goes to. */
  #problemOfCiphertexts(body: unknown, to: string, header: MessageHeader): string | undefined {
    if (!Array.isArray(body) || body.length === 0) return 'no ciphertexts'
    for (const wire of body as readonly Uint8Array[]) {
      const shape = shapeOfWire(wire)
      if (shape.kind !== 'fresh' && shape.kind !== 'answer') return 'not a ciphertext'
      const owner = this.#owners.get(shape.keyId)
      if (owner === undefined || shape.keyId !== header.keyId) return 'an unknown key'
      if (owner !== (shape.kind === 'fresh' ? this.#setting.self : to)) return 'a key of the wrong party'
      if (unevenField(wire, shape) >= 0) return 'residues are not uniform'
    }
    return undefined
  }

  #refusal({ round, step }: MessageHeader, problem: string): PlatformError {
    return new PlatformError('egress.not-ciphertext', { task: this.#setting.task, round, step, problem })
  }
}

/** Of several parts the one with the fewest rows behind it stands for all; one that withholds, only if all do. */
function weaker(before: ReleaseRecord | undefined, release: ReleaseRecord): ReleaseRecord {
  if (before === undefined || (before.withheld && !release.withheld)) return release
  return !release.withheld && release.rows < before.rows ? release : before
}

function problemOfKey(body: unknown, { keyId }: MessageHeader): string | undefined {
  if (!(body instanceof Uint8Array)) return 'no key'
  if (keyId === undefined && body.length === AGREEMENT_KEY_BYTES) return undefined
  const shape = shapeOfWire(body)
  if (shape.kind !== 'publicKey') return 'not a public key'
  return unevenField(body, shape) >= 0 ? 'residues are not uniform' : undefined
}

/** Canonical by their codec; here: each once, and spread over the field. */
function problemOfPoints(body: unknown): string | undefined {
  if (!(body instanceof Uint8Array)) return 'no points'
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const seen = new Set<bigint>()
  const counts = new Uint8Array(body.length - body.length / POINT_BYTES)
  for (let at = 0, to = 0; at < body.length; at += POINT_BYTES, to += POINT_BYTES - 1) {
    seen.add(view.getBigUint64(at, true)) // two of 4,096 random points agree here once in 2^41
    counts.set(body.subarray(at, at + POINT_BYTES - 1), to) // the highest byte lacks its highest bit
  }
  if (seen.size !== body.length / POINT_BYTES) return 'a point twice'
  return uniformBytes(counts) ? undefined : 'points are not uniform'
}

function problemOfShares(body: unknown): string | undefined {
  if (!ArrayBuffer.isView(body) || body instanceof DataView) return 'no vector'
  const values = body as Uint8Array | Uint16Array | Int32Array | Float64Array
  if (values.length < LEAST_VALUES) return undefined
  const uniform =
    values instanceof Float64Array
      ? uniformValues(values, T)
      : uniformBytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return uniform ? undefined : 'shares are not uniform'
}

interface Ends extends Pick<Required<EgressSetting>, 'guest' | 'hosts' | 'groups'> {
  readonly from: string
  readonly to: string
}

/** The parties of a role between the two ends of a message: the same ones, whichever end asks. */
function partiesOf(role: string, step: Step, { from, to, guest, hosts, groups }: Ends): readonly string[] {
  if (role === step.to) return [to]
  if (role === step.from) return [from]
  if (role === 'guest') return [guest]
  if (role === 'members')
    return groups.filter((members) => members.includes(from)).flatMap((group) => group.filter((one) => one !== from))
  return role === 'pivot' ? hosts.slice(0, 1) : hosts.filter((host) => host !== from)
}
