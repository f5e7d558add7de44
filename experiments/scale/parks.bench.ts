// Three parks of the synthetic federation train one model of their tenants' loans, without a loan leaving its park.
// `node experiments/scale/parks.bench.ts [--json] [--applications n] [--seed s] [--bad-rate r]` prints hold-out AUC of each park:
// of its own model, of the federation's, of that with the park's own last layer, and of one model of all rows in one place.
import { PARKS } from '../lab/park-loans.ts'
import { compareParks, parkHolders } from './parks.ts'

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const made = {
  applications: option('applications', 30_000),
  seed: option('seed', 20_220_101),
  badRate: option('bad-rate', 0.13),
}
const parks = await parkHolders(made)
const rows = parks.holders.map(({ train }) => train.labels.length).join(' + ')
const figures: object[] = []
for (const kind of ['logistic', 'mlp'] as const) {
  const { holders, federated, pooled } = await compareParks(parks, kind)
  const say = (model: string, over: string, value: number) => {
    const parameters = { over, rows, ...made }
    figures.push({ name: `parks/${kind}/${model}`, parameters, unit: 'AUC', median: value, p90: value, n: 1 })
    if (!process.argv.includes('--json'))
      console.log(`${kind.padEnd(9)} ${over.padEnd(8)} ${model.padEnd(10)} ${value.toFixed(4)}   training rows ${rows}`)
  }
  say('federated', 'all', federated)
  say('pooled', 'all', pooled)
  for (const [i, aucs] of holders.entries())
    for (const [model, value] of Object.entries(aucs)) say(model, PARKS[i] as string, value as number)
}
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
