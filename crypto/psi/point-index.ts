// Where a point is in a set: an open-addressed table over the bytes of the set, without a string for each point.
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import { POINT_BYTES } from './points.ts'

const WORDS = POINT_BYTES / 4
/** a few milliseconds of work between two looks at the event loop */
const SLICE = 16_384

export class PointIndex {
  readonly #words: Uint32Array
  readonly #slots: Int32Array
  readonly #mask: number
  // Random odd multipliers: a peer that chooses its points cannot make them collide here.
  readonly #keys: Uint32Array

  private constructor(points: Uint8Array) {
    const n = points.length / POINT_BYTES
    this.#words = new Uint32Array(Uint8Array.from(points).buffer)
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * n)))
    this.#slots = new Int32Array(size).fill(-1)
    this.#mask = size - 1
    this.#keys = new Uint32Array(Uint8Array.from(randomBytes(POINT_BYTES)).buffer).map((key) => key | 1)
  }

  /** @param points n×32 bytes @throws PlatformError psi.duplicate-point with both positions */
  static async of(points: Uint8Array): Promise<PointIndex> {
    const index = new PointIndex(points)
    const n = points.length / POINT_BYTES
    for (let i = 0; i < n; i++) {
      const slot = index.#slotOf(index.#words, i)
      const taken = index.#slots[slot] as number
      if (taken !== -1) throw new PlatformError('psi.duplicate-point', { first: taken, second: i })
      index.#slots[slot] = i
      if (i % SLICE === SLICE - 1) await setImmediate()
    }
    return index
  }

  /** For each of the points (m×32 bytes) its position in this set, or -1. */
  async locate(points: Uint8Array): Promise<Int32Array> {
    const words = new Uint32Array(Uint8Array.from(points).buffer)
    const found = new Int32Array(points.length / POINT_BYTES)
    for (let i = 0; i < found.length; i++) {
      found[i] = this.#slots[this.#slotOf(words, i)] as number
      if (i % SLICE === SLICE - 1) await setImmediate()
    }
    return found
  }

  /** The slot that holds point i of `words`, or the free slot where it would be. */
  #slotOf(words: Uint32Array, i: number): number {
    let mixed = 0
    for (let w = 0; w < WORDS; w++) {
      mixed = (Math.imul(mixed, 31) + Math.imul(words[i * WORDS + w] as number, this.#keys[w] as number)) | 0
      mixed ^= mixed >>> 15
    }
    let slot = mixed & this.#mask
    for (;;) {
      const taken = this.#slots[slot] as number
      if (taken === -1 || this.#same(words, i, taken)) return slot
      slot = (slot + 1) & this.#mask
    }
  }

  #same(words: Uint32Array, i: number, own: number): boolean {
    for (let w = 0; w < WORDS; w++) if (words[i * WORDS + w] !== this.#words[own * WORDS + w]) return false
    return true
  }
}
