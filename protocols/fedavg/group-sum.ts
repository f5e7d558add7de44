// One sum over all parties: each encrypts its vector of integers, the adder adds, the opener opens. Nothing of a party's
// vector is read by anybody.
import { setImmediate as turn } from 'node:timers/promises'
import { chunkRanges, type Fields } from '#crypto/aggregate/fields.ts'
import { SumOpening } from '#crypto/aggregate/opening.ts'
import { roundKey, roundLabel, sumOfKeys } from '#crypto/aggregate/round-keys.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { openThreshold, ShareRelease, sumDigest } from '#crypto/aggregate/threshold.ts'
import { UpdateCipher, type UpdateKeys } from '#crypto/aggregate/update-cipher.ts'
import { openAudience, openRound } from '#protocols/core/channel.ts'
import { ADDER, type PartyId, type TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import { type Group, type GroupSecrets, othersOf } from './group.ts'
import type { SumBody } from './bodies.ts'
import { AVERAGING } from './messages.ts'
import { commitUpdate, type UpdateOpening } from './robustness/commitment.ts'
import { sumFields } from './sum-fields.ts'

/** Chunks between two turns of other work: about 20 ms. */
const CHUNKS_PER_TURN = 4

/** What all parties know of a sum before it is made. */
export interface SumFacts {
  readonly round: number
  readonly opener: PartyId
  /** how many sums the opener has been sent in this job, this one included */
  readonly number: number
  /** SHA-256 of the state that the round starts from */
  readonly model: Uint8Array
  /** length of the vectors */
  readonly values: number
  /** opened by all parties together; the opener is who puts the shares together */
  readonly shared: boolean
  /** the round may be voided: each party keeps its key until the sum is made, so that a voided one can never be opened */
  readonly voidable?: boolean
}

/** One sum, seen by one party. */
export class GroupSum {
  readonly label: Uint8Array
  readonly fields: Fields
  readonly #task: TaskContext
  readonly #group: Group
  readonly #secrets: GroupSecrets
  readonly #facts: SumFacts
  /** of this party, once it contributed */
  #commitment: Uint8Array | undefined
  #told: readonly Uint8Array[] = []

  constructor(task: TaskContext, group: Group, secrets: GroupSecrets, facts: SumFacts) {
    const { participants } = group
    this.#task = task
    this.#group = group
    this.#secrets = secrets
    this.#facts = facts
    const { round, opener, model, shared } = facts
    this.fields = sumFields(participants.length, shared)
    const label = { job: task.jobId, task: task.taskId, round, participants, model }
    this.label = roundLabel(shared ? label : { ...label, opener })
  }

  get keyId(): string {
    return Buffer.from(this.label).toString('hex')
  }

  /** Coins of this party for this sum, the same after a restart. @param use such as 'rounding' */
  coins(use: string): Expansion {
    return new Expansion(this.#secrets.own, `tributary/fedavg/${use}\0${this.keyId}`)
  }

  /**
   * Sends this party's integers, encrypted, and a commitment to them. What a restart finds stored is sent as it was.
   * @param rows of this party behind them
   */
  async contribute(values: Uint32Array, rows: number): Promise<void> {
    const { round, opener, number, shared } = this.#facts
    const header = { label: this.label, opener, number, participants: this.#group.participants, shared }
    // On disk: what was said before a restart is what the others are told.
    const made = async () => commitUpdate(this.openingOf(values, rows))
    const commitment = await this.#task.vault.once(`commitment ${this.keyId}`, made)
    this.#commitment = commitment
    const make = async () => {
      return { ...header, parameters: values.length, commitment, chunks: await this.#encrypt(values) }
    }
    const adder = openRound(AVERAGING, 'party', 'adder', this.#task.channel(ADDER), round)
    await adder.send('update', make, { keyId: this.keyId })
  }

  /** What this party would show of its vector where a dispute was opened and its owner agreed. */
  openingOf(values: Uint32Array, rows: number): UpdateOpening {
    return { label: this.label, party: this.#task.self, salt: this.#bytes('salt'), rows, values }
  }

  /** What the opener reads, each in [0, parties · levels]. @throws PlatformError average.other-round, he.noise, he.range */
  async open(): Promise<Uint32Array> {
    const { round, shared } = this.#facts
    const adder = openRound(AVERAGING, 'opener', 'adder', this.#task.channel(ADDER), round)
    const body = await adder.receive('sum', { keyId: this.keyId })
    this.requireLabel(body.label, ADDER)
    this.#told = body.commitments ?? []
    return shared ? await this.#openTogether(body) : await this.#openAlone(body, await this.#openingKeys())
  }

  /**
   * What every other party does before it hears what the opener read: nothing where the opener opens alone; where the round
   * could be voided, gives its key; where all open together, gives its share of one sum.
   * @throws PlatformError average.other-round; aggregate.repeated for another sum
   */
  async assist(): Promise<void> {
    const { round, opener, shared, voidable } = this.#facts
    if (!shared && voidable !== true) return
    const peer = openRound(AVERAGING, 'party', 'opener', this.#task.channel(opener), round)
    if (!shared) {
      this.requireLabel(await peer.receive('sum-ready'), opener)
      return await peer.send('opening-key', () => this.#bytes('opening key'))
    }
    const shown = await peer.receive('sum-shown')
    this.requireLabel(shown.label, opener)
    // On disk before the share leaves: a share of a second sum would tell of the difference.
    const answered = await this.#task.vault.once(`share ${this.keyId}`, async () => sumDigest(shown.chunks))
    await peer.send('share', () => this.#shareOf(shown.chunks, answered))
  }

  async #openTogether(body: SumBody): Promise<Uint32Array> {
    const { round, opener, values } = this.#facts
    const { participants } = this.#group
    const others = othersOf(this.#group, opener)
    const { label, chunks } = body
    const audience = openAudience(AVERAGING, 'opener', 'party', this.#task.audience(others), round)
    await audience.send('sum-shown', () => ({ label, shared: true, chunks }))
    const peers = others.map((party) => openRound(AVERAGING, 'opener', 'party', this.#task.channel(party), round))
    const shares = new Map([[opener, this.#shareOf(chunks).chunks]])
    for (const peer of peers) {
      const share = await peer.receive('share')
      this.requireLabel(share.label, peer.peer)
      shares.set(peer.peer, share.chunks)
    }
    return openThreshold({ fields: this.fields, label, values, participants }, chunks, shares)
  }

  #shareOf(sums: readonly Uint8Array[], answered?: Uint8Array): SumBody {
    const release = new ShareRelease(this.fields, this.label, this.#facts.values, this.#keys(), answered)
    return { label: this.label, shared: true, chunks: release.release(sums) }
  }

  /** The secrets under which all encrypted: known by agreement, or told now. */
  async #openingKeys(): Promise<readonly Secret[]> {
    const { round, opener, voidable } = this.#facts
    const { own, pairs } = this.#secrets
    if (voidable !== true) return [own, ...pairs.values()]
    const others = othersOf(this.#group, opener)
    const audience = openAudience(AVERAGING, 'opener', 'party', this.#task.audience(others), round)
    await audience.send('sum-ready', () => this.label)
    const keys = [this.#ownKey()]
    for (const party of others) {
      const peer = openRound(AVERAGING, 'opener', 'party', this.#task.channel(party), round)
      keys.push(new Secret('opening key', Uint8Array.from(await peer.receive('opening-key'))))
    }
    return keys
  }

  async #openAlone({ chunks }: SumBody, secrets: readonly Secret[]): Promise<Uint32Array> {
    const { values } = this.#facts
    const keys = secrets.map((secret) => roundKey(secret, this.label))
    const opening = new SumOpening(this.fields, this.label, values, sumOfKeys(keys))
    const out = new Uint32Array(values)
    const ranges = [...chunkRanges(values)]
    if (chunks.length !== ranges.length)
      throw new PlatformError('he.malformed', { field: 'chunks', got: chunks.length })
    for (const [chunk, [from]] of ranges.entries()) {
      if (chunk % CHUNKS_PER_TURN === 0) await this.#rest()
      out.set(opening.next(chunks[chunk] as Uint8Array), from)
    }
    return out
  }

  /** What the participants committed to, as the adder told the opener. */
  get commitments(): readonly Uint8Array[] {
    return this.#told
  }

  /**
   * All hear what each committed to, and each that it is told what it said.
   * @throws PlatformError average.impossible
   */
  requireCommitments(told: readonly Uint8Array[]): void {
    const { participants } = this.#group
    const own = told[participants.indexOf(this.#task.self)]
    const isOwn = this.#commitment === undefined || (own !== undefined && Buffer.compare(own, this.#commitment) === 0)
    if (told.length !== participants.length || !isOwn)
      throw new PlatformError('average.impossible', { round: this.#facts.round, what: 'commitments' })
  }

  /** @throws PlatformError average.other-round */
  requireLabel(label: Uint8Array, party: PartyId): void {
    if (Buffer.compare(label, this.label) !== 0) {
      throw new PlatformError('average.other-round', { party, round: this.#facts.round, differing: ['label'] })
    }
  }

  async #encrypt(values: Uint32Array): Promise<Uint8Array[]> {
    if (values.length !== this.#facts.values) {
      throw new PlatformError('internal.unexpected', { expected: this.#facts.values, got: values.length })
    }
    const cipher = new UpdateCipher(this.fields, this.label, values.length, this.#keys())
    const chunks: Uint8Array[] = []
    for (const [from, to] of chunkRanges(values.length, this.fields.ring)) {
      if (chunks.length % CHUNKS_PER_TURN === 0) await this.#rest()
      chunks.push(cipher.next(values.subarray(from, to)))
    }
    return chunks
  }

  #keys(): UpdateKeys {
    const { participants } = this.#group
    const { own, pairs } = this.#secrets
    const place = (party: PartyId) => participants.indexOf(party)
    const self = this.#task.self
    const partners = [...pairs].map(([party, pair]) => {
      return { pair, sign: place(self) < place(party) ? (1 as const) : (-1 as const) }
    })
    const { opener, shared, voidable } = this.#facts
    const agreed = shared || self === opener ? own : (pairs.get(opener) as Secret)
    const secret = voidable === true && !shared ? this.#ownKey() : agreed
    return { key: roundKey(secret, this.label, this.fields.ring), partners, noise: own }
  }

  /** Of this label alone: who has it can open nothing of another round. */
  #ownKey(): Secret {
    return new Secret('opening key', this.#bytes('opening key'))
  }

  /** 32 bytes of this party for this sum, the same after a restart. */
  #bytes(use: string): Uint8Array {
    const words = this.coins(use)
    return new Uint8Array(Uint32Array.from({ length: 8 }, () => words.word()).buffer)
  }

  /** Lets connections and timers of the process have their turn. */
  async #rest(): Promise<void> {
    await turn()
    this.#task.signal.throwIfAborted()
  }
}
