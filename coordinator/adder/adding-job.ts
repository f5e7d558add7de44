// One job at the adder: updates come in, and when all of a label are there their sum goes to its opener. An update is
// acknowledged when the opener has acknowledged the sum, so that whatever is lost here comes again from the parties.
import { EnvelopePair, envelopeDigest, type SealingKey, verifySealingKey } from '#crypto/envelope.ts'
import type { AdderIdentity } from '#crypto/identity/coordinator-home.ts'
import { signingKeyOf, type TrustBundle } from '#crypto/identity/trust.ts'
import { decodeTaskMessage, encodeTaskMessage, type TaskMessage } from '#protocols/core/task-message.ts'
import { decodeUpdate } from '#protocols/fedavg/adder.ts'
import type { Ack__Output } from '#protos/gen/tributary/v1/Ack.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { attendanceOf, participantsOf } from '../jobs/attendance.ts'
import { type InviteReply, type JobRecord, runningTask } from '../jobs/job-record.ts'
import type { LocalEnd, Relay } from '../relay/relay.ts'
import type { AdderTimes } from './job-adder.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { OpenLabel } from './open-label.ts'
import { SumOutbox } from './sum-outbox.ts'
import { type Room, UpdateInbox } from './update-inbox.ts'

/** Of one round: it needs one. */
const MAX_OPEN_LABELS = 2

export interface AddingJobOptions {
  readonly job: string
  readonly parties: readonly string[]
  readonly replies: Readonly<Record<string, InviteReply>>
  /** as it stands now */
  record(): JobRecord
  readonly identity: AdderIdentity
  readonly own: SealingKey
  readonly trust: { readonly bundle: TrustBundle }
  readonly relay: Relay
  readonly budget: MemoryBudget
  readonly times: AdderTimes
  readonly log: Logger
  /** whether the sum of the open round may be sent. @throws what keeps that from being written down; asked again then */
  summing(opener: string): boolean
  refused(party: string, error: PlatformError): void
}

interface Taken {
  readonly envelope: Uint8Array
  readonly room: Room
}

interface Peer {
  readonly pair: EnvelopePair
  readonly inbox: UpdateInbox
  readonly outbox: SumOutbox
}

export class AddingJob implements LocalEnd {
  readonly party: string
  readonly #options: AddingJobOptions
  readonly #peers = new Map<string, Peer>()
  /** by label, hex */
  readonly #labels = new Map<string, OpenLabel>()
  #closed = false

  constructor(options: AddingJobOptions) {
    this.#options = options
    this.party = options.identity.party
  }

