// Three parks of the synthetic federation train one model of their tenants' loans, without a loan leaving its park.
// `node experiments/scale/parks.bench.ts [--json] [--applications n] [--seed s] [--bad-rate r]` prints hold-out AUC of each park:
// of its own model, of the federation's, of that with the park's own last layer, and of one model of all rows in one place.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type Holder } from '#protocols/fedavg/accuracy.ts'
import type { FedAvgParams, PartyRows } from '#protocols/fedavg/params.ts'
import { PARKS, writeParkLoans } from '../lab/park-loans.ts'
import { LABEL, SAMPLE_ID } from '../synth/parties.ts'
import { readTable } from '../synth/read-tables.ts'

const HELD_OUT = 3
const PARAMS: Omit<FedAvgParams, 'model' | 'local'> = {
  server: { kind: 'average', learningRate: 1 },
  proximal: 0,
  scaffold: false,
  rounds: 30,
  clip: 1,
  minimumRows: 100,
  personal: { epochs: 1, learningRate: 0.005 },
}
const MODELS: Readonly<Record<'logistic' | 'mlp', Pick<FedAvgParams, 'model' | 'local'>>> = {
  logistic: {
    model: { kind: 'logistic', missing: 'indicator' },
    local: { epochs: 1, batchRows: 64, learningRate: 0.03, optimiser: { kind: 'sgd', momentum: 0 }, decay: 0.001 },
  },
  mlp: {
    model: { kind: 'mlp', hidden: [16], activation: 'tanh', missing: 'indicator' },
    local: { epochs: 1, batchRows: 64, learningRate: 0.03, optimiser: { kind: 'sgd', momentum: 0.5 }, decay: 0.001 },
  },
}

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

/** Every third loan is held out, by its place in the file, which is drawn. */
async function holderOf(file: string): Promise<{ readonly columns: readonly string[]; readonly holder: Holder }> {
  const table = await readTable(file)
  const columns = table.columns.filter((name) => ![SAMPLE_ID, 'match_id', LABEL].includes(name))
  const part = (isHoldout: boolean): PartyRows => {
    const rows = table.rows.filter((_, i) => (i % HELD_OUT === 0) === isHoldout)
    const numberAt = (row: (typeof rows)[number], name: string) => {
      const text = table.cell(row, name)
      return text === '' ? Number.NaN : Number(text)
    }
    return {
      columns: columns.map((name) => Float64Array.from(rows, (row) => numberAt(row, name))),
      labels: Uint8Array.from(rows, (row) => Number(table.cell(row, LABEL))),
    }
  }
  return { columns, holder: { train: part(false), holdout: part(true) } }
}

const [applications, seed, badRate] = [
  option('applications', 30_000),
  option('seed', 20_220_101),
  option('bad-rate', 0.13),
]
const directory = await mkdtemp(join(tmpdir(), 'parks-'))
const figures: object[] = []
try {
  await writeParkLoans({ directory, seed, applications, badRate })
  const parks = await Promise.all(PARKS.map((park) => holderOf(join(directory, `${park}.csv`))))
  const holders = parks.map(({ holder }) => holder)
  const rows = holders.map(({ train }) => train.labels.length).join(' + ')
  for (const [kind, settings] of Object.entries(MODELS)) {
    const params = { ...PARAMS, ...settings }
    const { columns } = parks[0] as (typeof parks)[0]
    const { holders: each, federated, pooled } = await compare({ holders, columns, params, alone: true })
    const say = (model: string, over: string, value: number) => {
      const parameters = { over, rows, applications, seed }
      figures.push({ name: `parks/${kind}/${model}`, parameters, unit: 'AUC', median: value, p90: value, n: 1 })
      if (!process.argv.includes('--json'))
        console.log(
          `${kind.padEnd(9)} ${over.padEnd(8)} ${model.padEnd(10)} ${value.toFixed(4)}   training rows ${rows}`,
        )
    }
    say('federated', 'all', federated)
    say('pooled', 'all', pooled)
    for (const [i, aucs] of each.entries())
      for (const [model, value] of Object.entries(aucs)) say(model, PARKS[i] as string, value as number)
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
