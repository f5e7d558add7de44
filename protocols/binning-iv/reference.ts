// The same binning with all columns and labels in one place: what the federated one must equal.
import { assignBins, binKind, type ColumnBins } from '#credit/bins.ts'
import { countBins, groupsOf, merges, startingBins } from '#credit/binning.ts'
import { mergeBins } from '#credit/merges.ts'
import { type BinCounts, type ColumnWoe, weightOfEvidence } from '#credit/woe.ts'
import { hostFloor } from './host-columns.ts'
import type { GuestInput, HostColumn, HostInput } from './params.ts'

export interface ReferenceColumn {
  readonly bins: ColumnBins
  /** training counts by bin */
  readonly counts: readonly BinCounts[]
  readonly woe: ColumnWoe
}

/** Bins, counts and weight of evidence of one column of a host, without any merge that a modeler proposed. */
export function referenceColumn(
  guest: GuestInput,
  host: HostInput,
  column: HostColumn,
  floor: number,
): ReferenceColumn {
  const rows = guest.sets[0]!.rows
  const values = column.values.subarray(0, rows)
  const source = host.rows?.subarray(0, rows)
  const { bins: start } = startingBins(values, source, rows, column.specials, host.params, hostFloor(host), column.cuts)
  const labels = guest.labels.subarray(0, rows)
  const weights = guest.weights.subarray(0, rows)
  const fine = countBins(assignBins(values, source, start), start, labels, weights)
  const ordered = column.cuts === undefined && merges(host.params.method)
  const ordinary = fine.filter((_, bin) => binKind(start, bin) === 'value')
  const { bins } = mergeBins(start, ordered ? groupsOf(ordinary, host.params, floor) : [])
  const counts = countBins(assignBins(values, source, bins), bins, labels, weights)
  return { bins, counts, woe: weightOfEvidence(counts) }
}