  async chunk(chunk: Chunk__Output): Promise<void> {
    if (this.#closed) return
    try {
      const peer = this.#peerOf(chunk.from)
      const taken = await peer.inbox.take(chunk)
      if (taken === undefined) return
      try {
        if (!this.#closed) await this.#accept(chunk.from, peer, chunk.seq, taken)
      } finally {
        this.#options.budget.release(taken.room.reserved)
      }
    } catch (error) {
      this.#refuse(chunk.from, error)
    }
  }

  ack({ from, seq }: Ack__Output): void {
    try {
      this.#peerOf(from).outbox.acknowledge(seq)
    } catch (error) {
      return this.#refuse(from, error)
    }
    for (const label of this.#labels.values())
      if (label.header.opener === from && label.header.number <= seq) this.#finish(label.name)
  }

  /** The party will resend what is not acknowledged; it gets again what it has not acknowledged. */
  connected(party: string): void {
    this.#peers.get(party)?.outbox.resend()
  }

  /** What the party was in the middle of sending begins again. */
  disconnected(party: string): void {
    this.#peers.get(party)?.inbox.abandon()
  }

  /** Whether the update of this party for the open round is in its sum. */
  hasUpdateOf(party: string): boolean {
    const open = runningTask(this.#options.record())
    const labels = [...this.#labels.values()].filter(({ task, round }) => task === open?.task && round === open.round)
    return labels.some((label) => label.has(party))
  }

  /** The open round was voided: nobody ever gets its sum. */
  voided(): void {
    for (const { name, task, round } of this.#labels.values()) if (this.#isOver(task, round)) this.#finish(name)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { inbox, outbox } of this.#peers.values()) {
      inbox.abandon()
      outbox.close()
    }
    for (const label of this.#labels.values()) this.#options.budget.release(label.bytes)
    this.#labels.clear()
    this.#options.own.privateKey[Symbol.dispose]()
  }

  /** @throws PlatformError envelope.*, protocol.*, aggregate.*, average.*, he.* */
  async #accept(from: string, { inbox, pair }: Peer, seq: number, { envelope, room }: Taken): Promise<void> {
    const digest = envelopeDigest(envelope)
    const known = inbox.known(seq)
    const text = Buffer.from(digest).toString('hex')
    if (known === '' || known === text || (known === undefined && !inbox.isNext(seq))) return inbox.acknowledge()
    const body = pair.open(seq, envelope)
    if (known !== undefined) throw new PlatformError('envelope.equivocation', { seq, stored: known, got: text })
    const message = decodeTaskMessage(body)
    checkStep(message)
    const update = decodeUpdate(message.payload)
    const { opener, number, participants } = update
    const name = Buffer.from(update.label).toString('hex')
    if (name !== message.header.keyId) throw malformed('the key id is not the label')
    if (!participants.every((party) => this.#options.parties.includes(party)))
      throw malformed('a participant is no party')
    const isOver = this.#isOver(message.task, message.header.round)
    if (!isOver && participants.includes(from)) this.#requireParticipants(participants)
    inbox.hold(seq, text)
    // After a restart of this process parties send again what they could not know to be done.
    if (isOver || number <= this.#peerOf(opener).outbox.acknowledged) {
      inbox.done(seq)
      return inbox.acknowledge()
    }
    for (const { name: other, task, round } of this.#labels.values()) if (this.#isOver(task, round)) this.#finish(other)
    const label = this.#labels.get(name) ?? this.#open(name, message, update, room)
    await label.add({ from, seq }, update, digest)
    if (this.#closed) return
    // the opener may have said meanwhile that it has this sum, or the round was voided
    const isNeeded = this.#labels.get(name) === label
    if (!isNeeded) inbox.done(seq)
    inbox.acknowledge()
    if (isNeeded && label.missing.length === 0) this.#settle(name, label)
  }

  /** @throws PlatformError average.other-round, average.too-many-rounds, he.range */
  #open(name: string, message: TaskMessage, header: OpenLabel['header'], room: Room): OpenLabel {
    const { opener, number } = header
    for (const { header: other } of this.#labels.values())
      if (other.opener === opener && other.number === number)
        throw new PlatformError('average.other-round', { opener, number, differing: ['label'] })
    if (this.#labels.size >= MAX_OPEN_LABELS)
      throw new PlatformError('average.too-many-rounds', { open: this.#labels.size, limit: MAX_OPEN_LABELS })
    const label = new OpenLabel(message, header)
    room.reserved -= label.bytes // given back with the label
    this.#labels.set(name, label)
    return label
  }

  /** Sends the sum once it is written down that there is one. A disk that has no room for that is waited for. */
  #settle(name: string, label: OpenLabel): void {
    const { summing, log, times } = this.#options
    const { opener } = label.header
    if (this.#closed || this.#labels.get(name) !== label) return
    let maySend: boolean
    try {
      maySend = summing(opener)
    } catch (error) {
      log.error('sum.unwritten', error, { task: label.task, round: label.round })
      setTimeout(() => this.#settle(name, label), times.gapMs)
      return
    }
    if (maySend) this.#send(name, label)
  }

  #send(name: string, label: OpenLabel): void {
    const { opener, number } = label.header
    const { task, round } = label
    const header = { round, step: 'sum', part: 0, kind: 'ciphertext', keyId: name } as const
    const { pair, outbox } = this.#peerOf(opener)
    // Made twice around a restart it is the same: nothing but the updates, which are stored where they were made, enters.
    outbox.put(number, pair.seal(number, encodeTaskMessage({ task, header, payload: label.takeSum() })))
    this.#options.log.info('sum.made', { task, round, opener, number })
  }

  /**
   * Whether every party has closed this round: then its sum has arrived. A voided one will have no sum.
   * @throws PlatformError protocol.out-of-order for a round that was not opened yet
   */
  #isOver(task: string, round: number): boolean {
    const record = this.#options.record()
    const open = runningTask(record)
    const place = (name: string) => record.tasks.findIndex((planned) => planned.task === name)
    if (open !== undefined && task === open.task && round === open.round) return attendanceOf(open).voided
    const isOlder = task === open?.task ? round < open.round : place(task) < place(open?.task ?? '')
    if (place(task) >= 0 && isOlder) return true
    const expected = `${open?.task ?? 'no task'}/${open?.round ?? 0}`
    throw new PlatformError('protocol.out-of-order', { expected, got: `${task}/${round}` })
  }

  /** @throws PlatformError average.other-round for another set than takes part in the open round */
  #requireParticipants(participants: readonly string[]): void {
    const record = this.#options.record()
    const open = runningTask(record)
    const expected = open === undefined ? [] : participantsOf(record, open)
    if (expected.join() !== participants.join())
      throw new PlatformError('average.other-round', { expected, got: participants, differing: ['participants'] })
  }

  /** The sum of this label arrived, or it will not be made. */
  #finish(name: string): void {
    const label = this.#labels.get(name)
    if (label === undefined) return
    this.#labels.delete(name)
    this.#options.budget.release(label.bytes)
    for (const { from, seq } of label.updates) {
      const { inbox } = this.#peerOf(from)
      inbox.done(seq)
      inbox.acknowledge()
    }
  }

  /** @throws PlatformError envelope.tampered for a key that the party did not sign, envelope.malformed, identity.unknown */
  #peerOf(party: string): Peer {
    const known = this.#peers.get(party)
    if (known !== undefined) return known
    const { job, own, identity, trust, relay, replies, budget, times } = this.#options
    const peerSigningKey = signingKeyOf(trust.bundle, party)
    const peerSealingKey = new Uint8Array(Buffer.from(replies[party]?.sealingKey ?? '', 'base64'))
    const signature = Buffer.from(replies[party]?.sealingSignature ?? '', 'base64')
    verifySealingKey(peerSigningKey, job, party, peerSealingKey, signature)
    const sign = (context: string, bytes: Uint8Array) => identity.sign(context, bytes)
    const pair = new EnvelopePair({ job, self: this.party, peer: party, own, peerSealingKey, sign, peerSigningKey })
    const address = { job, from: this.party, to: party }
    const inbox = new UpdateInbox({
      budget,
      waitMs: times.waitMs,
      acknowledge: (seq, held) => {
        relay.forwardAck(this.party, { ...address, seq, held }).catch((error) => this.#refuse(party, error))
      },
    })
    const outbox = new SumOutbox({
      address,
      times,
      isConnected: () => relay.outletOf(party) !== undefined,
      send: (chunk) => relay.forwardChunk(this.party, chunk),
      fail: (error) => this.#refuse(party, error),
    })
    const peer = { pair, inbox, outbox }
    this.#peers.set(party, peer)
    return peer
  }

  #refuse(party: string, thrown: unknown): void {
    if (this.#closed) return
    const error = toPlatformError(thrown)
    if (error.code === 'internal.unexpected') this.#options.log.error('update.failed', thrown, { party })
    else this.#options.log.warn('update.refused', { party, code: error.code })
    this.#options.refused(party, error)
  }
}

/** @throws PlatformError protocol.out-of-order for anything but an update that nobody alone can open */
function checkStep({ task, header: { round, step, part, kind } }: TaskMessage): void {
  if (step === 'update' && kind === 'ciphertext' && part === 0) return
  const got = `${task}/${round}/${step}/${part} (${kind})`
  throw new PlatformError('protocol.out-of-order', { expected: 'update/0 (ciphertext)', got })
}

function malformed(problem: string): PlatformError {
  return new PlatformError('protocol.malformed', { message: 'FedUpdate', problem })
}
