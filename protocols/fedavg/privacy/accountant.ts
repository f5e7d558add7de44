// How much the rounds of a job say about what is protected: Rényi differential privacy of the Poisson-sampled Gaussian
// mechanism (Mironov, Talwar, Zhang 2019, arXiv:1908.10530, section 3.3), added up over rounds and turned into (ε, δ)
// (Canonne, Kamath, Steinke 2020, arXiv:2004.00010, proposition 12; Balle et al. 2020, arXiv:1905.09982).
// Derivations and what the noise of several parties changes: protocols/fedavg/privacy/README.md.
import { PlatformError } from '#runtime/errors.ts'

/** One round, in the terms that decide what it costs. */
export interface RoundMechanism {
  /** probability with which a row enters the round; 1 where all take part */
  readonly sampleRate: number
  /** standard deviation of the noise over the sensitivity, after the corrections of `privacyPlan` */
  readonly noiseMultiplier: number
}

export interface PrivacySpend {
  /** upper bound; 0 for no rounds */
  readonly epsilon: number
  readonly delta: number
  /** the order at which ε is smallest; 0 for no rounds */
  readonly order: number
  readonly rounds: number
}

/**
 * What a party asks for before it protects the update of a round. `round`: hex label of the round. `turn`: of the rounds that
 * give a sum; where parties may be left out several labels may have one, and all but the last were voided: they cost nothing,
 * for the keys to them never left.
 */
export type PrivacyCharge = (asked: {
  readonly round: string
  readonly turn?: number
  readonly mechanism: RoundMechanism
}) => Promise<PrivacySpend>

const MOST_ORDER = 512
/** Whole numbers: between them the sum over k below has no end. */
export const ORDERS: readonly number[] = Array.from({ length: MOST_ORDER - 1 }, (_, i) => i + 2)

const LOG_FACTORIAL = new Float64Array(MOST_ORDER + 1)
for (let k = 2; k <= MOST_ORDER; k++) LOG_FACTORIAL[k] = (LOG_FACTORIAL[k - 1] as number) + Math.log(k)

/**
 * Rényi divergence of one round at a whole order, in nats. Without sampling α / 2σ²; with it
 * log Σₖ C(α, k) (1 − q)^(α−k) qᵏ exp((k² − k) / 2σ²) / (α − 1). @throws PlatformError privacy.settings
 */
export function rdpOfRound({ sampleRate: q, noiseMultiplier: sigma }: RoundMechanism, order: number): number {
  if (!(q > 0 && q <= 1 && sigma > 0 && Number.isFinite(sigma)))
    throw new PlatformError('privacy.settings', { sampleRate: q, noiseMultiplier: sigma })
  if (q === 1) return order / (2 * sigma * sigma)
  const terms = new Float64Array(order + 1)
  for (let k = 0; k <= order; k++) {
    terms[k] = logChoose(order, k) + (order - k) * Math.log1p(-q) + k * Math.log(q) + (k * k - k) / (2 * sigma * sigma)
  }
  return Math.max(0, logSumExp(terms)) / (order - 1)
}

/** ε at δ for the divergences at each of ORDERS. */
export function epsilonOf(divergences: readonly number[], delta: number): { epsilon: number; order: number } {
  let best = { epsilon: Number.POSITIVE_INFINITY, order: 0 }
  for (const [i, order] of ORDERS.entries()) {
    const epsilon =
      (divergences[i] as number) + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1)
    if (epsilon < best.epsilon) best = { epsilon: Math.max(0, epsilon), order }
  }
  return best
}

/** What rounds of any mechanisms cost together. @throws PlatformError privacy.settings */
export function privacySpend(rounds: readonly RoundMechanism[], delta: number): PrivacySpend {
  if (!(delta > 0 && delta < 1)) throw new PlatformError('privacy.settings', { delta })
  if (rounds.length === 0) return { epsilon: 0, delta, order: 0, rounds: 0 }
  const counts = new Map<string, { mechanism: RoundMechanism; times: number }>()
  for (const mechanism of rounds) {
    const key = `${mechanism.sampleRate}/${mechanism.noiseMultiplier}`
    counts.set(key, { mechanism, times: (counts.get(key)?.times ?? 0) + 1 })
  }
  const total = ORDERS.map(() => 0)
  for (const { mechanism, times } of counts.values()) {
    for (const [i, rdp] of divergencesOf(mechanism).entries()) total[i] = (total[i] as number) + times * rdp
  }
  return { ...epsilonOf(total, delta), delta, rounds: rounds.length }
}

/** Rounds of one mechanism that a budget allows, at most `most`; 0 where the first would pass it. */
export function roundsWithin(
  mechanism: RoundMechanism,
  { budget, delta }: { readonly budget: number; readonly delta: number },
  most: number,
): number {
  const once = divergencesOf(mechanism)
  const costs = (rounds: number) =>
    epsilonOf(
      once.map((rdp) => rounds * rdp),
      delta,
    ).epsilon
  let [within, beyond] = [0, most + 1]
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2)
    if (costs(middle) <= budget) within = middle
    else beyond = middle
  }
  return within
}

/** A charge that no file keeps, for parties in one process. @throws PlatformError privacy.budget-spent */
export function chargeInMemory(settings: { readonly budget: number; readonly delta: number }): PrivacyCharge {
  let charged: readonly Parameters<PrivacyCharge>[0][] = []
  return async (asked) => {
    const others = charged.filter(({ round, turn }) => round !== asked.round && (turn ?? -1) !== (asked.turn ?? -2))
    const all = [...others, asked]
    const spend = privacySpend(
      all.map(({ mechanism }) => mechanism),
      settings.delta,
    )
    if (spend.epsilon > settings.budget)
      throw new PlatformError('privacy.budget-spent', { of: 'job', budget: settings.budget })
    charged = all
    return spend
  }
}

let last: { readonly key: string; readonly divergences: readonly number[] } = { key: '', divergences: [] }

/** At every order. The rounds of a job are alike: the last answer is kept. */
function divergencesOf(mechanism: RoundMechanism): readonly number[] {
  const key = `${mechanism.sampleRate}/${mechanism.noiseMultiplier}`
  if (last.key !== key) last = { key, divergences: ORDERS.map((order) => rdpOfRound(mechanism, order)) }
  return last.divergences
}

function logChoose(n: number, k: number): number {
  return (LOG_FACTORIAL[n] as number) - (LOG_FACTORIAL[k] as number) - (LOG_FACTORIAL[n - k] as number)
}

function logSumExp(terms: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const term of terms) largest = Math.max(largest, term)
  let sum = 0
  for (const term of terms) sum += Math.exp(term - largest)
  return largest + Math.log(sum)
}
