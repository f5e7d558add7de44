// Accuracy on public data: `node protocols/fedavg/accuracy.bench.ts [--json]` prints hold-out AUC of the federation, of all
// rows in one place, and of each holder alone, for the settings of public-credit.ts.
import { compare } from './accuracy.ts'
import { CATEGORIES, PUBLIC_PARAMS, publicCredit, publicCreditThere } from './public-credit.ts'

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

async function figuresOf(kind: 'logistic' | 'mlp'): Promise<Figure[]> {
  const { columns, holders } = publicCredit()
  const params = { ...PUBLIC_PARAMS[kind], personal: { epochs: 1, learningRate: 0.01 } }
  const categories = kind === 'mlp' ? CATEGORIES : []
  const {
    federated,
    pooled,
    holders: each,
    output,
  } = await compare({ holders, columns, params, categories, alone: true })
  const rows = holders.map(({ train }) => train.labels.length).join(' + ')
  const figure = (model: string, of: string, value: number): Figure => ({
    name: `fedavg/${kind}/${model}`,
    parameters: { rows, over: of, engine: output.engine.name },
    unit: 'AUC',
    median: value,
    p90: value,
    n: 1,
  })
  return [
    figure('federated', 'all', federated),
    figure('pooled', 'all', pooled),
    ...each.flatMap((aucs, i) =>
      Object.entries(aucs).map(([model, value]) => figure(model, `holder ${i + 1}`, value as number)),
    ),
  ]
}

const figures = publicCreditThere() ? [...(await figuresOf('logistic')), ...(await figuresOf('mlp'))] : []
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else {
  if (figures.length === 0) console.log('not run: ../shared/data/UCI_Credit_Card.csv is absent')
  for (const { name, parameters, median } of figures)
    console.log(`${name.padEnd(26)} ${String(parameters.over).padEnd(9)} ${median.toFixed(4)}`)
}
