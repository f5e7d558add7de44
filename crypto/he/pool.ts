// Homomorphic encryption as the roles of a protocol see it: wire bytes in and out, the work done by worker threads.
// What may leave this party is of type Protected and comes from protectSlots and innerProducts only.
import { createHash } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import { Secret } from '#runtime/secret.ts'
import { compact } from './compact.ts'
import { chooseEngine, type ChosenEngine, type EngineChoice } from './engine.ts'
import { Histogram } from './histogram.ts'
import { KeyUse } from './key-use.ts'
import { groupsOf, type NodeLayout, NodeSums } from './node-sums.ts'
import type { KeyMaterial } from './operations.ts'
import {
  floodBits,
  type HistogramSet,
  multiplierNoise,
  isNodeSet,
  N,
  NODE_SETS,
  type NodeSet,
  oneNormBound,
  SET_NAMES,
  SLOTS,
  type SetName,
  setNamed,
  slotNoise,
} from './params.ts'
import { release } from './raw.ts'
import { SharedMemories } from './shared-memories.ts'
import { WorkerPool } from './workers.ts'
import { publicKeyShape, secretKeyShape, wireBytes } from './wire.ts'

export { SLOTS, type SetName, T } from './params.ts'

export interface HePublicKey {
  /** hex of the first 16 bytes of SHA-256 of `wire` */
  readonly id: string
  readonly set: SetName
  readonly wire: Uint8Array
}

export interface HeKeyPair {
  readonly publicKey: HePublicKey
  readonly secretKey: Secret
}

declare const protectedBrand: unique symbol

/** A masked, re-randomised and flooded answer: the only ciphertexts that go back to their key's owner. */
export type Protected = Uint8Array & { readonly [protectedBrand]: true }

/** An unprotected sum of products under another party's key. Has no bytes to read: it goes to protectSlots only. */
export class Accumulator {
  readonly keyId: string
  /** ciphertext × plaintext products inside: decides the flooding */
  readonly products: number
  readonly #residues: Uint8Array

  constructor(keyId: string, products: number, residues: Uint8Array) {
    this.keyId = keyId
    this.products = products
    this.#residues = residues
  }

  static residuesOf(accumulator: Accumulator): Uint8Array {
    return accumulator.#residues
  }
}

/** Answers that a worker opens at once: a message costs a tenth of an opening. */
const ANSWERS_OPENED = 4

/** Answers that one part of innerProducts computes at once: bounds the memory of a worker. */
const ANSWERS_PER_PART = 16

export class HePool implements AsyncDisposable {
  readonly #workers: WorkerPool
  readonly #use = new KeyUse()
  readonly #memories = new SharedMemories()
  readonly #shared = new WeakMap<HePublicKey, Uint8Array>()

  /** Which engine the threads compute with, and why it is not the kernels. */
  readonly chosen: ChosenEngine

  constructor(workers: WorkerPool, chosen: ChosenEngine) {
    this.#workers = workers
    this.chosen = chosen
  }

  /** Starts `workers` threads (default: one a core, at most 4), each with its own library instance. */
  static async open(options: { workers?: number; engine?: EngineChoice } = {}): Promise<HePool> {
    const chosen = chooseEngine(options.engine)
    return new HePool(await WorkerPool.open(options.workers, { engine: chosen.engine }), chosen)
  }

  /** A new key pair of this set. */
  async generateKey(set: SetName): Promise<HeKeyPair> {
    const { publicWire, secretWire } = await this.#workers.run('generateKey', { set })
    return keyPair(set, publicWire, secretWire)
  }

  /** A peer's public key from its wire bytes. @throws he.malformed, he.parameters */
  async readPublicKey(set: SetName, wire: Uint8Array): Promise<HePublicKey> {
    const key = publicKey(set, Uint8Array.from(wire))
    await this.#workers.run('checkPublicKey', { set, wire: key.wire })
    return key
  }

  /** The pair as bytes, secret key included: for the party's own encrypted store. */
  encodeKeyPair(pair: HeKeyPair): Uint8Array {
    const { wire } = pair.publicKey
    return pair.secretKey.reveal((secret) => Buffer.concat([wire, secret]))
  }

