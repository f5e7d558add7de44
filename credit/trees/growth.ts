// The guest's view of one tree while it grows, level by level: whose sums are wanted, which candidate each node asks for,
// and what the answers make of it. Knows nothing of encryption; the protocol and the reference in the clear both drive it.
import { PlatformError } from '#runtime/errors.ts'
import { valuesAtRanks } from '../ranks.ts'
import { type OfferedColumn, siblingOf, sumColumns } from './histogram.ts'
import type { Gradients } from './objective.ts'
import { type BoostParams, MAX_ASKS } from './params.ts'
import type { Quantised } from './quantise.ts'
import {
  type Candidate,
  type ColumnSums,
  childBounds,
  FREE_BOUNDS,
  type GradientSum,
  leafWeight,
  rankSplits,
  type WeightBounds,
  withoutSmaller,
} from './split.ts'
import { childrenOf, levelOf, partition, type SideBits, type SplitRef, type Tree, type TreeNode } from './tree.ts'

export interface GrowthInput {
  readonly params: BoostParams
  /** by row over all rows; only `rows` count */
  readonly quantised: Quantised
  /** the same unrounded: leaf weights are worked out from these */
  readonly gradients: Gradients
  /** training rows that count: with a weight, and sampled */
  readonly rows: Uint32Array
  /** least rows on each side of a split */
  readonly floor: number
  /** the guest's own columns of this tree */
  readonly own: readonly OfferedColumn[]
}

/** A node that may still be split. */
interface OpenNode {
  readonly rows: Uint32Array
  readonly total: GradientSum
  readonly bounds: WeightBounds
  /** by owner and column, once they are known */
  readonly sums: Map<string, ColumnSums>
  ranked: readonly Candidate[]
  asks: number
  /** rows of the left and the right child, once the node is split */
  parts?: readonly [left: Uint32Array, right: Uint32Array]
}

export interface Wanted {
  readonly node: number
  readonly candidate: Candidate
}

export class Growth {
  readonly #input: GrowthInput
  readonly #nodes = new Map<number, TreeNode<SplitRef>>()
  readonly #sides = new Map<number, SideBits>()
  /** every node of this level with its rows; those that stay leaves are not in `open` */
  #level = new Map<number, OpenNode>()
  /** the level above: what siblings are subtracted from */
  #above = new Map<number, OpenNode>()
  #open: number[] = []
  #settled = new Set<number>()

  constructor(input: GrowthInput) {
    this.#input = input
    this.#enter([[0, input.rows, FREE_BOUNDS]])
  }

  /** Numbers of this level's nodes that may be split, ascending. Empty when the tree is grown. */
  get open(): readonly number[] {
    return this.#open
  }

