// What both ends of a pair, or everybody, expand from a seed: residues, a ternary secret, noise. AES-256 in counter mode
// under a key derived from (seed, label); the same seed and label give the same values, read in the same order.
import type { Secret } from '#runtime/secret.ts'
import { openStream } from '../prg.ts'
import { MOST_NOISE } from './fields.ts'
import { mulMod, RESIDUE_BITS, type Residues, type Ring } from './ring-transform.ts'

const MASK = 2 ** RESIDUE_BITS - 1
const HALF_COINS = 2 ** MOST_NOISE - 1
/** 255 = 3 · 85: a byte below it is uniform modulo 3. */
const TERNARY_LIMIT = 255

/** One stream of a seed under a label, read piece by piece. */
export class Expansion {
  readonly #next: () => Uint8Array
  #words: Uint32Array = new Uint32Array(0)
  #at = 0

  constructor(seed: Secret | Uint8Array, label: string) {
    this.#next = openStream(seed, label)
  }

  /** `count` residues, uniform below p: 27 bits each, drawn again where not below it. */
  residues(p: number, count: number): Uint32Array {
    const out = new Uint32Array(count)
    this.addResidues(out, p, 1)
    return out
  }

  /** total += sign · the next residues modulo p: of a hundred masks none is ever held. */
  addResidues(total: Uint32Array, p: number, sign: 1 | -1): void {
    for (let i = 0; i < total.length; ) {
      if (this.#at === this.#words.length) this.#refill()
      const words = this.#words
      let at = this.#at
      for (; at < words.length && i < total.length; at++) {
        const value = (words[at] as number) & MASK
        if (value >= p) continue
        const sum = (total[i] as number) + (sign === 1 ? value : p - value)
        total[i++] = sum >= p ? sum - p : sum
      }
      this.#at = at
    }
  }

  /** `count` uniform values of −1, 0, 1. */
  ternary(count: number): Int8Array {
    const out = new Int8Array(count)
    for (let i = 0; i < count; ) {
      const word = this.word()
      for (let shift = 0; shift < 32 && i < count; shift += 8) {
        const byte = (word >>> shift) & 255
        if (byte < TERNARY_LIMIT) out[i++] = (byte % 3) - 1
      }
    }
    return out
  }

  /** `count` values of a centred binomial distribution, |e| ≤ 21, variance 10.5. */
  noise(count: number): Int8Array {
    const out = new Int8Array(count)
    for (let i = 0; i < count; i++) out[i] = ones(this.word() & HALF_COINS) - ones(this.word() & HALF_COINS)
    return out
  }

  /** A polynomial in coefficient form, uniform in [−2^bits, 2^bits) by coefficient. bits: 54 … 80 */
  flood(bits: number, { degree, primes }: Ring): Residues {
    const topBits = bits + 1 - 2 * RESIDUE_BITS
    const out = primes.map(() => new Uint32Array(degree))
    const weights = primes.map((p) => [
      2 ** RESIDUE_BITS % p,
      Number((1n << BigInt(2 * RESIDUE_BITS)) % BigInt(p)),
      p - Number((1n << BigInt(bits)) % BigInt(p)),
    ])
    for (let i = 0; i < degree; i++) {
      const [low, middle, top] = [this.word() & MASK, this.word() & MASK, this.word() & (2 ** topBits - 1)]
      for (const [j, p] of primes.entries()) {
        const [second, third, offset] = weights[j] as [number, number, number]
        ;(out[j] as Uint32Array)[i] =
          ((low % p) + mulMod(middle % p, second, p) + mulMod(top % p, third, p) + offset) % p
      }
    }
    return out
  }

  /** 32 uniform bits. */
  word(): number {
    if (this.#at === this.#words.length) this.#refill()
    return this.#words[this.#at++] as number
  }

  #refill(): void {
    const bytes = this.#next()
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)
    this.#words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
    this.#at = 0
  }
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
