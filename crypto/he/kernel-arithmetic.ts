// The engine of WebAssembly SIMD kernels: SEAL parses, encrypts and switches where it is not worth a kernel.
import { PlatformError } from '#runtime/errors.ts'
import type { Arithmetic, ColumnAnswer, InnerProductsTask, TaskKey } from './arithmetic.ts'
import { HistogramKernel, type PreparedRows } from './histogram-kernel.ts'
import { addColumns, type ColumnsPart, prepareRows, protectColumn } from './histogram-operations.ts'
import { addZeros, narrowResidues, protectAnswer } from './inner-products.ts'
import { ProductKernel } from './kernel.ts'
import { fillMultiplier } from './multiplier.ts'
import {
  type ColumnTask,
  type NodeBlock,
  NodeKernels,
  type NodePlace,
  openSeeds,
  prepareNodeBlocks,
  preparePublicKey,
  sumNodeColumns,
} from './node-operations.ts'
import { N, type SetName, setNamed } from './params.ts'
import { parseWire } from './parse.ts'
import { RandomStream } from './random-stream.ts'
import type { SealSet } from './seal.ts'
import type { SeedKernel } from './seed-kernel.ts'
import { freshShape, innerProductShape } from './wire.ts'

export class KernelArithmetic implements Arithmetic {
  readonly #histograms = new Map<string, HistogramKernel>()
  readonly #nodes = new NodeKernels()
  readonly #seeds = new Map<SetName, SeedKernel>()
  #products: ProductKernel | undefined
  readonly #random = new RandomStream()

  prepare({ he, id }: TaskKey, cts: readonly Uint8Array[]): Uint32Array[] {
    const kernel = this.#productsOf(he)
    return cts.map((wire) => {
      using cipher = he.loadCiphertext(parseWire(wire, freshShape(he.set, id), he.parmsIds))
      const residues = narrowResidues(he, cipher, false)
      kernel.transformCiphertext(residues)
      return residues
    })
  }

  innerProducts({ he, id, publicWire }: TaskKey, part: InnerProductsTask): Uint8Array[] {
    const kernel = this.#productsOf(he)
    kernel.open(part.answers.length)
    const norms = new Float64Array(part.answers.length)
    for (const [block, residues] of part.prepared.entries()) {
      kernel.loadCiphertext(residues)
      for (const [a, columns] of part.answers.entries()) {
        const norm = fillMultiplier(kernel.multiplier(), columns, block * part.rowsPerBlock, part.rowsPerBlock)
        norms[a] = (norms[a] as number) + norm
        kernel.addProduct(a)
      }
    }
    checkNorms(norms, part.oneNormBound)
    addZeros(he, kernel, this.#random, publicWire, part.answers.length)
    return masksOf(part).map((masks, a) => {
      const shape = innerProductShape(he.set, id, masks.length, part.rowsPerBlock)
      return protectAnswer(he, kernel.sum(a), { masks, noise: this.#random.binomial(N) }, part.floodBits, shape)
    })
  }

  prepareRows({ he, id }: TaskKey, windows: number, cts: readonly Uint8Array[]): PreparedRows[] {
    return prepareRows(he, this.#histogram(he.set.name, windows), id, cts)
  }

  addColumns(he: SealSet, part: ColumnsPart): Float64Array[] {
    return addColumns(this.#histogram(he.set.name, part.windows), part)
  }

  protectColumn({ he, id, seal }: TaskKey, work: ColumnAnswer): Uint8Array {
    return protectColumn(he, this.#histogram(he.set.name, work.windows), id, seal(), work)
  }

  prepareNodeKey({ he, publicWire }: TaskKey, place: NodePlace): void {
    preparePublicKey(he, this.#nodes.at(place), publicWire)
  }

  prepareNodeBlocks({ he, id }: TaskKey, place: NodePlace, blocks: readonly NodeBlock[]): void {
    prepareNodeBlocks(he, this.#nodes.at(place), this.#seedsOf(he), id, blocks)
  }

  sumNodeColumns(_key: TaskKey, place: NodePlace, task: ColumnTask): Uint8Array[] {
    return sumNodeColumns(place.key.set, this.#nodes.at(place), this.#random, task)
  }

  /** Opened at first use, as sets are: most jobs have no regression, or nothing else. */
  #productsOf(gradient: SealSet): ProductKernel {
    this.#products ??= openProducts(gradient)
    return this.#products
  }

  #seedsOf(he: SealSet): SeedKernel {
    const seeds = this.#seeds.get(he.set.name) ?? openSeeds(he)
    this.#seeds.set(he.set.name, seeds)
    return seeds
  }

  #histogram(set: SetName, windows: number): HistogramKernel {
    const name = `${set}:${windows}`
    const kernel = this.#histograms.get(name) ?? new HistogramKernel(setNamed(set).dataPrimes, N, windows)
    this.#histograms.clear() // one at a time: each holds 20 MiB
    this.#histograms.set(name, kernel)
    return kernel
  }
}

/** A kernel for the gradient set; it must transform as SEAL does. @throws he.seal */
function openProducts(gradient: SealSet): ProductKernel {
  const kernel = new ProductKernel(gradient.set.dataPrimes, N)
  using key = gradient.loadKey(gradient.generateKey().publicKey)
  using plain = gradient.encodeCoefficients(new Float64Array(1))
  using cipher = gradient.encryptPublic(key, plain)
  const before = narrowResidues(gradient, cipher, false)
  gradient.transform(cipher)
  kernel.checkAgainst(before, narrowResidues(gradient, cipher, true))
  return kernel
}

/** The owner of features checks its own data against the public bound. @throws he.noise */
export function checkNorms(norms: Float64Array, bound: number): void {
  if (norms.some((norm) => norm > bound)) {
    throw new PlatformError('he.noise', { limit: bound, quantity: 'sum of absolute feature values' })
  }
}

/** The masks of each answer. */
export function masksOf({ answers, windows, masks }: InnerProductsTask): Float64Array[] {
  let from = 0
  return (windows ?? answers.map((columns) => columns.length)).map((opened) => masks.subarray(from, (from += opened)))
}
