// Joining bins: a map of groups over the bins of a column, as a modeler proposes or a merging method finds it.
import { PlatformError } from '#runtime/errors.ts'
import { binKind, binCount, type ColumnBins } from './bins.ts'

/** Where the bins of an older binning went. */
export interface MergedBins {
  readonly bins: ColumnBins
  /** new index of each old bin */
  readonly moved: readonly number[]
}

/**
 * The bins that result when each group becomes one bin; bins in no group stay. Value bins of a group are neighbours;
 * special bins may join any group. A group with value bins keeps their interval, one without keeps its first bin.
 * @param groups bin indices @throws PlatformError binning.merge
 */
export function mergeBins(bins: ColumnBins, groups: readonly (readonly number[])[]): MergedBins {
  const count = binCount(bins)
  const named = groups.flat()
  const known = named.every((bin) => Number.isInteger(bin) && bin >= 0 && bin < count)
  if (!known || new Set(named).size !== named.length) {
    throw new PlatformError('binning.merge', { bins: count, expected: 'known bins, each in one group' })
  }
  const target = Array.from({ length: count }, (_, bin) => bin)
  const dropped = new Set<number>()
  for (const { from, into } of bins.joined ?? []) target[from] = into
  for (const group of groups) {
    const values = group.filter((bin) => binKind(bins, bin) === 'value').sort((a, b) => a - b)
    if (values.length > 0 && values.at(-1)! - values[0]! !== values.length - 1) {
      throw new PlatformError('binning.merge', { expected: 'value bins that are neighbours' })
    }
    for (const value of values.slice(1)) dropped.add(value - 1) // the cut below it
    const home = values[0] ?? group[0]!
    for (const bin of group) target[bin] = home
  }
  const shift = (bin: number) => bin - [...dropped].filter((cut) => cut < bin).length
  const settled = target.map((home) => shift(target[home]!))
  const cuts = bins.cuts.filter((_, cut) => !dropped.has(cut))
  const joined = settled.flatMap((into, bin) =>
    binKind(bins, bin) === 'value' || into === shift(bin) ? [] : [{ from: shift(bin), into }],
  )
  const merged: ColumnBins = { cuts, specials: bins.specials, ...(joined.length > 0 && { joined }) }
  return { bins: merged, moved: settled }
}
