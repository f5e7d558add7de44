// Messages with the adder: the coordinator is a peer of jobs whose encrypted updates it adds up. It writes no records, so
// what is compared is what the parties say among themselves: who sent an update of a round, and who got the sum.
import { ADDER } from '../core/contract.ts'
import type { Problem } from './problems.ts'
import type { RecordOf } from './records.ts'

type Message = RecordOf<'msg.sent'> | RecordOf<'msg.received'>

const TASKS: readonly string[] = ['statistics', 'average']

/** Whether a job with this specification has an adder. Lenient: the log may hold jobs of later versions. */
export function hasAdder(specBytes: Uint8Array): boolean {
  const { statistics, average } = sectionsOf(specBytes)
  return statistics !== undefined || average !== undefined
}

/** With how many parties rounds of this job go on; undefined where all take part in each. */
export function leastPartiesOf(specBytes: Uint8Array): number | undefined {
  const { average } = sectionsOf(specBytes)
  const { dropout } = (average ?? {}) as { readonly dropout?: { readonly leastParties?: unknown } }
  return typeof dropout?.leastParties === 'number' ? dropout.leastParties : undefined
}

function sectionsOf(specBytes: Uint8Array): { readonly statistics?: unknown; readonly average?: unknown } {
  try {
    const spec: unknown = JSON.parse(Buffer.from(specBytes).toString('utf8'))
    return typeof spec === 'object' && spec !== null ? spec : {}
  } catch {
    return {}
  }
}

export function isWithAdder({ from, to }: Message): boolean {
  return from === ADDER || to === ADDER
}

/** Why the adder may not be an end of this message, or undefined. */
export function misuseOfAdder({ kind, task, step, class: name, messages, decryptableBy }: Message): string | undefined {
  if (!TASKS.includes(task)) return `task ${task} has no adder`
  if (name !== 'ciphertext') return `a message of class ${name}`
  if (step !== (kind === 'msg.sent' ? 'update' : 'sum')) return `a step ${step}`
  if (messages !== 1) return `${messages} messages under one label`
  return decryptableBy.includes(ADDER) ? 'said to be able to decrypt' : undefined
}

interface Label {
  readonly updates: Map<string, { readonly index: number; readonly decryptableBy: readonly string[] }>
  sum: { readonly index: number; readonly who: string; readonly decryptableBy: readonly string[] } | undefined
}

/** The sums of one round of one task. A label is what `keyId` names. */
export class RoundSums {
  readonly #report: (problem: Problem) => void
  readonly #labels = new Map<string, Label>()
  #voided = false

  constructor(report: (problem: Problem) => void) {
    this.#report = report
  }

  add(index: number, { kind, author: who, keyId, decryptableBy }: Message): void {
    if (keyId === '') return this.#report({ code: 'unknown-key', index, who, text: 'a ciphertext names no key' })
    const label = this.#labels.get(keyId) ?? { updates: new Map(), sum: undefined }
    this.#labels.set(keyId, label)
    const known = kind === 'msg.sent' ? label.updates.has(who) : label.sum !== undefined
    if (known)
      this.#mismatch(index, who, `step ${kind === 'msg.sent' ? 'update' : 'sum'} is recorded twice under one label`)
    else if (kind === 'msg.sent') label.updates.set(who, { index, decryptableBy })
    else {
      label.sum = { index, who, decryptableBy }
      if (this.#voided) this.#sumOfVoided(index, who)
    }
  }

  /** A party says that the round was voided: then nobody has a sum of it, and no update needs one. */
  voided(): void {
    if (this.#voided) return
    this.#voided = true
    for (const { sum } of this.#labels.values()) if (sum !== undefined) this.#sumOfVoided(sum.index, sum.who)
  }

  /** When every party that takes part closed the round. */
  judge(): void {
    if (this.#voided) return
    for (const { updates, sum } of this.#labels.values()) {
      const senders = [...updates.keys()]
      for (const [who, { index, decryptableBy }] of updates) {
        if (sum === undefined)
          this.#report({
            code: 'sent-without-received',
            index,
            who,
            text: `${who} sent an update whose sum nobody received`,
          })
        else if (
          !isSame(
            decryptableBy,
            senders.filter((party) => party !== who),
          )
        )
          this.#mismatch(index, who, 'an update is said to hide behind others than those whose updates are in the sum')
      }
      if (sum === undefined) continue
      const { index, who, decryptableBy } = sum
      if (senders.length === 0)
        this.#report({ code: 'received-without-sent', index, who, text: `${who} received a sum of no updates` })
      else if (!senders.includes(who) || !(isSame(decryptableBy, [who]) || isSame(decryptableBy, senders)))
        this.#mismatch(index, who, 'a sum is opened by its receiver, who is in it, or by all that are')
    }
  }

  #sumOfVoided(index: number, who: string): void {
    this.#mismatch(index, who, `${who} received a sum of a round that was voided`)
  }

  #mismatch(index: number, who: string, text: string): void {
    this.#report({ code: 'message-mismatch', index, who, text })
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((party) => others.includes(party))
}
