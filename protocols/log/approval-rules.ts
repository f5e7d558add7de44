// Approvals in the log: each disclosure names one that its sender granted before, that is valid at its time, and whose
// limits it keeps. One object for each author.
import { ADDER } from '../core/contract.ts'
import type { Approval } from '../core/approval.ts'
import type { Problem } from './problems.ts'
import { approvalDigest, type RecordOf } from './records.ts'

/** These classes carry data of the sender, so somebody must have allowed them. */
const NEEDS_APPROVAL: ReadonlySet<string> = new Set([
  'ciphertext',
  'masked-share',
  'psi-points',
  'released-aggregate',
  'split-sides',
])
const MAX_WAITING = 10_000

/** What is kept of a document: a long log has many. */
type Limits = Pick<
  Approval,
  'guest' | 'counterparties' | 'receivers' | 'floors' | 'validFrom' | 'validTo' | 'runs' | 'group'
>
/** Steps with which the members of a group add up, and which nobody else may get. */
const OF_A_GROUP = /^group-/

interface Granted {
  readonly document: Limits
  revoked: boolean
  jobs: number
  cells: number
}

type Use = { readonly index: number; readonly time: string }

export class ApprovalRules {
  readonly #who: string
  readonly #report: (problem: Problem) => void
  readonly #granted = new Map<string, Granted>()
  /** digests used before any record grants them: a later grant tells which problem it is */
  readonly #waiting = new Map<string, Use>()

  constructor(who: string, report: (problem: Problem) => void) {
    this.#who = who
    this.#report = report
  }

  grant(index: number, record: RecordOf<'approval.granted'>): void {
    const { approval, document } = record
    if (approvalDigest(document) !== approval || document.owner !== this.#who) {
      this.#problem('leaf-malformed', index, `the approval is not of ${this.#who}, or has another digest`)
      return
    }
    const use = this.#waiting.get(approval)
    if (use !== undefined) {
      this.#problem('approval-after-use', use.index, `an approval is used that is granted only at leaf ${index}`)
      this.#waiting.delete(approval)
    }
    // a second grant of the same document resets nothing
    if (this.#granted.has(approval)) return
    const { guest, counterparties, receivers, floors, validFrom, validTo, runs, group } = document
    const ofGroup = group === undefined ? {} : { group }
    const limits = { guest, counterparties, receivers, floors, validFrom, validTo, runs, ...ofGroup }
    this.#granted.set(approval, { document: limits, revoked: false, jobs: 0, cells: 0 })
  }

  revoke(index: number, { approval }: RecordOf<'approval.revoked'>): void {
    const granted = this.#granted.get(approval)
    if (granted === undefined) this.#problem('approval-missing', index, 'an approval is revoked that nobody granted')
    else granted.revoked = true
  }

  accept(index: number, { approval, time }: RecordOf<'job.accepted'>): void {
    if (approval === '') return
    const granted = this.#inForce(approval, { index, time })
    if (granted === undefined) return
    granted.jobs += 1
    if (granted.jobs > granted.document.runs) {
      this.#problem('approval-exceeded', index, `job ${granted.jobs} under an approval of ${granted.document.runs}`)
    }
  }

  send(index: number, record: RecordOf<'msg.sent'>): void {
    const { approval, time, to, round, step, class: name } = record
    if (approval === '') {
      if (NEEDS_APPROVAL.has(record.class))
        this.#problem('approval-missing', index, `a message of class ${record.class} names no approval`)
      return
    }
    const granted = this.#inForce(approval, { index, time })
    if (granted === undefined) return
    const { guest, counterparties, receivers, floors, group } = granted.document
    // what the adder gets is part of the protocol that is approved, and nobody's to read
    const isUpdate = to === ADDER && name === 'ciphertext'
    if (!isUpdate && to !== guest && !counterparties.includes(to) && !receivers.includes(to)) {
      this.#problem('approval-exceeded', index, `the approval does not name the receiver ${to}`)
    }
    if (OF_A_GROUP.test(step) && group?.members.includes(to) !== true) {
      this.#problem('approval-exceeded', index, `step ${step} goes to ${to}, which is no member of the approved group`)
    }
    if (round > floors.maxRounds) {
      this.#problem('approval-exceeded', index, `round ${round} under an approval of ${floors.maxRounds}`)
    }
  }

  /** @param approval under which the author accepted the job; empty where it needs none */
  release(index: number, approval: string): void {
    const granted = this.#granted.get(approval)
    if (granted === undefined) return // said where the message uses it
    granted.cells += 1
    const { maxReleasedCells } = granted.document.floors
    if (granted.cells > maxReleasedCells) {
      this.#problem('approval-exceeded', index, `cell ${granted.cells} under an approval of ${maxReleasedCells}`)
    }
  }

  finish(): void {
    for (const use of this.#waiting.values())
      this.#problem('approval-missing', use.index, 'an approval is used that no record grants')
    this.#waiting.clear()
  }

  #inForce(approval: string, use: Use): Granted | undefined {
    const granted = this.#granted.get(approval)
    if (granted === undefined) {
      if (this.#waiting.size < MAX_WAITING) {
        if (!this.#waiting.has(approval)) this.#waiting.set(approval, use)
      } else this.#problem('approval-missing', use.index, 'an approval is used that no record granted before')
      return undefined
    }
    const { validFrom, validTo } = granted.document
    if (granted.revoked) this.#problem('approval-exceeded', use.index, 'the approval is revoked')
    if (use.time < validFrom || use.time >= validTo)
      this.#problem('approval-exceeded', use.index, `the approval is valid from ${validFrom} to ${validTo}`)
    return granted
  }

  #problem(code: Problem['code'], index: number, text: string): void {
    this.#report({ code, index, who: this.#who, text })
  }
}
