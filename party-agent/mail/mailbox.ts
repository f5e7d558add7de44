// The durable mailbox of one job: an outbox and an inbox per peer, and the message channels of its tasks.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Audience, MessageChannel, MessageHeader } from '#protocols/core/contract.ts'
import type { Ack__Output } from '#protos/gen/tributary/v1/Ack.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import type { Egress } from '../ledger/egress.ts'
import { MAIL_TIMES, type MailTimes, type MailWire, type PeerContext, type Sealing } from './context.ts'
import type { FrameHeader } from './frame.ts'
import type { FrameWriter } from './frame-log.ts'
import type { MailGuard } from './guard.ts'
import { Inbox } from './inbox.ts'
import { addedUp, type Backlog, NO_BACKLOG, Outbox } from './outbox.ts'
import type { RoundLedger } from './record.ts'
import { Together } from './together.ts'

export interface MailboxOptions {
  readonly job: string
  readonly self: string
  /** the folder of the job; the mailbox lives in `mail/` in it */
  readonly folder: string
  readonly peers: ReadonlyMap<string, Sealing>
  readonly wire: MailWire
  readonly log: Logger
  /** aborted when the job ends: pending receives reject with its reason */
  readonly signal: AbortSignal
  /** told once about what ends the job: a damaged store, a peer that breaks the contract */
  fail(error: unknown): void
  /** has a say before a message is made, and before one that is stored leaves */
  readonly guard?: MailGuard
  readonly times?: MailTimes
  readonly write?: FrameWriter
}

interface Peer {
  readonly outbox: Outbox
  readonly inbox: Inbox
}

/** Per peer, how many messages were sent and consumed when a round closed. */
export type MailMarks = Readonly<Record<string, { readonly sent: number; readonly received: number }>>

export class Mailbox {
  readonly #options: MailboxOptions
  readonly #peers: ReadonlyMap<string, Peer>

  private constructor(options: MailboxOptions, peers: ReadonlyMap<string, Peer>) {
    this.#options = options
    this.#peers = peers
  }

  /** Reads what is on disk. Nothing is sent before `connected`. @throws PlatformError storage.damaged, storage.full */
  static async open(options: MailboxOptions): Promise<Mailbox> {
    const { job, self, wire, log, signal, folder, write, guard } = options
    const guarded = guard === undefined ? {} : { guard }
    const peers = new Map<string, Peer>()
    for (const [peer, sealing] of options.peers) {
      const times = options.times ?? MAIL_TIMES
      const fail = (error: unknown) => options.fail(error)
      const shared = { job, self, peer, sealing, wire, signal, times, fail, log: log.child({ peer }), ...guarded }
      const context: PeerContext = write === undefined ? shared : { ...shared, write }
      const home = join(folder, 'mail', peer)
      await mkdir(home, { recursive: true, mode: 0o700 })
      const outbox = await Outbox.open(join(home, 'out'), context)
      peers.set(peer, { outbox, inbox: await Inbox.open(join(home, 'in'), context) })
    }
    return new Mailbox(options, peers)
  }

  /** The link is up (again): what is not acknowledged goes out, and peers hear what arrived here. */
  connected(): void {
    for (const { outbox, inbox } of this.#peers.values()) {
      inbox.connected()
      outbox.resend()
    }
  }

