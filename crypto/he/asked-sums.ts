// The sums of the asked coefficients of c0 while they are formed: of each node and group, of each prime, and of two windows at
// a time the sums of the low halves of residues, then those of the high ones. `gather` of node-code.ts adds to them.
export class AskedSums {
  readonly #memory: WebAssembly.Memory
  readonly #from: number
  readonly #primes: readonly bigint[]
  readonly #windows: number

  /** from: where those of the first node and group begin */
  constructor(memory: WebAssembly.Memory, from: number, primes: readonly bigint[], windows: number) {
    this.#memory = memory
    this.#from = from
    this.#primes = primes
    this.#windows = windows
  }

  /** Where those of the index-th node and group begin. */
  addressOf(index: number): number {
    return this.#from + index * askedBytes(this.#primes.length, this.#windows)
  }

  /** The residue modulo each prime of one coefficient. */
  residuesOf(index: number, window: number): bigint[] {
    const sums = this.#wordsOf(index)
    return this.#primes.map((prime, j) => {
      const at = this.#wordOf(window, j)
      return ((sums[at] as bigint) + ((sums[at + 2] as bigint) << 32n)) % prime
    })
  }

  /** Adds an integer for each prime to one coefficient. */
  add(index: number, window: number, values: readonly bigint[]): void {
    const sums = this.#wordsOf(index)
    for (const [j, prime] of this.#primes.entries()) {
      const residue = (((values[j] as bigint) % prime) + prime) % prime
      const at = this.#wordOf(window, j)
      sums[at] = (sums[at] as bigint) + (residue & 0xffff_ffffn)
      sums[at + 2] = (sums[at + 2] as bigint) + (residue >> 32n)
    }
  }

  #wordsOf(index: number): BigUint64Array {
    const words = askedBytes(this.#primes.length, this.#windows) / 8
    return new BigUint64Array(this.#memory.buffer, this.addressOf(index), words)
  }

  /** The low half; the high one is two words on. */
  #wordOf(window: number, j: number): number {
    return 2 * j * this.#windows + 4 * (window >> 1) + (window & 1)
  }
}

/** Bytes of the sums of one node and group. */
export function askedBytes(primes: number, windows: number): number {
  return 16 * primes * windows
}
