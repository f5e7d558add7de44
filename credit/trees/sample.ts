// Small data for tests of trees: drawn by a fixed generator, so that other software can be given the very same rows.
import { type CellCuts, cellsOf, type MonotoneSign, type TreeColumn } from './columns.ts'
import type { BoostParams, Objective } from './params.ts'
import { DEFAULT_BOOST } from './params.ts'
import type { ReferenceInput } from './reference.ts'
import type { Draw } from './sampling.ts'

/** Uniform in [0, 1): mulberry32. Nothing secret. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes by label, of a fixed generator. */
export function seededDraw(seed: number): Draw {
  return (label, bytes) => {
    let hash = seed
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
    const next = seeded(hash)
    const words = Uint32Array.from({ length: Math.ceil(bytes / 4) }, () => next() * 2 ** 32)
    return new Uint8Array(words.buffer, 0, bytes)
  }
}

export interface TreeSample {
  readonly objective: Objective
  readonly columns: readonly TreeColumn[]
  readonly labels: Float64Array
  readonly weights: Float64Array
}

export const SAMPLE_COLUMNS = 6
const CELLS = 12

/** Columns of 12 value cells, every second with missing values; weights 1 and 2; labels that depend on the first four. */
export function treeSample(objective: Objective, rows: number, seed = 1): TreeSample {
  const next = seeded(seed)
  const columns = Array.from({ length: SAMPLE_COLUMNS }, (_, j) => {
    const missing = j % 2 === 1
    const cells = Uint8Array.from({ length: rows }, () => {
      const cell = Math.floor(next() * CELLS)
      return missing && next() < 0.1 ? CELLS : cell
    })
    return { cells, valueCells: CELLS, missing, sign: 0 } as const
  })
  const labels = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d] = columns.map((column) => column.cells[row]! / CELLS) as [number, number, number, number]
    const effect = 2 * a - 1.5 * (b > 0.5 ? 1 : 0) + (c > 0.3 && d > 0.6 ? 1.5 : 0) - 0.5
    if (objective === 'squared') return Math.round(4 * (effect + next())) / 4
    if (objective === 'poisson') return Math.floor(-Math.log(1 - next()) * Math.exp(effect / 2))
    return next() < 1 / (1 + Math.exp(-effect)) ? 1 : 0
  })
  return { objective, columns, labels, weights: Float64Array.from({ length: rows }, () => (next() < 0.2 ? 2 : 1)) }
}

/** The sample as input of the reference: columns dealt to so many owners in turn, every fifth row held out. */
export function referenceInput(
  sample: TreeSample,
  params: Partial<BoostParams> = {},
  owners = 1,
  more: Partial<ReferenceInput> = {},
): ReferenceInput {
  const all = Uint32Array.from(sample.labels, (_, row) => row)
  return {
    params: { ...DEFAULT_BOOST, objective: sample.objective, minLeafRows: 1, minLeafShare: 0, trees: 5, ...params },
    columns: Array.from({ length: owners }, (_, owner) => sample.columns.filter((_column, j) => j % owners === owner)),
    labels: sample.labels,
    weights: sample.weights,
    trainRows: all.filter((row) => row % 5 !== 0),
    holdoutRows: all.filter((row) => row % 5 === 0),
    precision: 'real',
    modulus: 2 ** 50 - 27,
    draw: (owner) => seededDraw(owner + 1),
    ...more,
  }
}

/** The column that these cuts make of these rows, training rows or others. */
export function treeColumn(values: Float64Array, kept: CellCuts, sign: MonotoneSign): TreeColumn {
  const valueCells = kept.cuts.length + 1
  return { cells: cellsOf(values, kept), valueCells, missing: kept.missingCell === valueCells, sign }
}
