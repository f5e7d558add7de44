// The round logs of the federation, one for each set of parties that works together. The coordinator puts the records
// of the parties in one order, signs the tree over them and gathers cosignatures. It writes no record itself.
import { keyIdOf, type StatementSigner } from '#crypto/log/ed25519.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, signCheckpoint, verifyCheckpoint } from '#crypto/log/note.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { markOf } from '#protocols/log/marks.ts'
import { collaborationIdOf, leafDigest, NO_RECORD, originOf, readRecord } from '#protocols/log/records.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Cosignature__Output } from '#protos/gen/tributary/v1/Cosignature.ts'
import type { LogAppend__Output } from '#protos/gen/tributary/v1/LogAppend.ts'
import type { LogSync__Output } from '#protos/gen/tributary/v1/LogSync.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { LeafRules, type NewRecord } from './leaf-rules.ts'
import type { HeldCosignature, LogStore, NewLeaf, StoredLog } from './log-store.ts'

/** leaves that complete no mark wait so long for others before a checkpoint is made over them */
const GATHER_MS = 1000
/** of leaves in one frame */
const MAX_FRAME_LEAF_BYTES = 1024 * 1024
const MAX_PARTIES = 64

export interface RoundLogParts {
  readonly store: LogStore
  readonly federation: string
  readonly trust: { readonly bundle: TrustBundle }
  /** Ed25519 public key of the log, 32 bytes */
  readonly logKey: Uint8Array
  readonly sign: StatementSigner
  send(party: string, frame: CoordinatorFrame, bytes: number): void
  readonly log: Logger
  readonly now: () => number
}

/** A log from outside. */
export interface LogView {
  readonly collaboration: string
  readonly origin: string
  readonly parties: readonly string[]
  readonly size: number
  readonly headSize: number
  readonly sealedSize: number
  /** party → size of the last checkpoint that it cosigned */
  readonly cosigned: ReadonlyMap<string, number>
  /** parties whose cosignatures are needed now */
  readonly waitedFor: readonly string[]
  /** the last checkpoint with its cosignatures; empty before the first */
  readonly note: Uint8Array
}

/** One log in memory: everything but its leaves. */
interface OpenLog {
  readonly collaboration: string
  readonly origin: string
  readonly parties: readonly string[]
  tree: CompactRange
  head: StoredLog['head']
  sealedSize: number
  readonly cosigned: Map<string, HeldCosignature>
  readonly authors: Map<string, { seq: number; digest: string }>
  readonly rules: LeafRules
  /** job → parties that it goes on without: no checkpoint waits for their cosignatures */
  readonly excused: Map<string, readonly string[]>
  /** participants that are connected and told what they hold → leaves they were sent */
  readonly sent: Map<string, number>
  /** when the first leaf came that no checkpoint covers */
  waitingSince: number | undefined
  /** a checkpoint is due, whatever the time */
  due: boolean
}

export class RoundLogs {
  readonly #parts: RoundLogParts
  readonly #logs = new Map<string, OpenLog>()
  #sealed: () => void = () => undefined

  constructor(parts: RoundLogParts) {
    this.#parts = parts
    for (const stored of parts.store.logs()) this.#logs.set(stored.collaboration, this.#opened(stored))
  }

  /** @param listener hears each time when all participants have cosigned a checkpoint */
  onSealed(listener: () => void): void {
    this.#sealed = listener
  }

  /** Sends what the agent lacks, from now on also everything new. @throws PlatformError protocol.malformed */
  sync(party: string, { collaboration, parties, size }: LogSync__Output): void {
    let log = this.#logs.get(collaboration)
    if (log === undefined) {
      this.#requireParticipants(party, collaboration, parties)
      this.#parts.store.create(collaboration, parties)
      const none = { frontier: [], head: { size: 0, note: Buffer.alloc(0) }, size: 0, sealedSize: 0 }
      log = this.#opened({ collaboration, parties, ...none })
      this.#logs.set(collaboration, log)
    }
    requireMember(log, party)
    log.sent.set(party, size)
    this.#send(log, party)
  }

