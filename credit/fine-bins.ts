// Cut points without labels: by quantiles, by equal width, and what is joined because a bin would be too small.
import { assignBins, binCount, binKind, binTargets, type ColumnBins, NO_CONSENT } from './bins.ts'
import { valuesAtRanks } from './ranks.ts'

/** Values that are measurements: not missing, no special code, of a row that is there. In no order. */
export function measurements(
  values: Float64Array,
  rows: Uint32Array | undefined,
  specials: readonly number[],
): Float64Array {
  const out = new Float64Array(values.length)
  const codes = Float64Array.from(specials)
  let count = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    let there = (rows === undefined || rows[row]! < NO_CONSENT) && !Number.isNaN(value)
    for (let i = 0; i < codes.length; i++) there &&= codes[i] !== value
    out[count] = value
    count += there ? 1 : 0
  }
  return out.subarray(0, count)
}

/**
 * Cut points at the quantiles i / bins by linear interpolation, as numpy.quantile and pandas.qcut with dropped duplicates.
 * @param values measurements of the training rows
 * @returns fewer than bins − 1 cuts where values are tied; none is at or above the largest value
 */
export function quantileCuts(values: Float64Array, bins: number): number[] {
  const last = values.length - 1
  if (last < 0) return []
  const places = Array.from({ length: bins - 1 }, (_, i) => last * ((i + 1) / bins))
  const at = valuesAtRanks(values, [
    0,
    last,
    ...places.flatMap((place) => [Math.floor(place), Math.min(last, Math.floor(place) + 1)]),
  ])
  const cuts = places.map((place) => {
    const low = Math.floor(place)
    const [below, above] = [at.get(low)!, at.get(Math.min(last, low + 1))!]
    const share = place - low
    // numpy's own two branches: which of them decides the last bit
    return share < 0.5 ? below + (above - below) * share : above - (above - below) * (1 - share)
  })
  return distinctCuts(cuts, at.get(0)!, at.get(last)!)
}

/** Cut points that part the range from the smallest to the largest value evenly, as pandas.cut. */
export function equalWidthCuts(values: Float64Array, bins: number): number[] {
  if (values.length === 0) return []
  let [low, high] = [values[0]!, values[0]!]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  const cuts = Array.from({ length: bins - 1 }, (_, i) => low + ((i + 1) * (high - low)) / bins)
  return distinctCuts(cuts, low, high)
}

/** Ascending, each once, none below the smallest or at or above the largest value: every bin may hold something. */
function distinctCuts(cuts: readonly number[], low: number, high: number): number[] {
  return [...new Set(cuts)].filter((cut) => cut >= low && cut < high).sort((a, b) => a - b)
}

/**
 * Joins value bins of fewer than `floor` rows with the smaller of their neighbours, smallest first.
 * @param rows by value bin, cuts.length + 1 of them
 */
export function joinSmallBins(cuts: readonly number[], rows: readonly number[], floor: number): number[] {
  const kept = [...cuts]
  const counts = [...rows]
  while (kept.length > 0) {
    const smallest = counts.indexOf(Math.min(...counts))
    if (counts[smallest]! >= floor) break
    const left = counts[smallest - 1] ?? Number.POSITIVE_INFINITY
    const right = counts[smallest + 1] ?? Number.POSITIVE_INFINITY
    const cut = left <= right ? smallest - 1 : smallest
    kept.splice(cut, 1)
    counts.splice(cut, 2, counts[cut]! + counts[cut + 1]!)
  }
  return kept
}

/**
 * The bins in which special bins of fewer than `floor` training rows, but not none, count in the largest value bin.
 * A bin that no training row is in stands alone: its weight of evidence is 0.
 * @param trainRows by bin of `bins`
 */
export function joinSmallSpecials(bins: ColumnBins, trainRows: readonly number[], floor: number): ColumnBins {
  const values = trainRows.slice(0, bins.cuts.length + 1)
  const into = values.indexOf(Math.max(...values))
  const joined = [...trainRows.keys()].filter(
    (bin) => binKind(bins, bin) !== 'value' && trainRows[bin]! > 0 && trainRows[bin]! < floor,
  )
  return joined.length === 0 ? bins : { ...bins, joined: joined.map((from) => ({ from, into })) }
}

/** Rows in each bin. */
export function countRows(assigned: Uint8Array, bins: ColumnBins): number[] {
  const counts = new Uint32Array(binCount(bins))
  for (let row = 0; row < assigned.length; row++) counts[assigned[row]!]!++
  return [...counts]
}

export interface FineBinning {
  readonly method: 'quantile' | 'equal-width'
  /** at most so many value bins */
  readonly bins: number
  /** training rows that a bin needs to stand alone */
  readonly floor: number
}

export interface PlacedRows {
  readonly bins: ColumnBins
  /** as assignBins places them */
  readonly binOfRow: Uint8Array
}

/**
 * Bins of a column from its training rows, without labels, and the bin of every row.
 * @param values,rows the training rows and what comes after them
 * @param trainRows how many training rows there are
 * @param cuts the owner's own cut points, taken as they are but for the floor
 */
export function fineBins(
  values: Float64Array,
  rows: Uint32Array | undefined,
  trainRows: number,
  specials: readonly number[],
  how: FineBinning,
  cuts?: readonly number[],
): PlacedRows {
  const cut = how.method === 'quantile' ? quantileCuts : equalWidthCuts
  const wanted =
    cuts ?? cut(measurements(values.subarray(0, trainRows), rows?.subarray(0, trainRows), specials), how.bins)
  const wide: ColumnBins = { cuts: wanted, specials }
  const binOfRow = assignBins(values, rows, wide)
  const { bins, moved } = largeBins(wide, countRows(binOfRow.subarray(0, trainRows), wide), how.floor)
  const target = binTargets(bins)
  return {
    bins,
    binOfRow: translated(
      binOfRow,
      moved.map((bin) => target[bin]!),
    ),
  }
}

/**
 * The bins without those that are too small to stand alone.
 * @param trainRows by bin of `wide`
 * @returns `moved`: the new index of each bin, before special bins are joined
 */
export function largeBins(
  wide: ColumnBins,
  trainRows: readonly number[],
  floor: number,
): { readonly bins: ColumnBins; readonly moved: readonly number[] } {
  const { cuts: wanted, specials } = wide
  const kept = joinSmallBins(wanted, trainRows.slice(0, wanted.length + 1), floor)
  const moved = trainRows.map((_, bin) => {
    const beyond = bin - (wanted.length + 1)
    return beyond < 0 ? kept.filter((one) => one < (wanted[bin] ?? Infinity)).length : kept.length + 1 + beyond
  })
  const keptRows = new Array<number>(binCount({ cuts: kept, specials })).fill(0)
  for (const [bin, count] of trainRows.entries()) keptRows[moved[bin]!]! += count
  return { bins: joinSmallSpecials({ cuts: kept, specials }, keptRows, floor), moved }
}

/** Each number replaced by what the table has for it. */
export function translated(numbers: Uint8Array, table: ArrayLike<number>): Uint8Array {
  const codes = Uint8Array.from(table)
  const out = new Uint8Array(numbers.length)
  for (let row = 0; row < out.length; row++) out[row] = codes[numbers[row]!]!
  return out
}
