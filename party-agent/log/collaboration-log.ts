// One party's side of one round log: the records that it signs, and the mirror of the whole log that it verifies leaf
// by leaf before it cosigns. All of it is on disk before anybody hears of it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { StatementSigner } from '#crypto/log/ed25519.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { type CheckpointFacts, cosign, parseNote, parseTreeHead, verifyCheckpoint } from '#crypto/log/note.ts'
import { type CheckedLeaf, makeLeafCheck } from '#protocols/log/leaf-check.ts'
import { markOf } from '#protocols/log/marks.ts'
import {
  type AuthorState,
  collaborationIdOf,
  firstState,
  leafDigest,
  type LogRecord,
  makeRecord,
  originOf,
  type RecordBody,
  recordIn,
  type RecordOf,
} from '#protocols/log/records.ts'
import type { Participant } from '#protocols/log/rules.ts'
import { LogFollower } from '#protocols/log/verify.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { type Offence, openIncidents, writeIncident } from './incident.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'
import { OwnHistory } from './own-history.ts'
import { COORDINATOR, violation, violationOf, violationOfLeaf } from './violation.ts'

export interface LogSetting {
  readonly federation: string
  readonly party: string
  /** of the collaboration, sorted by name */
  readonly participants: readonly Participant[]
  /** of the coordinator, 32 bytes */
  readonly logKey: Uint8Array
  readonly sign: StatementSigner
  readonly now: () => Date
  /** the trust bundle that is held now: its digest, and its text for the evidence */
  readonly trust: () => { readonly digest: string; readonly edition: string }
  readonly log: Logger
}

/** What to answer to entries. */
export type Answer =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'cosigned'; readonly size: number; readonly line: string }
  /** all participants have cosigned what this party verified */
  | { readonly kind: 'sealed' }
  /** this party and others have cosigned it: a round that goes on without the rest may begin */
  | { readonly kind: 'shown' }
  /** ask for the leaves from number `size` on: more are to come before a checkpoint, or some are missing */
  | { readonly kind: 'more'; readonly size: number }

/** A record to write, and when it happened where that is not now. */
export type Statement = RecordBody & { readonly at?: Date }

const MAX_WAITING_BYTES = 256 * 2 ** 20

export class CollaborationLog implements Disposable {
  readonly collaboration: string
  readonly parties: readonly string[]
  readonly folder: string
  readonly #setting: LogSetting
  readonly #origin: string
  readonly #store: MirrorStore
  readonly #check: (leaf: Uint8Array) => CheckedLeaf
  readonly #follower: LogFollower
  readonly #history: OwnHistory
  #author: AuthorState
  #tree = new CompactRange()
  /** own records up to this seq are in the mirror */
  #loggedSeq = 0
  /** the coordinator said on this connection that it has own records up to this seq */
  #acknowledged = 0
  #sealedSize: number
  /** digest of the leaf → own record that this process signed and the mirror does not have yet */
  readonly #signed = new Map<string, LogRecord>()
  /** kinds of problems that this process has told its operator about */
  readonly #noted = new Set<string>()
  /** mark → author → number of the leaf; of jobs that are not over */
  readonly #marks = new Map<string, Map<string, number>>()
  #waiting: Uint8Array[] = []
  #waitingFrom = 0
  #waitingBytes = 0
  /** who cosigned the head, as far as this party was shown */
  #cosigners: readonly string[] = []
  /** party → largest head that this party was shown its cosignature of */
  readonly #cosigned = new Map<string, number>()
  #incident: ErrorCode | undefined

