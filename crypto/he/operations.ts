// What an encryption worker executes: one function an operation, wire bytes in and out. Runs inside one library
// instance; foreign bytes go through parse.ts first, and what may leave goes through #protect.
import { PlatformError } from '#runtime/errors.ts'
import type { Arithmetic, ColumnAnswer, InnerProductsTask, TaskKey } from './arithmetic.ts'
import type { Engine } from './engine.ts'
import { type ColumnsPart, openRows } from './histogram-operations.ts'
import type { PreparedRows } from './histogram-kernel.ts'
import { KernelArithmetic } from './kernel-arithmetic.ts'
import { type ColumnTask, encryptNodeRows, type NodeBlock, type NodePlace, openNodeRows } from './node-operations.ts'
import { isNodeSet, N, type SetName, setNamed } from './params.ts'
import { Opening } from './opening.ts'
import { parseWire } from './parse.ts'
import { protect } from './protect.ts'
import { readCiphertext, readSecretKey } from './raw.ts'
import { type Cipher, type Seal, type SealKey, SealSet } from './seal.ts'
import type { PhaseKey } from './seal-phases.ts'
import { SealArithmetic } from './seal-arithmetic.ts'
import {
  freshShape,
  innerProductShape,
  positionOf,
  publicKeyShape,
  secretKeyShape,
  slotAnswerShape,
  writeWire,
} from './wire.ts'

/** A key as it is handed to a worker; the worker keeps the last few loaded, by id. */
export interface KeyMaterial {
  readonly set: SetName
  readonly id: string
  readonly publicWire: Uint8Array
  /** present at the key's owner only */
  readonly secretWire?: Uint8Array
}

const KEYS_KEPT = 8

/** What a worker keeps of a key: SEAL's object, and what answers to sums of trees are opened with. */
class LoadedKey implements Disposable {
  readonly seal: SealKey
  readonly phase: PhaseKey | undefined

  constructor(seal: SealKey, phase?: PhaseKey) {
    this.seal = seal
    this.phase = phase
  }

  [Symbol.dispose](): void {
    this.seal[Symbol.dispose]()
    this.phase?.[Symbol.dispose]()
  }
}

/** The operations of one worker. */
export class Operations implements Disposable {
  readonly #seal: Seal
  readonly #sets = new Map<SetName, SealSet>()
  readonly #keys = new Map<string, LoadedKey>()
  readonly #openings = new Map<SetName, Opening>()
  readonly #engine: Engine
  readonly #arithmetic: Arithmetic

  constructor(seal: Seal, engine: Engine) {
    this.#seal = seal
    this.#engine = engine
    this.#arithmetic = engine === 'kernel' ? new KernelArithmetic() : new SealArithmetic()
  }

  /** New keys as wire bytes. */
  generateKey({ set }: { set: SetName }): { publicWire: Uint8Array; secretWire: Uint8Array } {
    const he = this.#set(set)
    const primes = he.set.dataPrimes.length + 1
    const parmsId = he.parmsIds[primes] as string
    const saved = he.generateKey()
    const publicRaw = readCiphertext(saved.publicKey, { parmsId, primes, ntt: true, seeded: true })
    const secretRaw = readSecretKey(saved.secretKey, parmsId, primes)
    const publicWire = writeWire(publicKeyShape(he.set), publicRaw.words, publicRaw.seed)
    const secretWire = writeWire(secretKeyShape(he.set), secretRaw.words, new Uint8Array())
    saved.secretKey.fill(0)
    secretRaw.bytes.fill(0)
    return { publicWire, secretWire }
  }

  /** Refuses what is not a public key of the set. @throws he.malformed, he.parameters */
  checkPublicKey({ set, wire }: { set: SetName; wire: Uint8Array }): void {
    const he = this.#set(set)
    using _key = he.loadKey(parseWire(wire, publicKeyShape(he.set), he.parmsIds))
  }

