// Three parks of the synthetic federation as holders of loans of their tenants, and what they train: for a test and figures.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Comparison, compare, type Holder } from '#protocols/fedavg/accuracy.ts'
import type { FedAvgParams, PartyRows } from '#protocols/fedavg/params.ts'
import { PARKS, writeParkLoans } from '../lab/park-loans.ts'
import { LABEL, SAMPLE_ID } from '../synth/parties.ts'
import { readTable } from '../synth/read-tables.ts'

const HELD_OUT = 3
const COMMON: Omit<FedAvgParams, 'model' | 'local'> = {
  server: { kind: 'average', learningRate: 1 },
  proximal: 0,
  scaffold: false,
  rounds: 30,
  clip: 1,
  minimumRows: 100,
  personal: { epochs: 1, learningRate: 0.005 },
}

export const PARK_MODELS: Readonly<Record<'logistic' | 'mlp', FedAvgParams>> = {
  logistic: {
    ...COMMON,
    model: { kind: 'logistic', missing: 'indicator' },
    local: { epochs: 1, batchRows: 64, learningRate: 0.03, optimiser: { kind: 'sgd', momentum: 0 }, decay: 0.001 },
  },
  mlp: {
    ...COMMON,
    model: { kind: 'mlp', hidden: [16], activation: 'tanh', missing: 'indicator' },
    local: { epochs: 1, batchRows: 64, learningRate: 0.03, optimiser: { kind: 'sgd', momentum: 0.5 }, decay: 0.001 },
  },
}

export interface ParkHolders {
  readonly columns: readonly string[]
  /** in the order of PARKS */
  readonly holders: readonly Holder[]
}

/** Loans of the tenants of each park. @param applications of the whole federation, about a third of them of tenants */
export async function parkHolders(options: {
  readonly seed: number
  readonly applications: number
  readonly badRate: number
}): Promise<ParkHolders> {
  const directory = await mkdtemp(join(tmpdir(), 'parks-'))
  try {
    await writeParkLoans({ directory, ...options })
    const parks = await Promise.all(PARKS.map((park) => holderOf(join(directory, `${park}.csv`))))
    return { columns: parks[0]?.columns ?? [], holders: parks.map(({ holder }) => holder) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** One model of all parks, next to one of all rows in one place and one of each park alone. */
export function compareParks({ columns, holders }: ParkHolders, kind: keyof typeof PARK_MODELS): Promise<Comparison> {
  return compare({ holders, columns, params: PARK_MODELS[kind], alone: true })
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
