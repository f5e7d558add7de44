// The rows that a tree is grown from. A plain sample is drawn from all training rows, those without a weight as well, so that
// hosts may know it; one-side sampling looks at gradients, so its rows are known to the guest alone.
import type { Gradients } from '#credit/trees/objective.ts'
import { type Draw, sampleOf, sampleRows } from '#credit/trees/sampling.ts'
import type { GuestInput } from './params.ts'

export interface TreeSample {
  /** training rows that hosts sum over: all of them, or the plain sample */
  readonly shown: Uint32Array
  /** those that count for the tree, and their gradients: 0 for all others */
  readonly rows: Uint32Array
  readonly gradients: Gradients
}

/** @param all gradients of all rows @param draw of this tree */
export function sampleTree(
  { params, sets, weights }: Pick<GuestInput, 'params' | 'sets' | 'weights'>,
  all: Gradients,
  draw: Draw,
): TreeSample {
  const train = Uint32Array.from({ length: sets[0]!.rows }, (_, row) => row)
  const shown = sampleRows(train, params.boost.rowSample, draw)
  const counting = shown.filter((row) => weights[row]! > 0)
  return { shown, ...sampleOf({ ...params.boost, rowSample: 1 }, counting, all, draw) }
}
