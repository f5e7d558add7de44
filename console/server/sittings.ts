// A page of a console asks many times while somebody looks at one thing. That reading is stated once: again after ten
// minutes, in another session, or for another job.
const SITTING_MS = 10 * 60_000
const MOST = 10_000

export class Sittings {
  readonly #now: () => number
  readonly #stated = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * @param session or another name of whose reading it is
   * @param require states it and throws where it is not allowed: what is refused is stated each time
   */
  state(session: string, what: string, job: string, require: () => void): void {
    const key = [session, what, job].join('\n')
    const now = this.#now()
    if (now - (this.#stated.get(key) ?? -Infinity) < SITTING_MS) return
    require()
    if (this.#stated.size >= MOST) this.#stated.clear()
    this.#stated.set(key, now)
  }
}
