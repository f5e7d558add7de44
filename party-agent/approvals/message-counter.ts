// Counts the released aggregates that a job sent. A round that runs again after a restart sends the same messages: they
// count once.
import type { MessageHeader } from '#protocols/core/contract.ts'
import { isReleased } from '#protocols/core/schedule.ts'

export class MessageCounter {
  #closed: number
  #round = ''
  readonly #ofRound = new Set<string>()

  /** @param before messages of rounds that closed before this process started */
  constructor(before: number) {
    this.#closed = before
  }

  /** Takes a message into account. @returns how many released aggregates left so far, with this one */
  released(task: string, peer: string, { round, step, part, kind }: MessageHeader): number {
    const at = `${task}/${round}`
    if (at !== this.#round) {
      this.#closed += this.#ofRound.size
      this.#ofRound.clear()
      this.#round = at
    }
    if (isReleased(kind)) this.#ofRound.add(`${peer}/${step}/${part}`)
    return this.#closed + this.#ofRound.size
  }
}
