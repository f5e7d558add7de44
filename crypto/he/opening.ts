// Opens answers to sums of trees: SEAL gives the phase (seal-phases.ts), of which the coefficients that the answer shows are
// taken (phase-kernel.ts) and rounded here. What comes out is what SEAL's BFV decryption gives, in a third of its time.
import { PlatformError } from '#runtime/errors.ts'
import { N } from './params.ts'
import { parseAnswer } from './parse.ts'
import { PhaseKernel } from './phase-kernel.ts'
import { readSecretKey, release, residueBytes } from './raw.ts'
import type { Seal, SealSet } from './seal.ts'
import { type PhaseKey, POLYNOMIAL_BYTES, SealPhases } from './seal-phases.ts'
import { innerProductShape, positionOf } from './wire.ts'

export class Opening implements Disposable {
  readonly #he: SealSet
  readonly #prime: bigint
  readonly #phases: SealPhases
  readonly #roots: BigUint64Array
  readonly #kernels = new Map<number, PhaseKernel>()

  /** he: of a set whose answers have one prime. @throws he.parameters */
  constructor(seal: Seal, he: SealSet) {
    const { name, answerPrimes, dataPrimes } = he.set
    if (answerPrimes !== 1) throw new PlatformError('he.parameters', { set: name, primes: answerPrimes })
    this.#he = he
    this.#prime = dataPrimes[0] as bigint
    this.#phases = new SealPhases(seal, this.#prime)
    this.#phases.polynomials()[2] = 1 // X
    this.#roots = new BigUint64Array(this.#phases.transform().slice(0, POLYNOMIAL_BYTES).buffer)
  }

  /** A secret key of the set from SEAL's bytes. The caller's. */
  loadKey(secretBytes: Uint8Array): PhaseKey {
    const primes = this.#he.set.dataPrimes.length + 1
    const { bytes, words } = readSecretKey(secretBytes, this.#he.parmsIds[primes] as string, primes)
    try {
      return this.#phases.loadKey(words.subarray(0, 2 * N))
    } finally {
      bytes.fill(0)
    }
  }

  /**
   * The first `cells` values of some answers, `windows` cells each, one after another. Answers go in pairs, since SEAL
   * transforms two polynomials at once. @throws he.malformed, he.wrong-key
   */
  open(key: PhaseKey, keyId: string, wires: readonly Uint8Array[], windows: number, cells: number): Float64Array {
    const out = new Float64Array(cells)
    const kernel = this.#kernel(windows) // before the polynomials are written: it may be compared with SEAL
    const words = this.#phases.polynomials()
    for (let first = 0; first < wires.length; first += 2) {
      const asked = wires.slice(first, first + 2).map((wire, i) => {
        const shown = Math.min(windows, cells - (first + i) * windows)
        const shape = innerProductShape(this.#he.set, keyId, shown, N / windows)
        return parseAnswer(wire, shape, words.subarray(2 * N * i, 2 * N * (i + 1)))
      })
      const opened = this.#openPair(key, asked, kernel)
      for (const [i, values] of opened.entries()) out.set(values, (first + i) * windows)
    }
    return out
  }

  [Symbol.dispose](): void {
    this.#phases[Symbol.dispose]()
  }

  /** The values of one or two answers: their c1 are in `polynomials`. asked: of each, the coefficients of c0 that it shows. */
  #openPair(key: PhaseKey, asked: readonly BigUint64Array[], kernel: PhaseKernel): Float64Array[] {
    const transformed = this.#phases.transform()
    try {
      return asked.map((first, i) => {
        const second = transformed.subarray(POLYNOMIAL_BYTES * i, POLYNOMIAL_BYTES * (i + 1))
        this.#phases.phaseOf(key, second, kernel.values())
        const coefficients = kernel.coefficients(first.length)
        return Float64Array.from(first, (residue, k) => this.#rounded(residue + (coefficients[k] as bigint)))
      })
    } finally {
      release(transformed)
      kernel.forget()
      this.#phases.forget()
    }
  }

  /** round(t · phase / p) modulo t. */
  #rounded(phase: bigint): number {
    const t = BigInt(this.#he.set.plainModulus)
    return Number(((phase * t + this.#prime / 2n) / this.#prime) % t)
  }

  #kernel(windows: number): PhaseKernel {
    const kept = this.#kernels.get(windows)
    if (kept !== undefined) return kept
    const kernel = new PhaseKernel(this.#prime, windows, this.#roots)
    this.#check(kernel, windows)
    this.#kernels.set(windows, kernel)
    return kernel
  }

  /** Compares what it opens with what SEAL decrypts. @throws he.seal */
  #check(kernel: PhaseKernel, windows: number): void {
    const he = this.#he
    const { publicKey, secretKey } = he.generateKey()
    using key = he.loadKey(publicKey, secretKey)
    using own = this.loadKey(secretKey)
    secretKey.fill(0)
    const step = he.set.plainModulus / N
    using plain = he.encodeCoefficients(Float64Array.from({ length: N }, (_, i) => i * step + i))
    using cipher = he.encryptPublic(key, plain)
    he.switchTo(cipher, 1)
    const shape = { parmsId: he.parmsIds[1] as string, primes: 1, ntt: false, seeded: false }
    const words = new BigUint64Array(residueBytes(he.saveCiphertext(cipher), shape).slice().buffer)
    const position = (k: number) => positionOf(k, N / windows)
    const first = BigUint64Array.from({ length: windows }, (_, k) => words[position(k)] as bigint)
    this.#phases.polynomials().set(new Uint32Array(words.buffer, POLYNOMIAL_BYTES))
    using decrypted = he.decrypt(key, cipher)
    const expected = he.decodeSome(decrypted, position(0), N / windows, windows)
    const [opened] = this.#openPair(own, [first], kernel)
    if (!expected.every((value, k) => value === opened?.[k])) {
      throw new PlatformError('he.seal', { expected: 'equal openings' })
    }
  }
}
