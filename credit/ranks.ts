// Order statistics without a full sort: the elements of a few ranks, by quickselect.

/**
 * Moves elements so that each given rank holds what it would hold after sorting.
 * @param ranks 0 … values.length − 1, in any order
 */
export function selectRanks(values: Float64Array, ranks: readonly number[]): void {
  const wanted = [...new Set(ranks)].sort((a, b) => a - b)
  const open: [number, number, number, number][] = [[0, values.length - 1, 0, wanted.length]]
  for (let job = open.pop(); job !== undefined; job = open.pop()) {
    const [low, , first] = job
    let [, high, , end] = job
    while (first < end && low < high) {
      const [left, right] = partition(values, low, high)
      let toLeft = first
      while (toLeft < end && wanted[toLeft]! <= left) toLeft++
      let toRight = toLeft
      while (toRight < end && wanted[toRight]! < right) toRight++
      if (toRight < end) open.push([right, high, toRight, end])
      ;[high, end] = [left, toLeft]
    }
  }
}

/** Hoare's partition around the median of three: all up to `left` ≤ all from `right` on; between them the pivot. */
function partition(values: Float64Array, low: number, high: number): [number, number] {
  const [a, b, c] = [values[low]!, values[(low + high) >>> 1]!, values[high]!]
  const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
  let left = low
  let right = high
  while (left <= right) {
    while (values[left]! < pivot) left++
    while (values[right]! > pivot) right--
    if (left > right) break
    const moved = values[left]!
    values[left++] = values[right]!
    values[right--] = moved
  }
  return [right, left]
}
