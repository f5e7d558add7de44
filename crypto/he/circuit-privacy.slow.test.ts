// Regressions of the published and measured attacks of a key owner on what it gets back (README, "Why flooding").
// Each has a positive control: the same attack on an answer that is masked and re-randomised but not flooded works.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expandUniform } from '../prg.ts'
import { centredLift, T } from '../ring.ts'
import type { Engine } from './engine.ts'
import { AttackingOwner, solveMultiplier } from './fixtures/key-owner.ts'
import { type KeyMaterial, Operations } from './operations.ts'
import { SHARED_PAGES } from './assembler.ts'
import { layoutOf } from './node-layout.ts'
import { floodBits, multiplierNoise, N, type SetName, setNamed, slotNoise, sumNoise } from './params.ts'
import { parseWire } from './parse.ts'
import { readCiphertext } from './raw.ts'
import { type Cipher, compileSeal, type SealKey, startSeal } from './seal.ts'
import { freshShape, innerProductShape, positionOf, publicKeyShape, slotAnswerShape, writeWire } from './wire.ts'

const ENGINES: readonly Engine[] = ['kernel', 'seal']

type Library = Awaited<ReturnType<typeof startSeal>>

let library: Library
let evaluators: Readonly<Record<Engine, Operations>>

beforeAll(async () => {
  library = await startSeal(await compileSeal())
  evaluators = { kernel: new Operations(library, 'kernel'), seal: new Operations(library, 'seal') }
})
afterAll(() => {
  for (const evaluator of Object.values(evaluators)) evaluator[Symbol.dispose]()
})

const uniform = (n: number) => expandUniform(randomBytes(32), 'attack', n)

function newKey(set: SetName): KeyMaterial {
  return { set, id: randomBytes(16).toString('hex'), ...evaluators.kernel.generateKey({ set }) }
}

/** What an evaluator without flooding would send: Σ ct·x masked by an encryption under the public key. */
function unprotected(owner: AttackingOwner, publicKey: SealKey, total: Cipher, mask: Float64Array): Float64Array {
  using plain = owner.he.encodeSlots(mask)
  using masked = owner.he.encryptPublic(publicKey, plain)
  owner.he.transformBack(total)
  owner.he.addInto(total, masked)
  return owner.noise(total)
}

function openFresh(owner: AttackingOwner, key: KeyMaterial, wire: Uint8Array): Cipher {
  return owner.he.loadCiphertext(parseWire(wire, freshShape(owner.he.set, key.id), owner.he.parmsIds))
}

describe('circuit privacy', () => {
  test('the private weights of slot products: read without flooding, at chance through protectSlots', () => {
    const evaluator = evaluators.kernel // the same for both
    const key = newKey('score')
    using owner = new AttackingOwner(library, key)
    using publicKey = owner.he.loadKey(parseWire(key.publicWire, publicKeyShape(owner.he.set), owner.he.parmsIds))
    const weights = uniform(N)
    using plain = owner.he.encodeSlots(weights)
    const truth = centredLift(owner.he.decodeCoefficients(plain))
    owner.he.transformPlain(plain)
    const seen = { fresh: [] as Float64Array[], unprotected: [] as Float64Array[], protected: [] as Float64Array[] }
    for (let k = 0; k < 3; k++) {
      const wire = evaluator.encrypt({ key, values: uniform(N) })
      using fresh = openFresh(owner, key, wire)
      seen.fresh.push(owner.noise(fresh))
      owner.he.transform(fresh)
      using product = owner.he.multiply(fresh, plain)
      seen.unprotected.push(unprotected(owner, publicKey, product, uniform(N)))
      const accumulators = evaluator.multiplySlots({ key, cts: [wire], outputs: [[weights]] })
      const bits = floodBits(setNamed('score'), slotNoise(1))
      const answer = evaluator.protectSlots({ key, accumulators, mask: uniform(N), floodBits: bits })
      using opened = owner.he.loadCiphertext(
        parseWire(answer, slotAnswerShape(owner.he.set, key.id), owner.he.parmsIds),
      )
      seen.protected.push(owner.noise(opened))
    }
    const near = (guess: Float64Array) =>
      guess.filter((x, i) => Math.abs(x - (truth[i] as number)) < T / 2 ** 21).length
    const signs = (guess: Float64Array) => guess.filter((x, i) => x > 0 === (truth[i] as number) > 0).length
    expect(near(solveMultiplier(seen.fresh, seen.unprotected))).toBe(N) // the control: 20 bits of every coefficient
    const guess = solveMultiplier(seen.fresh, seen.protected)
    expect(near(guess)).toBeLessThanOrEqual(3)
    expect(Math.abs(signs(guess) - N / 2)).toBeLessThan(6 * Math.sqrt(N / 4))
  })
})

