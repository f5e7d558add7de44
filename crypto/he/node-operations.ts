// Sums by cell for the nodes of a level, as a worker does them: kernels expand seeds, sum and protect; SEAL encrypts.
import { NodeKernel } from './node-kernel.ts'
import type { GroupCells, NodeShape } from './node-layout.ts'
import type { KeyMaterial } from './operations.ts'
import { N, NODE_SETS, type NodeSet, scaledMask, setNamed } from './params.ts'
import { parseFresh, parseWire } from './parse.ts'
import type { RandomStream } from './random-stream.ts'
import { release, residueBytes, SEED_BYTES } from './raw.ts'
import { encodeRows } from './row-encoding.ts'
import type { Cipher, SealKey, SealSet } from './seal.ts'
import { SeedKernel } from './seed-kernel.ts'
import { inverseModulo } from './residue-code.ts'
import { freshShape, innerProductShape, publicKeyShape, writeAnswer, writeFresh } from './wire.ts'

/** The memory of one NodeSums, and the part of it that a task has for itself. */
export interface NodePlace {
  readonly key: KeyMaterial & { readonly set: NodeSet }
  readonly shape: NodeShape
  readonly memory: WebAssembly.Memory
  readonly slot: number
  /** the same number for all requests about one memory and shape: a worker then keeps its view of it */
  readonly sums?: number
}

/** Memories whose views a worker keeps: a host takes in the next rows while it sums the last. */
const SUMS_KEPT = 2

/** A worker's views of the slots of the last few memories. */
export class NodeKernels {
  readonly #bySums = new Map<number, Map<number, NodeKernel>>()

  at({ shape, memory, slot, sums }: Omit<NodePlace, 'key'>): NodeKernel {
    if (sums === undefined) return new NodeKernel(shape, memory, slot)
    const bySlot = this.#bySums.get(sums) ?? new Map<number, NodeKernel>()
    this.#bySums.delete(sums)
    this.#bySums.set(sums, bySlot)
    for (const oldest of this.#bySums.keys()) {
      if (this.#bySums.size <= SUMS_KEPT) break
      this.#bySums.delete(oldest)
    }
    const kernel = bySlot.get(slot) ?? new NodeKernel(shape, memory, slot)
    bySlot.set(slot, kernel)
    return kernel
  }
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

/** A kernel for the seeds of this set; what it makes of one must be what SEAL makes. @throws he.seal */
export function openSeeds(he: SealSet): SeedKernel {
  const seeds = new SeedKernel(he.set.dataPrimes)
  const seed = Uint8Array.from({ length: SEED_BYTES }, (_, i) => i + 1)
  const expected = he.expandSeed(seed)
  seeds.checkAgainst(seed, expected)
  release(expected)
  return seeds
}

/** Foreign fresh ciphertexts, checked and cut into digits in the kernel's memory. @throws he.malformed, he.wrong-key */
export function prepareNodeBlocks(
  he: SealSet,
  kernel: NodeKernel,
  seeds: Pick<SeedKernel, 'expand'>,
  keyId: string,
  blocks: readonly NodeBlock[],
): void {
  const residues = kernel.residues()
  const half = residues.length / 2
  const second = residues.subarray(half)
  for (const { node, block, wire } of blocks) {
    const first = new Uint32Array(residues.buffer, residues.byteOffset, half / 4)
    const seed = parseFresh(wire, freshShape(he.set, keyId), first)
    if (!seeds.expand(seed, second)) {
      const drawn = he.expandSeed(seed)
      second.set(drawn)
      release(drawn)
    }
    kernel.writeBlock(node, block)
  }
}

function saved(he: SealSet, bytes: Uint8Array, primes: number): Uint8Array {
  return residueBytes(bytes, { parmsId: he.parmsIds[primes] as string, primes, ntt: false, seeded: false })
}

/** Fresh rows under a key pair: SEAL encrypts zero, the values are added as the plaintext. values: by value of a row. */
export function encryptNodeRows(
  he: SealSet,
  key: SealKey,
  keyId: string,
  set: NodeSet,
  values: readonly Float64Array[],
): Uint8Array {
  using zero = he.encodeCoefficients(new Float64Array(1))
  const shape = { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt: false, seeded: true }
  const bytes = he.encryptSeeded(key, zero)
  const residues = residueBytes(bytes, shape)
  encodeRows(set, residues, values)
  const wire = writeFresh(freshShape(he.set, keyId), residues, bytes.subarray(bytes.length - SEED_BYTES))
  release(bytes)
  return wire
}

/** What a fresh ciphertext carries as value `value` of its rows. @throws he.malformed, he.wrong-key */
export function openNodeRows(
  he: SealSet,
  key: SealKey,
  keyId: string,
  set: NodeSet,
  wire: Uint8Array,
  value: number,
): Float64Array {
  using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, keyId), he.parmsIds))
  using scaled = timesPower(he, cipher, NODE_SETS[set].shifts[value] ?? 0)
  using plain = he.decrypt(key, scaled)
  const values = new Float64Array(N)
  values.set(he.decodeCoefficients(plain)) // SEAL trims zeros at the end
  return values
}

/** A ciphertext times 2^bits, in steps that a plaintext holds. */
export function timesPower(he: SealSet, cipher: Cipher, bits: number): Cipher {
  const step = Math.min(bits, 40)
  if (step === 0) return he.copy(cipher)
  using factor = he.encodeCoefficients(Float64Array.of(2 ** step))
  he.transformPlain(factor)
  using copy = he.copy(cipher)
  he.transform(copy)
  using product = he.multiply(copy, factor)
  he.transformBack(product)
  return timesPower(he, product, bits - step)
}

