// When to look again: soon after something was raised, but not too often, and now and then anyway.

export interface TickerTerms {
  readonly atMostEveryMs: number
  readonly atLeastEveryMs: number
  /** ends it */
  readonly signal: AbortSignal
}

export class Ticker implements Disposable {
  readonly #terms: TickerTerms
  #raised = false
  #lastMs = Number.NEGATIVE_INFINITY
  #wake: (() => void) | undefined
  readonly #ended = () => this.#wake?.()

  constructor(terms: TickerTerms) {
    this.#terms = terms
    terms.signal.addEventListener('abort', this.#ended)
  }

  [Symbol.dispose](): void {
    this.#terms.signal.removeEventListener('abort', this.#ended)
  }

  raise(): void {
    this.#raised = true
    this.#wake?.()
  }

  /** @returns false when it is over */
  async next(): Promise<boolean> {
    const { atMostEveryMs, atLeastEveryMs, signal } = this.#terms
    if (!this.#raised) await this.#sleep(atLeastEveryMs)
    const early = this.#lastMs + atMostEveryMs - performance.now()
    if (early > 0) await this.#sleep(early, true)
    this.#raised = false
    this.#lastMs = performance.now()
    return !signal.aborted
  }

  /** @param deaf only the end wakes it */
  async #sleep(ms: number, deaf = false): Promise<void> {
    const { signal } = this.#terms
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#wake = () => {
      if (!deaf || signal.aborted) resolve()
    }
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }
}