  /** The inverse of encodeKeyPair. @throws he.malformed, he.parameters */
  decodeKeyPair(bytes: Uint8Array): HeKeyPair {
    for (const name of SET_NAMES) {
      const set = setNamed(name)
      const publicBytes = wireBytes(publicKeyShape(set))
      if (bytes.length !== publicBytes + wireBytes(secretKeyShape(set))) continue
      if (bytes[3] !== set.wireId) continue
      return keyPair(name, Uint8Array.from(bytes.subarray(0, publicBytes)), bytes.subarray(publicBytes))
    }
    throw new PlatformError('he.malformed', { expected: 'a stored key pair', bytes: bytes.length })
  }

  /** A fresh ciphertext block of at most SLOTS integers in [0, T), one a slot; set 'score'. @throws he.range */
  async encryptSlots(key: HeKeyPair, values: Float64Array): Promise<Uint8Array> {
    return this.#workers.run('encrypt', { key: this.#pair(key, 'score'), values })
  }

  /**
   * outputs[j] has one vector of at most SLOTS integers in [0, T) for each ciphertext; accumulator j is
   * Σ_i cts[i] ⊙ outputs[j][i] mod T, slot by slot. @throws he.malformed, he.wrong-key, he.range
   */
  async multiplySlots(
    key: HePublicKey,
    cts: readonly Uint8Array[],
    outputs: readonly (readonly Float64Array[])[],
  ): Promise<Accumulator[]> {
    const given = outputs.map((weights) => weights.length)
    if (cts.length === 0 || given.some((count) => count !== cts.length)) {
      throw new PlatformError('he.range', { ciphertexts: cts.length, weights: given.join(',') })
    }
    const material = this.#public(key, 'score')
    const totals = await this.#workers.run('multiplySlots', { key: material, cts: cts.map(compact), outputs })
    return totals.map((residues) => new Accumulator(key.id, cts.length, residues))
  }

