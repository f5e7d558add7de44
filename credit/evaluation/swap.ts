// Who is approved by which model: the four quadrants of a new model against the champion at one approval rate.
import { PlatformError } from '#runtime/errors.ts'
import { smallCell } from './bands.ts'
import { type Table, tableOf } from './pack.ts'
import { orderByRisk } from './ranking.ts'
import type { SetRows } from './rows.ts'

export const SWAP_SET_COLUMNS = ['quadrant', 'n', 'bad', 'bad_rate', 'n_pct', 'n_unlabelled', 'set', 'flag'] as const
const QUADRANTS = ['both_approve', 'swap_in', 'swap_out', 'both_decline'] as const

/**
 * @param champion one score for each row of the facts, higher = riskier; NaN = not scored, left out here
 * @param approval share of the rows that either model approves, the safest first, 0 < approval < 1
 */
export function swapSetTable(set: SetRows, champion: Float64Array, approval: number, minimumCell: number): Table {
  checkApproval(approval)
  const both = Uint32Array.from(set.rows.keys()).filter((i) => !Number.isNaN(champion[set.rows[i]!]!))
  const approvedBy = (score: (i: number) => number): Uint8Array => {
    const approved = new Uint8Array(both.length)
    const declined = Math.round((1 - approval) * both.length)
    for (const position of orderByRisk(Float64Array.from(both, score)).subarray(declined)) approved[position] = 1
    return approved
  }
  const ours = approvedBy((i) => set.logOdds[i]!)
  const theirs = approvedBy((i) => champion[set.rows[i]!]!)
  const counts = QUADRANTS.map(() => ({ n: 0, bad: 0, unlabelled: 0 }))
  for (let p = 0; p < both.length; p++) {
    const of = counts[ours[p] === 1 ? 1 - theirs[p]! : 3 - theirs[p]!]!
    const label = set.labels[both[p]!]!
    of.n++
    if (label === 1) of.bad++
    if (label < 0) of.unlabelled++
  }
  const cells = QUADRANTS.map((quadrant, q) => {
    const { n, bad, unlabelled } = counts[q]!
    return {
      quadrant,
      n,
      bad,
      bad_rate: bad / (n - unlabelled),
      n_pct: n / both.length,
      n_unlabelled: unlabelled,
      set: set.name,
      flag: smallCell(n, minimumCell),
    }
  })
  return tableOf('swap_set', SWAP_SET_COLUMNS, cells)
}

/** @throws PlatformError evaluation.invalid unless 0 < approval < 1 */
export function checkApproval(approval: number): void {
  if (!(approval > 0 && approval < 1))
    throw new PlatformError('evaluation.invalid', { what: 'approved share', approval })
}