  /** Fresh seeded encryption of integers in [0, T), in slots (score) or coefficients (the others). */
  encrypt({ key, values, second }: { key: KeyMaterial; values: Float64Array; second?: Float64Array }): Uint8Array {
    const he = this.#set(key.set)
    checkRing(values, he.set.plainModulus)
    if (isNodeSet(key.set)) {
      if (second !== undefined) checkRing(second, he.set.plainModulus)
      const all = second === undefined ? [values] : [values, second]
      return encryptNodeRows(he, this.#key(key), key.id, key.set, all)
    }
    using plain = key.set === 'score' ? he.encodeSlots(values) : he.encodeCoefficients(values)
    const shape = { parmsId: he.set.parmsId, primes: he.set.dataPrimes.length, ntt: false, seeded: true }
    const raw = readCiphertext(he.encryptSeeded(this.#key(key), plain), shape)
    return writeWire(freshShape(he.set, key.id), raw.words, raw.seed)
  }

  /** For each output: Σ_i ct_i ⊙ weights_i, in transformed form. Unprotected: stays inside this party. */
  multiplySlots(work: {
    key: KeyMaterial
    cts: readonly Uint8Array[]
    outputs: readonly (readonly Float64Array[])[]
  }): Uint8Array[] {
    const he = this.#set(work.key.set)
    using scope = new DisposableStack()
    const totals: Cipher[] = []
    for (const [i, wire] of work.cts.entries()) {
      using cipher = this.#fresh(work.key, wire)
      for (const [j, weights] of work.outputs.entries()) {
        checkRing(weights[i] as Float64Array, he.set.plainModulus)
        if (isZero(weights[i] as Float64Array)) continue // SEAL refuses such a product; it adds nothing
        using plain = he.encodeSlots(weights[i] as Float64Array)
        he.transformPlain(plain)
        using product = he.multiply(cipher, plain)
        accumulate(he, scope, totals, j, product)
      }
    }
    return work.outputs.map((_, j) => {
      const total = totals[j] ?? this.#zero(he, scope, work.key)
      return shared(he.saveCiphertext(total))
    })
  }

  /** Sum of accumulators + mask, re-randomised, flooded and switched down: bytes that may leave. */
  protectSlots(work: {
    key: KeyMaterial
    accumulators: readonly Uint8Array[]
    mask: Float64Array
    floodBits: number
  }): Uint8Array {
    const he = this.#set(work.key.set)
    checkRing(work.mask, he.set.plainModulus)
    using scope = new DisposableStack()
    const totals: Cipher[] = []
    for (const bytes of work.accumulators) {
      using term = he.loadCiphertext(bytes)
      accumulate(he, scope, totals, 0, term)
    }
    using mask = he.encodeSlots(work.mask)
    const total = totals[0] as Cipher
    using masked = he.encryptPublic(this.#key(work.key), mask)
    he.transformBack(total)
    return protect(he, total, masked, work.floodBits, slotAnswerShape(he.set, work.key.id))
  }

  /** All SLOTS values of a protected answer. */
  decryptSlots({ key, wire }: { key: KeyMaterial; wire: Uint8Array }): Float64Array {
    const he = this.#set(key.set)
    using cipher = he.loadCiphertext(parseWire(wire, slotAnswerShape(he.set, key.id), he.parmsIds))
    using plain = he.decrypt(this.#key(key), cipher)
    return he.decodeSlots(plain)
  }

  decryptRows({ key, wire, value }: { key: KeyMaterial; wire: Uint8Array; value: number }): Float64Array {
    if (isNodeSet(key.set)) return openNodeRows(this.#set(key.set), this.#key(key), key.id, key.set, wire, value)
    return openRows(this.#set(key.set), this.#key(key), key.id, wire)
  }

  /** See Arithmetic, for this and what follows. */
  prepare({ key, cts }: { key: KeyMaterial; cts: readonly Uint8Array[] }): Uint32Array[] {
    return this.#arithmetic.prepare(this.#taskKey(key), cts)
  }

  innerProducts({ key, ...task }: InnerProductsTask & { key: KeyMaterial }): Uint8Array[] {
    checkRing(task.masks, setNamed(key.set).plainModulus)
    return this.#arithmetic.innerProducts(this.#taskKey(key), task)
  }

  /** The released inner products of one answer. */
  decryptInnerProducts(work: {
    key: KeyMaterial
    wire: Uint8Array
    rowsPerBlock: number
    columnCount: number
  }): Float64Array {
    const he = this.#set(work.key.set)
    const shape = innerProductShape(he.set, work.key.id, work.columnCount, work.rowsPerBlock)
    using cipher = he.loadCiphertext(parseWire(work.wire, shape, he.parmsIds))
    using plain = he.decrypt(this.#key(work.key), cipher)
    return he.decodeSome(plain, positionOf(0, work.rowsPerBlock), work.rowsPerBlock, work.columnCount)
  }

  /** The first `cells` cells of some answers, `windows` cells each, one after another. */
  decryptCells(work: { key: KeyMaterial; wires: readonly Uint8Array[]; windows: number; cells: number }): Float64Array {
    const { key, wires, windows, cells } = work
    const opening = this.#opening(this.#set(key.set))
    const { phase } = this.#loaded(key)
    if (opening !== undefined && phase !== undefined) return opening.open(phase, key.id, wires, windows, cells)
    const out = new Float64Array(cells)
    for (const [i, wire] of wires.entries()) {
      const columnCount = Math.min(windows, cells - i * windows)
      out.set(this.decryptInnerProducts({ key, wire, rowsPerBlock: N / windows, columnCount }), i * windows)
    }
    return out
  }

  prepareRows({
    key,
    cts,
    windows,
  }: {
    key: KeyMaterial
    cts: readonly Uint8Array[]
    windows: number
  }): PreparedRows[] {
    return this.#arithmetic.prepareRows(this.#taskKey(key), windows, cts)
  }

  addColumns(part: ColumnsPart): Float64Array[] {
    return this.#arithmetic.addColumns(this.#set(part.set), part)
  }

  protectColumn({ key, ...work }: ColumnAnswer & { key: KeyMaterial }): Uint8Array {
    return this.#arithmetic.protectColumn(this.#taskKey(key), work)
  }

  prepareNodeKey(place: NodePlace): void {
    this.#arithmetic.prepareNodeKey(this.#taskKey(place.key), place)
  }

  prepareNodeBlocks({ blocks, ...place }: NodePlace & { blocks: readonly NodeBlock[] }): void {
    this.#arithmetic.prepareNodeBlocks(this.#taskKey(place.key), place, blocks)
  }

  sumNodeColumns({ task, ...place }: NodePlace & { task: ColumnTask }): Uint8Array[] {
    return this.#arithmetic.sumNodeColumns(this.#taskKey(place.key), place, task)
  }

  [Symbol.dispose](): void {
    for (const key of this.#keys.values()) key[Symbol.dispose]()
    this.#keys.clear()
    for (const opening of this.#openings.values()) opening[Symbol.dispose]()
    this.#openings.clear()
    for (const he of this.#sets.values()) he[Symbol.dispose]()
    this.#sets.clear()
  }

  /** A sum without terms, in transformed form. */
  #zero(he: SealSet, scope: DisposableStack, key: KeyMaterial): Cipher {
    using plain = he.encodeCoefficients(new Float64Array(1))
    const zero = scope.use(he.encryptPublic(this.#key(key), plain))
    he.transform(zero)
    return zero
  }

  /** A foreign fresh ciphertext, checked, loaded and transformed. */
  #fresh(key: KeyMaterial, wire: Uint8Array): Cipher {
    const he = this.#set(key.set)
    using scope = new DisposableStack()
    const cipher = scope.use(he.loadCiphertext(parseWire(wire, freshShape(he.set, key.id), he.parmsIds)))
    he.transform(cipher)
    scope.move()
    return cipher
  }

  /** Opened at first use: most tasks need one or two. */
  #set(name: SetName): SealSet {
    const kept = this.#sets.get(name)
    if (kept !== undefined) return kept
    const opened = new SealSet(this.#seal, name)
    this.#sets.set(name, opened)
    return opened
  }

  /** Where the kernels run, of a set whose answers have one prime; opened at first use, and compared with SEAL. */
  #opening(he: SealSet): Opening | undefined {
    if (this.#engine === 'seal' || he.set.answerPrimes > 1) return undefined
    const opening = this.#openings.get(he.set.name) ?? new Opening(this.#seal, he)
    this.#openings.set(he.set.name, opening)
    return opening
  }

  #taskKey(material: KeyMaterial): TaskKey {
    const { id, publicWire, set } = material
    return { he: this.#set(set), id, publicWire, seal: () => this.#key(material) }
  }

  #key(material: KeyMaterial): SealKey {
    return this.#loaded(material).seal
  }

  /** The loaded key; the least recently used one makes room. */
  #loaded(material: KeyMaterial): LoadedKey {
    const name = `${material.set}:${material.id}:${material.secretWire === undefined ? 'public' : 'pair'}`
    const kept = this.#keys.get(name)
    this.#keys.delete(name)
    const key = kept ?? this.#loadKey(material)
    this.#keys.set(name, key)
    for (const [oldest, old] of this.#keys) {
      if (this.#keys.size <= KEYS_KEPT) break
      this.#keys.delete(oldest)
      old[Symbol.dispose]()
    }
    return key
  }

  #loadKey({ set, publicWire, secretWire }: KeyMaterial): LoadedKey {
    const he = this.#set(set)
    const publicBytes = parseWire(publicWire, publicKeyShape(he.set), he.parmsIds)
    if (secretWire === undefined) return new LoadedKey(he.loadKey(publicBytes))
    const secretBytes = parseWire(secretWire, secretKeyShape(he.set), he.parmsIds)
    try {
      using scope = new DisposableStack()
      const seal = scope.use(he.loadKey(publicBytes, secretBytes))
      const phase = this.#opening(he)?.loadKey(secretBytes)
      scope.move()
      return new LoadedKey(seal, phase)
    } finally {
      secretBytes.fill(0)
    }
  }
}

/** Adds a term to total j; the first term is copied, since its caller disposes it. */
function accumulate(he: SealSet, scope: DisposableStack, totals: Cipher[], j: number, term: Cipher): void {
  const total = totals[j]
  if (total === undefined) totals[j] = scope.use(he.copy(term))
  else he.addInto(total, term)
}

/** @throws he.range unless there are at most N values, integers in [0, modulus) */
function checkRing(values: Float64Array, modulus: number): void {
  if (values.length > N) throw new PlatformError('he.range', { values: values.length, limit: N })
  for (const value of values) {
    if (!(value >= 0 && value < modulus && Number.isInteger(value))) throw new PlatformError('he.range', { modulus })
  }
}

function isZero(values: Float64Array): boolean {
  return values.every((value) => value === 0)
}

function shared(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length))
  out.set(bytes)
  return out
}
