// The module of node-kernel.ts and the constants that it reads, made once a worker and layout.
import { acrossTable, inverseOf, lookupTables, rowRoots, TRANSFORM_PRIME } from './histogram-tables.ts'
import { rootTables } from './kernel.ts'
import { assembleNodeSums } from './node-code.ts'
import { N, type NodeSet } from './params.ts'

/** What a kernel of one layout starts from. */
export interface NodeTables {
  readonly module: WebAssembly.Module
  /** roots and quotients by row, then those of the inverse */
  readonly roots: Uint32Array
  /** first word of each layer */
  readonly layers: readonly number[]
  /** tables of `lookup`, `head` and `tail` */
  readonly words: Uint32Array
  /** words of the table of `head` */
  readonly headWords: number
}

const made = new Map<string, NodeTables>()

/** The module and its tables, made once a worker and layout. */
export function tablesOf(set: NodeSet, windows: number): NodeTables {
  const name = `${set}:${windows}`
  const known = made.get(name)
  if (known !== undefined) return known
  const { roots } = rootTables(TRANSFORM_PRIME, N)
  const back = roots.map((root) => Number(inverseOf(BigInt(root))))
  const forward = rowRoots(roots, windows)
  const backward = rowRoots(back, windows)
  const all = new Uint32Array(4 * N)
  for (const [i, part] of [forward.roots, forward.quotients, backward.roots, backward.quotients].entries()) {
    all.set(part, i * N)
  }
  const head = acrossTable(roots, windows, false)
  const tail = acrossTable(back, windows, true)
  const lookup = lookupTables(roots, windows)
  const tables: NodeTables = {
    module: new WebAssembly.Module(assembleNodeSums(N, windows, set)),
    roots: all,
    layers: forward.starts,
    words: Uint32Array.from([...lookup, ...head, ...tail]),
    headWords: head.length,
  }
  made.set(name, tables)
  return tables
}
