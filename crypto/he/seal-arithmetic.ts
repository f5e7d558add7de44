// The engine without kernels: SEAL's own products, sums, encryptions of zero and switching, and plain TypeScript for what
// SEAL has no operation for: the flooding, and the residues of asked coefficients. What `prepare…` leaves for later are
// ciphertexts in SEAL's transformed form, in the memories that the kernels would put their digits in.
import { PlatformError } from '#runtime/errors.ts'
import type { Arithmetic, ColumnAnswer, InnerProductsTask, TaskKey } from './arithmetic.ts'
import type { PreparedRows } from './histogram-kernel.ts'
import type { ColumnsPart } from './histogram-operations.ts'
import { narrowResidues } from './inner-products.ts'
import { checkNorms, masksOf } from './kernel-arithmetic.ts'
import { fillMultiplier } from './multiplier.ts'
import type { ColumnTask, NodeBlock, NodePlace } from './node-operations.ts'
import { N } from './params.ts'
import { parseWire } from './parse.ts'
import { protect } from './protect.ts'
import { RandomStream } from './random-stream.ts'
import { newCiphertext } from './raw.ts'
import type { Cipher, Plain, SealKey, SealSet } from './seal.ts'
import { addNodeRows, keepNodeBlocks } from './seal-node-sums.ts'
import { freshShape, innerProductShape, positionOf } from './wire.ts'

export class SealArithmetic implements Arithmetic {
  readonly #random = new RandomStream()

  prepare(key: TaskKey, cts: readonly Uint8Array[]): Uint32Array[] {
    return cts.map((wire) => transformed(key, wire))
  }

  innerProducts({ he, id, seal }: TaskKey, task: InnerProductsTask): Uint8Array[] {
    const { answers, prepared, rowsPerBlock } = task
    using scope = new DisposableStack()
    const totals: (Cipher | undefined)[] = answers.map(() => undefined)
    const norms = new Float64Array(answers.length)
    const multiplier = new Int32Array(N)
    for (const [block, residues] of prepared.entries()) {
      using cipher = cipherOf(he, residues)
      for (const [a, columns] of answers.entries()) {
        const norm = fillMultiplier(multiplier, columns, block * rowsPerBlock, rowsPerBlock, (i) => i)
        norms[a] = (norms[a] as number) + norm
        using plain = multiplierOf(he, multiplier)
        using product = he.multiply(cipher, plain)
        addTerm(he, scope, totals, a, product)
      }
    }
    checkNorms(norms, task.oneNormBound)
    return masksOf(task).map((masks, a) => {
      using masked = encryptedAt(he, seal(), masks, rowsPerBlock)
      const total = totals[a] as Cipher
      he.transformBack(total)
      return protect(he, total, masked, task.floodBits, innerProductShape(he.set, id, masks.length, rowsPerBlock))
    })
  }

  /** `digits` are the residues of the whole ciphertext; there is no table. */
  prepareRows(key: TaskKey, windows: number, cts: readonly Uint8Array[]): PreparedRows[] {
    checkWindows(windows)
    return cts.map((wire) => ({ digits: transformed(key, wire), table: new Uint16Array(0) }))
  }

  /** `second` of the sums holds both polynomials, which are as many words as the kernels' digits; nothing else is left to add. */
  addColumns(he: SealSet, { blocks, cells, windows, second }: ColumnsPart): Float64Array[] {
    checkWindows(windows)
    const rows = N / windows
    const outside = cells.some(
      (column) => column.length !== blocks.length * rows || column.some((cell) => cell > windows),
    )
    if (outside) throw new PlatformError('he.range', { blocks: blocks.length, windows })
    using scope = new DisposableStack()
    const ciphers = blocks.map(({ digits }) => scope.use(cipherOf(he, digits)))
    for (const [c, column] of cells.entries()) {
      using own = new DisposableStack()
      const totals: (Cipher | undefined)[] = [undefined]
      const mask = new Float64Array(N)
      for (const [b, cipher] of ciphers.entries()) {
        mask.fill(0)
        for (let r = 0; r < rows; r++) {
          const cell = column[b * rows + r] as number
          if (cell < windows) mask[rows * cell + rows - 1 - r] = 1
        }
        using plain = he.encodeCoefficients(mask)
        he.transformPlain(plain)
        using product = he.multiply(cipher, plain)
        addTerm(he, own, totals, 0, product)
      }
      const sum = second[c] as Uint32Array
      using total = totals[0] as Cipher
      addResidues(sum, narrowResidues(he, total, true), he.set.dataPrimes.map(Number))
    }
    return cells.map(() => new Float64Array(0))
  }

