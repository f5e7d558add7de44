// The scorecard of a job: the bank's view from what it knows of every party's bins and weights, and an owner's own view
// with its cut points from its part of the model.
import { join } from 'node:path'
import type { CoefficientFacts, FeatureFacts, Table } from '#credit/evaluation/pack.ts'
import { buildScorecard, ownerScorecardTable, type CardFeature, type Scorecard } from '#credit/scorecard/points.ts'
import type { Scaling } from '#credit/scorecard/scaling.ts'
import { readJson } from './stored.ts'

interface StoredModel {
  readonly scorecard?: Scaling
  readonly features: readonly {
    readonly name: string
    readonly alias?: string
    readonly coefficient: number
    readonly table?: readonly { readonly number: number | null; readonly label: string; readonly woe: number }[]
  }[]
}

/** Undefined where not every column's weight is known to the guest: the job asked for no scorecard. */
export function bankScorecard(
  features: readonly FeatureFacts[],
  coefficients: readonly CoefficientFacts[],
  intercept: number,
  scaling: Scaling,
): Scorecard | undefined {
  const cards = coefficients.flatMap(({ party, feature, beta }): CardFeature[] => {
    const facts = features.find((candidate) => candidate.party === party && candidate.feature === feature)
    if (facts === undefined) return []
    const train = facts.bins.reduce((sum, { counts }) => sum + (counts['train']?.n ?? 0), 0)
    const bins = facts.bins.map(({ bin, label, woe, counts }) => {
      const { n, bad } = counts['train'] ?? { n: 0, bad: 0 }
      return { bin, label, woe, nPct: train === 0 ? 0 : n / train, badRate: n === 0 ? null : bad / n }
    })
    return [{ party, feature, beta, bins, ...(facts.name === undefined ? {} : { name: facts.name }) }]
  })
  if (cards.length === 0 || cards.length < coefficients.length) return undefined
  return buildScorecard(cards, intercept, { scaling })
}

/** Own columns with cut points and points; undefined where the job made no scorecard. @throws PlatformError storage.damaged */
export async function ownScorecard(jobDir: string): Promise<Table | undefined> {
  const model = await readJson<StoredModel>(join(jobDir, 'model.json'))
  if (model?.scorecard === undefined) return undefined
  const features = model.features.map(({ name, alias = name, coefficient, table = [] }) => ({
    feature: alias,
    name,
    beta: coefficient,
    bins: table.flatMap(({ number, label, woe }) => (number === null ? [] : [{ bin: number, label, woe }])),
  }))
  return ownerScorecardTable(features, model.scorecard)
}