export interface ColumnTask {
  readonly keyId: string
  /** cells: one a row, below `count`; none, or more, in rows that pad */
  readonly columns: readonly { readonly cells: Uint8Array; readonly count: number }[]
  /** columns whose cells follow one another in the same answers, consecutive: how many each time; one where absent */
  readonly bundles?: readonly number[]
  readonly windows: number
  readonly floodBits: number
  /** how many values of a row are asked for, by node; one where absent */
  readonly values?: readonly number[]
  /** by node, where a row has one value: of all cells of the columns, one after another, what is added modulo the plain modulus */
  readonly masks?: readonly BigUint64Array[]
}

/** The sums of some columns as bytes that may leave: by node, by bundle of columns, by value of a row, by group of cells. */
export function sumNodeColumns(set: NodeSet, kernel: NodeKernel, random: RandomStream, task: ColumnTask): Uint8Array[] {
  const { keyId, floodBits } = task
  const byBundle = bundleGroups(task)
  const groups = byBundle.flat()
  kernel.sumGroups(groups.map(({ cells }) => cells))
  return arrangeAnswers(byBundle, kernel.nodes, task, (node, group, values, masks) => {
    const { shown: cells } = groups[group] as Group
    const ternary = random.ternary(N)
    kernel.addZero(node, group, groups.length, ternary)
    release(ternary)
    const coins = random.bytes(6 * N)
    const second = kernel.lower(node, group, groups.length, coins, values)
    release(coins)
    const first = Array.from({ length: cells }, (_, window) =>
      flooded(set, kernel.firstOf(node, group, groups.length, window), random, floodBits),
    )
    const shape = innerProductShape(setNamed(set), keyId, cells, kernel.map.rows)
    return Array.from({ length: values }, (_, value) => {
      const lowest = BigUint64Array.from(first, (residues, cell) => switchDown(set, residues, value, masks?.[cell]))
      return writeAnswer(shape, new Uint32Array(lowest.buffer), second[value] as Uint8Array)
    })
  })
}

/** Answers by node, by bundle, by value of a row, by group of cells. answer: of one node and group, by value; masks: of its cells. */
export function arrangeAnswers(
  byBundle: readonly (readonly Group[])[],
  nodes: number,
  { values, masks }: Pick<ColumnTask, 'values' | 'masks'>,
  answer: (node: number, group: number, values: number, masks?: BigUint64Array) => Uint8Array[],
): Uint8Array[] {
  const groups = byBundle.flat()
  return Array.from({ length: nodes }, (_, node) => {
    const shown = values?.[node] ?? 1
    let cell = 0
    const answers = groups.map(({ shown: cells }, group) =>
      answer(node, group, shown, masks?.[node]?.subarray(cell, (cell += cells))),
    )
    let group = 0
    return byBundle.flatMap((own) => {
      const part = answers.slice(group, (group += own.length))
      return Array.from({ length: shown }, (__, value) => part.map((byValue) => byValue[value] as Uint8Array)).flat()
    })
  }).flat()
}

/** What one answer shows: how many cells, and which of each column that has some of them. */
export interface Group {
  readonly shown: number
  readonly cells: GroupCells
}

/** What the answers of a task show, by bundle of columns. */
export function bundleGroups({ columns, bundles, windows }: ColumnTask): Group[][] {
  let from = 0
  return (bundles ?? columns.map(() => 1)).map((size) => groupsIn(columns.slice(from, (from += size)), windows))
}

/** The cells of these columns, one after another, in groups of `windows`. */
function groupsIn(columns: ColumnTask['columns'], windows: number): Group[] {
  const total = columns.reduce((sum, { count }) => sum + count, 0)
  return Array.from({ length: Math.ceil(total / windows) }, (_, group) => {
    const from = group * windows
    const to = Math.min(from + windows, total)
    let first = 0
    const cells = columns.flatMap(({ cells: all, count }) => {
      const begin = first
      first += count
      // cells lowest … highest − 1 of the column, the lowest in window `window`
      const [lowest, highest] = [Math.max(from - begin, 0), Math.min(to - begin, count)]
      return lowest < highest ? [{ cells: all, lowest, highest, window: begin + lowest - from }] : []
    })
    return { shown: to - from, cells }
  })
}

/** An asked coefficient with its noise: the sum of three uniform integers of [−2^bits, 2^bits), the same for all values. */
export function flooded(set: NodeSet, residues: readonly bigint[], random: RandomStream, bits: number): bigint[] {
  const noise = [0, 1, 2].reduce((sum) => sum + random.integer(bits + 1) - (1n << BigInt(bits)), 0n)
  return residues.map((residue, j) => modulo(residue + noise, setNamed(set).dataPrimes[j] as bigint))
}

/** Residues of one coefficient, times 2^shift of a value of a row, plus a mask, switched down to the first prime as SEAL does. */
export function switchDown(set: NodeSet, residues: readonly bigint[], value: number, mask?: bigint): bigint {
  const primes = setNamed(set).dataPrimes
  const factor = 1n << BigInt(NODE_SETS[set].shifts[value] ?? 0)
  const added = mask === undefined ? [] : scaledMask(set, mask)
  const values = residues.map((residue, j) => modulo(residue * factor + (added[j] ?? 0n), primes[j] as bigint))
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