describe('bin membership', () => {
  test.each(ENGINES)(
    '%s: who is in a private bin: read without flooding, at chance through innerProducts',
    (engine) => {
      const evaluator = evaluators[engine]
      const rows = 40
      const key = newKey('gradient')
      using owner = new AttackingOwner(library, key)
      using publicKey = owner.he.loadKey(parseWire(key.publicWire, publicKeyShape(owner.he.set), owner.he.parmsIds))
      const inBin = Int32Array.from(randomBytes(rows), (byte, i) => (i < 2 ? i : byte & 1))
      const wires = Array.from({ length: rows }, (_, i) => evaluator.encrypt({ key, values: Float64Array.of(i % 2) }))
      const fingerprints = wires.map((wire) => {
        using fresh = openFresh(owner, key, wire)
        return owner.noise(fresh)
      })
      const guess = (noise: Float64Array) =>
        fingerprints.map((print) => (dot(noise, print) > dot(print, print) / 2 ? 1 : 0))

      using total = openFresh(owner, key, wires[1] as Uint8Array) // row 1 is in the bin, row 0 is not
      for (let i = 2; i < rows; i++) {
        using row = openFresh(owner, key, wires[i] as Uint8Array)
        if (inBin[i] === 1) owner.he.addInto(total, row)
      }
      owner.he.transform(total)
      expect(guess(unprotected(owner, publicKey, total, uniform(N)))).toEqual([...inBin]) // the control

      // every coefficient of the answer is released, as an answer with N columns releases it: the owner's best case
      const columns = Array.from({ length: N }, (_, j) => (j === 0 ? inBin : new Int32Array(rows)))
      const [answer] = evaluator.innerProducts({
        key,
        prepared: evaluator.prepare({ key, cts: wires }),
        answers: [columns],
        rowsPerBlock: 1,
        masks: uniform(N),
        floodBits: floodBits(setNamed('gradient'), multiplierNoise(rows)),
        oneNormBound: rows,
      })
      const shape = innerProductShape(owner.he.set, key.id, N, 1)
      using opened = owner.he.loadCiphertext(parseWire(answer as Uint8Array, shape, owner.he.parmsIds))
      const hits = guess(owner.noise(opened)).filter((bit, i) => bit === inBin[i]).length
      expect(Math.abs(hits - rows / 2)).toBeLessThan(6 * Math.sqrt(rows / 4))
    },
  )
})

