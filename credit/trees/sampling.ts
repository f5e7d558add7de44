// Which rows and columns a tree is grown from. Everything follows from given random bytes, so a re-run draws the same.
import { valuesAtRanks } from '../ranks.ts'
import type { Gradients } from './objective.ts'
import type { BoostParams } from './params.ts'

/** Random bytes by label: distinct labels give independent bytes, the same label the same ones. */
export type Draw = (label: string, bytes: number) => Uint8Array

/** The draw of one tree: its labels never meet those of another tree. */
export function drawOfTree(draw: Draw, tree: number): Draw {
  return (label, bytes) => draw(`tree ${tree} ${label}`, bytes)
}

/** Uniform 32-bit words. */
export function words(draw: Draw, label: string, count: number): Uint32Array {
  const bytes = draw(label, 4 * count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out = new Uint32Array(count)
  for (let i = 0; i < count; i++) out[i] = view.getUint32(4 * i, true)
  return out
}

/** Exactly `need` of the items, each subset as likely as another, in their order (selection sampling, Knuth 3.4.2 S). */
function choose(items: Uint32Array, need: number, random: Uint32Array): Uint32Array {
  const out = new Uint32Array(Math.min(need, items.length))
  let taken = 0
  for (let i = 0; i < items.length && taken < out.length; i++)
    if (random[i]! * (items.length - i) < (out.length - taken) * 2 ** 32) out[taken++] = items[i]!
  return out
}

/** A share of the rows, ascending; at least one. */
export function sampleRows(rows: Uint32Array, share: number, draw: Draw): Uint32Array {
  if (share >= 1) return rows
  return choose(rows, Math.max(1, Math.round(share * rows.length)), words(draw, 'rows', rows.length))
}

/** A share of an owner's columns by number, ascending; at least one, unless there is none. */
export function sampleColumns(count: number, share: number, draw: Draw): number[] {
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  if (share >= 1 || count === 0) return [...all]
  return [...choose(all, Math.max(1, Math.round(share * count)), words(draw, 'columns', count))]
}

/** Rows of one tree and what g and h count there: 0 for the others. */
export function sampleOf(
  params: Pick<BoostParams, 'rowSample' | 'goss'>,
  rows: Uint32Array,
  all: Gradients,
  draw: Draw,
): { readonly rows: Uint32Array; readonly gradients: Gradients } {
  const { goss } = params
  const sample: { readonly rows: Uint32Array; readonly factors?: Float64Array } =
    goss === undefined ? { rows: sampleRows(rows, params.rowSample, draw) } : sampleByGradient(rows, all.g, goss, draw)
  const { factors } = sample
  const [g, h] = [new Float64Array(all.g.length), new Float64Array(all.g.length)]
  for (let i = 0; i < sample.rows.length; i++) {
    const row = sample.rows[i]!
    const factor = factors === undefined ? 1 : factors[i]!
    g[row] = all.g[row]! * factor
    h[row] = all.h[row]! * factor
  }
  return { rows: sample.rows, gradients: { g, h } }
}

/**
 * Gradient-based one-side sampling: the top share by |g|, and of all rows a share `other` drawn from the rest, whose g and h
 * then count (1 − top) / other times (Ke et al., LightGBM, NIPS 2017, algorithm 2). Ties at the edge are drawn.
 * @returns the rows, ascending, and the factor of each
 */
export function sampleByGradient(
  rows: Uint32Array,
  g: Float64Array,
  { top, other }: { readonly top: number; readonly other: number },
  draw: Draw,
): { readonly rows: Uint32Array; readonly factors: Float64Array } {
  const isTop = new Uint8Array(g.length)
  for (const row of topRows(rows, g, Math.min(rows.length, Math.max(1, Math.round(top * rows.length))), draw))
    isTop[row] = 1
  const rest = rows.filter((row) => isTop[row] === 0)
  const drawn = choose(rest, Math.round(other * rows.length), words(draw, 'goss rest', rest.length))
  const isDrawn = new Uint8Array(g.length)
  for (const row of drawn) isDrawn[row] = 1
  const out = rows.filter((row) => isTop[row] === 1 || isDrawn[row] === 1)
  // by what was really drawn: exactly unbiased where shares were rounded
  const factor = rest.length / Math.max(1, drawn.length)
  const factors = new Float64Array(out.length)
  for (let i = 0; i < out.length; i++) factors[i] = isTop[out[i]!] === 1 ? 1 : factor
  return { rows: out, factors }
}

/** The `count` rows of the largest |g|. */
function topRows(rows: Uint32Array, g: Float64Array, count: number, draw: Draw): Uint32Array {
  const sizes = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) sizes[i] = Math.abs(g[rows[i]!]!)
  const at = sizes.length - count
  const edge = valuesAtRanks(sizes, [at]).get(at)!
  const above = rows.filter((row) => Math.abs(g[row]!) > edge)
  const tied = rows.filter((row) => Math.abs(g[row]!) === edge)
  const filled = choose(tied, count - above.length, words(draw, 'goss edge', tied.length))
  const out = new Uint32Array(count)
  out.set(above)
  out.set(filled, above.length)
  return out
}
