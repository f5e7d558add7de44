// Test support: a made sample with several sets, decoys, missing values, special codes and rows that are not there, and
// a run with all parties in this process.
import { NO_CONSENT, NO_ROW } from '#protocols/core/aligned-rows.ts'
import { type BoostParams, DEFAULT_BOOST } from '#credit/trees/params.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { expandBytes, expandUniform } from '#crypto/prg.ts'
import { T } from '#crypto/ring.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import type { TaskVault } from '#protocols/core/contract.ts'
import { type MemoryNetwork, type MemoryParty, memoryVault, runInMemory } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import type { BoostColumn, GuestInput, GuestOutput, HostInput, HostOutput, Membership } from './params.ts'

export const HOSTS = ['tax', 'social', 'park', 'property'] as const

/** Uniform numbers in [0, 1), the same for the same label. */
export function uniform(label: string, count: number): Float64Array {
  return expandUniform(new Uint8Array(32), label, count).map((value) => value / T)
}

export interface SampleOptions {
  readonly boost?: Partial<BoostParams>
  readonly membership?: Membership
  readonly sets?: readonly AlignedSet[]
  /** columns of the guest and of each host */
  readonly widths?: readonly number[]
  /** with rows that are not there, decoys, missing values and sample weights */
  readonly left?: boolean
  /** prescribed direction of every third column of every party */
  readonly signs?: boolean
}

export interface Sample {
  readonly guest: GuestInput
  readonly hosts: readonly HostInput[]
}

/** Labels depend on one column in three of each party, and on whether a value is missing. */
export function makeSample(options: SampleOptions = {}): Sample {
  const boost: BoostParams = { ...DEFAULT_BOOST, trees: 2, depth: 3, bins: 8, ...options.boost }
  const params = { boost, membership: options.membership ?? 'hidden' }
  const sets = options.sets ?? [{ name: 'train', rows: 2000 }]
  const rows = sets.reduce((sum, set) => sum + set.rows, 0)
  const widths = options.widths ?? [2, 3]
  const columns = widths.map((width, owner) => columnsOf(width, owner, rows, options))
  const draws = uniform('labels', rows)
  const risk = Float64Array.from({ length: rows }, (_, row) =>
    columns.reduce((sum, some, owner) => sum + riskOf(some, row) * (owner === 0 ? 1.5 : 2), -2.5),
  )
  const labels = Float64Array.from(risk, (margin, row) => labelOf(boost, margin, draws[row]!))
  const kinds = expandBytes(new Uint8Array(32), 'weights', rows)
  const weights = Float64Array.from(kinds, (kind) => (options.left === true ? (kind < 40 ? 0 : 1 + (kind % 3)) : 1))
  const hosts = columns.slice(1).map((some, h): HostInput => {
    const absent = expandBytes(new Uint8Array(32), `absent ${h}`, rows)
    const source = Uint32Array.from(absent, (byte, row) => (byte < 30 ? NO_ROW : byte < 40 ? NO_CONSENT : row))
    return { params, sets, ...(options.left === true && { rows: source }), columns: some }
  })
  return { guest: { params, sets, labels, weights, columns: columns[0]! }, hosts }
}

function columnsOf(width: number, owner: number, rows: number, options: SampleOptions): BoostColumn[] {
  return Array.from({ length: width }, (_, c) => {
    const noise = uniform(`values ${owner} ${c}`, rows)
    const holes = expandBytes(new Uint8Array(32), `holes ${owner} ${c}`, rows)
    return {
      name: `column_${c}`,
      alias: `${owner === 0 ? 'BANK' : HOSTS[owner - 1]!.toUpperCase()}.F${String(c + 1).padStart(2, '0')}`,
      specials: [-9],
      sign: options.signs === true && c % 3 === 0 ? (c % 2 === 0 ? 1 : -1) : 0,
      values: noise.map((value, row) => {
        if (options.left === true && holes[row]! < 20) return Number.NaN
        if (options.left === true && holes[row]! < 40) return -9
        return Math.round(value * 1000) / 1000
      }),
    }
  })
}

/** Interacts, so that trees have something to find below their first split. */
function riskOf(columns: readonly BoostColumn[], row: number): number {
  const value = (c: number) => {
    const found = columns[c]?.values[row] ?? 0
    return Number.isNaN(found) || found < 0 ? 1 : found
  }
  return value(0) + 2 * (value(0) - 0.5) * (value(1) - 0.5)
}

function labelOf({ objective }: BoostParams, margin: number, draw: number): number {
  if (objective === 'squared') return margin + draw
  const rate = 1 / (1 + Math.exp(-margin))
  return objective === 'poisson' ? Math.floor(rate * 2 + draw) : Number(draw < rate)
}

export function partiesOf(pool: HePool, { guest, hosts }: Sample): MemoryParty[] {
  return [
    { id: 'bank', program: openGuest(pool) as never, input: guest, vault: fixedVault(0) },
    ...hosts.map((input, h) => ({
      id: HOSTS[h]!,
      program: openHost(pool) as never,
      input,
      vault: fixedVault(h + 1),
    })),
  ]
}

/** The seed of an owner: the same in every run, so that runs can be compared. Keys are drawn afresh. */
export function seedOf(owner: number): Secret {
  return new Secret('sample', new Uint8Array(32).fill(owner + 1))
}

function fixedVault(owner: number): TaskVault {
  return { ...memoryVault(), seed: async () => seedOf(owner) }
}

/** Runs the whole protocol. */
export async function boost(
  pool: HePool,
  sample: Sample,
  network?: MemoryNetwork,
): Promise<{ readonly guest: GuestOutput; readonly hosts: readonly HostOutput[] }> {
  const outputs = await runInMemory(partiesOf(pool, sample), network)
  return {
    guest: outputs.get('bank') as GuestOutput,
    hosts: sample.hosts.map((_, h) => outputs.get(HOSTS[h]!) as HostOutput),
  }
}
