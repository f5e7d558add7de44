// Sums by cell for the nodes of a level, as a worker does them: SEAL expands seeds, the kernel sums and protects.
import type { NodeKernel } from './node-kernel.ts'
import type { NodeShape } from './node-layout.ts'
import type { KeyMaterial } from './operations.ts'
import { N, type NodeSet, setNamed } from './params.ts'
import { parseWire } from './parse.ts'
import type { RandomStream } from './random-stream.ts'
import { residueBytes } from './raw.ts'
import type { SealSet } from './seal.ts'
import { inverseModulo } from './residue-code.ts'
import { freshShape, innerProductShape, publicKeyShape, writeAnswer } from './wire.ts'

/** The memory of one NodeSums, and the part of it that a task has for itself. */
export interface NodePlace {
  readonly key: KeyMaterial & { readonly set: NodeSet }
  readonly shape: NodeShape
  readonly memory: WebAssembly.Memory
  readonly slot: number
}

/** One ciphertext and its place. */
export interface NodeBlock {
  readonly node: number
  readonly block: number
  readonly wire: Uint8Array
}

/** The key's public polynomials into the kernel's memory; what the kernel makes of them must be what SEAL makes. @throws he.seal */
export function preparePublicKey(he: SealSet, kernel: NodeKernel, publicWire: Uint8Array): void {
  using cipher = he.publicCiphertext(parseWire(publicWire, publicKeyShape(he.set), he.parmsIds))
  const residues = saved(he, he.saveCiphertext(cipher), he.set.dataPrimes.length).slice()
  kernel.residues().set(residues)
  kernel.writePublicKey()
  he.switchTo(cipher, 1)
  kernel.checkAgainst(new BigUint64Array(residues.buffer), saved(he, he.saveCiphertext(cipher), 1).subarray(8 * N))
}

/** Foreign fresh ciphertexts, checked and cut into digits in the kernel's memory. @throws he.malformed, he.wrong-key */
export function prepareNodeBlocks(he: SealSet, kernel: NodeKernel, keyId: string, blocks: readonly NodeBlock[]): void {
  for (const { node, block, wire } of blocks) {
    using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, keyId), he.parmsIds))
    kernel.residues().set(saved(he, he.saveCiphertext(cipher), he.set.dataPrimes.length))
    kernel.writeBlock(node, block)
  }
}

function saved(he: SealSet, bytes: Uint8Array, primes: number): Uint8Array {
  return residueBytes(bytes, { parmsId: he.parmsIds[primes] as string, primes, ntt: false, seeded: false })
}

export interface ColumnTask {
  readonly keyId: string
  /** cells: one a row of all blocks, below `count`; `count` or more in rows that pad */
  readonly columns: readonly { readonly cells: Uint16Array; readonly count: number }[]
  readonly windows: number
  readonly floodBits: number
}

/** The sums of some columns as bytes that may leave: by node, then by column, then by group of cells. */
export function sumNodeColumns(
  set: NodeSet,
  kernel: NodeKernel,
  random: RandomStream,
  { keyId, columns, windows, floodBits }: ColumnTask,
): Uint8Array[] {
  const groups = columns.flatMap(({ cells, count }) =>
    Array.from({ length: Math.ceil(count / windows) }, (_, group) => {
      const shown = Math.min(windows, count - group * windows)
      return { shown, cells: groupCells(cells, group * windows, shown, windows) }
    }),
  )
  const asked = kernel.sumGroups(groups.map(({ cells }) => cells))
  const { dataPrimes } = setNamed(set)
  return asked.flatMap((byGroup, node) =>
    byGroup.map((sums, group) => {
      const { shown } = groups[group] as { shown: number }
      kernel.addZero(node, group, groups.length, random.ternary(N), sums)
      const second = kernel.lower(node, group, groups.length, random.bytes(6 * N))
      const first = BigUint64Array.from({ length: shown }, (_, window) => {
        const flood = random.integer(floodBits + 1) - (1n << BigInt(floodBits))
        return switchDown(dataPrimes, kernel.firstOf(sums, window), flood)
      })
      const shape = innerProductShape(setNamed(set), keyId, shown, kernel.map.rows)
      return writeAnswer(shape, new Uint32Array(first.buffer), new Uint32Array(second.slice().buffer))
    }),
  )
}

/** The `shown` cells from `from` on, below `windows`; `windows` in rows of other groups. */
function groupCells(cells: Uint16Array, from: number, shown: number, windows: number): Uint8Array {
  const out = new Uint8Array(cells.length)
  for (let row = 0; row < out.length; row++) {
    const cell = (cells[row] as number) - from
    out[row] = cell >= 0 && cell < shown ? cell : windows
  }
  return out
}

/** Residues of one coefficient plus an integer, switched down to the first prime as SEAL does: rounded, prime by prime. */
function switchDown(primes: readonly bigint[], residues: readonly bigint[], plus: bigint): bigint {
  const values = residues.map((value, j) => modulo(value + plus, primes[j] as bigint))
  const inverses = inversesOf(primes)
  for (let i = primes.length - 1; i > 0; i--) {
    const prime = primes[i] as bigint
    const last = values[i] as bigint
    const dropped = last > prime / 2n ? last - prime : last
    for (let j = 0; j < i; j++) {
      const p = primes[j] as bigint
      values[j] = modulo(((values[j] as bigint) - dropped) * (inverses[i]?.[j] as bigint), p)
    }
  }
  return values[0] as bigint
}

const known = new Map<readonly bigint[], bigint[][]>()

/** [i][j]: p_i^-1 modulo p_j */
function inversesOf(primes: readonly bigint[]): bigint[][] {
  const made = known.get(primes) ?? primes.map((a) => primes.map((p) => (a === p ? 0n : inverseModulo(a, p))))
  known.set(primes, made)
  return made
}

function modulo(value: bigint, p: bigint): bigint {
  const rest = value % p
  return rest < 0n ? rest + p : rest
}
