// The bins of one column: cut points, then special codes, then the bins of rows without a value. A value bin is open on
// the left and closed on the right, as pandas cuts: bin i holds cuts[i − 1] < value ≤ cuts[i]. Bins are indexed from 0
// here and numbered from 1 for people.
import { PlatformError } from '#runtime/errors.ts'

/** In an alignment's `rows`: this party has no row here (absent or not covered). */
export const NO_ROW = 0xffff_ffff
/** In an alignment's `rows`: this party was not asked about the row, because its subject did not consent. */
export const NO_CONSENT = 0xffff_fffe

export type BinKind = 'value' | 'special' | 'missing' | 'no-row' | 'no-consent'

/** Bins of a column never exceed this: an assignment is one byte a row. */
export const MAX_BINS = 128
export const MAX_SPECIALS = 16

export interface ColumnBins {
  /** ascending, finite */
  readonly cuts: readonly number[]
  /** codes that are no measurements, each in a bin of its own: never part of the cuts' range */
  readonly specials: readonly number[]
  /** bins too small to stand alone: their rows count in another bin, and their own index stays unused */
  readonly joined?: readonly { readonly from: number; readonly into: number }[]
}

/** How many bins a column has, joined ones included: values, specials, missing, no-row, no-consent. */
export function binCount(bins: ColumnBins): number {
  return bins.cuts.length + 1 + bins.specials.length + 3
}

export function binKind(bins: ColumnBins, index: number): BinKind {
  const beyond = index - (bins.cuts.length + 1)
  if (beyond < 0) return 'value'
  if (beyond < bins.specials.length) return 'special'
  return (['missing', 'no-row', 'no-consent'] as const)[beyond - bins.specials.length] ?? 'no-consent'
}

/** Index of the first bin of this kind. */
export function binOfKind(bins: ColumnBins, kind: BinKind): number {
  const values = bins.cuts.length + 1
  const offset = { value: -values, special: 0, missing: 0, 'no-row': 1, 'no-consent': 2 }[kind]
  return values + offset + (kind === 'value' || kind === 'special' ? 0 : bins.specials.length)
}

/** What the owner reads: '(1.5, 3]', 'special -9', 'missing'. */
export function binLabel(bins: ColumnBins, index: number): string {
  const kind = binKind(bins, index)
  if (kind === 'special') return `special ${bins.specials[index - bins.cuts.length - 1]}`
  if (kind !== 'value') return kind
  const low = index === 0 ? '(-∞' : `(${cutText(bins.cuts[index - 1])}`
  return index === bins.cuts.length ? `${low}, ∞)` : `${low}, ${cutText(bins.cuts[index])}]`
}

/** To ten digits: a quantile between two values has digits that nobody wrote. */
function cutText(cut = Number.NaN): string {
  return String(Number(cut.toPrecision(10)))
}

/**
 * The bin of each row.
 * @param values one a row, NaN where missing; ignored where `rows` says that there is no row
 * @param rows source rows of the alignment with NO_ROW and NO_CONSENT; absent when every row is there
 * @returns bin indices, 0 … binCount − 1
 * @throws PlatformError credit.bins when the bins are not well formed or the lengths differ
 */
export function assignBins(values: Float64Array, rows: Uint32Array | undefined, bins: ColumnBins): Uint8Array {
  refuseMalformedBins(bins)
  if (rows !== undefined && rows.length !== values.length) {
    throw new PlatformError('credit.bins', { values: values.length, rows: rows.length })
  }
  const target = Uint8Array.from(binTargets(bins))
  const missing = binOfKind(bins, 'missing')
  const codes = Float64Array.from(bins.specials)
  const { cuts, low, steps, first } = lookupOf(bins.cuts)
  const out = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    const source = rows === undefined ? 0 : rows[row]!
    let index: number
    if (source >= NO_CONSENT) index = source === NO_ROW ? missing + 1 : missing + 2
    else if (Number.isNaN(value)) index = missing
    else {
      index = 0
      while (index < codes.length && codes[index] !== value) index++
      if (index < codes.length) index += bins.cuts.length + 1
      else {
        index = first[slotOf(value, low, steps)]!
        index += +(value > cuts[index]!) // hardly ever a second cut in the slot: no branch that must be guessed
        while (value > cuts[index]!) index++
      }
    }
    out[row] = target[index]!
  }
  return out
}

/** @throws PlatformError credit.bins */
export function refuseMalformedBins(bins: ColumnBins): void {
  const count = binCount(bins)
  const ascending = bins.cuts.every(
    (cut, i) => Number.isFinite(cut) && (i === 0 || cut > (bins.cuts[i - 1] ?? Number.NEGATIVE_INFINITY)),
  )
  const codes = bins.specials.length <= MAX_SPECIALS && new Set(bins.specials).size === bins.specials.length
  const target = ascending && codes && count <= MAX_BINS ? binTargets(bins) : []
  const joins = (bins.joined ?? []).every(({ from, into }) => target[into] === into && target[from] === into)
  if (ascending && codes && bins.specials.every(Number.isFinite) && count <= MAX_BINS && joins) return
  throw new PlatformError('credit.bins', { bins: count, limit: MAX_BINS, expected: 'ascending cuts, distinct codes' })
}

/** For each bin the bin in which its rows count: itself, unless it is joined. */
export function binTargets(bins: ColumnBins): number[] {
  const target = Array.from({ length: binCount(bins) }, (_, index) => index)
  for (const { from, into } of bins.joined ?? []) if (from in target) target[from] = into
  return target
}

/** Steps from the first cut to the last, in which the bin of most values is known without comparing. */
const SLOTS = 1024

interface CutLookup {
  /** and infinity, which no value is above */
  readonly cuts: Float64Array
  readonly low: number
  readonly steps: number
  /** by slot: how many cuts lie in lower slots, so that the bin of a value in it is this one or a later one */
  readonly first: Uint8Array
}

function lookupOf(cuts: readonly number[]): CutLookup {
  const low = cuts[0] ?? 0
  const wanted = SLOTS / ((cuts.at(-1) ?? 0) - low)
  const steps = Number.isFinite(wanted) ? wanted : 0
  const first = new Uint8Array(SLOTS)
  for (let slot = 0, at = 0; slot < SLOTS; slot++) {
    first[slot] = at
    while (at < cuts.length && slotOf(cuts[at]!, low, steps) === slot) at++
  }
  return { cuts: Float64Array.of(...cuts, Number.POSITIVE_INFINITY), low, steps, first }
}

/** Ascends with the value, whatever is rounded. */
function slotOf(value: number, low: number, steps: number): number {
  const step = (value - low) * steps
  return step >= SLOTS ? SLOTS - 1 : step > 0 ? step | 0 : 0
}
