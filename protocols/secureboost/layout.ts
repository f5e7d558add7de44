// How the nodes of a level, rows and answers are cut into streams, ciphertexts and messages: from numbers that both sides
// know, none of which depends on a label while membership is hidden.
import { MAX_CELLS } from '#credit/trees/params.ts'
import { streamCount } from '#credit/trees/quantise.ts'
import { isRight, sideBytes } from '#credit/trees/tree.ts'
import { columnsTogether, groupsOf } from '#crypto/he/node-sums.ts'
import { N, NODE_SETS, type NodeSet, nodeSetFor, setNamed } from '#crypto/he/params.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { ShownColumn } from './bodies.ts'
import type { SecureBoostParams } from './params.ts'

/** Ciphertexts in one message: about 4 MiB of rows, 2 MiB of answers. */
const CIPHERTEXTS_PER_PART = 32

/** Cells that one answer may sum at once. The more, the fewer answers, and the fewer rows a ciphertext carries. */
const WINDOWS = [4, 8, 16, 32, 64] as const

/** Ciphertexts of rows that a host holds at once, 512 KiB each, or 768 with two values a row. */
const BLOCKS_HELD = 400

/** Answers of one bundle of columns, unless a single column has more: bounds the memory of a task at a host. */
const BUNDLE_ANSWERS = 10

/**
 * What one ciphertext of rows costs, by values of a row, and one answer: CPU milliseconds of all parties, and MiB of the wire
 * at 20 ms each.
 */
const COST = { rows: [0, 3.2 + 2.3, 4.4 + 3.5], answer: 1.3 + 1.2 } as const

/** Nodes that are asked for on a level, whatever the tree: all that can need it. The rest are streams of zeros. */
export function hiddenNodes(level: number): number {
  return level === 0 ? 1 : 2 ** (level - 1)
}

/** Streams of values over the same rows, and the answers to them. Streams of one node follow one another. */
export interface Pass {
  readonly streams: number
  /** streams of values that one stream of ciphertexts carries */
  readonly values: number
  /** positions in the training rows */
  readonly rows: Uint32Array
  readonly rowCount: number
  /** cells that one answer sums at once */
  readonly windows: number
}

/** Rows of one ciphertext. */
export function rowsPerBlock({ windows }: Pick<Pass, 'windows'>): number {
  return N / windows
}

/** Streams of ciphertexts; the last one may carry one value only. */
export function cipherStreams({ streams, values }: Pick<Pass, 'streams' | 'values'>): number {
  return Math.ceil(streams / values)
}

/** What costs least. @param hosts columns by host: the same ciphertexts of rows go to each */
export function windowsFor(all: Streams, hosts: readonly (readonly ShownColumn[])[]): number {
  const costs = WINDOWS.map((windows) => {
    const answers = hosts.flatMap((columns) => bundlesOf(columns, { ...all, windows })).map((bundle) => bundle.answers)
    const blocks = Math.ceil((all.rowCount * windows) / N)
    return (
      COST.rows[all.values]! * blocks * cipherStreams(all) +
      COST.answer * all.streams * answers.reduce((sum, some) => sum + some, 0)
    )
  })
  return WINDOWS[costs.indexOf(Math.min(...costs))]!
}

/** What is asked on a level while membership is hidden: everything over the same rows. */
export function hiddenLevel(level: number, params: SecureBoostParams, rows: Uint32Array): Streams[] {
  const streams = hiddenNodes(level) * streamCount(params.boost.precision)
  return [{ streams, values: valuesTogether(streams, params), rows, rowCount: rows.length }]
}

/** What is asked on a level while membership is visible: every node over its own rows. */
export function visibleLevel(asked: readonly Uint32Array[], params: SecureBoostParams): Streams[] {
  const streams = streamCount(params.boost.precision)
  return asked.map((rows) => ({ streams, values: valuesTogether(streams, params), rows, rowCount: rows.length }))
}

/**
 * Streams over the same rows go two by two: those of two nodes while membership is hidden, or g and h apart. Not where
 * members of a group mask their answers: the answer to the upper of two values carries the other one unmasked.
 */
function valuesTogether(streams: number, { groups = [] }: SecureBoostParams): 1 | 2 {
  return streams === 1 || groups.length > 0 ? 1 : 2
}

/** Streams over the same rows, before it is known how many cells an answer sums. */
export type Streams = Omit<Pass, 'windows'>

/** Cut so that a host can hold the ciphertexts of a pass: whole nodes, in order. */
export function cutPasses(all: Streams, windows: number, { boost }: SecureBoostParams): Pass[] {
  const kinds = streamCount(boost.precision)
  const blocks = Math.ceil(all.rowCount / rowsPerBlock({ windows }))
  const held = Math.max(1, Math.floor(BLOCKS_HELD / blocks)) * all.values
  const nodes = Math.max(1, Math.floor(held / kinds))
  return Array.from({ length: Math.ceil(all.streams / kinds / nodes) }, (_, i) => ({
    ...all,
    windows,
    streams: Math.min(nodes * kinds, all.streams - i * nodes * kinds),
  }))
}

/** Blocks first … end − 1 of all streams of a pass, in one message: stream after stream. */
export interface BlockPart {
  readonly first: number
  readonly end: number
}

export function blockParts(pass: Pass): BlockPart[] {
  const blocks = Math.ceil(pass.rowCount / rowsPerBlock(pass))
  const each = Math.max(1, Math.floor(CIPHERTEXTS_PER_PART / cipherStreams(pass)))
  return Array.from({ length: Math.ceil(blocks / each) }, (_, i) => ({
    first: i * each,
    end: Math.min(blocks, (i + 1) * each),
  }))
}