  /** Opens or makes the log in <home>/log/<collaboration>. @throws PlatformError storage.damaged */
  constructor(home: string, setting: LogSetting) {
    const { federation, party, participants } = setting
    this.#setting = setting
    this.parties = participants.map(({ name }) => name)
    this.collaboration = collaborationIdOf(federation, this.parties)
    this.#origin = originOf(federation, this.parties)
    this.folder = join(home, 'log', this.collaboration)
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    this.#store = new MirrorStore(join(this.folder, MIRROR_FILE))
    this.#store.about({ federation, party, parties: this.parties })
    this.#check = makeLeafCheck(participants)
    this.#follower = new LogFollower({ origin: this.#origin, participants })
    const signingKey = participants.find(({ name }) => name === party)?.signingKey ?? new Uint8Array()
    this.#author = firstState({ collaboration: this.collaboration, author: party, sign: setting.sign, signingKey })
    this.#history = new OwnHistory()
    this.#sealedSize = this.#store.sealed().size
    this.#incident = openIncidents(this.folder)[0]
    this.#load()
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]()
  }

  get size(): number {
    return this.#tree.size
  }

  get sealedSize(): number {
    return this.#sealedSize
  }

  get history(): OwnHistory {
    return this.#history
  }

  /** Why nothing more is cosigned here, or undefined. */
  get incident(): ErrorCode | undefined {
    return this.#incident
  }

  /** Signs and keeps records. Those that were written before are left out. @throws PlatformError storage.full, log.* */
  write(statements: readonly Statement[]): void {
    const leaves: Uint8Array[] = []
    const records: LogRecord[] = []
    let state = this.#author
    for (const { at, ...body } of this.#history.unsaid(statements)) {
      const { leaf, record, next } = makeRecord(state, body as RecordBody, at ?? this.#setting.now())
      leaves.push(leaf)
      records.push(record)
      state = next
    }
    if (leaves.length === 0) return
    this.#store.write(this.#author.seq, leaves)
    this.#author = state
    for (const [i, record] of records.entries()) {
      this.#history.add(record)
      this.#signed.set(leafDigest(leaves[i] as Uint8Array), record)
    }
  }

  /** Own records that the log does not show yet. The first participant opens the log; until then the others wait. */
  pending(): readonly Uint8Array[] {
    if (this.#incident !== undefined) return []
    if (this.size === 0 && this.parties[0] !== this.#author.author) return []
    return this.#store.own(Math.max(this.#loggedSeq, this.#acknowledged) + 1)
  }

  /** A new connection: what was acknowledged on the last one counts no more. */
  connected(): void {
    this.#acknowledged = 0
    this.#dropWaiting()
  }

  acknowledge(seq: number): void {
    this.#acknowledged = Math.min(Math.max(this.#acknowledged, seq), this.#author.seq - 1)
  }

  /**
   * Verifies leaves and the checkpoint over them, and keeps them.
   * @throws PlatformError log.*: it is not cosigned, the evidence is written, and the log is frozen
   */
  take(entries: Offence): Answer {
    if (this.#incident !== undefined) return { kind: 'nothing' }
    try {
      return this.#take(entries)
    } catch (thrown) {
      if (!(thrown instanceof PlatformError) || !thrown.code.startsWith('log.')) throw thrown
      this.#freeze(thrown, entries)
      throw thrown
    }
  }

  /**
   * Which parties keep a mark from being sealed: who has no record of it, or who did not cosign.
   * @param parties that are needed
   */
  owing(parties: readonly string[], mark: string): { readonly silent: readonly string[]; readonly sealed: boolean } {
    const made = this.#marks.get(mark)
    const silent = parties.filter((party) => made?.has(party) !== true)
    if (silent.length > 0) return { silent, sealed: false }
    const needed = Math.max(...parties.map((party) => made?.get(party) ?? 0)) + 1
    const sealed = parties.every((party) => Math.max(this.#sealedSize, this.#cosigned.get(party) ?? 0) >= needed)
    return { silent, sealed }
  }

  /** The round was opened all the same: keeps what shows it, and freezes the log. @returns the error */
  refuseUnsealed(parties: readonly string[], mark: string): PlatformError {
    const { silent } = this.owing(parties, mark)
    const code = silent.length > 0 ? 'log.omission' : 'log.not-cosigned'
    const missing = parties.filter((party) => !this.#cosigners.includes(party) && party !== this.#setting.party)
    const error = violation(code, COORDINATOR, { mark, missing: silent.length > 0 ? silent : missing })
    this.#freeze(error, undefined)
    return error
  }

  #freeze(error: PlatformError, offence: Offence | undefined): void {
    this.#incident = error.code
    const path = writeIncident(this.folder, error, this.#store.head(), offence, this.#setting.now())
    this.#setting.log.error('log.incident', error, { code: error.code, file: path })
    this.#dropWaiting()
  }

  #take({ from, leaves, checkpoint }: Offence): Answer {
    if (this.#waiting.length === 0) this.#waitingFrom = from
    if (from !== this.#waitingFrom + this.#waiting.length) return this.#behind()
    this.#waiting.push(...leaves)
    this.#waitingBytes += leaves.reduce((sum, leaf) => sum + leaf.length, 0)
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      throw violation('log.bad-root', COORDINATOR, { problem: 'leaves without a checkpoint' })
    if (checkpoint.length === 0) return { kind: 'more', size: from + leaves.length }
    const [start, all] = [this.#waitingFrom, this.#waiting]
    this.#dropWaiting()
    const facts = this.#signedHead(checkpoint)
    if (start > this.size) return this.#behind()
    const fresh = all.slice(this.#sameAsHeld(start, all))
    if (facts.size !== this.size + fresh.length)
      throw violation('log.bad-root', COORDINATOR, { size: facts.size, leaves: this.size + fresh.length })
    if (fresh.length > 0) this.#grow(fresh, { size: facts.size, note: checkpoint }, facts.root)
    else if (Buffer.compare(facts.root, this.#tree.root()) !== 0)
      throw violation('log.fork', COORDINATOR, { size: facts.size })
    return this.#answer(facts, checkpoint)
  }

  #behind(): Answer {
    this.#dropWaiting()
    return { kind: 'more', size: this.size }
  }

  #dropWaiting(): void {
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #signedHead(checkpoint: Uint8Array): CheckpointFacts {
    const facts = this.#factsOf(checkpoint)
    if (facts === undefined || !facts.coordinator || facts.origin !== this.#origin)
      throw violation('log.signature', COORDINATOR, { what: 'checkpoint' })
    if (facts.size < this.size) throw violation('log.rollback', COORDINATOR, { held: this.size, got: facts.size })
    if (facts.invalid.length > 0)
      throw violation('log.fork', COORDINATOR, { size: facts.size, cosignedAnother: facts.invalid })
    return facts
  }

  #factsOf(checkpoint: Uint8Array): CheckpointFacts | undefined {
    const { logKey, participants } = this.#setting
    const cosigners = participants.map(({ name, signingKey }) => ({ name, publicKey: signingKey }))
    try {
      return verifyCheckpoint(checkpoint, { log: { name: this.#origin, publicKey: logKey }, cosigners })
    } catch (thrown) {
      if (thrown instanceof PlatformError) return undefined
      throw thrown
    }
  }

  /** How many of these leaves we have already. @throws PlatformError log.fork when one of them is another */
  #sameAsHeld(start: number, leaves: readonly Uint8Array[]): number {
    const known = Math.min(this.size - start, leaves.length)
    for (let i = 0; i < known; i++) {
      if (Buffer.compare(this.#store.leaf(start + i) ?? new Uint8Array(), leaves[i] as Uint8Array) !== 0)
        throw violation('log.fork', COORDINATOR, { index: start + i })
    }
    return known
  }

  #grow(leaves: readonly Uint8Array[], head: { size: number; note: Uint8Array }, root: Uint8Array): void {
    const tree = CompactRange.fromFrontier(this.#tree.frontier())
    const records: LogRecord[] = []
    let logged = this.#loggedSeq
    for (const leaf of leaves) {
      const checked = this.#checked(leaf)
      const index = tree.size
      tree.append(checked.hash)
      const { record, problem } = checked
      if (problem !== undefined || record === undefined) throw violationOfLeaf(index, problem as never)
      if (record.author === this.#author.author) {
        if (this.#notOurs(record.seq, leaf) || record.seq <= logged)
          throw violation('log.insertion', COORDINATOR, { index, claimed: record.author, seq: record.seq })
        if (record.seq !== logged + 1)
          throw violation('log.omission', COORDINATOR, { author: record.author, seq: logged + 1 })
        logged = record.seq
      }
      this.#judge(checked)
      records.push(record)
    }
    if (Buffer.compare(root, tree.root()) !== 0) throw violation('log.bad-root', COORDINATOR, { size: head.size })
    if (logged < this.#acknowledged)
      throw violation('log.omission', COORDINATOR, { author: this.#author.author, seq: logged + 1 })
    this.#store.append(this.size, leaves, head)
    for (const [i, record] of records.entries()) this.#mark(this.size + i, record)
    for (const leaf of leaves) this.#signed.delete(leafDigest(leaf))
    this.#tree = tree
    this.#loggedSeq = logged
  }

  /** The very bytes that this process signed need no second check: half of a round's leaves with two parties. */
  #checked(leaf: Uint8Array): CheckedLeaf {
    const digest = leafDigest(leaf)
    const record = this.#signed.get(digest)
    return record === undefined ? this.#check(leaf) : { hash: leafHash(leaf), digest, record }
  }

  #notOurs(seq: number, leaf: Uint8Array): boolean {
    const own = this.#store.ownLeaf(seq)
    return own === undefined || Buffer.compare(own, leaf) !== 0
  }

  #judge(checked: CheckedLeaf): void {
    for (const problem of this.#follower.add(checked)) {
      const found = violationOf(problem)
      if (found !== undefined) throw found
      // once for each party: where approvals are off every message has this problem, and the verifier lists them all
      const kind = `${problem.code} ${problem.who ?? ''}`
      if (this.#noted.has(kind)) continue
      this.#noted.add(kind)
      this.#setting.log.warn('log.noted', { collaboration: this.collaboration, ...problem })
    }
  }

  /** Cosigns once the head is on disk; what all have cosigned is kept as the last sealed head. */
  #answer(facts: CheckpointFacts, note: Uint8Array): Answer {
    this.#cosigners = facts.cosigners.map(({ name }) => name)
    for (const name of this.#cosigners) this.#cosigned.set(name, facts.size)
    if (facts.cosigners.length === this.parties.length) {
      if (facts.size > this.#sealedSize) this.#store.seal({ size: facts.size, note })
      this.#sealedSize = Math.max(facts.size, this.#sealedSize)
      return { kind: 'sealed' }
    }
    const { party, participants, sign, now } = this.#setting
    if (facts.cosigners.some(({ name }) => name === party)) return { kind: 'shown' }
    const publicKey = participants.find(({ name }) => name === party)?.signingKey ?? new Uint8Array()
    return { kind: 'cosigned', size: facts.size, line: cosign(note, { name: party, publicKey }, sign, now()) }
  }

  /** Keeps the trust bundle that the log was opened with, for later editions take its place in the agent. */
  #keepTrust({ bundleDigest }: RecordOf<'collaboration.opened'>): void {
    if (this.#store.trust() !== undefined) return
    const { digest, edition } = this.#setting.trust()
    if (digest === bundleDigest) this.#store.trust(edition)
    else this.#setting.log.warn('trust.other-edition', { collaboration: this.collaboration, openedWith: bundleDigest })
  }

  #mark(index: number, record: LogRecord): void {
    if (record.kind === 'collaboration.opened') this.#keepTrust(record)
    const mark = markOf(record)
    if (mark === undefined) return
    const made = this.#marks.get(mark) ?? new Map<string, number>()
    this.#marks.set(mark, made)
    made.set(record.author, index)
    if (record.kind !== 'job.closed' || made.size < this.parties.length) return
    for (const other of this.#marks.keys()) if (isOfJob(other, record.job)) this.#marks.delete(other)
  }

  /** Reads the mirror and the own records. They were verified before they were written. @throws PlatformError storage.damaged */
  #load(): void {
    for (const leaf of this.#store.own()) {
      const record = recordIn(parseRecord(leaf))
      this.#author = { ...this.#author, seq: record.seq + 1, prev: leafDigest(leaf), time: record.time }
      this.#history.add(record)
    }
    for (const leaf of this.#store.leaves()) {
      const record = recordIn(parseRecord(leaf))
      const hash = leafHash(leaf)
      this.#follower.add({ hash, digest: leafDigest(leaf), record })
      this.#mark(this.#tree.size, record)
      this.#tree.append(hash)
      if (record.author === this.#author.author) this.#loggedSeq = record.seq
    }
    const head = this.#store.head()
    const root = head.size === 0 ? new CompactRange().root() : parseTreeHead(parseNote(head.note).text).root
    if (head.size !== this.#tree.size || Buffer.compare(root, this.#tree.root()) !== 0)
      throw new PlatformError('storage.damaged', { file: join(this.folder, MIRROR_FILE) })
  }
}

function isOfJob(mark: string, job: string): boolean {
  return mark.split('/')[1] === job
}