  /**
   * Takes records of this party into the log. Those that it has already are passed over.
   * @throws PlatformError log.*, protocol.out-of-order; then none of them is taken
   */
  append(party: string, { collaboration, leaves }: LogAppend__Output): void {
    const log = this.#logOf(party, collaboration)
    const last = log.authors.get(party) as { seq: number; digest: string }
    const tree = CompactRange.fromFrontier(log.tree.frontier())
    const fresh: NewLeaf[] = []
    const records: NewRecord[] = []
    let { seq, digest } = last
    for (const leaf of leaves) {
      const record = this.#read(party, log, leaf)
      if (record.seq <= seq) {
        this.#requireSame(log, party, record.seq, leaf, fresh)
        continue
      }
      // until the log is opened nobody else's record can be in it: its author sends it again
      if (log.tree.size + fresh.length === 0 && record.kind !== 'collaboration.opened') return
      if (record.seq !== seq + 1)
        throw new PlatformError('protocol.out-of-order', { expected: seq + 1, got: record.seq })
      if (record.prev !== digest) throw new PlatformError('log.equivocation', { party, seq: record.seq })
      fresh.push({ author: party, seq: record.seq, mark: markOf(record) ?? '', leaf })
      tree.append(leafHash(leaf))
      seq = record.seq
      digest = leafDigest(leaf)
      records.push({ record, digest })
    }
    let head: StoredLog['head'] | undefined
    if (fresh.length > 0) {
      const due = log.due || log.tree.size === 0 || fresh.some(({ mark }) => this.#isComplete(log, mark, party))
      head = this.#keep(log, party, fresh, records, tree, due)
      log.due = due
      log.tree = tree
      log.authors.set(party, { seq, digest })
      log.waitingSince ??= this.#parts.now()
    }
    this.#parts.send(party, { body: 'log_ack', log_ack: { collaboration, seq } }, 0)
    if (head !== undefined) this.#published(log, head)
    else if (log.due) this.#publish(log)
  }

  /**
   * By the rules of the log, and on disk when it returns.
   * @returns the checkpoint over them, where one is due and the one before is cosigned by all
   * @throws PlatformError log.rule-broken, storage.*
   */
  #keep(
    log: OpenLog,
    party: string,
    fresh: readonly NewLeaf[],
    records: readonly NewRecord[],
    tree: CompactRange,
    due: boolean,
  ): StoredLog['head'] | undefined {
    log.rules.admit(party, records)
    try {
      const head = due && isSettled(log) ? this.#headOver(log, tree) : undefined
      this.#parts.store.append(log.collaboration, log.tree.size, fresh, tree.frontier().hashes, head)
      return head
    } catch (error) {
      log.rules.forget()
      throw error
    }
  }

