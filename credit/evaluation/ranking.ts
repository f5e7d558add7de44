// Rows in falling order of risk, sorted once; every measure of discrimination is then one pass.

/** Labelled rows, riskiest first. */
export interface Ranking {
  /** falling */
  readonly scores: Float64Array
  /** 1 bad, 0 good, in the order of `scores` */
  readonly labels: Uint8Array
  /** where each row stood before sorting */
  readonly rows: Uint32Array
  /** index after the last row of each group of equal scores */
  readonly ends: Uint32Array
  readonly bad: number
  readonly good: number
}

/** Below this a comparison sort is as fast as counting digits. */
const FEW_ROWS = 2048

/** Positions of the scores from the highest to the lowest, equal scores in their given order. NaN is not allowed. */
export function orderByRisk(scores: Float64Array): Uint32Array {
  const n = scores.length
  let order = Uint32Array.from({ length: n }, (_, i) => i)
  if (n < FEW_ROWS) return order.sort((a, b) => scores[b]! - scores[a]! || a - b)
  // Radix sort on the bits: 1 million rows in a tenth of the time of a comparison sort.
  const bits = new Uint32Array(new Float64Array(scores).map((score) => score + 0).buffer) // +0 makes −0 equal to 0
  const keys = new Uint32Array(2 * n)
  for (let i = 0; i < n; i++) {
    const negative = bits[2 * i + 1]! >>> 31 === 1
    // Falling order: what is negative keeps its bits, what is positive has all but the sign turned over.
    keys[2 * i] = negative ? bits[2 * i]! : ~bits[2 * i]!
    keys[2 * i + 1] = negative ? bits[2 * i + 1]! : ~bits[2 * i + 1]! & 0x7fffffff
  }
  let spare = new Uint32Array(n)
  for (let digit = 0; digit < 4; digit++) {
    const word = digit >> 1
    const shift = 16 * (digit & 1)
    const starts = new Uint32Array(65537)
    for (let i = 0; i < n; i++) starts[((keys[2 * i + word]! >>> shift) & 0xffff) + 1]!++
    for (let d = 0; d < 65536; d++) starts[d + 1]! += starts[d]!
    for (let i = 0; i < n; i++) {
      const row = order[i]!
      spare[starts[(keys[2 * row + word]! >>> shift) & 0xffff]!++] = row
    }
    ;[order, spare] = [spare, order]
  }
  return order
}

/** @param scores higher is riskier, no NaN. @param labels 1 bad, 0 good */
export function rankRows(scores: Float64Array, labels: Uint8Array | Int8Array): Ranking {
  const order = orderByRisk(scores)
  const sorted = new Float64Array(order.length)
  const sortedLabels = new Uint8Array(order.length)
  for (let i = 0; i < order.length; i++) {
    sorted[i] = scores[order[i]!]!
    sortedLabels[i] = labels[order[i]!]!
  }
  return rankingOfSorted(sorted, sortedLabels, order)
}

/** A ranking of rows that are in falling order already. */
export function rankingOfSorted(scores: Float64Array, labels: Uint8Array, rows: Uint32Array): Ranking {
  const ends: number[] = []
  let bad = 0
  for (let i = 0; i < scores.length; i++) {
    bad += labels[i]!
    if (i + 1 === scores.length || scores[i + 1] !== scores[i]) ends.push(i + 1)
  }
  return { scores, labels, rows, ends: Uint32Array.from(ends), bad, good: labels.length - bad }
}

/**
 * One ranking for each group, without sorting again. @param groupOf row before sorting → group, or −1 for none
 * @param groups number of groups
 */
export function rankingsByGroup(ranking: Ranking, groupOf: (row: number) => number, groups: number): Ranking[] {
  const n = ranking.rows.length
  const group = new Int32Array(n)
  const sizes = new Uint32Array(groups)
  for (let i = 0; i < n; i++) {
    group[i] = groupOf(ranking.rows[i]!)
    if (group[i]! >= 0) sizes[group[i]!]!++
  }
  const parts = Array.from(sizes, (size) => ({
    scores: new Float64Array(size),
    labels: new Uint8Array(size),
    rows: new Uint32Array(size),
    filled: 0,
  }))
  for (let i = 0; i < n; i++) {
    const part = parts[group[i]!]
    if (part === undefined) continue
    part.scores[part.filled] = ranking.scores[i]!
    part.labels[part.filled] = ranking.labels[i]!
    part.rows[part.filled++] = ranking.rows[i]!
  }
  return parts.map((part) => rankingOfSorted(part.scores, part.labels, part.rows))
}

/** Calls `visit` with the numbers of bad and good rows of each group of equal scores, riskiest first. */
export function forEachTie(
  { ends, labels }: Ranking,
  visit: (bad: number, good: number, from: number, to: number) => void,
): void {
  let from = 0
  for (const to of ends) {
    let bad = 0
    for (let i = from; i < to; i++) bad += labels[i]!
    visit(bad, to - from - bad, from, to)
    from = to
  }
}

/**
 * Bad rows among the riskiest `count` rows; a cut through equal scores takes its share of them.
 * @param count may have a fraction
 */
export function badAmongRiskiest(ranking: Ranking, count: number): number {
  let found = 0
  forEachTie(ranking, (bad, _good, from, to) => {
    found += bad * Math.min(1, Math.max(0, (count - from) / (to - from)))
  })
  return found
}
