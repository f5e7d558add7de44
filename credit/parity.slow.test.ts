// The parity benchmark of a credit modeler: default_credit_hetero with 10 quantile bins, WOE and logistic regression,
// against the values published beside the data. Needs the shared data of a checkout.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { assignBins } from './bins.ts'
import { type BinRule, binColumn } from './binning.ts'

const DATA = new URL('../../shared/data/', import.meta.url)
const RULE: BinRule = { method: 'quantile', bins: 10, minimumRows: 50, minimumShare: 0.01 }

function table(name: string): Map<number, number[]> {
  const lines = readFileSync(new URL(name, DATA), 'utf8').trim().split('\n').slice(1)
  return new Map(lines.map((line) => line.split(',').map(Number)).map(([id, ...rest]) => [id!, rest]))
}

/** Logistic regression with ½·‖w‖² on all weights but the intercept, by Newton steps. columns: of the training rows */
function fit(columns: readonly Float64Array[], labels: Uint8Array): number[] {
  const rows = [...columns, new Float64Array(labels.length).fill(1)]
  const weights = rows.map(() => 0)
  for (let step = 0; step < 12; step++) {
    const gradient = weights.map((weight, j) => (j < columns.length ? weight : 0))
    const hessian = weights.map((_, j) => weights.map((_unused, k) => (j === k && j < columns.length ? 1 : 0)))
    for (let row = 0; row < labels.length; row++) {
      const z = rows.reduce((sum, column, j) => sum + column[row]! * weights[j]!, 0)
      const p = 1 / (1 + Math.exp(-z))
      for (const [j, column] of rows.entries()) {
        gradient[j]! += (p - labels[row]!) * column[row]!
        for (let k = 0; k <= j; k++) hessian[j]![k]! += p * (1 - p) * column[row]! * rows[k]![row]!
      }
    }
    for (const [j, line] of hessian.entries()) for (let k = 0; k < j; k++) hessian[k]![j] = line[k]!
    for (const [j, move] of solve(hessian, gradient).entries()) weights[j]! -= move
  }
  return weights
}

function solve(matrix: number[][], right: readonly number[]): number[] {
  const lines = matrix.map((line, i) => [...line, right[i]!])
  for (let i = 0; i < lines.length; i++) {
    for (let k = i + 1; k < lines.length; k++) {
      const factor = lines[k]![i]! / lines[i]![i]!
      for (let c = i; c <= lines.length; c++) lines[k]![c]! -= factor * lines[i]![c]!
    }
  }
  const out = right.map(() => 0)
  for (let i = lines.length - 1; i >= 0; i--) {
    const known = out.reduce((sum, value, c) => sum + (c > i ? value * lines[i]![c]! : 0), 0)
    out[i] = (lines[i]![lines.length]! - known) / lines[i]![i]!
  }
  return out
}

function aucAndKs(scores: readonly number[], labels: Uint8Array): [number, number] {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!)
  const bad = labels.reduce((sum, label) => sum + label, 0)
  const good = labels.length - bad
  let [seenBad, seenGood, area, ks] = [0, 0, 0, 0]
  for (const row of order) {
    if (labels[row] === 1) seenBad++
    else {
      seenGood++
      area += seenBad
    }
    ks = Math.max(ks, Math.abs(seenBad / bad - seenGood / good))
  }
  return [area / bad / good, ks]
}

test.runIf(existsSync(new URL('default_credit_hetero_host.csv', DATA)))(
  'WOE and logistic regression reach the published AUC and KS',
  () => {
    const guest = table('default_credit_hetero_guest.csv')
    const host = table('default_credit_hetero_host.csv')
    const ids = [...guest.keys()]
    const ordered = [...ids.filter((id) => id % 5 !== 0), ...ids.filter((id) => id % 5 === 0)]
    const train = ids.filter((id) => id % 5 !== 0).length
    const labels = Uint8Array.from(ordered, (id) => guest.get(id)![0]!)
    const raw = ordered.map((id) => [...guest.get(id)!.slice(1), ...host.get(id)!])
    const columns = raw[0]!.map((_, c) => Float64Array.from(raw, (row) => row[c]!))
    const weighed = columns.map((values) => {
      const { bins, woe } = binColumn(
        values.subarray(0, train),
        undefined,
        [],
        labels.subarray(0, train),
        undefined,
        RULE,
      )
      return Float64Array.from(assignBins(values, undefined, bins), (bin) => woe.bins[bin]!.woe)
    })
    const trained = weighed.map((column) => column.subarray(0, train))
    const weights = fit(trained, labels.subarray(0, train))
    const scores = Array.from({ length: ordered.length - train }, (_, i) =>
      weighed.reduce((sum, column, c) => sum + column[train + i]! * weights[c]!, 0),
    )
    const [auc, ks] = aucAndKs(scores, labels.subarray(train))
    expect(Math.abs(auc - 0.779066)).toBeLessThan(0.001)
    expect(Math.abs(ks - 0.423384)).toBeLessThan(0.003)
  },
)
