// What goes into an evaluation and what comes out of it: the facts of a run, and the pack of tables and plot series.
// A pack is plain JSON: it is stored beside the model, and the report is drawn from it at any later time.
import type { Scaling } from '../scorecard/scaling.ts'
import type { TargetKind } from './targets.ts'

/** One value of a table; null where there is none (too few rows, one class only, not measured). */
export type Cell = number | string | boolean | null

/** A table with its exact column names; the columns of the specification first, in its order, ours after them. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

export interface Bilingual {
  readonly zh: string
  readonly en: string
}

/** Who ran what. */
export interface RunFacts {
  readonly title: Bilingual
  readonly jobId: string
  readonly guest: string
  /** every party of the job, the guest among them; `name` is what the report shows */
  readonly parties: readonly { readonly party: string; readonly name: Bilingual }[]
  /** ISO 8601 */
  readonly createdAt: string
  readonly algorithm: string
  readonly modelVersion?: string
  readonly software?: string
  readonly synthetic?: boolean
}

/** The guest's rows in common order. All arrays have one entry for each row. */
export interface EvaluationRows {
  /** consecutive ranges of the rows; `train` is the one that bands and stability refer to */
  readonly sets: readonly { readonly name: string; readonly rows: number }[]
  /** final model: log-odds of bad, PD in (0, 1), or the label that it expects; NaN where a row was not scored */
  readonly scores: Float64Array
  readonly scoreKind: 'log-odds' | 'pd' | 'expected'
  /** 1 bad, 0 good, −1 indeterminate or without label (kept for stability only) */
  readonly labels: Int8Array
  /** where the label is no class, instead of `labels`; NaN where a row has none */
  readonly targets?: { readonly kind: TargetKind; readonly values: Float64Array }
  /** 0 leaves a row out of everything (a decoy of the alignment); all rows when absent */
  readonly included?: Uint8Array
  /** vintage as yyyymm, 0 unknown */
  readonly months?: Int32Array
  /** credit limit or amount of the row, for avg_limit */
  readonly limits?: Float64Array
  /** codes index into `values`; 0xffff = no value */
  readonly segments?: readonly {
    readonly dimension: string
    readonly values: readonly string[]
    readonly codes: Uint16Array
  }[]
}

/** Scores of the model of the guest with some partners on the same rows. */
export interface CoalitionFacts {
  /** host parties without the guest; [] = the guest alone */
  readonly partners: readonly string[]
  /** same kind as the final model's; NaN where not scored */
  readonly scores: Float64Array
}

/** What one host cost in this run, all tasks together. */
export interface PartnerCost {
  readonly party: string
  readonly bytes: number
  readonly seconds: number
}

export interface BinCount {
  readonly n: number
  readonly bad: number
  readonly good: number
}

/** One bin as the guest knows it: a number and an anonymous label, never a cut point of a host. */
export interface BinFacts {
  readonly bin: number
  readonly label: string
  readonly special: boolean
  readonly woe: number
  /** by set name */
  readonly counts: Readonly<Record<string, BinCount>>
}

export interface FeatureFacts {
  readonly party: string
  readonly feature: string
  /** what it is, as its owner says: in Chinese where it is given, and in English */
  readonly name?: string
  readonly nameEn?: string
  readonly iv: number
  readonly bins: readonly BinFacts[]
  /** false: the owner permuted the bins, so that their numbers say nothing about the values; default true */
  readonly ordered?: boolean
  /** +1: a riskier enterprise has a larger value; −1: a smaller; 0 or absent: no expectation */
  readonly expectedSign?: -1 | 0 | 1
  readonly missingPct?: number
  readonly selected?: boolean
  readonly rejectReason?: string
  readonly corrMax?: number
}

/** One line of `lr_coef`. */
export interface CoefficientFacts {
  readonly feature: string
  readonly party: string
  readonly beta: number
  readonly stdErr?: number
  /** standard deviation of the column over training rows */
  readonly columnStd?: number
  readonly vif?: number
  readonly signOk?: boolean
}

export interface FidelityFacts {
  readonly metric: string
  readonly federated: number
  readonly centralised: number
  readonly tolerance: number
}

/** Everything that a report can show. What is absent is left out of it, or named as not provided. */
export interface EvaluationFacts {
  readonly run: RunFacts
  readonly rows: EvaluationRows
  /** number of score bands: 10 (default) or 20 */
  readonly bands?: 10 | 20
  readonly scaling?: Scaling
  readonly coalitions?: readonly CoalitionFacts[]
  readonly costs?: readonly PartnerCost[]
  /** another model of this run, of the same kind of scores: shown beside the final one, which is then the champion */
  readonly challenger?: { readonly algorithm: string; readonly scores: Float64Array }
  /** scores of the model in use today, for `swap_set`; higher = riskier, any scale */
  readonly champion?: { readonly name: string; readonly scores: Float64Array }
  /** approved share at which swap sets are formed, default 0.8 */
  readonly approval?: number
  readonly features?: readonly FeatureFacts[]
  readonly intercept?: number
  readonly coefficients?: readonly CoefficientFacts[]
  readonly fidelity?: readonly FidelityFacts[]
  /** finished tables of other steps: sample_waterfall, psi_report, selection_log, scorecard, vif, training_rounds … */
  readonly tables?: readonly Table[]
  /** cells of released tables with fewer rows than this are flagged, default 20 */
  readonly minimumCell?: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** Point series of the plots of one set, thinned to some hundred points. */
export interface SetSeries {
  readonly set: string
  /** x false-positive rate, y true-positive rate */
  readonly roc: readonly Point[]
  /** x share of rows, riskiest first; y cumulative share of bad; the second of good */
  readonly badShare: readonly Point[]
  readonly goodShare: readonly Point[]
  /** x share of rows, y lift of the rows up to there */
  readonly lift: readonly Point[]
  /** where the KS gap is largest: share of rows, cumulative shares, score */
  readonly ksAt: { readonly x: number; readonly bad: number; readonly good: number; readonly score: number } | null
  /** mean PD and bad rate of ten groups of equal size, with the number of rows */
  readonly calibration: readonly { readonly pd: number; readonly rate: number; readonly n: number }[]
  /** shares of each class in score intervals of equal width */
  readonly histogram: readonly {
    readonly from: number
    readonly to: number
    readonly bad: number
    readonly good: number
  }[]
}

export interface EvaluationPack {
  readonly format: 'tributary/evaluation/1'
  readonly run: RunFacts
  /** unit of scores in tables and plots */
  readonly scoreUnit: 'points' | 'log-odds' | 'expected'
  readonly scaling: Scaling | null
  readonly tables: readonly Table[]
  readonly series: readonly SetSeries[]
  readonly challenger?: { readonly algorithm: string; readonly series: readonly SetSeries[] }
}

/** The tables of a pack by name, in the order of the report. */
export function packTables(pack: EvaluationPack): Map<string, Table> {
  return new Map(pack.tables.map((table) => [table.name, table]))
}

/** @param cells one object for each row; a number that is not finite becomes null */
export function tableOf<const C extends readonly string[]>(
  name: string,
  columns: C,
  cells: readonly Readonly<Record<C[number], Cell>>[],
): Table {
  const clean = (cell: Cell): Cell => (typeof cell === 'number' && !Number.isFinite(cell) ? null : cell)
  return { name, columns, rows: cells.map((row) => columns.map((column) => clean(row[column as C[number]]))) }
}
