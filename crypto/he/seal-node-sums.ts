// Sums by cell for the nodes of a level by SEAL's own operations: what node-kernel.ts does, about ten times slower. Blocks lie
// in the memory that the workers share, as residues of SEAL's transformed form: c0 in the place of the kernel's tables of
// rows, c1 in that of its digits, which are larger.
import type { TaskKey } from './arithmetic.ts'
import { type GroupCells, layoutOf } from './node-layout.ts'
import {
  arrangeAnswers,
  bundleGroups,
  type ColumnTask,
  flooded,
  type Group,
  type NodeBlock,
  type NodePlace,
  switchDown,
  timesPower,
} from './node-operations.ts'
import { N, NODE_SETS } from './params.ts'
import { parseWire } from './parse.ts'
import type { RandomStream } from './random-stream.ts'
import { newCiphertext, readCiphertext, release, residueBytes } from './raw.ts'
import type { Cipher, SealSet } from './seal.ts'
import { freshShape, innerProductShape, positionOf, writeAnswer } from './wire.ts'

/** Foreign fresh ciphertexts, checked and transformed, into the memory. @throws he.malformed, he.wrong-key */
export function keepNodeBlocks({ he, id }: TaskKey, place: NodePlace, blocks: readonly NodeBlock[]): void {
  for (const { node, block, wire } of blocks) {
    using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, id), he.parmsIds))
    he.transform(cipher)
    const saved = he.saveCiphertext(cipher)
    const residues = residueBytes(saved, shapeOf(he, true))
    const half = residues.length / 2
    const [first, second] = placesOf(he, place, node, block)
    first.set(residues.subarray(0, half))
    second.set(residues.subarray(half))
    release(saved)
  }
}

/** The sums of some columns as bytes that may leave, in the order of sumNodeColumns. */
export function addNodeRows(key: TaskKey, place: NodePlace, random: RandomStream, task: ColumnTask): Uint8Array[] {
  const { he } = key
  const { set } = place.key
  const { windows, floodBits } = task
  const byBundle = bundleGroups(task)
  const groups = byBundle.flat()
  using scope = new DisposableStack()
  const totals = sumBlocks(
    he,
    scope,
    place,
    groups.map(({ cells }) => cells),
  )
  return arrangeAnswers(byBundle, place.shape.nodes, task, (node, group, values, masks) => {
    using sum = encryptedZero(key)
    const total = totals[node]?.[group]
    if (total !== undefined) {
      he.transformBack(total)
      he.addInto(sum, total)
    }
    const { shown } = groups[group] as Group
    const first = askedOf(he, sum, shown, windows).map((residues) => flooded(set, residues, random, floodBits))
    const answer = innerProductShape(he.set, key.id, shown, N / windows)
    return Array.from({ length: values }, (_, value) => {
      const lowest = BigUint64Array.from(first, (residues, cell) => switchDown(set, residues, value, masks?.[cell]))
      return writeAnswer(answer, new Uint32Array(lowest.buffer), secondOf(he, sum, NODE_SETS[set].shifts[value] ?? 0))
    })
  })
}

/** The residues of the shown coefficients of c0. */
function askedOf(he: SealSet, sum: Cipher, shown: number, windows: number): bigint[][] {
  const { words } = readCiphertext(he.saveCiphertext(sum), shapeOf(he, false))
  const residues = new BigUint64Array(words.buffer, words.byteOffset, words.length / 2)
  return Array.from({ length: shown }, (_, cell) =>
    he.set.dataPrimes.map((__, j) => residues[j * N + positionOf(cell, N / windows)] as bigint),
  )
}

/** c1 of a sum times 2^shift, switched down to the first prime: 64 bits a residue. */
function secondOf(he: SealSet, sum: Cipher, shift: number): Uint8Array {
  using scaled = timesPower(he, sum, shift)
  he.switchTo(scaled, 1)
  const lowest = { parmsId: he.parmsIds[1] as string, primes: 1, ntt: false, seeded: false }
  return residueBytes(he.saveCiphertext(scaled), lowest).subarray(8 * N)
}

/** Σ blocks × masks by node and group, in transformed form; undefined where no row counts. The scope's to dispose. */
function sumBlocks(
  he: SealSet,
  scope: DisposableStack,
  place: NodePlace,
  groups: readonly GroupCells[],
): (Cipher | undefined)[][] {
  const { nodes, blocks, windows } = place.shape
  const totals = Array.from({ length: nodes }, () => groups.map((): Cipher | undefined => undefined))
  for (let block = 0; block < blocks; block++) {
    using own = new DisposableStack()
    const masks = groups.map((cells) => {
      const mask = maskOf(cells, block, N / windows)
      if (mask === undefined) return undefined
      const plain = own.use(he.encodeCoefficients(mask))
      he.transformPlain(plain)
      return plain
    })
    for (const [node, byGroup] of totals.entries()) {
      using cipher = keptBlock(he, place, node, block)
      for (const [group, mask] of masks.entries()) {
        if (mask === undefined) continue
        const total = byGroup[group]
        if (total === undefined) {
          byGroup[group] = scope.use(he.multiply(cipher, mask))
        } else {
          using product = he.multiply(cipher, mask)
          he.addInto(total, product)
        }
      }
    }
  }
  return totals
}

/** A one for each row and column with a cell in the group; undefined where there is none. */
function maskOf(columns: GroupCells, block: number, rows: number): Float64Array | undefined {
  const mask = new Float64Array(N)
  let terms = 0
  for (const { cells, lowest, highest, window } of columns) {
    const end = Math.min(rows, cells.length - block * rows)
    for (let row = 0, at = block * rows; row < end; row++, at++) {
      const cell = cells[at] as number
      if (cell < lowest || cell >= highest) continue
      mask[rows * (cell - lowest + window) + rows - 1 - row] = 1
      terms++
    }
  }
  return terms === 0 ? undefined : mask
}

function keptBlock(he: SealSet, place: NodePlace, node: number, block: number): Cipher {
  const raw = newCiphertext(shapeOf(he, true))
  const [first, second] = placesOf(he, place, node, block)
  const bytes = new Uint8Array(raw.words.buffer, raw.words.byteOffset, raw.words.byteLength)
  bytes.set(first)
  bytes.set(second, first.length)
  return he.loadCiphertext(raw.bytes)
}

/** Where c0 and c1 of a block lie. */
function placesOf(he: SealSet, { shape, memory }: NodePlace, node: number, block: number): [Uint8Array, Uint8Array] {
  const map = layoutOf(shape)
  const index = node * shape.blocks + block
  const bytes = 8 * N * he.set.dataPrimes.length
  return [
    new Uint8Array(memory.buffer, map.rowTables + index * map.rowTableStride, bytes),
    new Uint8Array(memory.buffer, map.digits + index * map.digitStride, bytes),
  ]
}

function encryptedZero({ he, seal }: TaskKey): Cipher {
  using plain = he.encodeCoefficients(new Float64Array(1))
  return he.encryptPublic(seal(), plain)
}

function shapeOf(he: SealSet, ntt: boolean) {
  return { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt, seeded: false } as const
}
