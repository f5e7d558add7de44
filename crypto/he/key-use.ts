// How much of each key's flooding budget its answers have used.
import { PlatformError } from '#runtime/errors.ts'
import type { HeSet } from './params.ts'

/** Counts revealed coefficients by key id. A key that is used up gives no more answers: the task makes a new one. */
export class KeyUse {
  readonly #revealed = new Map<string, number>()

  /** Books `coefficients` more for this key, all or nothing. @throws he.key-used-up */
  take(keyId: string, set: HeSet, coefficients: number): void {
    const revealed = (this.#revealed.get(keyId) ?? 0) + coefficients
    if (revealed > set.revealedPerKey) {
      throw new PlatformError('he.key-used-up', { set: set.name, asked: revealed, limit: set.revealedPerKey })
    }
    this.#revealed.set(keyId, revealed)
  }
}