  /** @throws PlatformError log.signature */
  cosign(party: string, { collaboration, size, line }: Cosignature__Output): void {
    const log = this.#logOf(party, collaboration)
    if (size !== log.head.size || log.cosigned.get(party)?.size === size) return
    const { origin, head } = log
    const cosigners = [{ name: party, publicKey: this.#keyOf(party) }]
    const keys = { log: { name: origin, publicKey: this.#parts.logKey }, cosigners }
    const facts = verifyCheckpoint(addSignatures(head.note, [line]), keys)
    if (facts.cosigners.length !== 1) throw new PlatformError('log.signature', { party, what: 'cosignature' })
    const held = { party, size, line }
    const waiting = log.parties.filter((other) => other !== party && log.cosigned.get(other)?.size !== size)
    const sealedSize = waiting.length === 0 ? size : undefined
    this.#parts.store.cosign(collaboration, held, sealedSize)
    log.cosigned.set(party, held)
    if (sealedSize !== undefined) log.sealedSize = sealedSize
    if (!isSettled(log)) return
    const note = this.#noteOf(log)
    for (const other of log.sent.keys()) this.#sendNote(log, other, note)
    this.#sealed()
    if (log.due) this.#publish(log)
  }

  /** The connection of this party ended: it will say again what it holds. */
  disconnected(party: string): void {
    for (const log of this.#logs.values()) log.sent.delete(party)
  }

  /**
   * Who keeps a mark from being cosigned by those it needs; nobody when it is.
   * @param parties of the job @param needed of them
   */
  owing(parties: readonly string[], mark: string, needed: readonly string[] = parties): readonly string[] {
    const log = this.#logs.get(collaborationIdOf(this.#parts.federation, parties))
    if (log === undefined) return needed
    const marked = this.#parts.store.marked(log.collaboration, mark).filter(({ author }) => needed.includes(author))
    const silent = needed.filter((party) => marked.every(({ author }) => author !== party))
    if (silent.length > 0) return silent
    const size = Math.max(...marked.map(({ number }) => number)) + 1
    if (log.sealedSize >= size) return []
    if (log.head.size < size) return needed
    return needed.filter((party) => (log.cosigned.get(party)?.size ?? 0) < size)
  }

  /** A job goes on without some of its parties, until it says otherwise: checkpoints do not wait for them either. */
  excuse(job: string, parties: readonly string[], excused: readonly string[]): void {
    const log = this.#logs.get(collaborationIdOf(this.#parts.federation, parties))
    if (log === undefined || (log.excused.get(job) ?? []).join() === excused.join()) return
    if (excused.length === 0) log.excused.delete(job)
    else log.excused.set(job, excused)
    if (!isSettled(log)) return
    const note = this.#noteOf(log)
    for (const other of log.sent.keys()) this.#sendNote(log, other, note)
    if (log.due) this.#publish(log)
  }

  /** Every log as it stands, for the operator and whoever looks after the record. */
  views(): LogView[] {
    return [...this.#logs.values()].map((log) => this.#viewOf(log))
  }

  view(collaboration: string): LogView | undefined {
    const log = this.#logs.get(collaboration)
    return log === undefined ? undefined : this.#viewOf(log)
  }

  #viewOf(log: OpenLog): LogView {
    const { collaboration, origin, parties, tree, head, sealedSize, cosigned } = log
    const sizes = parties.map((party) => [party, cosigned.get(party)?.size ?? 0] as const)
    const note = head.size === 0 ? Buffer.alloc(0) : this.#noteOf(log)
    const shown = { collaboration, origin, parties, size: tree.size, headSize: head.size, sealedSize }
    return { ...shown, cosigned: new Map(sizes), waitedFor: waitedFor(log), note }
  }

  /** Called a few times a second: makes checkpoints over leaves that have waited long enough. */
  check(): void {
    for (const log of this.#logs.values()) {
      if (log.waitingSince === undefined || this.#parts.now() - log.waitingSince < GATHER_MS) continue
      log.due = true
      this.#publish(log)
    }
  }

  /** One checkpoint at a time: the next is made when all have cosigned the one before, but for those that are excused. */
  #publish(log: OpenLog): void {
    if (log.head.size === log.tree.size || !isSettled(log)) return
    const head = this.#headOver(log, log.tree)
    this.#parts.store.publish(log.collaboration, head)
    this.#published(log, head)
  }

  #headOver({ origin }: OpenLog, tree: CompactRange): StoredLog['head'] {
    const key = { name: origin, publicKey: this.#parts.logKey }
    const { size } = tree
    return { size, note: signCheckpoint({ origin, size, root: tree.root() }, key, this.#parts.sign) }
  }

  /** The head is on disk: everybody hears of it. */
  #published(log: OpenLog, head: StoredLog['head']): void {
    log.head = head
    log.due = false
    log.waitingSince = undefined
    for (const party of log.sent.keys()) this.#send(log, party)
  }

  /** What the party lacks up to the head, and the head. After a frame that is full it asks for the next. */
  #send(log: OpenLog, party: string): void {
    const { collaboration, head } = log
    if (head.size === 0) return
    const from = log.sent.get(party) ?? 0
    const leaves: Buffer[] = []
    let bytes = 0
    for (const leaf of this.#parts.store.leaves(collaboration, from, head.size)) {
      if (bytes > 0 && bytes + leaf.length > MAX_FRAME_LEAF_BYTES) break
      leaves.push(asBuffer(leaf))
      bytes += leaf.length
    }
    const isAll = from + leaves.length >= head.size
    const checkpoint = isAll ? asBuffer(this.#noteOf(log)) : Buffer.alloc(0)
    const entries = { collaboration, from, leaves, checkpoint }
    this.#parts.send(party, { body: 'log_entries', log_entries: entries }, bytes + checkpoint.length)
    log.sent.set(party, from + leaves.length)
  }

  #sendNote({ collaboration, head }: OpenLog, party: string, checkpoint: Uint8Array): void {
    const entries = { collaboration, from: head.size, leaves: [], checkpoint: asBuffer(checkpoint) }
    this.#parts.send(party, { body: 'log_entries', log_entries: entries }, checkpoint.length)
  }

  /** The head with the cosignatures that it has. */
  #noteOf({ head, parties, cosigned }: OpenLog): Uint8Array {
    const held = parties.flatMap((party) => cosigned.get(party) ?? [])
    const lines = held.filter(({ size }) => size === head.size).map(({ line }) => line)
    return addSignatures(head.note, lines)
  }

  /** Whether every party has made the mark, this one now; those that are excused need not. */
  #isComplete(log: OpenLog, mark: string, party: string): boolean {
    if (mark === '') return false
    const made = new Set(this.#parts.store.marked(log.collaboration, mark).map(({ author }) => author)).add(party)
    return waitedFor(log).every((other) => made.has(other))
  }

  #read(party: string, log: OpenLog, leaf: Uint8Array) {
    const key = this.#keyOf(party)
    const record = readRecord(leaf, (keyid) => (keyid === keyIdOf(key) ? key : undefined))
    if (record.author !== party || record.collaboration !== log.collaboration)
      throw new PlatformError('log.signature', { party, author: record.author, collaboration: record.collaboration })
    return record
  }

  /** @throws PlatformError log.equivocation when the author signed another record with this seq */
  #requireSame(log: OpenLog, party: string, seq: number, leaf: Uint8Array, fresh: readonly NewLeaf[]): void {
    const known =
      this.#parts.store.leafOf(log.collaboration, party, seq) ?? fresh.find((other) => other.seq === seq)?.leaf
    if (known === undefined || Buffer.compare(known, leaf) !== 0)
      throw new PlatformError('log.equivocation', { party, seq })
  }

  #opened(stored: StoredLog): OpenLog {
    const { collaboration, parties, size, frontier, head, sealedSize } = stored
    const { store, federation } = this.#parts
    const authors = parties.map((party) => {
      const seq = store.lastSeqOf(collaboration, party)
      const leaf = store.leafOf(collaboration, party, seq)
      return [party, { seq, digest: leaf === undefined ? NO_RECORD : leafDigest(leaf) }] as const
    })
    const participants = () => parties.map((name) => ({ name, signingKey: this.#keyOf(name) }))
    const leaves = () => store.leaves(collaboration, 0, this.#logs.get(collaboration)?.tree.size ?? size)
    return {
      collaboration,
      rules: new LeafRules({ collaboration, participants, leaves }),
      origin: originOf(federation, parties),
      parties,
      tree: CompactRange.fromFrontier({ size, hashes: frontier }),
      head,
      sealedSize,
      cosigned: new Map(store.cosignatures(collaboration).map((held) => [held.party, held])),
      authors: new Map(authors),
      sent: new Map(),
      excused: new Map(),
      waitingSince: size > head.size ? this.#parts.now() : undefined,
      due: size > head.size,
    }
  }

  #requireParticipants(party: string, collaboration: string, parties: readonly string[]): void {
    const known = new Set(this.#parts.trust.bundle.parties.map((member) => member.party))
    const fits =
      parties.length <= MAX_PARTIES &&
      parties.includes(party) &&
      new Set(parties).size === parties.length &&
      parties.every((name, i) => known.has(name) && name >= (parties[i - 1] ?? '')) &&
      collaborationIdOf(this.#parts.federation, parties) === collaboration
    if (!fits) throw new PlatformError('protocol.malformed', { message: 'LogSync', problem: 'participants' })
  }

  #logOf(party: string, collaboration: string): OpenLog {
    const log = this.#logs.get(collaboration)
    if (log === undefined) throw new PlatformError('protocol.out-of-order', { expected: 'LogSync before' })
    requireMember(log, party)
    return log
  }

  #keyOf(party: string): Uint8Array {
    const member = this.#parts.trust.bundle.parties.find((entry) => entry.party === party)
    return Buffer.from(member?.signingKey ?? '', 'base64')
  }
}

function waitedFor({ parties, excused }: OpenLog): readonly string[] {
  const absent = new Set([...excused.values()].flat())
  return parties.filter((party) => !absent.has(party))
}

/** All that are waited for have cosigned the head. */
function isSettled(log: OpenLog): boolean {
  if (log.sealedSize === log.head.size) return true
  return waitedFor(log).every((party) => log.cosigned.get(party)?.size === log.head.size)
}

function requireMember(log: OpenLog, party: string): void {
  if (!log.parties.includes(party)) throw new PlatformError('log.signature', { party, problem: 'no participant' })
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