  protectColumn({ he, id, seal }: TaskKey, { sums, windows, cells, floodBits, masks }: ColumnAnswer): Uint8Array {
    using total = cipherOf(he, sums.second)
    he.transformBack(total)
    using masked = encryptedAt(he, seal(), Float64Array.from(masks ?? [], Number), N / windows)
    return protect(he, total, masked, floodBits, innerProductShape(he.set, id, cells, N / windows))
  }

  /** Nothing: an encryption of zero is SEAL's. */
  prepareNodeKey(): void {}

  prepareNodeBlocks(key: TaskKey, place: NodePlace, blocks: readonly NodeBlock[]): void {
    keepNodeBlocks(key, place, blocks)
  }

  sumNodeColumns(key: TaskKey, place: NodePlace, task: ColumnTask): Uint8Array[] {
    return addNodeRows(key, place, this.#random, task)
  }
}

/** As many cells as the kernels take. @throws he.parameters */
function checkWindows(windows: number): void {
  const depth = Math.log2(windows)
  if (!(Number.isInteger(depth) && depth >= 2 && depth <= 6)) throw new PlatformError('he.parameters', { windows })
}

/** Residues of a foreign fresh ciphertext in SEAL's transformed form, primes below 2^32. @throws he.malformed, he.wrong-key */
function transformed({ he, id }: TaskKey, wire: Uint8Array): Uint32Array {
  using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, id), he.parmsIds))
  he.transform(cipher)
  return narrowResidues(he, cipher, true)
}

/** The inverse of narrowResidues, in transformed form. */
function cipherOf(he: SealSet, residues: Uint32Array): Cipher {
  const primes = he.set.dataPrimes.length
  const raw = newCiphertext({ parmsId: he.set.parmsId, primes, ntt: true, seeded: false })
  for (let i = 0; i < residues.length; i++) raw.words[2 * i] = residues[i] as number
  return he.loadCiphertext(raw.bytes)
}

/** Signed coefficients as a plaintext in transformed form: SEAL takes the upper half of the ring as negative. */
function multiplierOf(he: SealSet, multiplier: Int32Array): Plain {
  using scope = new DisposableStack()
  const { plainModulus } = he.set
  const plain = scope.use(he.encodeCoefficients(Float64Array.from(multiplier, (x) => (x < 0 ? x + plainModulus : x))))
  he.transformPlain(plain)
  scope.move()
  return plain
}

/** Adds a term to total i, and keeps it for the scope. */
function addTerm(he: SealSet, scope: DisposableStack, totals: (Cipher | undefined)[], i: number, term: Cipher): void {
  const total = totals[i]
  if (total === undefined) totals[i] = scope.use(he.copy(term))
  else he.addInto(total, term)
}

/** Values at the asked coefficients, zero elsewhere, under the public key. */
function encryptedAt(he: SealSet, key: SealKey, values: Float64Array, rowsPerBlock: number): Cipher {
  const coefficients = new Float64Array(N)
  for (const [i, value] of values.entries()) coefficients[positionOf(i, rowsPerBlock)] = value
  using plain = he.encodeCoefficients(coefficients)
  coefficients.fill(0)
  return he.encryptPublic(key, plain)
}

/** sum += terms, modulo each prime; both in two polynomials, prime by prime. */
function addResidues(sum: Uint32Array, terms: Uint32Array, primes: readonly number[]): void {
  for (let from = 0; from < sum.length; from += N) {
    const prime = primes[(from / N) % primes.length] as number
    for (let i = from; i < from + N; i++) sum[i] = ((sum[i] as number) + (terms[i] as number)) % prime
  }
}