  /**
   * The sum of the accumulators plus `mask` (at most SLOTS integers in [0, T)), re-randomised and flooded.
   * Counts as one answer of the key. @throws he.key-used-up, he.noise, he.range, he.wrong-key
   */
  async protectSlots(key: HePublicKey, accumulators: readonly Accumulator[], mask: Float64Array): Promise<Protected> {
    const material = this.#public(key, 'score')
    if (accumulators.length === 0) throw new PlatformError('he.range', { accumulators: 0 })
    const foreign = accumulators.find((accumulator) => accumulator.keyId !== key.id)
    if (foreign !== undefined) throw new PlatformError('he.wrong-key', { got: foreign.keyId, expected: key.id })
    const products = accumulators.reduce((total, accumulator) => total + accumulator.products, 0)
    const bits = floodBits(setNamed('score'), slotNoise(products))
    this.#use.take(key.id, setNamed('score'), SLOTS)
    const residues = accumulators.map((accumulator) => Accumulator.residuesOf(accumulator))
    const work = { key: material, accumulators: residues, mask, floodBits: bits }
    return (await this.#workers.run('protectSlots', work)) as Protected
  }

  /** All SLOTS values of an answer. @throws he.malformed, he.parameters, he.wrong-key */
  async decryptSlots(key: HeKeyPair, wire: Uint8Array): Promise<Float64Array> {
    return this.#workers.run('decryptSlots', { key: this.#pair(key, 'score'), wire: compact(wire) })
  }

  /** A fresh ciphertext block of at most N integers in [0, T), one a coefficient; set 'gradient'. @throws he.range */
  async encryptCoefficients(key: HeKeyPair, values: Float64Array): Promise<Uint8Array> {
    return this.#workers.run('encrypt', { key: this.#pair(key, 'gradient'), values })
  }

  /**
   * For each column j: Σ_i x_ij·d_i + masks[j] mod T, where cts hold d in blocks of rowsPerBlock (a power of two ≤ N).
   * columns: feature-major integers |x| ≤ 2^20, length rows each; in SharedArrayBuffers they are not copied. N / rowsPerBlock columns go in one answer;
   * answers come in the order of the columns. Reveals one coefficient a column.
   *
   * With `vectors` > 1 each ciphertext holds as many vectors d_v, vector v from coefficient v·b·rowsPerBlock on, where
   * b = ⌊N / (rowsPerBlock · vectors)⌋ ≥ 1 columns go in one answer. An answer then opens vectors·b windows: window
   * v·b + l is the product of vector v with column l of the answer, and just its mask where there is no such column.
   * @throws he.malformed, he.wrong-key, he.range, he.noise, he.key-used-up
   */
  async innerProducts(
    key: HePublicKey,
    cts: readonly Uint8Array[],
    columns: readonly Int32Array[],
    rowsPerBlock: number,
    masks: Float64Array,
    vectors = 1,
  ): Promise<Protected[]> {
    const material = this.#public(key, 'gradient')
    const perAnswer = Math.floor(N / (rowsPerBlock * vectors))
    const windows = windowsOf(columns.length, perAnswer, vectors)
    checkLayout(cts.length, columns, rowsPerBlock, masks.length, windows)
    const entries = (columns[0] as Int32Array).length * Math.min(perAnswer, columns.length)
    const bound = oneNormBound(entries)
    const bits = floodBits(setNamed('gradient'), multiplierNoise(bound))
    this.#use.take(key.id, setNamed('gradient'), masks.length)
    const prepared = (
      await Promise.all(
        split(cts.map(compact), 8).map((part) => this.#workers.run('prepare', { key: material, cts: part })),
      )
    ).flat()
    const answers = split(columns.map(compact), perAnswer)
    const most = Math.min(ANSWERS_PER_PART, Math.ceil(answers.length / this.#workers.size))
    const partWindows = split(windows, most)
    let from = 0
    const results = split(answers, most).map((part, p) => {
      const opened = partWindows[p] as number[]
      const count = opened.reduce((total, some) => total + some, 0)
      const partMasks = masks.slice(from, from + count)
      from += count
      return this.#workers.run('innerProducts', {
        key: material,
        prepared,
        answers: part,
        windows: opened,
        rowsPerBlock,
        masks: partMasks,
        floodBits: bits,
        oneNormBound: bound,
      })
    })
    return (await Promise.all(results)).flat() as Protected[]
  }

  /** The inner products of one answer, still masked: columnCount values in [0, T). @throws he.malformed, he.wrong-key */
  async decryptInnerProducts(
    key: HeKeyPair,
    wire: Uint8Array,
    rowsPerBlock: number,
    columnCount: number,
  ): Promise<Float64Array> {
    const material = this.#pair(key, 'gradient')
    return this.#workers.run('decryptInnerProducts', { key: material, wire: compact(wire), rowsPerBlock, columnCount })
  }

  /**
   * A fresh ciphertext block of rows for sums by cell: at most N / windows integers in [0, plain modulus). second: another
   * value of each row, under 'trees-wide' only. @throws he.range, he.parameters
   */
  async encryptRows(key: HeKeyPair, values: Float64Array, second?: Float64Array): Promise<Uint8Array> {
    const set = rowSet(key.publicKey)
    if (second !== undefined && valuesOf(set) < 2) throw new PlatformError('he.parameters', { set, values: 2 })
    return this.#workers.run('encrypt', { key: this.#pair(key, set), values, ...(second !== undefined && { second }) })
  }

  /**
   * Value `value` of all N rows of a ciphertext of rows, zeros after the last: for an audit of what was sent.
   * @throws he.malformed, he.wrong-key
   */
  async decryptRows(key: HeKeyPair, wire: Uint8Array, value = 0): Promise<Float64Array> {
    const material = this.#pair(key, key.publicKey.set)
    return this.#workers.run('decryptRows', { key: material, wire: compact(wire), value })
  }

  /**
   * Starts sums by cell of `columns` columns over blocks of N / windows rows under another party's key.
   * windows: a power of two, 4 … 64, as many cells as a column may have
   */
  openHistogram(key: HePublicKey, windows: number, columns: number): Histogram {
    const set = histogramSet(key)
    const take = (cells: number) => this.#use.take(key.id, setNamed(set), cells)
    return new Histogram(this.#workers, { ...this.#public(key, set), set }, take, windows, columns)
  }

  /**
   * Starts sums by cell for `layout.nodes` streams of values over the same rows under another party's key.
   * @throws he.range, he.parameters
   */
  openNodeSums(key: HePublicKey, layout: NodeLayout): NodeSums {
    const set = nodeSet(key)
    const take = (cells: number) => this.#use.take(key.id, setNamed(set), cells)
    return new NodeSums(this.#workers, this.#memories, { ...this.#public(key, set), set }, take, layout)
  }

  /**
   * The `count` sums of one column (or bundle of columns) in one node from its answers, one a group of `windows` cells.
   * @throws he.malformed, he.wrong-key, he.range
   */
  async decryptSums(
    key: HeKeyPair,
    answers: readonly Uint8Array[],
    windows: number,
    count: number,
  ): Promise<Float64Array> {
    if (answers.length !== groupsOf(count, windows))
      throw new PlatformError('he.range', { answers: answers.length, count })
    const material = this.#pair(key, rowSet(key.publicKey))
    const sums = new Float64Array(count)
    const parts = split(answers, ANSWERS_OPENED).map(async (part, p) => {
      const first = p * ANSWERS_OPENED * windows
      const cells = Math.min(part.length * windows, count - first)
      const wires = part.map(compact)
      sums.set(await this.#workers.run('decryptCells', { key: material, wires, windows, cells }), first)
      for (const [i, wire] of wires.entries()) if (wire !== part[i]) release(wire)
    })
    await Promise.all(parts)
    return sums
  }

  /** The sums of the first `cells` cells of one column. @throws he.malformed, he.wrong-key */
  async decryptCells(key: HeKeyPair, wire: Uint8Array, windows: number, cells: number): Promise<Float64Array> {
    const material = this.#pair(key, rowSet(key.publicKey))
    const work = { key: material, wire: compact(wire), rowsPerBlock: N / windows, columnCount: cells }
    return this.#workers.run('decryptInnerProducts', work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]()
  }

  #public(key: HePublicKey, set: SetName): KeyMaterial {
    if (key.set !== set) throw new PlatformError('he.parameters', { set: key.set, expected: set })
    const publicWire = this.#shared.get(key) ?? share(key.wire)
    this.#shared.set(key, publicWire)
    return { set, id: key.id, publicWire }
  }

  #pair(key: HeKeyPair, set: SetName): KeyMaterial {
    return { ...this.#public(key.publicKey, set), secretWire: key.secretKey.reveal((bytes) => bytes) }
  }
}

function publicKey(set: SetName, wire: Uint8Array): HePublicKey {
  return { id: createHash('sha256').update(wire).digest('hex').slice(0, 32), set, wire }
}

/** The secret key lies in shared memory, so that the workers read it in place and disposing it reaches them. */
function keyPair(set: SetName, publicWire: Uint8Array, secretWire: Uint8Array): HeKeyPair {
  return { publicKey: publicKey(set, publicWire), secretKey: new Secret('he secret key', share(secretWire)) }
}

/** @throws he.parameters */
function histogramSet({ set }: HePublicKey): HistogramSet {
  if (set === 'histogram' || set === 'histogram-wide') return set
  throw new PlatformError('he.parameters', { set, expected: 'histogram' })
}

/** @throws he.parameters */
function nodeSet({ set }: HePublicKey): NodeSet {
  if (isNodeSet(set)) return set
  throw new PlatformError('he.parameters', { set, expected: 'trees' })
}

/** Values that a row can carry. */
function valuesOf(set: SetName): number {
  return isNodeSet(set) ? NODE_SETS[set].shifts.length : 1
}

/** A set whose plaintexts are rows in coefficients. @throws he.parameters */
function rowSet({ set }: HePublicKey): SetName {
  if (set === 'score' || set === 'gradient') throw new PlatformError('he.parameters', { set, expected: 'trees' })
  return set
}

function share(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length))
  out.set(bytes)
  return out
}

function split<V>(items: readonly V[], size: number): V[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** Windows that each answer opens: its columns, or with several vectors all of them. */
export function windowsOf(columns: number, perAnswer: number, vectors: number): number[] {
  if (!(perAnswer >= 1)) throw new PlatformError('he.range', { columns, vectors })
  const answers = Math.ceil(columns / perAnswer)
  return Array.from({ length: answers }, (_, a) =>
    vectors === 1 ? Math.min(perAnswer, columns - a * perAnswer) : perAnswer * vectors,
  )
}

function checkLayout(
  blocks: number,
  columns: readonly Int32Array[],
  rowsPerBlock: number,
  masks: number,
  windows: readonly number[],
): void {
  const rows = columns[0]?.length ?? 0
  const powerOfTwo = Number.isInteger(Math.log2(rowsPerBlock)) && rowsPerBlock >= 1 && rowsPerBlock <= N
  const opened = windows.reduce((total, some) => total + some, 0)
  const fits = powerOfTwo && rows > 0 && Math.ceil(rows / rowsPerBlock) === blocks && masks === opened
  if (fits && columns.every((column) => column.length === rows)) return
  throw new PlatformError('he.range', { blocks, columns: columns.length, rows, rowsPerBlock, masks })
}