describe('cells of a tree', () => {
  test.each(ENGINES)(
    '%s: noise planted row by row: read from unprotected sums, drowned in the answers of a node',
    (engine) => {
      const evaluator = evaluators[engine]
      const key = newKey('trees')
      const set = setNamed('trees')
      using owner = new AttackingOwner(library, key)
      using publicKey = owner.he.loadKey(parseWire(key.publicWire, publicKeyShape(set), owner.he.parmsIds))
      const [windows, rows] = [8, 16]
      const blockRows = N / windows
      const cells = Uint8Array.from({ length: blockRows }, (_, r) => (r < rows ? (randomBytes(1)[0] as number) & 7 : 8))
      // The owner adds 2^(14 + r) to c0 in row r: its plaintext stays what it was, and the noise of a sum names its rows.
      const shape = { parmsId: set.parmsId, primes: set.dataPrimes.length, ntt: false, seeded: true }
      const honest = evaluator.encrypt({ key, values: new Float64Array(rows) })
      const raw = readCiphertext(parseWire(honest, freshShape(set, key.id), owner.he.parmsIds), shape)
      const words = new BigUint64Array(raw.words.buffer, raw.words.byteOffset, raw.words.length / 2)
      for (const [j, prime] of set.dataPrimes.entries()) {
        for (let r = 0; r < rows; r++)
          words[j * N + r] = ((words[j * N + r] as bigint) + (1n << BigInt(14 + r))) % prime
      }
      const planted = writeWire(freshShape(set, key.id), raw.words, raw.seed)
      const readCells = (noise: Float64Array) =>
        Array.from({ length: rows }, (_, r) =>
          Array.from({ length: windows }, (_, cell) => {
            const at = noise[positionOf(cell, blockRows)] as number
            return Math.floor((at + 2 ** 13) / 2 ** (14 + r)) % 2 !== 0
          }),
        )
      const truth = Array.from({ length: rows }, (_, r) =>
        Array.from({ length: windows }, (_, cell) => cells[r] === cell),
      )

      using total = openFresh(owner, key, planted)
      const mask = new Float64Array(N)
      for (let r = 0; r < rows; r++) mask[positionOf(cells[r] as number, blockRows) - r] = 1
      using plain = owner.he.encodeCoefficients(mask)
      owner.he.transformPlain(plain)
      owner.he.transform(total)
      using product = owner.he.multiply(total, plain)
      owner.he.transformBack(product)
      using nothing = owner.he.encodeCoefficients(new Float64Array(1))
      using masked = owner.he.encryptPublic(publicKey, nothing)
      owner.he.addInto(product, masked)
      expect(readCells(owner.noise(product))).toEqual(truth) // the control

      const layout = { set: 'trees' as const, windows, nodes: 1, blocks: 1, groups: 1, columns: 1, slots: 1 }
      const pages = Math.ceil(layoutOf(layout).end / 65_536)
      const memory = new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true })
      const place = { key: { ...key, set: 'trees' as const }, shape: layout, memory, slot: 0 }
      evaluator.prepareNodeKey(place)
      evaluator.prepareNodeBlocks({ ...place, blocks: [{ node: 0, block: 0, wire: planted }] })
      const bits = floodBits(set, sumNoise(rows))
      const task = { keyId: key.id, columns: [{ cells, count: windows }], windows, floodBits: bits }
      const answerShape = innerProductShape(set, key.id, windows, blockRows)
      const answers = 40
      const seen = { inside: 0, outside: 0 }
      let squares = 0
      for (let k = 0; k < answers; k++) {
        // every other one masked, as a member of a group answers
        const masks = [
          BigUint64Array.from(
            new BigUint64Array(Uint8Array.from(randomBytes(8 * windows)).buffer),
            (mask) => mask >> 14n,
          ),
        ]
        const [answer] = evaluator.sumNodeColumns({ ...place, task: k % 2 === 0 ? task : { ...task, masks } })
        using opened = owner.he.loadCiphertext(parseWire(answer as Uint8Array, answerShape, owner.he.parmsIds))
        const noise = owner.noise(opened)
        for (const [r, bits] of readCells(noise).entries()) {
          for (const [cell, bit] of bits.entries()) if (bit) seen[truth[r]?.[cell] === true ? 'inside' : 'outside'] += 1
        }
        for (let cell = 0; cell < windows; cell++)
          squares += ((noise[positionOf(cell, blockRows)] as number) / 2 ** bits) ** 2
      }
      // The bits that named the rows are no more frequent inside their cells; the noise is spread as uniform in ±2^f, plus
      // what switching to the answer's prime adds.
      const inside = answers * rows
      const advantage = seen.inside / inside - seen.outside / (7 * inside)
      expect(Math.abs(advantage)).toBeLessThan(6 * Math.sqrt(1 / (4 * inside) + 1 / (28 * inside)))
      const spread = squares / (answers * windows)
      expect(spread).toBeGreaterThan(1 / 3 - 6 * Math.sqrt(4 / 45 / (answers * windows)))
    },
  )
})

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, x, i) => total + x * (b[i] as number), 0)
}
