// Order statistics without a full sort: the values of a few ranks. Values are counted by slot, as a histogram of equal
// steps, and only the slots that hold a wanted rank are sorted.

const SLOTS = 4096
/** The slots part the range of so many values from all over the column, but for this share at either end: outliers must
 * not take the range. What lies beyond counts in the first and last slot. */
const SAMPLE = 512
const TAIL = 0.01

interface Slotted {
  /** of each value; ascending with it */
  readonly slotOf: Uint16Array
  /** how many values are in lower slots; one more than there are slots */
  readonly below: Uint32Array
}

/**
 * The values that stand at the ranks once all are in ascending order; zeros of either sign are equal.
 * @param values none is NaN @param ranks 0 … values.length − 1, in any order
 * @returns by rank
 */
export function valuesAtRanks(values: Float64Array, ranks: readonly number[]): Map<number, number> {
  const { slotOf, below } = slotted(values)
  const wanted = [...new Set(ranks)].sort((a, b) => a - b)
  // values of the slots that are needed move together, slot after slot
  const place = new Int32Array(SLOTS).fill(-1)
  const needed: { readonly from: number; readonly to: number }[] = []
  const found: { readonly rank: number; readonly at: number }[] = []
  let [slot, held] = [0, 0]
  for (const rank of wanted) {
    while (below[slot + 1]! <= rank) slot++
    if (place[slot] === -1) {
      place[slot] = held
      const to = held + below[slot + 1]! - below[slot]!
      needed.push({ from: held, to })
      held = to
    }
    found.push({ rank, at: place[slot]! + rank - below[slot]! })
  }
  const moved = new Float64Array(held)
  for (let i = 0; i < values.length; i++) {
    const at = place[slotOf[i]!]!
    if (at >= 0) {
      moved[at] = values[i]!
      place[slotOf[i]!] = at + 1
    }
  }
  for (const { from, to } of needed) sortUnlessTied(moved.subarray(from, to))
  return new Map(found.map(({ rank, at }) => [rank, moved[at]!]))
}

function slotted(values: Float64Array): Slotted {
  const slotOf = new Uint16Array(values.length)
  const below = new Uint32Array(SLOTS + 1)
  const { low, steps } = rangeOf(values)
  for (let i = 0; i < values.length; i++) {
    // rounding never turns the order of two values, so slots ascend as values do
    const step = (values[i]! - low) * steps
    const slot = step >= SLOTS ? SLOTS - 1 : step > 0 ? step | 0 : 0
    slotOf[i] = slot
    below[slot + 1]!++
  }
  for (let slot = 0; slot < SLOTS; slot++) below[slot + 1]! += below[slot]!
  return { slotOf, below }
}

/** Where the slots begin and how many there are to one unit: 0 where values are tied, and all are in the first slot. */
function rangeOf(values: Float64Array): { readonly low: number; readonly steps: number } {
  const size = Math.min(SAMPLE, values.length)
  const sample = Float64Array.from({ length: size }, (_, i) => values[Math.floor((i / size) * values.length)]!).sort()
  const tail = Math.floor(size * TAIL)
  const [low, high] = [sample[tail] ?? 0, sample[size - 1 - tail] ?? 0]
  const steps = SLOTS / (high - low)
  return Number.isFinite(steps) && Number.isFinite(low) && high > low ? { low, steps } : { low: 0, steps: 0 }
}

/** Codes, counts and amounts in whole units leave many slots with one value only. */
function sortUnlessTied(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    if (values[i] !== values[0]) {
      values.sort()
      return
    }
  }
}
