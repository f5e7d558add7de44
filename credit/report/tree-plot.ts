// One tree of a boosted model as a drawing: the root on the left, the left branch above, leaves at the ends.
import { html, type Markup } from '#runtime/markup.ts'
import { figure, percent, WIDTH } from './axes.ts'
import { cut } from './plots.ts'

export interface PlottedNode {
  /** children of node i are 2i + 1 (left) and 2i + 2 (right) */
  readonly node: number
  /** a split: the column by alias, which rows go left where that is known, and the colour of the party; a leaf has none */
  readonly split?: { readonly label: string; readonly left: string; readonly colour: number }
  /** training rows */
  readonly rows: number
  /** of a leaf: what it adds */
  readonly written: string
}

export interface TreePlot {
  readonly title: string
  readonly nodes: readonly PlottedNode[]
  readonly legend: readonly { readonly colour: number; readonly name: string }[]
}

/** Levels drawn: of what lies deeper the number of nodes is shown. */
const LEVELS = 4
const LEAF_ROW = 38
const STEP = WIDTH / LEVELS
const BOX = { width: STEP - 17, height: 30 }

interface Placed {
  readonly node: PlottedNode
  readonly level: number
  readonly y: number
  readonly children: readonly Placed[]
}

export function treePlot({ title, nodes, legend }: TreePlot): Markup {
  const byNumber = new Map(nodes.map((node) => [node.node, node]))
  const ends = { count: 0 }
  const root = place(byNumber, 0, 0, ends)
  const all = nodes.find(({ node }) => node === 0)?.rows ?? 0
  const height = LEAF_ROW * Math.max(1, ends.count) + 4
  const keys = legend.map(({ colour, name }) => ({ colour: `s${colour}`, shape: 'box' as const, name }))
  return figure(title, keys, { width: WIDTH, height }, root === undefined ? [] : draw(root, all, byNumber))
}

/** Leaves one below the other, a split in the middle of its two branches. */
function place(
  byNumber: ReadonlyMap<number, PlottedNode>,
  number: number,
  level: number,
  ends: { count: number },
): Placed | undefined {
  const node = byNumber.get(number)
  if (node === undefined) return undefined
  const below = node.split === undefined || level + 1 >= LEVELS ? [] : [2 * number + 1, 2 * number + 2]
  const children = below.flatMap((child) => place(byNumber, child, level + 1, ends) ?? [])
  const [first, last] = [children[0], children.at(-1)]
  const y = first === undefined || last === undefined ? LEAF_ROW * (ends.count++ + 0.5) : (first.y + last.y) / 2
  return { node, level, y, children }
}

function draw(at: Placed, all: number, byNumber: ReadonlyMap<number, PlottedNode>): Markup {
  const [left, right] = [at.level * STEP + 2, at.level * STEP + 2 + BOX.width]
  const edges = at.children.map((child) => {
    const middle = (right + child.level * STEP + 2) / 2
    return html`<path class="axis" fill="none" d="${`M${right} ${at.y}H${middle}V${child.y}H${child.level * STEP + 2}`}"/>`
  })
  const { split, rows, written } = at.node
  const hidden = split !== undefined && at.children.length === 0 ? nodesBelow(byNumber, at.node.node) : 0
  const box =
    split === undefined
      ? html`<rect class="f0" x="${left}" width="4" y="${at.y - 13}" height="26" rx="2"/>`
      : html`<rect class="curve s${split.colour}" x="${left}" width="${BOX.width}" y="${at.y - BOX.height / 2}" height="${BOX.height}" rx="4"/>`
  const label = split?.label ?? written
  const share = `${percent(all === 0 ? 0 : rows / all)}${hidden > 0 ? ` +${hidden}…` : ''}`
  const second = split === undefined || split.left === '' ? share : `${split.left} · ${share}`
  const texts = html`<text class="strong" x="${left + 8}" y="${at.y - 2}">${cut(label, BOX.width - 4)}</text><text x="${left + 8}" y="${at.y + 11}" font-size="10.5">${cut(second, BOX.width + 10)}</text>`
  const below = at.children.map((child) => draw(child, all, byNumber))
  return html`${edges}<g><title>${label} · ${second}</title>${box}${texts}</g>${below}`
}

/** Nodes under this one. */
function nodesBelow(byNumber: ReadonlyMap<number, PlottedNode>, number: number): number {
  return [2 * number + 1, 2 * number + 2].reduce(
    (sum, child) => (byNumber.has(child) ? sum + 1 + nodesBelow(byNumber, child) : sum),
    0,
  )
}
