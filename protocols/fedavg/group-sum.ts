// One sum over all parties: each encrypts its vector of integers, the adder adds, the opener opens. Nothing of a party's
// vector is read by anybody.
import { setImmediate as turn } from 'node:timers/promises'
import { chunkRanges, type Fields, fieldsFor } from '#crypto/aggregate/fields.ts'
import { SumOpening } from '#crypto/aggregate/opening.ts'
import { roundKey, roundLabel, sumOfKeys } from '#crypto/aggregate/round-keys.ts'
import { Expansion } from '#crypto/aggregate/streams.ts'
import { UpdateCipher, type UpdateKeys } from '#crypto/aggregate/update-cipher.ts'
import { openRound } from '#protocols/core/channel.ts'
import { ADDER, type PartyId, type TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import type { Group, GroupSecrets } from './group.ts'
import { AVERAGING } from './messages.ts'

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
}

/** One sum, seen by one party. */
export class GroupSum {
  readonly label: Uint8Array
  readonly fields: Fields
  readonly #task: TaskContext
  readonly #group: Group
  readonly #secrets: GroupSecrets
  readonly #facts: SumFacts

  constructor(task: TaskContext, group: Group, secrets: GroupSecrets, facts: SumFacts) {
    const { participants } = group
    this.#task = task
    this.#group = group
    this.#secrets = secrets
    this.#facts = facts
    this.fields = fieldsFor(participants.length)
    const { round, opener, model } = facts
    this.label = roundLabel({ job: task.jobId, task: task.taskId, round, participants, opener, model })
  }

  get keyId(): string {
    return Buffer.from(this.label).toString('hex')
  }

  /** Coins of this party for this sum, the same after a restart. @param use such as 'rounding' */
  coins(use: string): Expansion {
    return new Expansion(this.#secrets.own, `tributary/fedavg/${use}\0${this.keyId}`)
  }

  /** Sends this party's integers, encrypted. What a restart finds stored is sent as it was. */
  async contribute(values: Uint32Array): Promise<void> {
    const { round, opener, number } = this.#facts
    const header = { label: this.label, opener, number, participants: this.#group.participants }
    const make = async () => ({ ...header, parameters: values.length, chunks: await this.#encrypt(values) })
    const adder = openRound(AVERAGING, 'party', 'adder', this.#task.channel(ADDER), round)
    await adder.send('update', make, { keyId: this.keyId })
  }

  /** What the opener reads, each in [0, parties · levels]. @throws PlatformError average.other-round, he.noise, he.range */
  async open(): Promise<Uint32Array> {
    const { round, values } = this.#facts
    const adder = openRound(AVERAGING, 'opener', 'adder', this.#task.channel(ADDER), round)
    const { label, chunks } = await adder.receive('sum', { keyId: this.keyId })
    this.requireLabel(label, ADDER)
    const { own, pairs } = this.#secrets
    const keys = [own, ...pairs.values()].map((secret) => roundKey(secret, this.label))
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
    for (const [from, to] of chunkRanges(values.length)) {
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
    const forOpener = self === this.#facts.opener ? own : (pairs.get(this.#facts.opener) as Secret)
    return { key: roundKey(forOpener, this.label), partners, noise: own }
  }

  /** Lets connections and timers of the process have their turn. */
  async #rest(): Promise<void> {
    await turn()
    this.#task.signal.throwIfAborted()
  }
}
