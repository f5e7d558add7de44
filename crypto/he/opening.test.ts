// Answers to sums of trees, opened by way of the phase and by SEAL's BFV decryption: the same values, whatever the ciphertext.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Opening } from './opening.ts'
import { N, setNamed } from './params.ts'
import { PhaseKernel } from './phase-kernel.ts'
import { newCiphertext } from './raw.ts'
import { compileSeal, liveHandles, type Plain, type Seal, SealSet, startSeal } from './seal.ts'
import { SealPhases } from './seal-phases.ts'
import { HEADER_BYTES, innerProductShape, positionOf, writeAnswer } from './wire.ts'

const WINDOWS = [4, 8, 16, 32, 64] as const
const KEY_ID = '5a'.repeat(16)
const P = setNamed('trees').dataPrimes[0] as bigint
const refused = (code: string) => expect.objectContaining({ code })

let library: Seal
beforeAll(async () => {
  library = await startSeal(await compileSeal())
})

function residues(count: number): BigUint64Array {
  return new BigUint64Array(Uint8Array.from(randomBytes(8 * count)).buffer).map((word) => word % P)
}

/** What X becomes in SEAL's transformed form. */
function rootsOf(phases: SealPhases): BigUint64Array {
  phases.polynomials().fill(0)
  phases.polynomials()[2] = 1
  return new BigUint64Array(phases.transform().slice(0, 8 * N).buffer)
}

/** Coefficients of a polynomial, by the kernel from the form that SEAL transforms it to. */
function backAndForth(phases: SealPhases, kernel: PhaseKernel, polynomial: BigUint64Array, windows: number): bigint[] {
  phases.polynomials().set(new Uint32Array(polynomial.buffer))
  kernel.values().set(phases.transform().subarray(0, 8 * N))
  return kernel.coefficients(windows)
}

test.each(WINDOWS)('coefficients of %i windows, from the form that SEAL transforms to', (windows) => {
  using phases = new SealPhases(library, P)
  const kernel = new PhaseKernel(P, windows, rootsOf(phases))
  const shown = (polynomial: BigUint64Array) =>
    Array.from({ length: windows }, (_, k) => polynomial[positionOf(k, N / windows)])
  const ends = [0n, 1n, P - 1n, P / 2n, P / 2n + 1n, (1n << 30n) - 1n, 1n << 30n]
  const examples = ends.map((end) => new BigUint64Array(N).fill(end))
  for (const polynomial of [...examples, residues(N), residues(N)]) {
    expect(backAndForth(phases, kernel, polynomial, windows)).toEqual(shown(polynomial))
  }
  // of a form at the ends of its range nothing is known but what the sum says
  kernel.values().set(new Uint8Array(new BigUint64Array(N).fill(P - 1n).buffer))
  const all = kernel.coefficients(windows)
  kernel.values().set(new Uint8Array(new BigUint64Array(N).fill(1n).buffer))
  expect(all).toEqual(kernel.coefficients(windows).map((value) => (P - value) % P))
  expect(all).toEqual(all.map(() => 0n)) // the constant polynomial −1: its only coefficient is none of these
})

test('other roots give other coefficients, and what was opened is forgotten', () => {
  using phases = new SealPhases(library, P)
  const roots = rootsOf(phases)
  const polynomial = residues(N)
  const expected = backAndForth(phases, new PhaseKernel(P, 8, roots), polynomial, 8)
  const kernel = new PhaseKernel(P, 8, roots.toReversed())
  expect(backAndForth(phases, kernel, polynomial, 8)).not.toEqual(expected)
  expect(kernel.values().some((byte) => byte !== 0)).toBe(true)
  kernel.forget()
  expect(kernel.values().every((byte) => byte === 0)).toBe(true)
})

