// A coin that shows heads with probability exp(−p/q), exactly: a uniform number of [0, 1) is drawn as 32-bit words, as many
// as it takes to tell it from the probability. One word is enough but for about one draw in 2^31; the rest is decided
// with whole numbers of any size, so no result depends on how a machine rounds.

/** 32 uniform bits at a time. */
export interface Words {
  word(): number
}

/** p / q ≥ 0, made only where a double does not decide. */
export type Rational = () => readonly [p: bigint, q: bigint]

/** Far above the error of Math.exp and of the exponent's double: both stay below 2^-40. */
const DOUBT = 2 ** -36
const WORD = 2 ** 32

/** @param near the exponent as a double, within 2^-41 of it; or both beyond 700 */
export function bernoulliExp(near: number, exact: Rational, words: Words): boolean {
  const word = words.word()
  const probability = Math.exp(-near)
  if ((word + 1) / WORD <= probability - DOUBT) return true
  if (word / WORD >= probability + DOUBT) return false
  return belowExactly(word, exact(), words)
}

function belowExactly(first: number, [p, q]: readonly [bigint, bigint], words: Words): boolean {
  let drawn = BigInt(first)
  for (let bits = 32n; ; bits += 32n) {
    const [low, high] = expBetween(p, q, bits)
    if (drawn + 1n <= low) return true
    if (drawn >= high) return false
    drawn = (drawn << 32n) + BigInt(words.word())
  }
}

/** Whole numbers below and above exp(−p/q)·2^bits, at most 2 apart: 1 / Σ (p/q)^k / k!, cut off once the rest is small. */
export function expBetween(p: bigint, q: bigint, bits: bigint): readonly [bigint, bigint] {
  const guard = bits + 4n * (p / q) + 64n
  const one = 1n << guard
  let [term, sum, k] = [one, one, 0n]
  // Every term is rounded down, by less than 1 and a growing share of the error before it: x^j/j! in total for each.
  while (term > 0n || k * q <= 2n * p) {
    k += 1n
    term = (term * p) / (q * k)
    sum += term
  }
  const error = (k + 2n) << (2n * (p / q) + 4n)
  const scaled = 1n << (guard + bits)
  return [scaled / (sum + error), scaled / sum + 1n]
}
