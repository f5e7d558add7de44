// The only file that imports node-seal. Owns every WebAssembly handle, counts the live ones, and translates what the
// library throws. Built on the "allows" build: a product with an all-zero plaintext must neither throw nor show.
import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import initialize, {
  type BatchEncoder,
  type Ciphertext,
  type ClassHandle,
  type Decryptor,
  type Encryptor,
  type Evaluator,
  type MainModule,
  type Plaintext,
  type PublicKey,
  type SEALContext,
  type SecretKey,
} from 'node-seal/allows'
import { PlatformError } from '#runtime/errors.ts'
import { type HeSet, keyPrimes, N, SLOTS, setNamed, T, type SetName } from './params.ts'
import {
  newCiphertext,
  newPlaintext,
  type RawObject,
  readCiphertext,
  readCoefficients,
  readDoubles,
  readPlaintext,
  readSecretKey,
  release,
  residueBytes,
  SEED_BYTES,
  writeDoubles,
} from './raw.ts'

/** One instance of the library. */
export type Seal = MainModule

let live = 0
let refusals = 0

/** WebAssembly objects not yet disposed: node-seal never collects them. Tests compare it before and after. */
export function liveHandles(): number {
  return live
}

/** Exceptions that reached the library: each one leaks WebAssembly stack, so a worker is replaced after a few. */
export function sealRefusals(): number {
  return refusals
}

/** One WebAssembly object and its end. Returned = the caller's to dispose (`using`); argument = borrowed. */
export class Owned<T extends ClassHandle> implements Disposable {
  readonly handle: T
  #open = true

  constructor(handle: T) {
    this.handle = handle
    live++
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    live--
    this.handle.delete()
  }
}

export type Cipher = Owned<Ciphertext>
export type Plain = Owned<Plaintext>

/** Runs a library call; what it throws is a WebAssembly.Exception with a [type, text] message, or anything. */
export function guard<R>(operation: () => R): R {
  try {
    return operation()
  } catch (thrown) {
    if (thrown instanceof PlatformError) throw thrown
    refusals++
    const message = (thrown as { message?: unknown }).message
    const [type, text] = Array.isArray(message) ? (message as string[]) : []
    throw new PlatformError('he.seal', { type: type ?? 'unknown', text: text ?? String(message ?? thrown) }, thrown)
  }
}

/** The library's compiled module, to be shared by the workers of a pool. */
export async function compileSeal(): Promise<WebAssembly.Module> {
  const manifest = findPackageJSON('node-seal', import.meta.url)
  if (manifest === undefined) throw new PlatformError('he.seal', { expected: 'the package node-seal' })
  return WebAssembly.compile(await readFile(join(dirname(manifest), 'dist', 'seal_allows.wasm')))
}

export async function startSeal(module: WebAssembly.Module): Promise<Seal> {
  const instantiateWasm = (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) => {
    void WebAssembly.instantiate(module, imports).then(receive)
    return {}
  }
  return initialize({ instantiateWasm })
}

/** A key loaded for use: encryptors and decryptor of one party. */
export class SealKey implements Disposable {
  readonly encryptor: Encryptor
  readonly decryptor: Decryptor | undefined
  readonly #scope: DisposableStack

  constructor(scope: DisposableStack, encryptor: Encryptor, decryptor?: Decryptor) {
    this.#scope = scope
    this.encryptor = encryptor
    this.decryptor = decryptor
  }

  [Symbol.dispose](): void {
    this.#scope.dispose()
  }
}

/** One parameter set inside one library instance: context, encoder, evaluator, and the ids of its levels. */
export class SealSet implements Disposable {
  readonly set: HeSet
  /** parms_id (hex) by number of primes, from the level of answers up; the last entry is the key level */
  readonly parmsIds: readonly string[]
  readonly #seal: MainModule
  readonly #context: SEALContext
  /** absent in sets whose plain modulus has no slots */
  readonly #encoder: BatchEncoder | undefined
  readonly #evaluator: Evaluator
  readonly #scope: DisposableStack
  /** zeros, to put a seed behind */
  #seeded: RawObject | undefined

