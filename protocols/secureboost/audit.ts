// After a dispute: did the rows that a guest sent for a tree carry what its model and labels give? The guest opens its keys
// and seed of the tree; the host, or whoever judges, has the signed ciphertexts. A row that carries anything else, such as
// the powers of two of a superincreasing code, is found, whatever it was to read.
import { gradients } from '#credit/trees/objective.ts'
import { quantise, streamCount, streams as streamsOf } from '#credit/trees/quantise.ts'
import { drawOfTree } from '#credit/trees/sampling.ts'
import { levelOf, partition, childrenOf, type SideBits, type SplitRef, type Tree } from '#credit/trees/tree.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { HeKeyPair, HePool } from '#crypto/he/pool.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { Secret } from '#runtime/secret.ts'
import { sampleTree } from './guest-sample.ts'
import {
  blockParts,
  cipherStreams,
  cutPasses,
  hiddenLevel,
  type Pass,
  rowsPerBlock,
  setOf,
  type Streams,
  visibleLevel,
} from './layout.ts'
import type { GuestInput } from './params.ts'
import { keyOf } from './tree-keys.ts'

/** What was sent in the round of the tree, as the receiver keeps it. */
export interface TreeEvidence {
  /** bodies of `rows`, by part */
  readonly rows: readonly (readonly Uint8Array[])[]
  /** bodies of `layout`, by level */
  readonly layouts: readonly (readonly number[])[]
  /** with visible membership: the rows of the nodes that were asked for, by level */
  readonly asked?: readonly (readonly Uint32Array[])[]
}

/** What the guest opens and claims. */
export interface TreeClaim {
  readonly input: Pick<GuestInput, 'params' | 'sets' | 'labels' | 'weights'>
  /** of the tree, in the order in which they were sent */
  readonly keys: readonly HeKeyPair[]
  /** of the task: sample and rounding follow from it */
  readonly seed: Secret
  /** from 0 */
  readonly tree: number
  /** of all rows before the tree */
  readonly margins: Float64Array
  readonly grown: Tree<SplitRef>
  readonly sidesOf: (split: SplitRef) => SideBits
}

/** A stream of ciphertexts that is not the rows of any node of its level. */
export interface AuditFinding {
  readonly level: number
  /** number of the stream on the level */
  readonly stream: number
  /** training rows that carry another value than they should for the node that fits best */
  readonly rows: readonly number[]
  /** coefficients that carry something and are no row's */
  readonly strays: number
}

export interface AuditReport {
  readonly streams: number
  readonly rows: number
  readonly findings: readonly AuditFinding[]
}

/** @throws PlatformError he.wrong-key, he.malformed, protocol.malformed when the evidence does not belong to the claim */
export async function auditTree(pool: HePool, evidence: TreeEvidence, claim: TreeClaim): Promise<AuditReport> {
  const { params } = claim.input
  const kinds = streamCount(params.boost.precision)
  const { expected, shown } = expectedStreams(claim)
  const findings: AuditFinding[] = []
  let [part, streams, rows] = [0, 0, 0]
  for (let level = 0; level < params.boost.depth; level++) {
    const asked = evidence.asked?.[level]
    const all = asked === undefined ? hiddenLevel(level, params, shown) : visibleLevel(asked, params)
    const nodes = nodesOf(claim, level)
    let stream = 0
    for (const [i, one] of all.entries()) {
      for (const pass of cutPasses(one, evidence.layouts[level]![i]!, params)) {
        const opened = Array.from({ length: pass.streams }, () => ({
          values: new Float64Array(pass.rowCount),
          strays: 0,
        }))
        for (const { first, end } of blockParts(pass)) {
          const blocks = evidence.rows[part++] ?? []
          refuseUnless(blocks.length === cipherStreams(pass) * (end - first), 'all rows of the tree')
          await openBlocks(pool, keyOf(claim.keys, claim.input, pass), blocks, opened, pass, first)
        }
        for (const { values, strays } of opened) {
          const wrong = deviations(values, one, nodes, expected[stream % kinds]!)
          if (wrong.length > 0 || strays > 0) findings.push({ level, stream, rows: wrong, strays })
          stream++
          rows += values.length
        }
      }
    }
    streams += stream
  }
  return { streams, rows, findings }
}

/** The rows that hosts sum over, and the residue that each training row carries in its node, by kind of stream. */
function expectedStreams({ input, seed, tree, margins }: TreeClaim) {
  const { params, sets, labels, weights } = input
  const { boost } = params
  const draw = drawOfTree((label, bytes) => expandBytes(seed, label, bytes), tree)
  const all = gradients(boost.objective, margins, labels, weights, boost.maxDeltaStep)
  const { shown, gradients: sampled } = sampleTree({ params, sets, weights }, all, draw)
  return { shown, expected: streamsOf(quantise(sampled, boost.precision, setOf(sets).modulus, draw)) }
}

/** The training rows of each node of a level; none at all is a stream of zeros. */
function nodesOf({ input, grown, sidesOf }: TreeClaim, level: number): Uint32Array[] {
  const members = new Map<number, Uint32Array>([
    [0, Uint32Array.from({ length: input.sets[0]!.rows }, (_, row) => row)],
  ])
  for (const { node, split } of grown.nodes) {
    if (split === undefined) continue
    const parts = partition(members.get(node)!, sidesOf(split))
    for (const [i, child] of childrenOf(node).entries()) members.set(child, parts[i]!)
  }
  const found = [...members].filter(([node]) => levelOf(node) === level).map(([, rows]) => rows)
  return [...found, new Uint32Array(0)]
}

/** @param first number of the first of these blocks in each stream */
async function openBlocks(
  pool: HePool,
  key: HeKeyPair,
  blocks: readonly Uint8Array[],
  opened: readonly { readonly values: Float64Array; strays: number }[],
  pass: Pass,
  first: number,
): Promise<void> {
  const perBlock = rowsPerBlock(pass)
  const each = blocks.length / cipherStreams(pass)
  const all = Array.from({ length: pass.values }, (_, value) =>
    blocks.map(async (wire, i) => {
      const values = await pool.decryptRows(key, wire, value)
      const at = (first + (i % each)) * perBlock
      const stream = opened[Math.floor(i / each) * pass.values + value]
      const count = stream === undefined ? 0 : Math.min(perBlock, stream.values.length - at)
      stream?.values.set(values.subarray(0, count), at)
      // the value that the last of an odd number of streams leaves free carries nothing either
      const owner = stream ?? opened.at(-1)!
      owner.strays += values.subarray(count).reduce((sum, one) => sum + Number(one !== 0), 0)
    }),
  )
  await Promise.all(all.flat())
}

/** Rows of a stream that do not carry what they should, for the node that explains most of them. */
function deviations(
  values: Float64Array,
  { rows }: Streams,
  nodes: readonly Uint32Array[],
  expected: Float64Array,
): number[] {
  const wrongFor = (members: Uint32Array) => {
    const should = new Float64Array(expected.length)
    for (const row of members) should[row] = expected[row]!
    const wrong: number[] = []
    for (let i = 0; i < values.length; i++) {
      const row = rows[i]!
      if (values[i] !== should[row]) wrong.push(row)
    }
    return wrong
  }
  return nodes.map(wrongFor).sort((a, b) => a.length - b.length)[0]!
}
