// Lets the newest of many values through, at most once in a while.

/** Calls `pass` at once for the first value, and then with the newest one at most every `everyMs`. */
export class Throttle<T> implements Disposable {
  readonly #pass: (value: T) => void
  readonly #everyMs: number
  #timer: NodeJS.Timeout | undefined
  #next: { readonly value: T } | undefined

  constructor(everyMs: number, pass: (value: T) => void) {
    this.#everyMs = everyMs
    this.#pass = pass
  }

  offer(value: T): void {
    if (this.#timer === undefined) this.#passOn(value)
    else this.#next = { value }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#next = undefined
  }

  #passOn(value: T): void {
    this.#pass(value)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const next = this.#next
      this.#next = undefined
      if (next !== undefined) this.#passOn(next.value)
    }, this.#everyMs)
  }
}