  disconnected(): void {
    for (const { outbox } of this.#peers.values()) outbox.pause()
  }

  /** A peer is connected again: what it did not acknowledge goes out again. */
  peerUp(party: string): void {
    const peer = this.#peers.get(party)
    peer?.inbox.connected()
    peer?.outbox.resend()
  }

  chunkArrived(chunk: Chunk__Output): void {
    const { job, self, log } = this.#options
    const from = this.#peers.get(chunk.from)
    if (from === undefined) {
      log.warn('envelope.refused', { code: 'envelope.wrong-sender', from: chunk.from.slice(0, 32), job })
    } else if (chunk.to !== self || chunk.job !== job) {
      from.inbox.refuse(new PlatformError('envelope.wrong-recipient', { expected: self }), chunk.seq)
    } else from.inbox.arrive(chunk)
  }

  ackArrived(ack: Ack__Output): void {
    if (ack.to === this.#options.self && ack.job === this.#options.job)
      this.#peers.get(ack.from)?.outbox.acknowledge(ack.seq, ack.held)
  }

  /** Over all peers. */
  get backlog(): Backlog {
    return [...this.#peers.values()].map(({ outbox }) => outbox.backlog).reduce(addedUp, NO_BACKLOG)
  }

  /** Envelopes dropped so far, by code, over all peers. */
  refusals(): ReadonlyMap<ErrorCode, number> {
    const sums = new Map<ErrorCode, number>()
    for (const { inbox } of this.#peers.values())
      for (const [code, count] of inbox.refusals) sums.set(code, (sums.get(code) ?? 0) + count)
    return sums
  }

  /**
   * The channels of one task, which go on from `marks`: the state of the mailbox at its last checkpoint.
   * @param egress has the last look at what is sent
   */
  openTask(task: string, marks: MailMarks, egress?: Egress): TaskMail {
    return new TaskMail(task, this.#peers, marks, this.#options, egress)
  }

  /** Deletes what rounds up to `marks` left and what the peers have. */
  async release(marks: MailMarks): Promise<void> {
    for (const [party, { outbox, inbox }] of this.#peers) {
      await outbox.release(marks[party]?.sent ?? 0)
      await inbox.release(marks[party]?.received ?? 0)
    }
  }

  async close(): Promise<void> {
    for (const { outbox, inbox } of this.#peers.values()) {
      await outbox.close()
      await inbox.close()
    }
  }
}

/** The mail of one run of one task, from one checkpoint on. */
export class TaskMail {
  readonly #task: string
  readonly #peers: ReadonlyMap<string, Peer>
  readonly #job: Pick<MailboxOptions, 'job' | 'self' | 'wire' | 'signal' | 'guard' | 'times'>
  readonly #egress: Egress | undefined
  readonly #received = new Map<string, number>()
  readonly #channels = new Map<string, MessageChannel>()
  readonly #sendings = new Map<string, OneAtATime>()
  #ledger: RoundLedger | undefined
  #signal: AbortSignal

  constructor(
    task: string,
    peers: ReadonlyMap<string, Peer>,
    marks: MailMarks,
    job: Pick<MailboxOptions, 'job' | 'self' | 'wire' | 'signal' | 'guard' | 'times'>,
    egress: Egress | undefined,
  ) {
    this.#task = task
    this.#peers = peers
    this.#job = job
    this.#egress = egress
    this.#signal = job.signal
    for (const party of peers.keys()) this.#received.set(party, marks[party]?.received ?? 0)
  }

  /** From here on messages count for this round. @param signal ends its sending and waiting, such as that of the job */
  startRound(ledger: RoundLedger, signal = this.#job.signal): void {
    this.#ledger = ledger
    this.#signal = signal
  }

  /** Counts anew what this round sent, now or in an earlier life: it ends without having been run through. */
  countSent(round: number, ledger: RoundLedger): void {
    this.#ledger = ledger
    for (const [party, { outbox }] of this.#peers)
      for (const stored of outbox.sentIn(this.#task, round)) {
        this.#egress?.sent(party, stored)
        ledger.note('sent', party, stored)
      }
  }

  /** Steps of this round of which something was sent, now or in an earlier life. */
  stepsSent(round: number): ReadonlySet<string> {
    const sent = [...this.#peers.values()].flatMap(({ outbox }) => outbox.sentIn(this.#task, round))
    return new Set(sent.map(({ step }) => step))
  }

  /** Resolves when all that this round sent is on disk. @throws PlatformError storage.damaged */
  async settle(): Promise<MailMarks> {
    const marks: Record<string, { sent: number; received: number }> = {}
    for (const [party, { outbox }] of this.#peers) {
      await outbox.flush()
      marks[party] = { sent: outbox.lastSeq, received: this.#received.get(party) ?? 0 }
    }
    return marks
  }

  channel(party: string): MessageChannel {
    const known = this.#channels.get(party)
    if (known !== undefined) return known
    const peer = this.#peerOf(party)
    const sending = this.#sendingTo(party)
    const receiving = oneAtATime()
    const channel: MessageChannel = {
      peer: party,
      send: (header, make) => sending(() => this.#send(party, peer, header, make)),
      receive: (header) => receiving(() => this.#receive(party, peer, header)),
    }
    this.#channels.set(party, channel)
    return channel
  }

  /** @throws PlatformError job.unknown-party */
  audience(parties: readonly string[]): Audience {
    const peers = new Map(parties.map((party) => [party, this.#peerOf(party)]))
    return {
      peers: parties,
      send: (header, make) => {
        // it has its turn when it is its turn with each of them; taken in one order, so that two do not wait for each other
        const inTurn = [...parties].sort().reduceRight<() => Promise<void>>(
          (rest, party) => () => this.#sendingTo(party)(rest),
          () => this.#sendToAll(peers, header, make),
        )
        return inTurn()
      },
    }
  }

  #peerOf(party: string): Peer {
    const peer = this.#peers.get(party)
    if (peer === undefined) throw new PlatformError('job.unknown-party', { party })
    return peer
  }

  #sendingTo(party: string): OneAtATime {
    const sending = this.#sendings.get(party) ?? oneAtATime()
    this.#sendings.set(party, sending)
    return sending
  }

  async #sendToAll(
    peers: ReadonlyMap<string, Peer>,
    header: MessageHeader,
    make: () => Uint8Array | Promise<Uint8Array>,
  ): Promise<void> {
    const { job, self, wire, guard, times = MAIL_TIMES } = this.#job
    this.#signal.throwIfAborted()
    for (const party of peers.keys()) guard?.check(this.#task, party, header)
    // after a crash some may have it already
    const without = [...peers].filter(([, { outbox }]) => outbox.find(this.#task, header) === undefined)
    const [first] = without
    if (first !== undefined) {
      const payload = await make()
      for (const [party] of without) this.#egress?.check(party, header, payload)
      const copied = first[1].outbox.copiedBody(this.#task, header, payload)
      const together = new Together({ job, self, wire, times, peers: without.length })
      // all at once: who is stored first waits for the others only so long
      const post = ({ outbox }: Peer) => outbox.postCopied(this.#task, header, payload.length, copied, together)
      await Promise.all(without.map(([, peer]) => post(peer)))
    }
    for (const [party, { outbox }] of peers) {
      const stored = outbox.find(this.#task, header) as FrameHeader
      this.#egress?.sent(party, stored)
      this.#ledger?.note('sent', party, stored)
    }
  }

  async #send(party: string, peer: Peer, header: MessageHeader, make: () => Uint8Array | Promise<Uint8Array>) {
    this.#signal.throwIfAborted()
    this.#job.guard?.check(this.#task, party, header)
    const stored = peer.outbox.find(this.#task, header) ?? (await this.#post(party, peer, header, await make()))
    this.#egress?.sent(party, stored)
    this.#ledger?.note('sent', party, stored)
  }

  #post(party: string, peer: Peer, header: MessageHeader, payload: Uint8Array) {
    this.#egress?.check(party, header, payload)
    return peer.outbox.post(this.#task, header, payload)
  }

  async #receive(party: string, peer: Peer, header: MessageHeader): Promise<Uint8Array> {
    const seq = (this.#received.get(party) ?? 0) + 1
    const message = await peer.inbox.take(seq, this.#signal)
    assertExpected(this.#task, header, message.stored)
    this.#received.set(party, seq)
    this.#egress?.received(party, message.stored)
    this.#ledger?.note('received', party, message.stored)
    return message.payload
  }
}

type Address = MessageHeader & { readonly task: string }

/** @throws PlatformError protocol.out-of-order, naming both messages */
function assertExpected(task: string, expected: MessageHeader, got: Address): void {
  const name = (address: Address) =>
    `${address.task}/${address.round}/${address.step}/${address.part} (${address.kind}, key ${address.keyId ?? 'none'})`
  const wanted = { ...expected, task }
  // Who does not say which key it expects takes any.
  const keyDiffers = expected.keyId !== undefined && expected.keyId !== got.keyId
  const differs = (['task', 'round', 'step', 'part', 'kind'] as const).some((field) => wanted[field] !== got[field])
  if (differs || keyDiffers)
    throw new PlatformError('protocol.out-of-order', { expected: name(wanted), got: name(got) })
}

type OneAtATime = <T>(call: () => Promise<T>) => Promise<T>

/** Runs calls in the order in which they were made, so that numbers follow the program and not the disk. */
function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    const next = last.then(call)
    last = next.catch(() => undefined)
    return next
  }
}
