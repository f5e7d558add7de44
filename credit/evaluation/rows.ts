// The guest's rows, checked and cut into sets, as every table of the evaluation needs them.
import { PlatformError } from '#runtime/errors.ts'
import type { EvaluationRows } from './pack.ts'
import { type Ranking, rankRows } from './ranking.ts'

/** The included and scored rows of one set. */
export interface SetRows {
  readonly name: string
  /** positions in the arrays of the facts */
  readonly rows: Uint32Array
  /** log-odds of bad, one for each of `rows`; of a run with targets the labels that the model expects */
  readonly logOdds: Float64Array
  /** σ(logOdds); nothing in a run with targets */
  readonly pd: Float64Array
  /** 1, 0 or −1 for each of `rows` */
  readonly labels: Int8Array
  /** the labelled ones, riskiest first; its `rows` are positions in the arrays of the facts */
  readonly ranking: Ranking
}

/** Ten million rows and a few spare; beyond that an array of the guest cannot be one. */
const MOST_ROWS = 50_000_000
/** PDs closer to 0 and 1 than this are moved there before the logarithm. */
const EDGE = 1e-15

/** @throws PlatformError evaluation.invalid */
export function checkRows(rows: EvaluationRows): void {
  const n = rows.scores.length
  const refuse = (what: string, detail: Record<string, number | string> = {}): never => {
    throw new PlatformError('evaluation.invalid', { what, rows: n, ...detail })
  }
  if (n === 0 || n > MOST_ROWS) refuse('number of rows')
  const inSets = rows.sets.reduce((sum, set) => sum + set.rows, 0)
  if (inSets !== n || rows.sets.some((set) => !Number.isInteger(set.rows) || set.rows < 0)) refuse('sets', { inSets })
  if (new Set(rows.sets.map((set) => set.name)).size !== rows.sets.length) refuse('two sets of one name')
  const columns: readonly [string, { readonly length: number } | undefined][] = [
    ['labels', rows.labels],
    ['targets', rows.targets?.values],
    ['included', rows.included],
    ['months', rows.months],
    ['limits', rows.limits],
    ...(rows.segments ?? []).map((s) => [`segment ${s.dimension}`, s.codes] as [string, Uint16Array]),
  ]
  for (const [name, column] of columns) {
    if (column !== undefined && column.length !== n) refuse('length', { column: name, length: column.length })
  }
  for (const label of rows.labels) if (label < -1 || label > 1) refuse('labels other than 1, 0 and -1')
  if ((rows.targets !== undefined) !== (rows.scoreKind === 'expected')) refuse('scores of another kind than labels')
  if (rows.targets?.values.some((target) => Math.abs(target) === Infinity)) refuse('targets out of range')
  checkScores(rows.scores, rows.scoreKind, 'scores')
  for (const month of rows.months ?? []) {
    if (month !== 0 && (month < 190001 || month > 299912 || month % 100 < 1 || month % 100 > 12))
      refuse('months that are not yyyymm')
  }
  for (const { dimension, values, codes } of rows.segments ?? []) {
    for (const code of codes) if (code !== 0xffff && code >= values.length) refuse('segment codes', { dimension })
  }
}

/** Infinite scores and PDs outside [0, 1] are refused; NaN means not scored. @throws PlatformError evaluation.invalid */
export function checkScores(scores: Float64Array, kind: EvaluationRows['scoreKind'], what: string): void {
  for (const score of scores) {
    const bad = kind === 'pd' ? score < 0 || score > 1 : Math.abs(score) === Number.POSITIVE_INFINITY
    if (bad) throw new PlatformError('evaluation.invalid', { what: `${what} out of range`, kind })
  }
}

/** Sets without a single scored row are left out. @param only one set of this name; all when absent */
export function setsOf(facts: EvaluationRows, scores: Float64Array = facts.scores, only?: string): SetRows[] {
  const found: SetRows[] = []
  let from = 0
  for (const { name, rows: length } of facts.sets) {
    if (only !== undefined && only !== name) {
      from += length
      continue
    }
    const rows = new Uint32Array(length)
    let n = 0
    for (let i = from; i < from + length; i++) {
      if (facts.included?.[i] !== 0 && !Number.isNaN(scores[i]!)) rows[n++] = i
    }
    from += length
    if (n > 0) found.push(setRows(name, rows.slice(0, n), facts, scores))
  }
  return found
}

function setRows(name: string, rows: Uint32Array, facts: EvaluationRows, scores: Float64Array): SetRows {
  const logOdds = new Float64Array(rows.length)
  const pd = new Float64Array(rows.length)
  const labels = new Int8Array(rows.length)
  let labelled = 0
  for (let i = 0; i < rows.length; i++) {
    const score = scores[rows[i]!]!
    if (facts.scoreKind === 'pd') {
      pd[i] = Math.min(1 - EDGE, Math.max(EDGE, score))
      logOdds[i] = Math.log(pd[i]! / (1 - pd[i]!))
    } else {
      logOdds[i] = score
      pd[i] = 1 / (1 + Math.exp(-score))
    }
    labels[i] = facts.labels[rows[i]!]!
    if (labels[i]! >= 0) labelled++
  }
  return { name, rows, logOdds, pd, labels, ranking: rankLabelled(rows, logOdds, labels, labelled) }
}

function rankLabelled(rows: Uint32Array, logOdds: Float64Array, labels: Int8Array, labelled: number): Ranking {
  const kept = new Uint32Array(labelled)
  const scores = new Float64Array(labelled)
  const known = new Uint8Array(labelled)
  let n = 0
  for (let i = 0; i < rows.length; i++) {
    if (labels[i]! < 0) continue
    kept[n] = rows[i]!
    scores[n] = logOdds[i]!
    known[n++] = labels[i]!
  }
  const ranking = rankRows(scores, known)
  return { ...ranking, rows: ranking.rows.map((row) => kept[row]!) }
}

/** PD of log-odds. */
export function pdOf(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}
