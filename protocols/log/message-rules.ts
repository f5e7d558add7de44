// Messages in the log: what one party says it sent in a round is what the other says it received, and the keys that
// ciphertexts are under were published by who can decrypt them.
import { isWithAdder, RoundSums } from './adder-rules.ts'
import type { Problem } from './problems.ts'
import type { RecordOf } from './records.ts'

type Message = RecordOf<'msg.sent'> | RecordOf<'msg.received'>

/** The part of a message record on which both sides must agree. */
interface Said {
  readonly index: number
  readonly from: string
  readonly to: string
  readonly step: string
  /** everything else, as text: equal or not */
  readonly facts: string
}

/** That a message is under a key. */
export interface KeyUse {
  readonly index: number
  readonly who: string
  readonly keyId: string
  readonly ciphertext: boolean
  readonly decryptableBy: readonly string[]
}

/** The messages of one round of one task. A pair that agrees is forgotten at once. */
export class RoundMessages {
  readonly #report: (problem: Problem) => void
  readonly #unpaired = { 'msg.sent': new Map<string, Said>(), 'msg.received': new Map<string, Said>() }
  readonly #closed = new Set<string>()
  /** one entry for all messages that say the same */
  readonly #uses = new Map<string, KeyUse>()
  readonly #sums: RoundSums
  /** what the first party that opened, and the first that closed it, said of it */
  #leftOut: readonly string[] | undefined
  #voided: boolean | undefined
  #judged = false

  constructor(report: (problem: Problem) => void) {
    this.#report = report
    this.#sums = new RoundSums(report)
  }

  /** @param hasAdder whether the coordinator adds up updates in this job */
  add(index: number, record: Message, hasAdder: boolean): void {
    if (hasAdder && isWithAdder(record)) return this.#sums.add(index, record)
    const { author: who, step, from, to, keyId } = record
    this.#useKey(index, record)
    const facts = [record.class, record.messages, record.bytes, record.digest, record.decryptableBy.join()].join(' ')
    const key = [step, from, to, keyId].join(' ')
    const own = this.#unpaired[record.kind]
    const others = this.#unpaired[record.kind === 'msg.sent' ? 'msg.received' : 'msg.sent']
    const other = others.get(key)
    if (other === undefined) {
      if (own.has(key)) this.#mismatch({ index, who, text: `step ${step} from ${from} to ${to} is recorded twice` })
      else own.set(key, { index, from, to, step, facts })
      return
    }
    others.delete(key)
    if (other.facts !== facts) {
      const text = `step ${step}: ${from} says it sent other bytes than ${to} says it received (leaf ${other.index})`
      this.#mismatch({ index, who, text })
    }
  }

  /** Parties that take no part. */
  get leftOut(): readonly string[] {
    return this.#leftOut ?? []
  }

  /** @param leftOut parties that take no part, in order */
  open(index: number, who: string, leftOut: readonly string[]): void {
    this.#leftOut ??= leftOut
    const [own, first] = [leftOut, this.#leftOut].map((names) => names.join(', ') || 'nobody')
    if (own !== first)
      this.#mismatch({ index, who, text: `${who} opened a round without ${own}, others without ${first}` })
  }

  /** From now on `party` says nothing more in this round: what it left open towards others that closed is judged. */
  close(index: number, party: string, voided: boolean): void {
    this.#voided ??= voided
    if (this.#voided !== voided)
      this.#mismatch({
        index,
        who: party,
        text: `to ${party} the round was ${voided ? '' : 'not '}voided, to others it was`,
      })
    if (voided) this.#sums.voided()
    this.#closed.add(party)
    this.#judge('msg.sent', 'sent-without-received', ({ from, to, step }) => [
      from,
      `${from} sent step ${step} to ${to}, which records no receipt`,
    ])
    this.#judge('msg.received', 'received-without-sent', ({ from, to, step }) => [
      to,
      `${to} received step ${step} from ${from}, which records no sending`,
    ])
  }

  /** When every party that takes part closed the round. @param keys of the job */
  judge(keys: JobKeys): void {
    if (this.#judged) return
    this.#judged = true
    keys.judge(this.#uses.values())
    this.#sums.judge()
  }

  isClosedBy(parties: readonly string[]): boolean {
    return parties.every((party) => this.#closed.has(party))
  }

  #useKey(index: number, { author: who, keyId, class: name, decryptableBy }: Message): void {
    const ciphertext = name === 'ciphertext'
    if (keyId !== '') {
      const same = [keyId, name, ...decryptableBy].join()
      if (!this.#uses.has(same)) this.#uses.set(same, { index, who, keyId, ciphertext, decryptableBy })
    } else if (ciphertext) {
      this.#report({ code: 'unknown-key', index, who, text: 'a ciphertext names no key' })
    }
  }

  #judge(
    kind: Message['kind'],
    code: 'sent-without-received' | 'received-without-sent',
    describe: (said: Said) => readonly [who: string, text: string],
  ): void {
    for (const [key, said] of this.#unpaired[kind]) {
      if (!this.#closed.has(said.from) || !this.#closed.has(said.to)) continue
      const [who, text] = describe(said)
      this.#report({ code, index: said.index, who, text })
      this.#unpaired[kind].delete(key)
    }
  }

  #mismatch(problem: Omit<Problem, 'code'>): void {
    this.#report({ code: 'message-mismatch', ...problem })
  }
}

/** The keys of one job. Authors write at their own pace, so they are looked at when a round is closed by all. */
export class JobKeys {
  readonly #report: (problem: Problem) => void
  readonly #published = new Map<string, { readonly by: string; readonly publicDigest: string }>()

  constructor(report: (problem: Problem) => void) {
    this.#report = report
  }

  publish(index: number, { author, keyId, publicDigest }: RecordOf<'key.published'>): void {
    const known = this.#published.get(keyId)
    if (known === undefined) this.#published.set(keyId, { by: author, publicDigest })
    else if (known.by !== author || known.publicDigest !== publicDigest)
      this.#report({ code: 'unknown-key', index, who: author, text: `key ${keyId} is published twice` })
  }

  /** @param uses of a round that every party closed */
  judge(uses: Iterable<KeyUse>): void {
    for (const { index, who, keyId, ciphertext, decryptableBy } of uses) {
      const by = this.#published.get(keyId)?.by
      if (by === undefined) this.#report({ code: 'unknown-key', index, who, text: `key ${keyId} is not published` })
      else if (ciphertext && !decryptableBy.includes(by)) {
        const text = `key ${keyId} is of ${by}, which is not among those said to be able to decrypt`
        this.#report({ code: 'message-mismatch', index, who, text })
      }
    }
  }
}
