// A small labelled table of weight-of-evidence columns split between parties, as a scorecard has them, for the tests and
// the benchmark of this protocol. Columns of a party are correlated; rows of weight 0 stand between the others.
import { woeColumn } from './columns.ts'
import type { GuestInput } from './guest.ts'
import { type LrParams, WOE_BITS } from './params.ts'
import { SAMPLE_PARAMS } from './sample.ts'
import type { LrInput } from './training.ts'

export const WOE_PARAMS: LrParams = { ...SAMPLE_PARAMS, columns: 'woe', rounds: 40, tolerance: 1e-3 }

export interface WoeSample {
  readonly guest: GuestInput
  readonly hosts: readonly LrInput[]
}

export interface WoeOptions {
  /** log-odds of a row of average risk: −3.8 is a bad rate of about 3 % */
  readonly base?: number
  /** every so many-th row has weight 0; 0: none */
  readonly decoyEvery?: number
  readonly seed?: number
  /** weight of a column in the true score: the first column of each party gets its negative */
  readonly signs?: 'positive' | 'mixed'
}

/** Bins of equal size of a normal score and their weights of evidence: skewed towards risk, as in practice. */
const WOE_OF_BIN = [-0.9, -0.5, -0.2, 0.15, 0.6, 1.4]
const CUTS = [-0.97, -0.43, 0, 0.43, 0.97]

export function woeInputs(
  widths: readonly number[],
  rows: number,
  params: LrParams,
  options: WoeOptions = {},
): WoeSample {
  const { base = -3.8, decoyEvery = 0, seed = 1, signs = 'positive' } = options
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const tables = widths.map((width) => Array.from({ length: width }, () => new Float64Array(rows)))
  const labels = new Uint8Array(rows)
  const weights = new Uint8Array(rows)
  for (let i = 0; i < rows; i++) {
    const company = normal()
    let score = base
    for (const columns of tables) {
      const party = 0.4 * company + normal()
      for (const [j, column] of columns.entries()) {
        const latent = (0.5 * party + normal()) / 1.2
        const woe = WOE_OF_BIN[CUTS.filter((cut) => latent >= cut).length]!
        column[i] = woe
        score += (signs === 'mixed' && j === 0 ? -0.2 : 0.7 / Math.sqrt(widths.length)) * woe
      }
    }
    weights[i] = decoyEvery > 0 && i % decoyEvery === 0 ? 0 : 1
    // What stands in a decoy's place is noise: it must not count.
    labels[i] = uniform() < (weights[i] === 1 ? 1 / (1 + Math.exp(-score)) : 0.5) ? 1 : 0
  }
  const trainRows = Math.floor(rows * 0.8)
  const inputs = tables.map((columns, p) => ({
    params,
    names: columns.map((_, j) => `p${p}x${j}`),
    data: { bits: WOE_BITS, columns: columns.map((column) => woeColumn(column)) },
    trainRows,
    holdoutRows: rows - trainRows,
  }))
  return { guest: { ...inputs[0]!, labels, weights }, hosts: inputs.slice(1) }
}
