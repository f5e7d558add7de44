// Key material as a type that cannot print.
import { inspect } from 'node:util'

/**
 * Bytes that must never be printed, logged or serialised by accident. `reveal` is the only way in,
 * so a review finds every use by searching for it. Disposing overwrites the bytes (best effort:
 * the JavaScript engine may have copied them).
 */
export class Secret implements Disposable {
  readonly #bytes: Uint8Array
  readonly label: string

  /** @param bytes taken over, not copied: the caller forgets them */
  constructor(label: string, bytes: Uint8Array) {
    this.label = label
    this.#bytes = bytes
  }

  reveal<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes)
  }

  toString(): string {
    return `Secret(${this.label})`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0)
  }
}
