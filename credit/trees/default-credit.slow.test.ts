// The parity benchmark of a credit modeler: default_credit_hetero, 30 trees of depth 3 on 32 bins, against the values
// published beside the data and against XGBoost on the same cells. Needs the shared data of a checkout.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { aucOf, ksOf } from '../evaluation/discrimination.ts'
import { rankRows } from '../evaluation/ranking.ts'
import { cutCells, type TreeColumn } from './columns.ts'
import { DEFAULT_BOOST, leafFloor } from './params.ts'
import { type ReferenceInput, trainReference } from './reference.ts'
import { seededDraw, treeColumn } from './sample.ts'

const DATA = new URL('../../../shared/data/', import.meta.url)
const THERE = existsSync(new URL('default_credit_hetero_host.csv', DATA))

function table(name: string): Map<number, number[]> {
  const lines = readFileSync(new URL(name, DATA), 'utf8').trim().split('\n').slice(1)
  return new Map(lines.map((line) => line.split(',').map(Number)).map(([id, ...rest]) => [id!, rest]))
}

/** Training rows first, by id; the columns of guest and host cut with this floor. */
function inputWith(minLeafRows: number, minLeafShare: number): ReferenceInput {
  const [guest, host] = [table('default_credit_hetero_guest.csv'), table('default_credit_hetero_host.csv')]
  const ids = [...guest.keys()].sort((a, b) => a - b)
  const trainIds = ids.filter((id) => id % 5 !== 0)
  const order = [...trainIds, ...ids.filter((id) => id % 5 === 0)]
  const params = { ...DEFAULT_BOOST, minLeafRows, minLeafShare }
  const columnOf = (source: Map<number, number[]>, at: number): TreeColumn => {
    const values = Float64Array.from(order, (id) => source.get(id)![at]!)
    const train = values.subarray(0, trainIds.length)
    return treeColumn(values, cutCells(train, params.bins, leafFloor(params, trainIds.length)), 0)
  }
  const all = Uint32Array.from(order.keys())
  return {
    params,
    columns: [
      Array.from({ length: 13 }, (_, j) => columnOf(guest, j + 1)),
      Array.from({ length: 10 }, (_, j) => columnOf(host, j)),
    ],
    labels: Float64Array.from(order, (id) => guest.get(id)![0]!),
    weights: new Float64Array(order.length).fill(1),
    trainRows: all.subarray(0, trainIds.length),
    holdoutRows: all.subarray(trainIds.length),
    precision: 'real',
    modulus: 2 ** 50 - 27,
    draw: (owner) => seededDraw(owner),
  }
}

function holdoutMeasures(input: ReferenceInput): readonly [auc: number, ks: number] {
  const { margins } = trainReference(input)
  const from = input.trainRows.length
  const ranking = rankRows(margins.slice(from), Uint8Array.from(input.labels.subarray(from)))
  return [aucOf(ranking), ksOf(ranking).value]
}

test.runIf(THERE)('joint trees reach the published AUC and KS, quantised sums within 0.001 of exact ones', () => {
  const input = inputWith(DEFAULT_BOOST.minLeafRows, DEFAULT_BOOST.minLeafShare)
  const [[auc, ks], exact, quantised] = (['real', 'exact', 'quantised'] as const).map((precision) =>
    holdoutMeasures({ ...input, precision }),
  ) as [readonly [number, number], readonly [number, number], readonly [number, number]]
  expect(Math.abs(auc - 0.785471)).toBeLessThan(0.002)
  expect(Math.abs(ks - 0.441567)).toBeLessThan(0.01)
  expect(exact).toEqual([auc, ks])
  expect(Math.abs(quantised[0] - auc)).toBeLessThan(0.001)
  const [alone] = holdoutMeasures({ ...input, columns: input.columns.slice(0, 1) })
  expect(Math.abs(alone - 0.736326)).toBeLessThan(0.005)
})

// xgboost 3.2.0 on the very cells (hist, max_bin 256, base_score the mean of the labels): all 209 splits were the same,
// margins within 1.3e-6
test.runIf(THERE)('without a floor of rows the trees are those of XGBoost on the same cells', () => {
  const [auc, ks] = holdoutMeasures(inputWith(1, 0))
  expect(auc).toBeCloseTo(0.785702, 5)
  expect(ks).toBeCloseTo(0.438557, 5)
})