describe.each(['trees', 'trees-wide'] as const)('%s', (name) => {
  const set = setNamed(name)

  test.each(WINDOWS)('any answers of %i windows open to what SEAL decrypts them to', (windows) => {
    const before = liveHandles()
    {
      using he = new SealSet(library, name)
      using opening = new Opening(library, he)
      const saved = he.generateKey()
      using key = he.loadKey(saved.publicKey, saved.secretKey)
      using phaseKey = opening.loadKey(saved.secretKey)
      const rows = N / windows
      /** an answer of these residues, and the values that SEAL finds at its asked coefficients */
      const answer = (shown: number) => {
        const [first, second] = [residues(shown), residues(N)]
        const raw = newCiphertext({ parmsId: he.parmsIds[1] as string, primes: 1, ntt: false, seeded: false })
        const words = new BigUint64Array(raw.words.buffer, raw.words.byteOffset, 2 * N)
        for (const [k, residue] of first.entries()) words[positionOf(k, rows)] = residue
        words.set(second, N)
        using cipher = he.loadCiphertext(raw.bytes)
        using plain = he.decrypt(key, cipher)
        const shape = innerProductShape(set, KEY_ID, shown, rows)
        const wire = writeAnswer(shape, new Uint32Array(first.buffer), new Uint8Array(second.buffer))
        return { wire, values: he.decodeSome(plain, positionOf(0, rows), rows, shown) }
      }
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 3 * windows }), (cells) => {
          const counts = Array.from({ length: Math.ceil(cells / windows) }, (_, i) =>
            Math.min(windows, cells - i * windows),
          )
          const answers = counts.map(answer)
          const wires = answers.map(({ wire }) => wire)
          const opened = opening.open(phaseKey, KEY_ID, wires, windows, cells)
          expect([...opened]).toEqual(answers.flatMap(({ values }) => [...values]))
        }),
        { numRuns: 4, examples: [[1], [windows], [2 * windows + 1]] },
      )
    }
    expect(liveHandles()).toBe(before)
  })

  test('answers that are refused leave nothing behind', () => {
    using he = new SealSet(library, name)
    using opening = new Opening(library, he)
    const { publicKey, secretKey } = he.generateKey()
    using key = he.loadKey(publicKey, secretKey)
    using phaseKey = opening.loadKey(secretKey)
    using plain = he.encodeCoefficients(new Float64Array(N).fill(7))
    using cipher = he.encryptPublic(key, plain)
    he.switchTo(cipher, 1)
    const words = new BigUint64Array(he.saveCiphertext(cipher).slice(-16 * N).buffer)
    const first = BigUint64Array.from({ length: 8 }, (_, k) => words[positionOf(k, N / 8)] as bigint)
    const shape = innerProductShape(set, KEY_ID, 8, N / 8)
    const wire = writeAnswer(shape, new Uint32Array(first.buffer), new Uint8Array(words.buffer, 8 * N))
    const sevens = new Float64Array(16).fill(7)
    const open = (...wires: Uint8Array[]) => opening.open(phaseKey, KEY_ID, wires, 8, 8 * wires.length)
    expect(open(wire, wire)).toEqual(sevens)
    const zero = Uint8Array.from(wire).fill(0, HEADER_BYTES + 60) // eight residues of 60 bits, then c1
    const large = Uint8Array.from(wire).fill(255, wire.length - 16)
    for (const other of [zero, large, wire.subarray(4), new Uint8Array(0)]) {
      expect(() => open(wire, other)).toThrow(refused('he.malformed'))
      expect(() => open(other, wire)).toThrow(refused('he.malformed'))
    }
    expect(() => opening.open(phaseKey, 'a5'.repeat(16), [wire], 8, 8)).toThrow(refused('he.wrong-key'))
    expect(open(wire, wire)).toEqual(sevens)
  })
})

test('another result than that of SEAL is an error, and sets whose answers have more primes are refused', () => {
  class OtherSet extends SealSet {
    override decodeSome(plain: Plain, first: number, step: number, count: number): Float64Array {
      return super.decodeSome(plain, first, step, count).map((value, k) => (k === count - 1 ? value + 1 : value))
    }
  }
  using other = new OtherSet(library, 'trees')
  using opening = new Opening(library, other)
  using key = opening.loadKey(other.generateKey().secretKey)
  expect(() => opening.open(key, KEY_ID, [], 8, 0)).toThrow(refused('he.seal'))
  using gradient = new SealSet(library, 'gradient')
  expect(() => new Opening(library, gradient)).toThrow(refused('he.parameters'))
})
