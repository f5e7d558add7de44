// Why the order of a host's cells is drawn for a tree and not for each node (docs/decisions/0018): who has the sums of a node
// and of both its children puts orders that were drawn apart side by side again, by adding.
import { expect, test } from 'vitest'
import { falling, sumColumns } from '#credit/trees/histogram.ts'
import { quantise } from '#credit/trees/quantise.ts'
import { expandBytes, permutation } from '#crypto/prg.ts'
import { uniform } from './sample.ts'

const SEED = new Uint8Array(32).fill(7)
const [ROWS, COLUMNS, CELLS] = [4000, 40, 16]

interface Shown {
  /** which column it is: what the guest is not told */
  readonly index: number
  readonly cells: readonly number[]
}

/** The sums of all columns over these rows, in an order and directions drawn for this node. */
function shownSums(node: string, rows: Uint32Array): Shown[] {
  const coins = expandBytes(SEED, `coins ${node}`, COLUMNS)
  const columns = Array.from(permutation(SEED, `order ${node}`, COLUMNS), (index) => {
    const cells = Uint8Array.from(uniform(`column ${index}`, ROWS), (value) => Math.floor(value * CELLS))
    const column = { cells, valueCells: CELLS, missing: false, sign: 0 as const }
    return { index, column: (coins[index]! & 1) === 1 ? falling(column) : column }
  })
  return sumColumns(1, columns, rows, QUANTISED).map(({ column, g }) => ({ index: column, cells: [...g] }))
}

// the first tree: two values of g and one of h, the poorest sums there are
const LABELS = uniform('labels', ROWS)
const QUANTISED = quantise(
  { g: LABELS.map((draw) => (draw < 0.3 ? -0.7 : 0.3)), h: new Float64Array(ROWS).fill(0.21) },
  'quantised',
  2 ** 50,
  (label, bytes) => expandBytes(SEED, label, bytes),
)

/** Pairs of columns of two nodes whose sums add up to a column of a third: [left, right, parent], by index. */
function linked(left: readonly Shown[], right: readonly Shown[], parent: readonly Shown[]): number[][] {
  const known = new Map(
    parent.flatMap(({ index, cells }) => [cells, cells.toReversed()].map((some) => [some.join(), index] as const)),
  )
  return left.flatMap((one) =>
    right.flatMap((other) =>
      [other.cells, other.cells.toReversed()].flatMap((cells) => {
        const sums = one.cells.map((value, cell) => value + cells[cell]!)
        const found = known.get(sums.join())
        return found === undefined ? [] : [[one.index, other.index, found]]
      }),
    ),
  )
}

test('orders drawn for each node: adding the sums of siblings tells every column of both', () => {
  const all = Uint32Array.from({ length: ROWS }, (_, row) => row)
  const side = uniform('column 3', ROWS)
  const left = all.filter((row) => side[row]! < 0.4)
  const right = all.filter((row) => side[row]! >= 0.4)
  const [parent, one, other] = [shownSums('parent', all), shownSums('left', left), shownSums('right', right)]
  expect(one.map(({ index }) => index)).not.toEqual(other.map(({ index }) => index))
  const found = linked(one, other, parent)
  expect(found.length).toBe(COLUMNS)
  expect(found.every(([l, r, p]) => l === r && r === p)).toBe(true)
  // the control: nodes that are no siblings add up to nothing
  expect(linked(one, shownSums('right', right.subarray(1)), parent)).toEqual([])
})
