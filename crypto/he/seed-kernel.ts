// The second polynomial of a foreign fresh ciphertext from its seed, as SEAL 4.1 draws it, outside SEAL. Seeds are public.
// SEAL's stream: buffer k, 4096 bytes, is BLAKE2Xb of k (8 bytes), with the seed as key. That is a root, BLAKE2b of k with that
// key, and 64 leaves one after another, BLAKE2b of the root without a key; parameter blocks tell all of them apart.
// The polynomial: 64-bit words of the stream, N of them modulo each prime in turn. Where one is among the last 2^64 mod p, or
// the one before these, SEAL draws it anew from what follows; the kernel says so and leaves the seed to SEAL.
import { PlatformError } from '#runtime/errors.ts'
import { N } from './params.ts'
import { SEED_BYTES } from './raw.ts'
import { assembleSeeds } from './seed-code.ts'

const PAGE = 65_536
const BUFFER_BYTES = 4096
const BLOCK_BYTES = 128
const HASH_BYTES = 64
const POLYNOMIAL_BYTES = 8 * N
const TOP = 1n << 60n
/** How far primes may lie below that. */
const MOST_BELOW = 1n << 28n

/** Memory: what compression starts from for the key, a root, a leaf | seed | number of a buffer | root | finding | words of a polynomial. */
const KEY_AT = 0
const ROOT_AT = KEY_AT + BLOCK_BYTES
const LEAF_AT = ROOT_AT + BLOCK_BYTES
const SEED_AT = LEAF_AT + BLOCK_BYTES
const NUMBER_AT = SEED_AT + SEED_BYTES
const HASHED_AT = NUMBER_AT + HASH_BYTES
const FOUND_AT = HASHED_AT + BLOCK_BYTES
const WORDS_AT = FOUND_AT + 16

/** The initial value of BLAKE2b (RFC 7693, 2.6). */
const START = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const

interface Exports {
  readonly memory: WebAssembly.Memory
  squeeze(state: number, message: number, to: number, end: number): void
  reduce(at: number, end: number, delta: number, found: number): void
}

let module: WebAssembly.Module | undefined

export class SeedKernel {
  readonly #run: Exports
  readonly #bytes: Uint8Array
  /** 2^60 less each prime */
  readonly #belowTop: readonly number[]

  /** primes: below 2^60 by at most 2^28 */
  constructor(primes: readonly bigint[]) {
    if (primes.some((prime) => prime >= TOP || TOP - prime > MOST_BELOW)) {
      throw new PlatformError('he.parameters', { kernel: 'primes just below 2^60' })
    }
    module ??= new WebAssembly.Module(assembleSeeds())
    this.#run = new WebAssembly.Instance(module).exports as unknown as Exports
    this.#run.memory.grow(Math.ceil((WORDS_AT + POLYNOMIAL_BYTES) / PAGE) - 1)
    this.#bytes = new Uint8Array(this.#run.memory.buffer)
    this.#belowTop = primes.map((prime) => Number(TOP - prime))
    // bytes of a hash, bytes of a key, fan-out, depth, bytes of a leaf (4) | number (4), bytes of all (4) | depth, inner bytes
    this.#writeStart(KEY_AT, [0x01_01_40_40n, BigInt(BUFFER_BYTES) << 32n, 0n], 128n, false)
    this.#writeStart(LEAF_AT, [0x40_00_00_00_40n, BigInt(BUFFER_BYTES) << 32n, 0x40_00n], 64n, true)
    this.#writeStart(ROOT_AT, [], 128n + 8n, true) // its first half comes from the key
  }

  /** The words of a polynomial, for `reduce`. */
  words(): BigUint64Array {
    return new BigUint64Array(this.#run.memory.buffer, WORDS_AT, N)
  }

  /**
   * The residues that a seed stands for into `to`, 64 bits each, prime by prime. False, with anything in `to`, where SEAL would
   * draw a word anew: for less than one seed in 2^28.
   */
  expand(seed: Uint8Array, to: Uint8Array): boolean {
    const { squeeze } = this.#run
    this.#bytes.set(seed, SEED_AT)
    squeeze(KEY_AT, SEED_AT, HASHED_AT, HASHED_AT + BLOCK_BYTES)
    this.#bytes.copyWithin(ROOT_AT, HASHED_AT, HASHED_AT + HASH_BYTES)
    const number = new Uint32Array(this.#run.memory.buffer, NUMBER_AT, 1)
    let buffer = 0
    return this.#belowTop.every((_, j) => {
      for (let at = WORDS_AT; at < WORDS_AT + POLYNOMIAL_BYTES; at += BUFFER_BYTES) {
        number[0] = buffer++
        squeeze(ROOT_AT, NUMBER_AT, HASHED_AT, HASHED_AT + BLOCK_BYTES) // two hashes: the first is used
        squeeze(LEAF_AT, HASHED_AT, at, at + BUFFER_BYTES)
      }
      if (!this.reduce(j)) return false
      to.set(this.#bytes.subarray(WORDS_AT, WORDS_AT + POLYNOMIAL_BYTES), j * POLYNOMIAL_BYTES)
      return true
    })
  }

  /** `words` modulo prime j, in place. False when SEAL would have drawn one of them anew. */
  reduce(j: number): boolean {
    this.#run.reduce(WORDS_AT, WORDS_AT + POLYNOMIAL_BYTES, this.#belowTop[j] as number, FOUND_AT)
    return this.#bytes[FOUND_AT] === 0
  }

  /** Compares what a seed stands for with SEAL's residues. @throws he.seal */
  checkAgainst(seed: Uint8Array, expected: Uint8Array): void {
    const own = new Uint8Array(expected.length)
    if (!this.expand(seed, own) || Buffer.compare(own, expected) !== 0) {
      throw new PlatformError('he.seal', { expected: 'equal seeds' })
    }
  }

  /** The 16 words that the compression of a block starts from. length: bytes up to its end; last: of the message */
  #writeStart(at: number, parameters: readonly bigint[], length: bigint, last: boolean): void {
    const words = new BigUint64Array(this.#run.memory.buffer, at, 16)
    words.set(START.map((word, i) => word ^ (parameters[i] ?? 0n)))
    words.set(START, START.length)
    words[12] = (words[12] as bigint) ^ length
    if (last) words[14] = ~(words[14] as bigint)
  }
}
