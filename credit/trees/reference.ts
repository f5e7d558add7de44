// Boosting in the clear: one process holds every party's columns and uses the very functions that the parties use. The
// oracle of tests, and what figures with and without encryption are compared with.
import { PlatformError } from '#runtime/errors.ts'
import { checkColumn, type TreeColumn } from './columns.ts'
import { Growth } from './growth.ts'
import { falling, type OfferedColumn, sumColumns } from './histogram.ts'
import { checkLabels, gradients, lossOf, startMargin } from './objective.ts'
import { type BoostParams, checkBoostParams, leafFloor, type Precision } from './params.ts'
import { quantise, unquantised } from './quantise.ts'
import { type Draw, drawOfTree, sampleColumns, sampleOf } from './sampling.ts'
import { bestTrees, hasStalled } from './stopping.ts'
import { addTree, type OwnerSplit, ownerSplit, type SplitRef, sidesOf, type Tree } from './tree.ts'

export interface ReferenceInput {
  readonly params: BoostParams
  /** by owner: the guest's columns, then each host's, over all rows */
  readonly columns: readonly (readonly TreeColumn[])[]
  readonly labels: Float64Array
  /** one a row; 0 for rows that do not count */
  readonly weights: Float64Array
  readonly trainRows: Uint32Array
  /** for early stopping and the second loss; may be empty */
  readonly holdoutRows: Uint32Array
  /** 'real': g and h as they are */
  readonly precision: Precision | 'real'
  /** the plain modulus that sums have to fit in */
  readonly modulus: number
  /** by owner */
  readonly draw: (owner: number) => Draw
  /** whether an owner shows the cells of a column to the guest in falling order; never when absent */
  readonly falling?: (tree: number, owner: number, column: number) => boolean
}

export interface ReferenceModel {
  readonly start: number
  readonly trees: readonly Tree<SplitRef>[]
  /** by owner, by the owner's number of the split */
  readonly splits: readonly (readonly OwnerSplit[])[]
  /** of all rows, after the trees that are kept */
  readonly margins: Float64Array
  /** after each grown tree, dropped ones included; hold-out NaN where no row is held out */
  readonly losses: readonly { readonly train: number; readonly holdout: number }[]
}

/** @throws PlatformError boost.invalid on settings, columns or labels that do not fit */
export function trainReference(input: ReferenceInput): ReferenceModel {
  const { params, labels, weights, columns } = input
  checkBoostParams(params)
  const counting = input.trainRows.filter((row) => weights[row]! > 0)
  checkLabels(params.objective, labels, weights, counting)
  for (const column of columns.flat()) checkColumn(column, labels.length)
  const start = startMargin(params.objective, labels, weights, counting)
  const margins = new Float64Array(labels.length).fill(start)
  const byTree: Float64Array[] = []
  const trees: Tree<SplitRef>[] = []
  const splits: OwnerSplit[][] = columns.map(() => [])
  const losses: { train: number; holdout: number }[] = []
  const lossNow = (rows: Uint32Array) => lossOf(params.objective, margins, labels, weights, rows)
  while (trees.length < params.trees) {
    const growth = growTree(input, counting, margins, trees.length, splits)
    const tree = growth.tree()
    addTree(margins, tree, (split) => growth.sidesOf(split))
    trees.push(tree)
    byTree.push(margins.slice())
    losses.push({ train: lossNow(counting), holdout: lossNow(input.holdoutRows) })
    const stop = params.earlyStopping
    if (stop !== undefined && hasStalled(holdoutOf(losses), stop.rounds)) break
  }
  const kept = params.earlyStopping === undefined ? trees.length : bestTrees(holdoutOf(losses))
  return { start, trees: trees.slice(0, kept), splits, margins: byTree[kept - 1] ?? margins, losses }
}

function holdoutOf(losses: readonly { readonly holdout: number }[]): number[] {
  return losses.map(({ holdout }) => holdout)
}

function growTree(
  input: ReferenceInput,
  counting: Uint32Array,
  margins: Float64Array,
  tree: number,
  splits: readonly OwnerSplit[][],
): Growth {
  const { params, labels, weights, precision, modulus } = input
  const draw = drawOfTree(input.draw(0), tree)
  const all = gradients(params.objective, margins, labels, weights, params.maxDeltaStep)
  const sample = sampleOf(params, counting, all, draw)
  const quantised =
    precision === 'real' ? unquantised(sample.gradients) : quantise(sample.gradients, precision, modulus, draw)
  const offered = input.columns.map((_, owner) => offer(input, tree, owner))
  const floor = leafFloor(params, counting.length)
  const growth = new Growth({ params, quantised, ...sample, floor, own: offered[0] ?? [] })
  while (growth.open.length > 0) {
    for (const node of growth.asked)
      for (const [owner, columns] of offered.entries())
        if (owner > 0)
          for (const sums of sumColumns(owner, columns, growth.rowsOf(node), quantised)) growth.addSums(node, sums)
    growth.rank()
    answerAll(input, growth, tree, splits)
    growth.nextLevel()
  }
  return growth
}

/** What an owner offers to a tree: its drawn columns, in the order in which it shows their cells. */
function offer(input: ReferenceInput, tree: number, owner: number): OfferedColumn[] {
  const { params, columns } = input
  const own = columns[owner] ?? []
  if (owner > 0 && tree < params.guestFirst) return []
  const drawn = sampleColumns(own.length, params.columnSample, drawOfTree(input.draw(owner), tree))
  return drawn.map((index) => {
    const column = own[index]!
    return { index, column: input.falling?.(tree, owner, index) === true ? falling(column) : column }
  })
}

/** Plays the owners until no node wants anything. */
function answerAll(input: ReferenceInput, growth: Growth, tree: number, splits: readonly OwnerSplit[][]): void {
  for (let wanted = growth.wanted(); wanted.length > 0; wanted = growth.wanted()) {
    for (const { node, candidate } of wanted) {
      const { owner, column } = candidate
      const [known, owned] = [splits[owner], input.columns[owner]?.[column]]
      if (known === undefined || owned === undefined) throw new PlatformError('boost.invalid', { what: 'split', owner })
      const shown = { index: column, valueCells: owned.valueCells }
      const split = ownerSplit(candidate, shown, input.falling?.(tree, owner, column) === true)
      if (growth.answer(node, sidesOf(split, owned), known.length)) known.push(split)
    }
  }
}
