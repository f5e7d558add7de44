// Counter-addressed random numbers: the stream of a (seed, table, row) never depends on another row, so any range of
// rows can be made anywhere. sfc32 (C. Doty-Humphrey, PractRand) seeded by the murmur3 finaliser. Not for secrets.

export interface RandomStream {
  /** in (0, 1), 53 bits */
  uniform(): number
  /** standard normal, from one uniform number, so that draws stay aligned */
  normal(): number
  /** Poisson with the given mean (capped at 30), by multiplication */
  poisson(mean: number): number
  /** index of a category with these weights, which sum to 1 */
  category(weights: readonly number[]): number
}

/** Numbers of the streams of one row. */
export const STREAM = {
  applicant: 1,
  bank: 2,
  tax: 3,
  social: 4,
  property: 5,
  parks: 6,
  response: 7,
  ids: 8,
  consent: 9,
  raw: 10,
  noise: 11,
  loans: 12,
  people: 13,
  behaviour: 14,
} as const

const WARM_UP = 12

/** The stream of one row of one table. `row` may pass 2^32. */
export function openStream(seed: number, stream: number, row: number): RandomStream {
  return new Sfc32(seed, stream, row)
}

/** A class and not closures: a federation opens hundreds of millions of streams. */
class Sfc32 implements RandomStream {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number, stream: number, row: number) {
    this.#a = finalise(seed ^ 0x9e3779b9) | 0
    this.#b = finalise((stream + 0x7f4a7c15) | 0) | 0
    this.#c = finalise(row | 0) | 0
    this.#d = (1 + Math.floor(row / 4294967296)) | 0
    for (let k = 0; k < WARM_UP; k++) this.#next()
  }

  #next(): number {
    const b = this.#b
    const c = this.#c
    const sum = (((this.#a + b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = b ^ (b >>> 9)
    this.#b = (c + (c << 3)) | 0
    this.#c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum
  }

  uniform(): number {
    const high = this.#next() >>> 5
    return (high * 67108864 + (this.#next() >>> 6) + 0.5) / 9007199254740992
  }

  normal(): number {
    return normalQuantile(this.uniform())
  }

  poisson(mean: number): number {
    const limit = Math.exp(-Math.min(mean, 30))
    let count = 0
    let product = this.uniform()
    while (product > limit && count < 200) {
      count++
      product *= this.uniform()
    }
    return count
  }

  category(weights: readonly number[]): number {
    const x = this.uniform()
    let sum = 0
    for (let k = 0; k < weights.length; k++) {
      sum += weights[k]!
      if (x < sum) return k
    }
    return weights.length - 1
  }
}

/** The murmur3 finaliser: a bijection of 32-bit words that spreads every bit. */
export function finalise(word: number): number {
  let h = word
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 16
  return h >>> 0
}

// P. J. Acklam, An algorithm for computing the inverse normal cumulative distribution function: relative error < 1.15e-9.
const A0 = -39.69683028665376
const A1 = 220.9460984245205
const A2 = -275.9285104469687
const A3 = 138.357751867269
const A4 = -30.66479806614716
const A5 = 2.506628277459239
const B0 = -54.47609879822406
const B1 = 161.5858368580409
const B2 = -155.6989798598866
const B3 = 66.80131188771972
const B4 = -13.28068155288572
const C0 = -0.007784894002430293
const C1 = -0.3223964580411365
const C2 = -2.400758277161838
const C3 = -2.549732539343734
const C4 = 4.374664141464968
const C5 = 2.938163982698783
const D0 = 0.007784695709041462
const D1 = 0.3224671290700398
const D2 = 2.445134137142996
const D3 = 3.754408661907416
const TAIL = 0.02425

function normalQuantile(p: number): number {
  if (p < TAIL) return tailQuantile(p)
  if (p > 1 - TAIL) return -tailQuantile(1 - p)
  const q = p - 0.5
  const r = q * q
  return (
    ((((((A0 * r + A1) * r + A2) * r + A3) * r + A4) * r + A5) * q) /
    (((((B0 * r + B1) * r + B2) * r + B3) * r + B4) * r + 1)
  )
}

function tailQuantile(p: number): number {
  const q = Math.sqrt(-2 * Math.log(p))
  return (((((C0 * q + C1) * q + C2) * q + C3) * q + C4) * q + C5) / ((((D0 * q + D1) * q + D2) * q + D3) * q + 1)
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** x, moved into [low, high]. */
export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x
}