  constructor(seal: MainModule, name: SetName) {
    using scope = new DisposableStack()
    const own = <H extends ClassHandle>(make: () => H): H => scope.use(new Owned(guard(make))).handle
    this.#seal = seal
    this.set = setNamed(name)
    const parameters = own(() => new seal.EncryptionParameters(seal.SchemeType.bfv))
    const primes = own(() => new seal.VectorModulus())
    for (const prime of keyPrimes(this.set)) primes.push_back(own(() => new seal.Modulus(prime)))
    guard(() => {
      parameters.setPolyModulusDegree(N)
      parameters.setCoeffModulus(primes)
      parameters.setPlainModulus(own(() => new seal.Modulus(BigInt(this.set.plainModulus))))
    })
    this.#context = own(() => new seal.SEALContext(parameters, true, seal.SecLevelType.tc128))
    if (!this.#context.parametersSet()) throw new PlatformError('he.parameters', { set: name })
    this.#encoder = this.set.plainModulus === T ? own(() => new seal.BatchEncoder(this.#context)) : undefined
    this.#evaluator = own(() => new seal.Evaluator(this.#context))
    this.parmsIds = this.#readParmsIds()
    if (this.parmsIds[this.set.dataPrimes.length] !== this.set.parmsId) {
      throw new PlatformError('he.parameters', { set: name, reason: 'parms_id differs from the pinned one' })
    }
    this.#scope = scope.move()
    this.#selfCheck()
  }

  /** Slot values (integers in [0, T), at most SLOTS) as a plaintext. */
  encodeSlots(values: Float64Array): Plain {
    const words = new Uint32Array(2 * SLOTS)
    writeDoubles(values, words)
    return this.#plain((plain) => this.#slots().encode(new BigUint64Array(words.buffer), plain))
  }

  decodeSlots(plain: Plain): Float64Array {
    const decoded = guard(() => this.#slots().decodeBigUint64(plain.handle)) as BigUint64Array
    const out = new Float64Array(SLOTS)
    readDoubles(new Uint32Array(decoded.buffer, decoded.byteOffset, 2 * SLOTS), out)
    return out
  }

  /** Coefficients (integers in [0, T), at most N) as a plaintext. */
  encodeCoefficients(values: Float64Array): Plain {
    const raw = newPlaintext(values.length)
    writeDoubles(values, raw.words)
    return this.loadPlaintext(raw.bytes)
  }

  decodeCoefficients(plain: Plain): Float64Array {
    return readPlaintext(guard(() => plain.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array)
  }

  /** Some coefficients: every `step`-th from `first` on. */
  decodeSome(plain: Plain, first: number, step: number, count: number): Float64Array {
    const saved = guard(() => plain.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
    try {
      return readCoefficients(saved, first, step, count)
    } finally {
      release(saved)
    }
  }

  loadPlaintext(bytes: Uint8Array): Plain {
    return this.#plain((plain) => plain.loadFromArray(this.#context, bytes))
  }

  /** In place: to the transformed form at the data level, ready for multiply. */
  transformPlain(plain: Plain): void {
    guard(() => this.#evaluator.plainTransformToNttInplace(plain.handle, this.#context.firstParmsId()))
  }

  /** Bytes must have passed parse.ts, or come from this party's own SEAL. */
  loadCiphertext(bytes: Uint8Array): Cipher {
    return this.#cipher((cipher) => cipher.loadFromArray(this.#context, bytes))
  }

  /** Residues of the second polynomial that a seed stands for, 64 bits each, prime by prime; the caller's to release. */
  expandSeed(seed: Uint8Array): Uint8Array {
    const primes = this.set.dataPrimes.length
    const shape = { parmsId: this.set.parmsId, primes, ntt: false, seeded: true }
    this.#seeded ??= newCiphertext(shape)
    this.#seeded.bytes.set(seed, this.#seeded.bytes.length - SEED_BYTES)
    using cipher = this.loadCiphertext(this.#seeded.bytes)
    return residueBytes(this.saveCiphertext(cipher), { ...shape, seeded: false }).subarray(8 * N * primes)
  }

  saveCiphertext(cipher: Cipher): Uint8Array {
    return guard(() => cipher.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
  }

  transform(cipher: Cipher): void {
    guard(() => this.#evaluator.cipherTransformToNttInplace(cipher.handle))
  }

  transformBack(cipher: Cipher): void {
    guard(() => this.#evaluator.cipherTransformFromNttInplace(cipher.handle))
  }

  /** Both in transformed form. */
  multiply(cipher: Cipher, plain: Plain): Cipher {
    return this.#cipher((out) => this.#evaluator.multiplyPlain(cipher.handle, plain.handle, out))
  }

  copy(cipher: Cipher): Cipher {
    return new Owned(guard(() => cipher.handle.copy()))
  }

  addInto(total: Cipher, term: Cipher): void {
    guard(() => this.#evaluator.addInplace(total.handle, term.handle))
  }

  /** Switches down until the ciphertext has `primes` primes. */
  switchTo(cipher: Cipher, primes: number): void {
    while (cipher.handle.coeffModulusSize() > primes) {
      guard(() => this.#evaluator.cipherModSwitchToNextInplace(cipher.handle))
    }
  }

  /** Saved SEAL bytes of a fresh seeded encryption under the secret key. */
  encryptSeeded(key: SealKey, plain: Plain): Uint8Array {
    using fresh = new Owned(guard(() => key.encryptor.encryptSymmetricSerializable(plain.handle)))
    return guard(() => fresh.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
  }

  /** An encryption under the public key: re-randomises what it is added to. */
  encryptPublic(key: SealKey, plain: Plain): Cipher {
    return this.#cipher((out) => key.encryptor.encrypt(plain.handle, out))
  }

  decrypt(key: SealKey, cipher: Cipher): Plain {
    const { decryptor } = key
    if (decryptor === undefined) throw new PlatformError('he.wrong-key', { expected: 'a key pair' })
    return this.#plain((plain) => decryptor.decrypt(cipher.handle, plain))
  }

  /** The public key as a ciphertext of zero at the data level, in coefficient form. Bytes as in loadKey. */
  publicCiphertext(publicBytes: Uint8Array): Cipher {
    using key = new Owned(guard(() => new this.#seal.PublicKey()))
    guard(() => key.handle.loadFromArray(this.#context, publicBytes))
    const saved = guard(() => key.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
    const primes = this.set.dataPrimes.length
    const keyShape = { parmsId: this.parmsIds[primes + 1] as string, primes: primes + 1, ntt: true, seeded: false }
    const { words } = readCiphertext(saved, keyShape)
    const raw = newCiphertext({ parmsId: this.set.parmsId, primes, ntt: true, seeded: false })
    for (const polynomial of [0, 1]) {
      const from = 2 * N * polynomial * (primes + 1)
      raw.words.set(words.subarray(from, from + 2 * N * primes), 2 * N * polynomial * primes)
    }
    const cipher = this.loadCiphertext(raw.bytes)
    this.transformBack(cipher)
    return cipher
  }

  /** Bits of noise budget. For tests on self-made ciphertexts only: on foreign ones it is an oracle for the key. */
  noiseBudget(key: SealKey, cipher: Cipher): number {
    return guard(() => key.decryptor?.invariantNoiseBudget(cipher.handle) ?? 0)
  }

  /** New keys as saved SEAL bytes; the public key carries a seed in the place of its second polynomial. */
  generateKey(): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
    using generator = new Owned(guard(() => new this.#seal.KeyGenerator(this.#context)))
    using secret = new Owned(guard(() => generator.handle.secretKey()))
    using publicKey = new Owned(guard(() => generator.handle.createPublicKeySerializable()))
    const none = this.#seal.ComprModeType.none
    return {
      publicKey: guard(() => publicKey.handle.saveToArray(none)) as Uint8Array,
      secretKey: guard(() => secret.handle.saveToArray(none)) as Uint8Array,
    }
  }

  /** A key for use, from SEAL bytes built by parse.ts; with the secret key it also encrypts seeded and decrypts. */
  loadKey(publicBytes: Uint8Array, secretBytes?: Uint8Array): SealKey {
    using scope = new DisposableStack()
    const own = <H extends ClassHandle>(make: () => H): H => scope.use(new Owned(guard(make))).handle
    const publicKey: PublicKey = own(() => new this.#seal.PublicKey())
    guard(() => publicKey.loadFromArray(this.#context, publicBytes))
    if (secretBytes === undefined) {
      const encryptor = own(() => new this.#seal.Encryptor(this.#context, publicKey))
      return new SealKey(scope.move(), encryptor)
    }
    const secretKey: SecretKey = own(() => new this.#seal.SecretKey())
    guard(() => secretKey.loadFromArray(this.#context, secretBytes))
    const encryptor = own(() => new this.#seal.Encryptor(this.#context, publicKey, secretKey))
    const decryptor = own(() => new this.#seal.Decryptor(this.#context, secretKey))
    return new SealKey(scope.move(), encryptor, decryptor)
  }

  [Symbol.dispose](): void {
    this.#scope.dispose()
  }

  #slots(): BatchEncoder {
    if (this.#encoder === undefined) throw new PlatformError('he.parameters', { set: this.set.name, slots: 0 })
    return this.#encoder
  }

  #cipher(fill: (out: Ciphertext) => void): Cipher {
    return this.#create(() => new this.#seal.Ciphertext(), fill)
  }

  #plain(fill: (out: Plaintext) => void): Plain {
    return this.#create(() => new this.#seal.Plaintext(), fill)
  }

  /** The new handle becomes the caller's only after it was filled. */
  #create<H extends ClassHandle>(make: () => H, fill: (out: H) => void): Owned<H> {
    using scope = new DisposableStack()
    const out = scope.use(new Owned(guard(make)))
    guard(() => fill(out.handle))
    scope.move()
    return out
  }

  /** Reads the level ids out of saved bytes: byte 16 … 47 of a ciphertext. */
  #readParmsIds(): string[] {
    const { publicKey, secretKey } = this.generateKey()
    using key = this.loadKey(publicKey, secretKey)
    using zero = this.encodeCoefficients(new Float64Array(1))
    using cipher = this.encryptPublic(key, zero)
    const ids: string[] = []
    for (let primes = this.set.dataPrimes.length; primes >= this.set.answerPrimes; primes--) {
      this.switchTo(cipher, primes)
      ids[primes] = Buffer.from(this.saveCiphertext(cipher).subarray(16, 48)).toString('hex')
    }
    ids[this.set.dataPrimes.length + 1] = Buffer.from(publicKey.subarray(16, 48)).toString('hex')
    return ids
  }

  /** Every layout raw.ts knows, compared with what this SEAL writes. @throws he.seal */
  #selfCheck(): void {
    const primes = this.set.dataPrimes.length
    const { publicKey, secretKey } = this.generateKey()
    const keyId = this.parmsIds[primes + 1] as string
    readCiphertext(publicKey, { parmsId: keyId, primes: primes + 1, ntt: true, seeded: true })
    readSecretKey(secretKey, keyId, primes + 1)
    using key = this.loadKey(publicKey, secretKey)
    using plain = this.encodeCoefficients(Float64Array.of(1, this.set.plainModulus - 1))
    const shape = { parmsId: this.set.parmsId, primes, ntt: false, seeded: true }
    readCiphertext(this.encryptSeeded(key, plain), shape)
    using cipher = this.encryptPublic(key, plain)
    using back = this.loadCiphertext(readCiphertext(this.saveCiphertext(cipher), { ...shape, seeded: false }).bytes)
    using opened = this.decrypt(key, back)
    const [first, second] = this.decodeCoefficients(opened)
    if (first !== 1 || second !== this.set.plainModulus - 1)
      throw new PlatformError('he.seal', { expected: 'an exact round trip' })
  }
}
