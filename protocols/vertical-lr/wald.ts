// Wald tests of single coefficients.

export interface WaldTest {
  /** NaN, as the two others, where the information matrix does not tell: a weight held at zero, a column that repeats others */
  readonly standardError: number
  /** coefficient / standard error */
  readonly z: number
  /** two-sided, from the normal distribution */
  readonly p: number
}

/** @param standardErrors one a weight, 0 where there is none */
export function waldTests(weights: readonly number[], standardErrors: readonly number[]): WaldTest[] {
  return weights.map((weight, j) => {
    const standardError = standardErrors[j]!
    if (!(standardError > 0)) return { standardError: Number.NaN, z: Number.NaN, p: Number.NaN }
    const z = weight / standardError
    return { standardError, z, p: twoSidedP(z) }
  })
}

/** P(|Z| ≥ |z|) = erfc(|z|/√2) of a standard normal Z, to about 1e-13 relative. */
export function twoSidedP(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  if (x < 2) return 1 - erfSeries(x)
  if (x > 27) return 0 // below the smallest double
  return (Math.exp(-x * x) / Math.sqrt(Math.PI)) * erfcFraction(x)
}

/** erf(x) = 2/√π · e^{−x²} · Σ 2ⁿ x^{2n+1} / (1·3·…·(2n+1)): all terms positive. Abramowitz and Stegun 7.1.6. */
function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** √π · e^{x²} · erfc(x) as the continued fraction 1/(x + ½/(x + 1/(x + 3/2/(x + …)))), from its 100th term back. */
function erfcFraction(x: number): number {
  let tail = x
  for (let n = 100; n >= 1; n--) tail = x + n / 2 / tail
  return 1 / tail
}
