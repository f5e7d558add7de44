// What each partner adds: Shapley values and leave-one-out over coalitions of the guest with some of its partners.
import { PlatformError } from '#runtime/errors.ts'

/** More partners than this have more coalitions than anybody trains. */
const MOST_PARTNERS = 12

/** A coalition as one text; '' is the guest alone. Order of the partners does not matter. */
export function coalitionKey(partners: readonly string[]): string {
  return [...partners].sort().join('+')
}

/** All subsets of the partners, from none to all. */
export function allCoalitions(partners: readonly string[]): string[][] {
  if (partners.length > MOST_PARTNERS)
    throw new PlatformError('evaluation.invalid', { what: 'too many partners', partners: partners.length })
  return Array.from({ length: 2 ** partners.length }, (_, bits) => partners.filter((_, i) => ((bits >> i) & 1) === 1))
}

/**
 * Weight of each coalition's value in the Shapley value of one partner: with s of k partners besides it,
 * ±s!(k−1−s)!/k!, positive for coalitions with the partner. The guest is in every coalition and takes no share.
 */
export function shapleyWeights(partners: readonly string[], partner: string): Map<string, number> {
  const k = partners.length
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  return new Map(
    allCoalitions(partners).map((coalition) => {
      const inside = coalition.includes(partner)
      const others = coalition.length - (inside ? 1 : 0)
      const weight = (factorial(others) * factorial(k - 1 - others)) / factorial(k)
      return [coalitionKey(coalition), inside ? weight : -weight]
    }),
  )
}

/**
 * Shapley value of every partner; they add up to value(all) − value(guest alone).
 * @param values by coalitionKey. @throws PlatformError evaluation.invalid when a coalition is missing
 */
export function shapleyValues(partners: readonly string[], values: ReadonlyMap<string, number>): Map<string, number> {
  return new Map(
    partners.map((partner) => {
      let sum = 0
      for (const [key, weight] of shapleyWeights(partners, partner)) sum += weight * valueOf(values, key)
      return [partner, sum]
    }),
  )
}

/** value(all) − value(all without the partner). @throws PlatformError evaluation.invalid when one is missing */
export function leaveOneOut(partners: readonly string[], partner: string, values: ReadonlyMap<string, number>): number {
  const without = partners.filter((other) => other !== partner)
  return valueOf(values, coalitionKey(partners)) - valueOf(values, coalitionKey(without))
}

/** Parts of a whole; null when the whole is not positive, because a share of nothing says nothing. */
export function sharesOf(values: ReadonlyMap<string, number>): Map<string, number | null> {
  const whole = [...values.values()].reduce((sum, value) => sum + value, 0)
  return new Map([...values].map(([partner, value]) => [partner, whole > 0 ? value / whole : null]))
}

function valueOf(values: ReadonlyMap<string, number>, key: string): number {
  const value = values.get(key)
  if (value === undefined) throw new PlatformError('evaluation.invalid', { what: 'a coalition is missing', key })
  return value
}
