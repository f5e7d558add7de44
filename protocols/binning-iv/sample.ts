// Test support: a made sample with several sets, decoys, missing values, special codes and rows that are not there, and
// a run with all parties in this process.
import { NO_CONSENT, NO_ROW } from '#credit/bins.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { expandBytes, expandUniform } from '#crypto/prg.ts'
import { T } from '#crypto/ring.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { type MemoryNetwork, type MemoryParty, runInMemory } from '#protocols/core/memory.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import type { BinningParams, GuestInput, GuestOutput, HostInput, HostOutput } from './params.ts'

export const SAMPLE_PARAMS: BinningParams = {
  method: 'quantile',
  bins: 6,
  minimumRows: 50,
  minimumShare: 0.01,
  merges: {},
  padding: 1,
}

export const HOSTS = ['tax', 'social', 'park', 'property'] as const

/** Uniform numbers in [0, 1), the same for the same label. */
export function uniform(label: string, count: number): Float64Array {
  return expandUniform(new Uint8Array(32), label, count).map((value) => value / T)
}

export interface SampleOptions {
  readonly params?: Partial<BinningParams>
  readonly sets?: readonly AlignedSet[]
  /** columns of each host */
  readonly widths?: readonly number[]
  /** with rows that are not there, decoys and missing values */
  readonly left?: boolean
}

export interface Sample {
  readonly guest: GuestInput
  readonly hosts: readonly HostInput[]
}

export function makeSample(options: SampleOptions = {}): Sample {
  const params = { ...SAMPLE_PARAMS, ...options.params }
  const sets = options.sets ?? [{ name: 'train', rows: 3000 }]
  const rows = sets.reduce((sum, set) => sum + set.rows, 0)
  const risk = uniform('risk', rows)
  const draws = uniform('labels', rows)
  const labels = Uint8Array.from(risk, (value, row) => (draws[row]! < 0.05 + 0.4 * value ** 2 ? 1 : 0))
  const kinds = expandBytes(new Uint8Array(32), 'weights', rows)
  const weights = Uint8Array.from(kinds, (kind) => (options.left === true && kind < 60 ? 0 : 1))
  const hosts = (options.widths ?? [3]).map((width, h): HostInput => {
    const absent = expandBytes(new Uint8Array(32), `absent ${h}`, rows)
    const source = Uint32Array.from(absent, (byte, row) => (byte < 50 ? NO_ROW : byte < 70 ? NO_CONSENT : row))
    return {
      params,
      sets,
      ...(options.left === true && { rows: source }),
      columns: Array.from({ length: width }, (_, c) => {
        const noise = uniform(`noise ${h} ${c}`, rows)
        const holes = expandBytes(new Uint8Array(32), `holes ${h} ${c}`, rows)
        return {
          name: `column_${c}`,
          alias: `${HOSTS[h]!.toUpperCase()}.F${String(c + 1).padStart(2, '0')}`,
          specials: [-9],
          values: risk.map((value, row) => {
            if (options.left === true && holes[row]! < 20) return Number.NaN
            if (options.left === true && holes[row]! < 40) return -9
            return Math.round((value * (c % 3) + noise[row]!) * 1000) / 1000
          }),
        }
      }),
    }
  })
  return { guest: { params, sets, labels, weights }, hosts }
}

export function partiesOf(pool: HePool, { guest, hosts }: Sample): MemoryParty[] {
  return [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    ...hosts.map((input, h) => ({ id: HOSTS[h]!, program: openHost(pool) as never, input })),
  ]
}

/** Runs the whole protocol. */
export async function bin(
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
