// Columns as the guest knows them: its own with their cut points, those of hosts by alias and bin number.
import { assignBins, binCount, binKind, binLabel } from '#credit/bins.ts'
import { countBins, type LocalBinning } from '#credit/binning.ts'
import type { BinFacts } from '#credit/evaluation/pack.ts'
import { type AlignedSet, SET_NAMES } from '#protocols/core/aligned-rows.ts'
import type { AliasColumn, OwnedColumn } from '#protocols/binning-iv/params.ts'
import { shapeOf } from '#credit/woe.ts'
import type { FeatureConfig } from '../data/feature-keys.ts'
import type { BinnedFeature } from './stored.ts'

const OBSERVED = { rising: 1, falling: -1, flat: 0, none: 0 } as const
const SIGNS = { '+': 1, '-': -1, '0': 0 } as const

/** One column of the guest, with everything that only it sees. */
export function ownFeature(
  party: string,
  name: string,
  { bins, woe }: LocalBinning,
  counted: {
    readonly values: Float64Array
    readonly rows: Uint32Array
    readonly labels: Uint8Array
    readonly weights: Uint8Array
  },
  sets: readonly AlignedSet[],
  declared: FeatureConfig = {},
): BinnedFeature {
  const assigned = assignBins(counted.values, counted.rows, bins)
  const perSet = new Map<string, ReturnType<typeof countBins>>()
  let from = 0
  for (const set of sets) {
    const to = from + set.rows
    const [labels, weights] = [counted.labels.subarray(from, to), counted.weights.subarray(from, to)]
    perSet.set(set.name, countBins(assigned.subarray(from, to), bins, labels, weights))
    from = to
  }
  const facts = Array.from({ length: binCount(bins) }, (_, bin): BinFacts => {
    const counts = [...perSet].map(([set, all]) => {
      const { n, bad } = all[bin] ?? { n: 0, bad: 0 }
      // labels of recent rows are not mature
      return [set, set === 'recent' ? { n, bad: 0, good: 0 } : { n, bad, good: n - bad }] as const
    })
    return {
      bin: bin + 1,
      label: binLabel(bins, bin),
      special: binKind(bins, bin) !== 'value',
      woe: woe.bins[bin]?.woe ?? 0,
      counts: Object.fromEntries(counts),
    }
  }).filter(({ counts }) => Object.values(counts).some(({ n }) => n > 0))
  const train = facts.reduce((sum, { counts }) => sum + (counts['train']?.n ?? 0), 0)
  const missing = facts.filter(({ special }) => special).reduce((sum, { counts }) => sum + (counts['train']?.n ?? 0), 0)
  const title = declared.zh ?? declared.en
  const ordinary = woe.bins.slice(0, bins.cuts.length + 1).map((bin) => bin.woe)
  return {
    party,
    feature: name,
    ...(title === undefined ? {} : { name: title }),
    ...(declared.en === undefined ? {} : { nameEn: declared.en }),
    iv: woe.iv,
    bins: facts,
    ...(declared.sign === undefined ? {} : { expectedSign: SIGNS[declared.sign] }),
    missingPct: train === 0 ? 0 : missing / train,
    observedSign: OBSERVED[shapeOf(ordinary).direction],
  }
}

/** A column of a host. Counts that the binning withheld are left out. */
export function aliasFeature(party: string, column: AliasColumn): BinnedFeature {
  const ordinary = column.bins.filter(({ kind }) => kind === 'value').length
  return {
    party,
    feature: column.alias,
    iv: column.iv,
    bins: column.bins.map(({ number, kind, woe, sets }) => ({
      bin: number,
      label: kind === 'value' ? `bin ${number}/${ordinary}` : kind,
      special: kind !== 'value',
      woe,
      counts: Object.fromEntries(
        SET_NAMES.flatMap((set) => {
          const counts = sets[set]
          if (counts === undefined || counts === null) return []
          const bad = counts.bad ?? 0
          return [[set, { n: counts.n, bad, good: counts.bad === null ? 0 : counts.n - bad }] as const]
        }),
      ),
    })),
    missingPct: column.missing,
    observedSign: OBSERVED[column.shape.direction],
  }
}

/** The guest's own bins as every owner keeps them. */
export function ownedColumn(name: string, { bins, woe }: LocalBinning): OwnedColumn {
  return {
    name,
    alias: name,
    bins,
    table: Array.from({ length: binCount(bins) }, (_, bin) => ({
      bin,
      kind: binKind(bins, bin),
      label: binLabel(bins, bin),
      number: bin + 1,
      woe: woe.bins[bin]?.woe ?? 0,
    })),
  }
}
