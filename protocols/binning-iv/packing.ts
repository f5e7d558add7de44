// What one row carries in its coefficient: its class, its weight and a secret random check, in fields side by side, so
// that sums over rows are sums of each. The check is the top field and wraps with the plain modulus, a power of two.
import { type HistogramSet, setNamed } from '#crypto/he/params.ts'
import { expandUniform } from '#crypto/prg.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'

/** A host that counts some row twice and another not at all passes a check with probability 2^-bits at most. */
const LEAST_CHECK_BITS = 6

export interface Totals {
  readonly n: number
  readonly bad: number
  /** modulo the check field */
  readonly check: number
}

export interface Fields {
  /** the rarer class is packed */
  readonly packsGood: boolean
  /** 2^bits of the class field, of the count field and of the check field */
  readonly classes: number
  readonly counts: number
  readonly checks: number
}

/** Fields for rows with these totals: every sum of some of the rows fits. @throws PlatformError binning.too-many-rows */
export function fieldsFor(set: HistogramSet, n: number, bad: number): Fields {
  const power = (most: number) => 2 ** Math.ceil(Math.log2(most + 1))
  const classes = power(Math.min(bad, n - bad))
  const counts = power(n)
  const checks = setNamed(set).plainModulus / classes / counts
  if (checks < 2 ** LEAST_CHECK_BITS) throw new PlatformError('binning.too-many-rows', { weight: n, set })
  return { packsGood: bad > n - bad, classes, counts, checks }
}

export interface PackedRows {
  readonly fields: Fields
  readonly totals: Totals
  /** one a row, below the plain modulus */
  readonly values: Float64Array
}

/** The rows of one set as coefficients. seed: of the checks, the same after a restart. */
export function packRows(
  set: HistogramSet,
  labels: Uint8Array,
  weights: Uint8Array,
  seed: Secret,
  label: string,
): PackedRows {
  let n = 0
  let bad = 0
  for (const [row, weight] of weights.entries()) {
    n += weight
    if (labels[row] === 1) bad += weight
  }
  const fields = fieldsFor(set, n, bad)
  const checks = expandUniform(seed, label, weights.length)
  let check = 0
  const values = Float64Array.from(weights, (weight, row) => {
    if (weight === 0) return 0
    const secret = checks[row]! % fields.checks
    check = (check + secret) % fields.checks
    const packed = (labels[row] === 1) === fields.packsGood ? 0 : weight
    return packed + fields.classes * (weight + fields.counts * secret)
  })
  return { fields, totals: { n, bad, check }, values }
}

/** What a sum of coefficients says. */
export function unpackSum(sum: number, { packsGood, classes, counts }: Fields): Totals {
  const packed = sum % classes
  const rest = Math.floor(sum / classes)
  const n = rest % counts
  return { n, bad: packsGood ? n - packed : packed, check: Math.floor(rest / counts) }
}
