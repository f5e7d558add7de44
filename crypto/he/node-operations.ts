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

/** The key's public polynomials into the kernel's memory. */
export function preparePublicKey(he: SealSet, kernel: NodeKernel, publicWire: Uint8Array): void {
  using cipher = he.publicCiphertext(parseWire(publicWire, publicKeyShape(he.set), he.parmsIds))
  kernel.residues().set(saved(he, he.saveCiphertext(cipher)))
  kernel.writePublicKey()
}

/** Foreign fresh ciphertexts, checked and cut into digits in the kernel's memory. @throws he.malformed, he.wrong-key */
export function prepareNodeBlocks(he: SealSet, kernel: NodeKernel, keyId: string, blocks: readonly NodeBlock[]): void {
  for (const { node, block, wire } of blocks) {
    using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, keyId), he.parmsIds))
    kernel.residues().set(saved(he, he.saveCiphertext(cipher)))
    kernel.writeBlock(node, block)
  }
}

function saved(he: SealSet, bytes: Uint8Array): Uint8Array {
  return residueBytes(bytes, { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt: false, seeded: false })
}

export interface ColumnTask {
  readonly keyId: string
  /** one a row of all blocks, below `count`; `count` or more in rows that pad */
  readonly cells: Uint16Array
  readonly count: number
  readonly nodes: number
  readonly windows: number
  readonly floodBits: number
}

/** The sums of one column as bytes that may leave: by node, then by group of cells. */
export function sumNodeColumn(set: NodeSet, kernel: NodeKernel, random: RandomStream, task: ColumnTask): Uint8Array[] {
  const { windows, count, nodes } = task
  const groups = Math.ceil(count / windows)
  const cells = Array.from({ length: groups }, (_, group) => groupCells(task.cells, group * windows, windows, count))
  const asked = kernel.sumColumn(cells)
  const answers: Uint8Array[] = []
  for (let node = 0; node < nodes; node++) {
    for (let group = 0; group < groups; group++) {
      const sums = asked[node]?.[group] as Float64Array
      const shown = Math.min(windows, count - group * windows)
      const shape = innerProductShape(setNamed(set), task.keyId, shown, kernel.map.rows)
      kernel.addZero(node, group, groups, random.ternary(N), sums)
      const second = kernel.lower(node, group, groups, random.bytes(6 * N))
      const first = new BigUint64Array(shown)
      for (let window = 0; window < shown; window++) {
        const flood = random.integer(task.floodBits + 1) - (1n << BigInt(task.floodBits))
        first[window] = switchDown(setNamed(set).dataPrimes, kernel.firstOf(sums, window), flood)
      }
      answers.push(writeAnswer(shape, new Uint32Array(first.buffer), new Uint32Array(second.slice().buffer)))
    }
  }
  return answers
}

/** Cells of one group: those from `from` on, below `windows`; `windows` in rows of other groups. */
function groupCells(cells: Uint16Array, from: number, windows: number, count: number): Uint8Array {
  const out = new Uint8Array(cells.length)
  const most = Math.min(windows, count - from)
  for (let row = 0; row < out.length; row++) {
    const cell = (cells[row] as number) - from
    out[row] = cell >= 0 && cell < most ? cell : windows
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
