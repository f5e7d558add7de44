// What a raw table is: rows about one firm, from the values of its feature row and a stream of its own.
import type { FirmIds } from '../feature-rows.ts'
import type { FederationPlan } from '../plan.ts'
import type { SynthRecord } from '../record.ts'
import type { RandomStream } from '../stream.ts'
import type { Values } from '../tables/table.ts'

export interface RawContext {
  readonly plan: FederationPlan
  readonly record: SynthRecord
  readonly ids: FirmIds
  /** the id as this party spells it */
  readonly key: string
  readonly values: Readonly<Values>
}

export interface RawTable {
  readonly name: string
  readonly columns: readonly string[]
  /** lines without their ends; each table has a stream of its own */
  rows(context: RawContext, random: RandomStream): readonly string[]
}

/** Months before the application, oldest first: −12 … −1 for a year. */
export function monthsBefore(month: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, k) => month - count + k)
}

/** Positive weights that add up to 1 with about this coefficient of variation. */
export function shares(count: number, variation: number, random: RandomStream): readonly number[] {
  const raw = Array.from({ length: count }, () => Math.exp(variation * random.normal()))
  const sum = raw.reduce((total, x) => total + x, 0)
  return raw.map((x) => x / sum)
}

/** `chosen` different places among `count`, as a mask. */
export function chooseMask(count: number, chosen: number, random: RandomStream): readonly boolean[] {
  let left = Math.min(count, chosen)
  return Array.from({ length: count }, (_, k) => {
    const take = random.uniform() < left / (count - k)
    if (take) left -= 1
    return take
  })
}

export const fixed = (value: number, digits = 2): string => String(Number(value.toFixed(digits)))
