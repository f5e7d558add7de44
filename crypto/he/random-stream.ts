// Fast randomness for masks of many coefficients: AES-256 in counter mode under a key from the operating system. Each
// worker has its own; nothing is ever drawn twice.
import { createCipheriv, randomBytes } from 'node:crypto'
import { release } from './raw.ts'

/** Bytes after which a new key is drawn. */
const BYTES_PER_KEY = 2 ** 32
/** Small asks are cut from pieces of so many bytes: a call of the cipher costs more than the bytes. */
const PIECE_BYTES = 16_384
/** 255 = 3 · 85: a byte below it is uniform modulo 3. */
const TERNARY_LIMIT = 255

export class RandomStream {
  #cipher = newCipher()
  #drawn = 0
  #zeros = new Uint8Array(0)
  #piece: Uint8Array = new Uint8Array(0)
  #used = 0

  /** So many fresh uniform bytes; from a quarter of PIECE_BYTES on they lie in a buffer of their own, the caller's to release. */
  bytes(count: number): Uint8Array {
    if (4 * count >= PIECE_BYTES) return this.#draw(count)
    if (this.#used + count > this.#piece.length) {
      this.#piece = this.#draw(PIECE_BYTES)
      this.#used = 0
    }
    return this.#piece.subarray(this.#used, (this.#used += count))
  }

  #draw(count: number): Uint8Array {
    this.#drawn += count
    if (this.#drawn > BYTES_PER_KEY) {
      this.#cipher = newCipher()
      this.#drawn = count
    }
    if (this.#zeros.length < count) this.#zeros = new Uint8Array(count)
    return this.#cipher.update(this.#zeros.subarray(0, count))
  }

  /** Uniform values of −1, 0, 1. */
  ternary(count: number): Int8Array {
    const out = new Int8Array(count)
    for (let i = 0; i < count; ) {
      const bytes = this.#draw(count - i + 64)
      for (let b = 0; b < bytes.length && i < count; b++) {
        const byte = bytes[b] as number
        if (byte < TERNARY_LIMIT) out[i++] = (byte % 3) - 1
      }
      release(bytes)
    }
    return out
  }

  /** Differences of counts of 21 random bits each: SEAL's noise. */
  binomial(count: number): Int8Array {
    const bytes = this.bytes(6 * count)
    const out = new Int8Array(count)
    for (let i = 0; i < count; i++) {
      const at = 6 * i
      const plus = onesIn(bytes, at) + onesIn(bytes, at + 1) + onesIn(bytes, at + 2, 31)
      out[i] = plus - onesIn(bytes, at + 3) - onesIn(bytes, at + 4) - onesIn(bytes, at + 5, 31)
    }
    return out
  }

  /** A uniform integer of so many bits. */
  integer(bits: number): bigint {
    const words = Math.ceil(bits / 64)
    const { buffer, byteOffset } = this.bytes(8 * words)
    const view = new DataView(buffer, byteOffset, 8 * words)
    let value = 0n
    for (let word = 0; word < words; word++) value = (value << 64n) | view.getBigUint64(8 * word)
    return BigInt.asUintN(bits, value)
  }
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length)

function onesIn(bytes: Uint8Array, at: number, mask = 255): number {
  return ONES[(bytes[at] as number) & mask] as number
}

function newCipher() {
  return createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16))
}
