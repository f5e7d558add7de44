// Guessing gets slower: after some failures the next try has to wait, and each further failure doubles the wait. A try
// counts as failed from its beginning, so many at once are no way around.
import { PlatformError } from '#runtime/errors.ts'

export interface Guessed {
  /** who or what is guessed at, or where from */
  readonly key: string
  /** failures that cost nothing yet */
  readonly free: number
  /** longest wait */
  readonly mostSeconds: number
  /** a success ends it: whoever guesses on behalf of this key cannot have one */
  readonly endsWithSuccess: boolean
}

export interface Attempt {
  succeeded(): void
}

interface Failures {
  count: number
  waitUntil: number
  lastAt: number
}

/** without a failure for so long, all are forgotten */
const FORGET_MS = 3_600_000
const MOST_KEYS = 20_000

export class Throttle {
  readonly #now: () => number
  readonly #failures = new Map<string, Failures>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** @throws PlatformError console.too-many with the seconds to wait */
  begin(...guessed: readonly Guessed[]): Attempt {
    const now = this.#now()
    const waits = guessed.map(({ key }) => (this.#of(key, now)?.waitUntil ?? 0) - now)
    const wait = Math.max(...waits)
    if (wait > 0) throw new PlatformError('console.too-many', { seconds: Math.ceil(wait / 1000) })
    for (const one of guessed) this.#fail(one, now)
    return {
      succeeded: () => {
        for (const { key, endsWithSuccess } of guessed) {
          if (endsWithSuccess) this.#failures.delete(key)
          else this.#takeBack(key) // this try was no failure; the others stay
        }
      },
    }
  }

  #fail({ key, free, mostSeconds }: Guessed, now: number): void {
    const count = (this.#of(key, now)?.count ?? 0) + 1
    const seconds = count <= free ? 0 : Math.min(mostSeconds, 2 ** Math.min(count - free - 1, 30))
    this.#failures.delete(key) // to the end of the order, which is that of the last failure
    this.#failures.set(key, { count, waitUntil: now + seconds * 1000, lastAt: now })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > MOST_KEYS && oldest !== undefined) this.#failures.delete(oldest)
  }

  #takeBack(key: string): void {
    const known = this.#failures.get(key)
    if (known === undefined) return
    known.count -= 1
    known.waitUntil = 0
  }

  #of(key: string, now: number): Failures | undefined {
    const known = this.#failures.get(key)
    if (known === undefined || now - known.lastAt < FORGET_MS) return known
    this.#failures.delete(key)
    return undefined
  }
}

/** So many at a time; who finds the queue full is sent away. */
export class Turns {
  readonly #atOnce: number
  readonly #queueLimit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, queueLimit: number) {
    this.#atOnce = atOnce
    this.#queueLimit = queueLimit
  }

  /** @throws PlatformError console.too-many */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#queueLimit) throw new PlatformError('console.too-many', { seconds: 2 })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next() // the turn goes over
    }
  }
}

/** Of one subscriber: an IPv6 one has a network of 2^64 addresses. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const [left, right] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')))
  const zeros = tail === undefined ? [] : Array(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0')
  return [...(left ?? []), ...zeros, ...(right ?? [])].slice(0, 4).join(':')
}
