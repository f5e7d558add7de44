// Tail probabilities for tests of significance: chi-square and normal.

/** ln Γ(x) for x > 0 (Lanczos, g = 7, nine terms; relative error below 1e-14). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const sum = terms.reduce((total, term, i) => total + (i === 0 ? term : term / (x - 1 + i)), 0)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Q(a, x) = Γ(a, x)/Γ(a): series below a + 1, continued fraction above (Numerical Recipes 6.2). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 2000 && term > sum * 1e-17; n++) {
      term *= x / (a + n)
      sum += term
    }
    return 1 - factor * sum
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let n = 1; n < 2000; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return factor * h
}

/** P(χ² with `df` degrees of freedom > x). */
export function chiSquareTail(x: number, df: number): number {
  return Number.isNaN(x) ? Number.NaN : upperGamma(df / 2, x / 2)
}

/** P(|Z| > |z|) of a standard normal Z: the p-value of a Wald test. */
export function twoSidedNormalTail(z: number): number {
  return chiSquareTail(z * z, 1)
}
