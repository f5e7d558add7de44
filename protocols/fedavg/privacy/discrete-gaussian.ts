// Whole numbers with probability in proportion to exp(−x² / 2σ²), exactly (Canonne, Kamath, Steinke 2020,
// arXiv:2004.00010, algorithms 2 and 3): a discrete Laplace variable, accepted with a probability that makes it Gaussian.
// No logarithm or cosine of a double is in the result, which is what attacks on the low bits of noise read
// (Mironov 2012; Jin et al. 2022).
import { PlatformError } from '#runtime/errors.ts'
import { bernoulliExp, type Rational, type Words } from './bernoulli.ts'

/** σ is a multiple of 1 / GRAIN. */
export const GRAIN = 64
const MOST_SIGMA = 2 ** 24
/** In σ: up to here a double is within 2^-41 of the exponent of acceptance. */
const FAR = 40
const ONE: Rational = () => [1n, 1n]

export class DiscreteGaussian {
  readonly #words: Words
  readonly #sigma: number
  /** scale of the Laplace variable */
  readonly #t: number

  /** @throws PlatformError privacy.settings for a σ that is no multiple of 1/64 in [1/64, 2^24] */
  constructor(sigma: number, words: Words) {
    if (!(Number.isInteger(sigma * GRAIN) && sigma > 0 && sigma <= MOST_SIGMA))
      throw new PlatformError('privacy.settings', { sigma, grain: GRAIN, limit: MOST_SIGMA })
    this.#words = words
    this.#sigma = sigma
    this.#t = Math.floor(sigma) + 1
  }

  next(): number {
    for (;;) {
      const y = this.#laplace()
      if (this.#isAccepted(Math.abs(y))) return y
    }
  }

  /** Probability in proportion to exp(−|y| / t). */
  #laplace(): number {
    const t = this.#t
    for (;;) {
      const u = this.#below(t)
      if (!bernoulliExp(u / t, () => [BigInt(u), BigInt(t)], this.#words)) continue
      let v = 0
      while (bernoulliExp(1, ONE, this.#words)) v++
      const isNegative = this.#words.word() >= 2 ** 31
      const size = u + t * v
      if (!(isNegative && size === 0)) return isNegative ? -size : size
    }
  }

  /** With probability exp(−(|y| − σ²/t)² / 2σ²). */
  #isAccepted(size: number): boolean {
    const [sigma, t] = [this.#sigma, this.#t]
    const beyond = size - (sigma * sigma) / t
    const near = Math.abs(beyond) < FAR * sigma ? (beyond * beyond) / (2 * sigma * sigma) : FAR ** 2 / 2
    return bernoulliExp(
      near,
      () => {
        const a = BigInt(sigma * GRAIN) // σ² = a² / g²
        const g2 = BigInt(GRAIN * GRAIN)
        const over = BigInt(size) * BigInt(t) * g2 - a * a
        return [over * over, 2n * a * a * g2 * BigInt(t) ** 2n]
      },
      this.#words,
    )
  }

  /** Uniform in [0, n). */
  #below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const word = this.#words.word()
      if (word < limit) return word % n
    }
  }
}
