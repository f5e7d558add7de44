// The coefficients that an answer shows, from a phase in SEAL's transformed form, without the inverse transform. Position m of
// that form is the value of the polynomial at a root x_m of X^N + 1. Position k·rows + rows − 1 of its N coefficients is
//   Σ_m value_m · x_m^−(k·rows + rows − 1) / N,  and x_m^rows is the same y_b for all m of block b of `rows` positions, so
//   Σ_b x_b·y_b^−(k + 1)/N · Σ_i value_bi · ζ_i,  with x_bi = x_b · ζ_i, the same ζ for all blocks:
// N products for all that is asked for. What is here is as secret as the key: steps and addresses depend on no value.
import { N } from './params.ts'
import { assemblePhases, CONSTANT_BYTES, HALF } from './phase-code.ts'
import { inverseModulo } from './residue-code.ts'

const PAGE = 65_536
/** Memory: values of a phase | sums by block | coefficients | ζ | by coefficient, the constants of its sum over blocks. */
const SUMS_AT = 8 * N
const FOUND_AT = SUMS_AT + 8 * 64
const TABLE_AT = FOUND_AT + 8 * 64

interface Exports {
  readonly memory: WebAssembly.Memory
  dot(values: number, end: number, constants: number, to: number): void
}

export class PhaseKernel {
  readonly #run: Exports
  readonly #prime: bigint
  readonly #windows: number
  readonly #rows: number

  /** roots: what X becomes in SEAL's transformed form. windows: of an answer, 4 … 64 */
  constructor(prime: bigint, windows: number, roots: BigUint64Array) {
    this.#prime = prime
    this.#windows = windows
    this.#rows = N / windows
    this.#run = new WebAssembly.Instance(new WebAssembly.Module(assemblePhases(prime))).exports as unknown as Exports
    const constants = this.#rows + windows * windows
    this.#run.memory.grow(Math.ceil((TABLE_AT + CONSTANT_BYTES * constants) / PAGE) - 1)
    const power = (base: bigint, exponent: number): bigint => {
      if (exponent === 0) return 1n
      const half = power((base * base) % prime, exponent >> 1)
      return exponent % 2 === 0 ? half : (half * base) % prime
    }
    const first = Array.from({ length: windows }, (_, b) => roots[b * this.#rows] as bigint)
    const inverse = inverseModulo(first[0] as bigint, prime)
    const zeta = Array.from({ length: this.#rows }, (_, i) => ((roots[i] as bigint) * inverse) % prime)
    const blocks = first.map((x) => inverseModulo(power(x, this.#rows), prime))
    const share = inverseModulo(BigInt(N), prime)
    const bySum = blocks.map((_, k) => blocks.map((y, b) => (first[b] as bigint) * power(y, k + 1) * share))
    this.#writeConstants([...zeta, ...bySum.flat()])
  }

  /** Where the caller puts a phase: 64 bits a value. */
  values(): Uint8Array {
    return new Uint8Array(this.#run.memory.buffer, 0, 8 * N)
  }

  /** The coefficients at the tops of the first `count` windows. */
  coefficients(count: number): bigint[] {
    const { dot, memory } = this.#run
    for (let b = 0; b < this.#windows; b++) {
      dot(8 * b * this.#rows, 8 * (b + 1) * this.#rows, TABLE_AT, SUMS_AT + 8 * b)
    }
    for (let k = 0; k < count; k++) {
      const constants = TABLE_AT + CONSTANT_BYTES * (this.#rows + k * this.#windows)
      dot(SUMS_AT, SUMS_AT + 8 * this.#windows, constants, FOUND_AT + 8 * k)
    }
    return Array.from(new BigUint64Array(memory.buffer, FOUND_AT, count), (found) => found % this.#prime)
  }

  /** Overwrites phase and coefficients. */
  forget(): void {
    new Uint8Array(this.#run.memory.buffer, 0, TABLE_AT).fill(0)
  }

  #writeConstants(constants: readonly bigint[]): void {
    const prime = this.#prime
    const longs = new BigInt64Array(this.#run.memory.buffer, TABLE_AT)
    const doubles = new Float64Array(this.#run.memory.buffer, TABLE_AT)
    for (const [i, constant] of constants.entries()) {
      for (const [half, value] of [constant, constant << HALF].entries()) {
        const rest = ((value % prime) + prime) % prime
        const centred = rest > prime / 2n ? rest - prime : rest
        longs[4 * i + half] = centred
        doubles[4 * i + 2 + half] = Number(centred) / Number(prime)
      }
    }
  }
}
