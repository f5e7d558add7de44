// Accuracy on public data, spread over three holders whose customers differ. Figures: README. Left out where
// ../shared/data/UCI_Credit_Card.csv is absent: it is not part of the repository.
import { expect, test } from 'vitest'
import { compare } from './accuracy.ts'
import { CATEGORIES, PUBLIC_PARAMS, publicCredit, publicCreditThere } from './public-credit.ts'

test.runIf(publicCreditThere()).each([
  ['logistic', 0.725, []],
  ['mlp', 0.775, CATEGORIES],
] as const)(
  '%s: the federation reaches the AUC of all rows in one place within 0.003',
  async (kind, least, categories) => {
    const { columns, holders } = publicCredit()
    const rates = holders.map(({ train }) => train.labels.reduce((sum, label) => sum + label, 0) / train.labels.length)
    expect(Math.max(...rates) - Math.min(...rates)).toBeGreaterThan(0.1)
    const { federated, pooled, output } = await compare({ holders, columns, params: PUBLIC_PARAMS[kind], categories })
    expect(Math.abs(federated - pooled)).toBeLessThan(0.003)
    expect(federated).toBeGreaterThan(least)
    // What the parties read off the sums is the AUC of the scores themselves, within the bound that goes with it.
    const told = output.rounds[output.bestRound - 1]!.quality!
    expect(Math.abs(told.auc - federated)).toBeLessThan(told.aucError + 1e-6)
  },
)