  /** Nodes whose sums have to be asked for: of two siblings the one with fewer rows. Ascending. */
  get asked(): readonly number[] {
    const asked = new Set<number>()
    for (const node of this.#open) asked.add(node === 0 ? 0 : this.#smallerSibling(node))
    return [...asked].sort((a, b) => a - b)
  }

  /** The rows that count of a node of this level. */
  rowsOf(node: number): Uint32Array {
    return this.#at(node).rows
  }

  /** A host's sums of one column over an asked node, in steps of the quantisation. */
  addSums(node: number, sums: ColumnSums): void {
    this.#at(node).sums.set(keyOf(sums), sums)
  }

  /** After all sums of the level: works out the guest's own, subtracts siblings and ranks the candidates of each open node. */
  rank(): void {
    const { own, quantised, params } = this.#input
    for (const node of this.asked)
      for (const sums of sumColumns(0, own, this.rowsOf(node), quantised)) this.addSums(node, sums)
    for (const node of this.#open) {
      const at = this.#at(node)
      if (node > 0 && this.#smallerSibling(node) !== node) this.#subtract(node)
      const state = { total: at.total, bounds: at.bounds, leastWeight: this.#leastWeight(at.rows) }
      at.ranked = rankSplits([...at.sums.values()], state, params, quantised.code.units)
    }
  }

  /** The best candidate of each open node that has no split yet. Nodes without any left become leaves. */
  wanted(): Wanted[] {
    const out: Wanted[] = []
    for (const node of this.#open) {
      if (this.#settled.has(node)) continue
      const at = this.#at(node)
      // a host's split costs the host a bit a row: after MAX_ASKS the guest has to do with its own columns
      if (at.asks >= MAX_ASKS) at.ranked = at.ranked.filter((other) => other.owner === 0)
      const candidate = at.ranked[0]
      if (candidate === undefined) this.#settle(node, this.#leaf(node, at))
      else out.push({ node, candidate })
    }
    return out
  }

  /**
   * The sides of all rows at the candidate that `wanted` named for this node.
   * @param split the owner's number of it
   * @returns false when a side has too few rows of the node: the candidate is dropped, `wanted` names the next
   */
  answer(node: number, sides: SideBits, split: number): boolean {
    const at = this.#at(node)
    const candidate = this.#candidate(node)
    const parts = partition(at.rows, sides)
    const [left, right] = parts
    if (Math.min(left.length, right.length) < this.#input.floor) {
      this.#drop(at, candidate, left.length < right.length ? 'left' : 'right')
      return false
    }
    const { owner, gain } = candidate
    const cover = this.#real(at.rows).h
    this.#settle(node, { node, split: { owner, split, gain }, cover, rows: at.rows.length, value: 0 })
    this.#sides.set(node, sides)
    at.parts = parts
    return true
  }

  /** The owner refused the candidate that `wanted` named for this node: the next is wanted. */
  refuse(node: number): void {
    this.#drop(this.#at(node), this.#candidate(node), 'refused')
  }

  /** Once nothing is wanted: the children of the splits are the next level. */
  nextLevel(): void {
    const next: [number, Uint32Array, WeightBounds][] = []
    for (const node of this.#open) {
      const at = this.#at(node)
      const { parts } = at
      if (parts === undefined) continue
      const bounds = childBounds(at.bounds, this.#candidate(node), this.#input.params)
      for (const [i, child] of childrenOf(node).entries()) next.push([child, parts[i]!, bounds[i]!])
    }
    this.#above = this.#level
    this.#enter(next)
  }

  /** The grown tree. */
  tree(): Tree<SplitRef> {
    return { nodes: [...this.#nodes.values()].sort((a, b) => a.node - b.node) }
  }

  /** The sides of all rows at a split of the tree. */
  sidesOf({ owner, split }: SplitRef): SideBits {
    for (const [node, sides] of this.#sides) {
      const known = this.#nodes.get(node)?.split
      if (known?.owner === owner && known.split === split) return sides
    }
    throw new PlatformError('boost.invalid', { what: 'split', owner, split })
  }

  #enter(nodes: readonly [number, Uint32Array, WeightBounds][]): void {
    const { quantised, params, floor } = this.#input
    this.#level = new Map()
    this.#open = []
    this.#settled = new Set()
    for (const [node, rows, bounds] of nodes) {
      const at: OpenNode = { rows, total: sumOf(rows, quantised), bounds, sums: new Map(), ranked: [], asks: 0 }
      this.#level.set(node, at)
      if (levelOf(node) < params.depth && rows.length >= 2 * floor) this.#open.push(node)
      else this.#nodes.set(node, this.#leaf(node, at))
    }
  }

  #leaf(node: number, { rows, bounds }: OpenNode): TreeNode<SplitRef> {
    const { params } = this.#input
    const sum = this.#real(rows)
    const value = params.learningRate * leafWeight(sum, params, bounds)
    return { node, cover: sum.h, rows: rows.length, value }
  }

  /** Σg and Σh unrounded. */
  #real(rows: Uint32Array): GradientSum {
    return sumOf(rows, this.#input.gradients)
  }

  #settle(node: number, as: TreeNode<SplitRef>): void {
    this.#nodes.set(node, as)
    this.#settled.add(node)
  }

  #drop(at: OpenNode, candidate: Candidate, small: 'left' | 'right' | 'refused'): void {
    at.ranked = withoutSmaller(at.ranked, candidate, small)
    if (candidate.owner !== 0) at.asks++
  }

  #candidate(node: number): Candidate {
    const candidate = this.#at(node).ranked[0]
    if (candidate === undefined) throw new PlatformError('boost.invalid', { what: 'candidate', node })
    return candidate
  }

  #at(node: number): OpenNode {
    const at = this.#level.get(node)
    if (at === undefined) throw new PlatformError('boost.invalid', { what: 'node', node })
    return at
  }

  #smallerSibling(node: number): number {
    const [left, right] = childrenOf((node - 1) >> 1)
    return this.#at(right).rows.length < this.#at(left).rows.length ? right : left
  }

  #subtract(node: number): void {
    const [parent, sibling] = [this.#above.get((node - 1) >> 1), this.#at(this.#smallerSibling(node))]
    for (const [key, sums] of sibling.sums) {
      const whole = parent?.sums.get(key)
      if (whole !== undefined) this.#at(node).sums.set(key, siblingOf(whole, sums))
    }
  }

  /** Σh of the `floor` rows of the node with the least h: a side with less than that has too few rows for certain. */
  #leastWeight(rows: Uint32Array): number {
    const { quantised, floor } = this.#input
    const h = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i++) h[i] = quantised.h[rows[i]!]!
    const edge = valuesAtRanks(h, [floor - 1]).get(floor - 1)!
    let [sum, below] = [0, 0]
    for (const value of h) {
      if (value >= edge) continue
      sum += value
      below++
    }
    // a little less: sums of reals depend on their order
    return (sum + (floor - below) * edge) * (1 - 1e-9)
  }
}

function keyOf({ owner, column }: Pick<ColumnSums, 'owner' | 'column'>): string {
  return `${owner}:${column}`
}

function sumOf(rows: Uint32Array, { g, h }: Gradients): GradientSum {
  let [sumG, sumH] = [0, 0]
  for (const row of rows) {
    sumG += g[row]!
    sumH += h[row]!
  }
  return { g: sumG, h: sumH }
}
