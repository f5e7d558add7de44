// Encrypted counts by cell, as a worker does them: SEAL parses and protects, the kernel sums.
import type { ColumnSums, HistogramKernel, PreparedRows } from './histogram-kernel.ts'
import { N, type SetName } from './params.ts'
import { parseWire } from './parse.ts'
import { protect } from './protect.ts'
import { newCiphertext, readCiphertext } from './raw.ts'
import type { SealKey, SealSet } from './seal.ts'
import { askedResidues, freshShape, innerProductShape, positionOf, restoreAsked } from './wire.ts'

export interface ColumnsPart {
  readonly set: SetName
  readonly windows: number
  /** at most BLOCKS_HELD */
  readonly blocks: readonly PreparedRows[]
  /** by column: the cell of each row of these blocks */
  readonly cells: readonly Uint8Array[]
  /** by column, in shared memory, added to in place */
  readonly second: readonly Uint32Array[]
}

/** Foreign fresh ciphertexts, checked and cut into digits. @throws he.malformed, he.wrong-key */
export function prepareRows(
  he: SealSet,
  kernel: HistogramKernel,
  keyId: string,
  cts: readonly Uint8Array[],
): PreparedRows[] {
  const primes = he.set.dataPrimes.length
  return cts.map((wire) => {
    using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, keyId), he.parmsIds))
    const shape = { parmsId: he.set.parmsId, primes, ntt: false, seeded: false }
    const { words } = readCiphertext(he.saveCiphertext(cipher), shape)
    const residues = new Uint32Array(2 * primes * N)
    for (let i = 0; i < residues.length; i++) residues[i] = words[2 * i] as number
    return kernel.prepare(residues)
  })
}

/** All values of a fresh ciphertext of rows. @throws he.malformed, he.wrong-key */
export function openRows(he: SealSet, key: SealKey, keyId: string, wire: Uint8Array): Float64Array {
  using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, keyId), he.parmsIds))
  using plain = he.decrypt(key, cipher)
  const values = new Float64Array(N)
  values.set(he.decodeCoefficients(plain)) // SEAL trims zeros at the end
  return values
}

/** Digits of the asked coefficients that these blocks add, by column; `second` is added to in place. */
export function addColumns(kernel: HistogramKernel, part: ColumnsPart): Float64Array[] {
  kernel.hold(part.blocks)
  return part.cells.map((cells, c) => {
    const asked = new Float64Array(kernel.digits * kernel.windows)
    kernel.addColumn(cells, { second: part.second[c] as Uint32Array, asked })
    return asked
  })
}

/** The first `cells` sums of a column, masked where masks are given, re-randomised, flooded, switched down. */
export function protectColumn(
  he: SealSet,
  kernel: HistogramKernel,
  keyId: string,
  key: SealKey,
  work: {
    readonly sums: ColumnSums
    readonly cells: number
    readonly floodBits: number
    readonly masks?: BigUint64Array
  },
): Uint8Array {
  const primes = he.set.dataPrimes.length
  const shape = innerProductShape(he.set, keyId, work.cells, kernel.rows)
  const raw = newCiphertext({ parmsId: he.set.parmsId, primes, ntt: false, seeded: false })
  const first = kernel.askedOf(work.sums)
  for (let j = 0; j < primes; j++) {
    const asked = askedResidues(shape, raw.words, j)
    for (let cell = 0; cell < work.cells; cell++) asked[2 * cell] = first[j * kernel.windows + cell] as number
    restoreAsked(shape, asked, raw.words, j)
  }
  const second = kernel.secondOf(work.sums)
  for (let i = 0; i < second.length; i++) raw.words[2 * (primes * N + i)] = second[i] as number
  using total = he.loadCiphertext(raw.bytes)
  const plain = new Float64Array(work.masks === undefined ? 1 : N)
  for (const [cell, mask] of work.masks?.entries() ?? []) plain[positionOf(cell, kernel.rows)] = Number(mask)
  using encoded = he.encodeCoefficients(plain)
  using masked = he.encryptPublic(key, encoded)
  plain.fill(0)
  return protect(he, total, masked, work.floodBits, shape)
}
