// The check of one data set while it runs, for everybody who looks: a second visitor, or a page that dialled again,
// follows the one that is under way and does not begin another.
import { CHECK_PARTS, type CheckEvent } from '#console/api/data.ts'
import type { CheckPart } from '../data/data-check.ts'

export class SharedCheck<Report> {
  readonly #events: CheckEvent[] = []
  readonly #ended: Promise<void>
  #next = Promise.withResolvers<void>()
  #failure: { readonly error: unknown } | undefined
  #isOver = false

  /** @param told the report as the last event has it */
  constructor(
    check: (begun: (part: CheckPart) => void) => Promise<Report>,
    told: (report: Report) => NonNullable<CheckEvent['report']>,
  ) {
    const total = CHECK_PARTS.length
    const begun = (part: CheckPart) => this.#tell({ part, done: CHECK_PARTS.indexOf(part), total })
    this.#ended = check(begun)
      .then((report) => this.#tell({ done: total, total, report: told(report) }))
      .catch((error: unknown) => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#isOver = true
        this.#next.resolve()
      })
  }

  /** Resolves when it is over, also when it failed. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** All events from the first on, as they come. Who leaves hears no more; the check goes on to its end. */
  async *follow(signal: AbortSignal): AsyncGenerator<CheckEvent> {
    const gone = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    for (let at = 0; !signal.aborted; ) {
      const next = this.#next.promise
      while (at < this.#events.length) yield this.#events[at++] as CheckEvent
      if (this.#isOver) break
      await Promise.race([next, gone])
    }
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #tell(event: CheckEvent): void {
    this.#events.push(event)
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }
}
