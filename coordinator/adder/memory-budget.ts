// What encrypted updates may take of this process's memory, over all jobs: asked for before the bytes come.

interface Waiting {
  readonly bytes: number
  readonly wake: (granted: boolean) => void
}

export class MemoryBudget {
  readonly #limit: number
  readonly #waiting: Waiting[] = []
  #used = 0
  #highest = 0

  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  get used(): number {
    return this.#used
  }

  /** The most that was ever in use. */
  get highest(): number {
    return this.#highest
  }

  /** True once there is room, in the order of asking; false when there is none within `waitMs`. */
  async reserve(bytes: number, waitMs: number): Promise<boolean> {
    if (this.#waiting.length === 0 && this.#used + bytes <= this.#limit) {
      this.#take(bytes)
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiting = { bytes, wake: resolve }
    this.#waiting.push(waiting)
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      resolve(false)
      this.#wake()
    }, waitMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  release(bytes: number): void {
    this.#used -= bytes
    this.#wake()
  }

  #take(bytes: number): void {
    this.#used += bytes
    this.#highest = Math.max(this.#highest, this.#used)
  }

  #wake(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#used + next.bytes > this.#limit) return
      this.#waiting.shift()
      this.#take(next.bytes)
      next.wake(true)
    }
  }
}
