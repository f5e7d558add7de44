// Trains a sample in memory and fits the same rows in the clear, for the tests of this protocol.
import type { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, type MemoryParty, runInMemory, type Tap } from '#protocols/core/memory.ts'
import { choleskyFactor, choleskySolve } from './cholesky.ts'
import { type GuestOutput, openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { fitNewton } from './newton.ts'
import type { WoeSample } from './sample-woe.ts'
import { type FixedColumns, partialScores, withIntercept } from './scores.ts'
import type { LrPart } from './training.ts'

/** All columns of a sample side by side: guest, hosts, the intercept last. */
export function allColumns({ guest, hosts }: WoeSample): FixedColumns {
  const columns = [guest, ...hosts].flatMap((input) => input.data.columns)
  return withIntercept({ bits: guest.data.bits, columns })
}

export function partiesOf(pool: HePool, { guest, hosts }: WoeSample): MemoryParty[] {
  return [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    ...hosts.map((input, i) => ({ id: `host-${i}`, program: openHost(pool) as never, input })),
  ]
}

/** The joint model, all weights in the order of allColumns, beside Newton's. */
export async function trainSample(pool: HePool, sample: WoeSample, tap?: Tap) {
  const { guest, hosts } = sample
  const network = new MemoryNetwork(tap)
  const outputs = await runInMemory(partiesOf(pool, sample), network)
  const bank = outputs.get('bank') as GuestOutput
  const parts = hosts.map((_, i) => outputs.get(`host-${i}`) as LrPart)
  const all = allColumns(sample)
  const free = new Set([all.columns.length - 1])
  const { l2, nonNegative } = guest.params
  const clear = fitNewton(all, guest.labels, guest.trainRows, l2, free, { weights: guest.weights, nonNegative })
  const joint = [...bank.weights, ...parts.flatMap((part) => part.weights), bank.intercept]
  const tests = [...(bank.tests ?? []), ...parts.flatMap((part) => part.tests ?? [])]
  return { bank, parts, joint, clear, all, network, tests: bank.interceptTest ? [...tests, bank.interceptTest] : tests }
}

/** Square roots of the diagonal of (XᵀWX + l2)⁻¹ at these weights over the columns whose weight is not zero; else NaN. */
export function clearErrors({ guest }: WoeSample, all: FixedColumns, weights: readonly number[]): number[] {
  const scores = partialScores(all, weights, 0, guest.trainRows)
  const kept = weights.flatMap((weight, j) => (weight === 0 ? [] : [j]))
  const size = kept.length
  const matrix = new Float64Array(size * size)
  for (const [a, j] of kept.entries()) {
    for (const [b, k] of kept.entries()) {
      let sum = a === b && j < weights.length - 1 ? guest.params.l2 : 0
      for (let i = 0; i < guest.trainRows; i++) {
        if (guest.weights?.[i] === 0) continue
        const p = 1 / (1 + Math.exp(-scores[i]!))
        sum += (p * (1 - p) * all.columns[j]![i]! * all.columns[k]![i]!) / 4 ** all.bits
      }
      matrix[a * size + b] = sum
    }
  }
  const factor = choleskyFactor(matrix, size)
  const errors = weights.map(() => Number.NaN)
  for (const [a, j] of kept.entries()) {
    const unit = new Float64Array(size)
    unit[a] = 1
    errors[j] = Math.sqrt(choleskySolve(factor, unit)[a]!)
  }
  return errors
}

export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))

/** Chi-square statistic of values in [0, modulus) over 16 cells; 15 degrees of freedom, 60 is p < 1e-6. */
export function unevenness(values: readonly number[], modulus: number): number {
  const cells = new Array<number>(16).fill(0)
  for (const value of values) cells[Math.floor((value / modulus) * 16)]! += 1
  return cells.reduce((sum, cell) => sum + (cell - values.length / 16) ** 2 / (values.length / 16), 0)
}