/** Columns whose cells follow one another in the same answers. */
export interface ColumnBundle {
  /** the first of the columns of a host, and how many */
  readonly first: number
  readonly columns: number
  readonly cells: number
  readonly answers: number
}

/**
 * Consecutive columns, so many that their answers have the fewest cells to spare. A row counts in an answer once for each
 * column that has cells in it: no more often than the noise of answers allows.
 */
export function bundlesOf(
  columns: readonly ShownColumn[],
  { windows, rowCount, values }: Pick<Pass, 'windows' | 'rowCount' | 'values'>,
): ColumnBundle[] {
  const together = Math.floor(NODE_SETS[setFor(rowCount, values)].terms / rowCount)
  const bundles: ColumnBundle[] = []
  for (let first = 0; first < columns.length; first += bundles.at(-1)!.columns) {
    const counts: number[] = []
    let best: ColumnBundle | undefined
    const spare = ({ cells, answers, columns: count }: ColumnBundle) => (answers * windows - cells) / count
    for (const shown of columns.slice(first)) {
      counts.push(shownCells(shown))
      const cells = counts.reduce((sum, count) => sum + count, 0)
      const bundle = { first, columns: counts.length, cells, answers: groupsOf(cells, windows) }
      const fits = bundle.answers <= BUNDLE_ANSWERS && columnsTogether(counts, windows) <= together
      if (best !== undefined && !fits) break
      if (best === undefined || spare(bundle) <= spare(best)) best = bundle
    }
    bundles.push(best!)
  }
  return bundles
}

/** The answers of one bundle of columns in one stream of values. */
export interface AnswerUnit {
  readonly stream: number
  /** number of the bundle */
  readonly bundle: number
  readonly cells: number
  readonly answers: number
}

/** Messages of answers of one pass: whole units, in order. */
export function answerParts(pass: Pass, columns: readonly ShownColumn[]): AnswerUnit[][] {
  const parts: AnswerUnit[][] = []
  const bundles = bundlesOf(columns, pass)
  let room = 0
  for (let stream = 0; stream < pass.streams; stream++) {
    for (const [bundle, { cells, answers }] of bundles.entries()) {
      if (answers > room) {
        parts.push([])
        room = CIPHERTEXTS_PER_PART
      }
      room -= answers
      parts.at(-1)!.push({ stream, bundle, cells, answers })
    }
  }
  return parts
}

export function shownCells({ values, missing }: ShownColumn): number {
  return values + (missing ? 1 : 0)
}

/**
 * The parameter set for ciphertexts with so many values a row, and its plain modulus, which is the same for all.
 * @throws PlatformError boost.invalid above 2^20 training rows
 */
export function setOf(sets: readonly AlignedSet[], values = 1): { readonly name: NodeSet; readonly modulus: number } {
  const name = setFor(sets[0]!.rows, values)
  return { name, modulus: setNamed(name).plainModulus }
}

/** @throws PlatformError boost.invalid */
function setFor(rows: number, values: number): NodeSet {
  const name = nodeSetFor(rows)
  if (name === undefined) throw new PlatformError('boost.invalid', { what: 'rows', rows })
  return NODE_SETS[name].shifts.length < values ? 'trees-wide' : name
}

/**
 * All cells that a host can be asked for in one tree fit what one key may reveal.
 * @throws PlatformError boost.invalid
 */
export function checkCells(columns: number, { boost }: SecureBoostParams, sets: readonly AlignedSet[]): void {
  const nodes = Array.from({ length: boost.depth }, (_, level) => hiddenNodes(level)).reduce(
    (sum, some) => sum + some,
    0,
  )
  const cells = columns * Math.min(MAX_CELLS, boost.bins + 1) * nodes * streamCount(boost.precision)
  const limit = setNamed(setOf(sets).name).revealedPerKey
  if (cells > limit) throw new PlatformError('boost.invalid', { what: 'cells', columns, cells, limit })
}

/** The ranges cover the rows, in the order of an alignment, and train is there. @throws PlatformError protocol.malformed */
export function checkRows(sets: readonly AlignedSet[], rows: number): void {
  refuseUnless(sets[0]?.name === 'train' && sets[0].rows > 0, 'training rows first')
  refuseUnless(new Set(sets.map(({ name }) => name)).size === sets.length, 'each set once')
  refuseUnless(rowsOfSets(sets) === rows, 'as many rows as the sets have')
}

export function rowsOfSets(sets: readonly AlignedSet[]): number {
  return sets.reduce((sum, set) => sum + set.rows, 0)
}

/** The rows from … to − 1 of which it holds, ascending. */
export function rowsWhere(holds: (row: number) => boolean, from: number, to: number): Uint32Array {
  const out = new Uint32Array(to - from)
  let count = 0
  for (let row = from; row < to; row++) if (holds(row)) out[count++] = row
  return out.slice(0, count)
}

/** The rows whose bit is set, ascending. @throws PlatformError protocol.malformed on another length, or bits beyond */
export function rowsOfBits(bits: Uint8Array, rows: number): Uint32Array {
  const rest = rows & 7
  refuseUnless(bits.length === sideBytes(rows) && (rest === 0 || bits.at(-1)! >>> rest === 0), 'one bit a row')
  return rowsWhere((row) => isRight(bits, row), 0, rows)
}

/** The inverse. */
export function bitsOfRows(members: Uint32Array, rows: number): Uint8Array {
  const out = new Uint8Array(sideBytes(rows))
  for (const row of members) out[row >>> 3]! |= 1 << (row & 7)
  return out
}
