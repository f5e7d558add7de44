// SEAL at the one prime of an answer to sums of trees, as far as the phase c1·s and no further: what SEAL calls decryption in
// CKKS, which has no plain modulus. BFV goes on to round all coefficients, of which an answer shows eight; opening.ts rounds
// these only. Transforms, and the product with the secret key, are SEAL's. A phase is as secret as the key.
import { PlatformError } from '#runtime/errors.ts'
import { N } from './params.ts'
import { newCiphertext, newSecretKey, polynomialBytes, type RawObject, release, residueBytes } from './raw.ts'
import { guard, Owned, type Seal } from './seal.ts'

type Handle = ConstructorParameters<typeof Owned>[0]

/** A secret key at that prime. */
export type PhaseKey = Owned<InstanceType<Seal['Decryptor']>>

/** Bytes of a polynomial: 64 bits a residue. */
export const POLYNOMIAL_BYTES = 8 * N

export class SealPhases implements Disposable {
  readonly #seal: Seal
  readonly #context: InstanceType<Seal['SEALContext']>
  readonly #evaluator: InstanceType<Seal['Evaluator']>
  readonly #parmsId: string
  readonly #cipher: InstanceType<Seal['Ciphertext']>
  readonly #phase: InstanceType<Seal['Plaintext']>
  readonly #pair: RawObject
  readonly #single: RawObject
  readonly #scope: DisposableStack

  constructor(seal: Seal, prime: bigint) {
    using scope = new DisposableStack()
    const own = <H extends Handle>(make: () => H): H => scope.use(new Owned(guard(make))).handle
    this.#seal = seal
    const parameters = own(() => new seal.EncryptionParameters(seal.SchemeType.ckks))
    const primes = own(() => new seal.VectorModulus())
    primes.push_back(own(() => new seal.Modulus(prime)))
    guard(() => {
      parameters.setPolyModulusDegree(N)
      parameters.setCoeffModulus(primes)
    })
    this.#context = own(() => new seal.SEALContext(parameters, true, seal.SecLevelType.tc128))
    if (!this.#context.parametersSet()) throw new PlatformError('he.parameters', { prime: String(prime) })
    this.#evaluator = own(() => new seal.Evaluator(this.#context))
    this.#cipher = own(() => new seal.Ciphertext())
    this.#phase = own(() => new seal.Plaintext())
    this.#parmsId = this.#readParmsId()
    this.#pair = newCiphertext({ parmsId: this.#parmsId, primes: 1, ntt: false, seeded: false })
    this.#single = newCiphertext({ parmsId: this.#parmsId, primes: 1, ntt: true, seeded: false })
    this.#scope = scope.move()
  }

  /** A key from its residues at the prime, in SEAL's transformed form, halves of 32 bits. The caller's. */
  loadKey(residues: Uint32Array): PhaseKey {
    const raw = newSecretKey(this.#parmsId, 1)
    raw.words.set(residues)
    using secret = new Owned(guard(() => new this.#seal.SecretKey()))
    try {
      guard(() => secret.handle.loadFromArray(this.#context, raw.bytes))
    } finally {
      raw.bytes.fill(0)
    }
    return new Owned(guard(() => new this.#seal.Decryptor(this.#context, secret.handle)))
  }

  /** Where the caller puts two polynomials to be transformed, halves of 32 bits. */
  polynomials(): Uint32Array {
    return this.#pair.words
  }

  /** Both of them in SEAL's transformed form; the caller's to release. */
  transform(): Uint8Array {
    guard(() => {
      this.#cipher.loadFromArray(this.#context, this.#pair.bytes)
      this.#evaluator.cipherTransformToNttInplace(this.#cipher)
    })
    const saved = guard(() => this.#cipher.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
    return residueBytes(saved, { parmsId: this.#parmsId, primes: 1, ntt: true, seeded: false })
  }

  /** c1·s into `to`, in transformed form as c1 is. */
  phaseOf(key: PhaseKey, second: Uint8Array, to: Uint8Array): void {
    const { bytes } = this.#single
    bytes.set(second, bytes.length - POLYNOMIAL_BYTES)
    guard(() => {
      this.#cipher.loadFromArray(this.#context, bytes)
      key.handle.decrypt(this.#cipher, this.#phase)
    })
    const saved = guard(() => this.#phase.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
    to.set(polynomialBytes(saved))
    saved.fill(0)
    release(saved)
  }

  /** Overwrites the last phase. */
  forget(): void {
    guard(() => this.#phase.setZero())
  }

  [Symbol.dispose](): void {
    this.#scope.dispose()
  }

  /** The id of the only level, hex: byte 16 … 47 of a saved key. */
  #readParmsId(): string {
    using generator = new Owned(guard(() => new this.#seal.KeyGenerator(this.#context)))
    using secret = new Owned(guard(() => generator.handle.secretKey()))
    const saved = guard(() => secret.handle.saveToArray(this.#seal.ComprModeType.none)) as Uint8Array
    return Buffer.from(saved.subarray(16, 48)).toString('hex')
  }
}
