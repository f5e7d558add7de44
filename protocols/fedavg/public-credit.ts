// Test support: UCI_Credit_Card.csv, public data of 30,000 card holders in Taiwan, split over three holders whose
// customers differ. The file is not part of the repository.
import { existsSync, readFileSync } from 'node:fs'
import type { Holder } from './accuracy.ts'
import type { FedAvgParams, PartyRows } from './params.ts'
import { uniform } from './sample.ts'

const FILE = new URL('../../../shared/data/UCI_Credit_Card.csv', import.meta.url)

export function publicCreditThere(): boolean {
  return existsSync(FILE)
}

export const CATEGORIES = ['SEX', 'EDUCATION', 'MARRIAGE'] as const

export interface PublicCredit {
  readonly columns: readonly string[]
  readonly holders: readonly Holder[]
}

/** Share of the customers that go to the holder of their credit limit; the others go to any. */
const SKEW = 0.7

/**
 * Three holders: small, middling and large limits for seven customers of ten. Ids that divide by five are held out.
 */
export function publicCredit(): PublicCredit {
  const [header = '', ...lines] = readFileSync(FILE, 'utf8').trim().split('\n')
  const names = header.split(',').map((name) => name.replaceAll('"', ''))
  const columns = names.slice(1, -1)
  const table = lines.map((line) => line.split(',').map(Number))
  const draws = uniform('holders', table.length)
  const limits = table.map((row) => row[1] as number).toSorted((a, b) => a - b)
  const third = (share: number) => limits[Math.floor(share * limits.length)] as number
  const holderOf = table.map((row, i) => {
    const draw = draws[i] as number
    if (draw >= SKEW) return Math.floor(((draw - SKEW) / (1 - SKEW)) * 3)
    const limit = row[1] as number
    return limit < third(1 / 3) ? 0 : limit < third(2 / 3) ? 1 : 2
  })
  const part = (holder: number, isHoldout: boolean): PartyRows => {
    const rows = table.filter((row, i) => holderOf[i] === holder && ((row[0] as number) % 5 === 0) === isHoldout)
    return {
      columns: columns.map((_, c) => Float64Array.from(rows, (row) => row[c + 1] as number)),
      labels: Uint8Array.from(rows, (row) => row.at(-1) as number),
    }
  }
  return { columns, holders: [0, 1, 2].map((holder) => ({ train: part(holder, false), holdout: part(holder, true) })) }
}

const COMMON: Omit<FedAvgParams, 'model' | 'local' | 'rounds'> = {
  server: { kind: 'average', learningRate: 1 },
  proximal: 0,
  scaffold: false,
  clip: 1,
  minimumRows: 100,
}

/** What both models are trained with. */
export const PUBLIC_PARAMS: Readonly<Record<'logistic' | 'mlp', FedAvgParams>> = {
  logistic: {
    ...COMMON,
    model: { kind: 'logistic' },
    local: { epochs: 1, batchRows: 128, learningRate: 0.05, optimiser: { kind: 'sgd', momentum: 0 }, decay: 0 },
    rounds: 15,
  },
  mlp: {
    ...COMMON,
    model: {
      kind: 'mlp',
      hidden: [32],
      activation: 'relu',
      embeddings: [
        { column: 'SEX', cardinality: 3, width: 2 },
        { column: 'EDUCATION', cardinality: 7, width: 2 },
        { column: 'MARRIAGE', cardinality: 4, width: 2 },
      ],
    },
    local: { epochs: 1, batchRows: 128, learningRate: 0.05, optimiser: { kind: 'sgd', momentum: 0.9 }, decay: 0 },
    rounds: 15,
  },
}
