// Inside one library instance: handles come back also after refusals, answers keep their headroom, translation of throws.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expandUniform } from '../prg.ts'
import { T } from '../ring.ts'
import { type KeyMaterial, Operations } from './operations.ts'
import {
  floodBits,
  MAX_ONE_NORM,
  maxFloodBits,
  multiplierNoise,
  N,
  type SetName,
  setNamed,
  slotNoise,
} from './params.ts'
import { parseWire } from './parse.ts'
import { compileSeal, liveHandles, SealSet, sealRefusals, startSeal } from './seal.ts'
import { innerProductShape, publicKeyShape, secretKeyShape, slotAnswerShape, type WireShape } from './wire.ts'

type Library = Awaited<ReturnType<typeof startSeal>>
const refused = (code: string) => expect.objectContaining({ code })
const uniform = (label: string, n = N) => expandUniform(new Uint8Array(32).fill(9), label, n)

let library: Library
let he: Operations

beforeAll(async () => {
  library = await startSeal(await compileSeal())
  he = new Operations(library, 'kernel')
})
afterAll(() => he[Symbol.dispose]())

function newKey(set: SetName): KeyMaterial {
  return { set, id: randomBytes(16).toString('hex'), ...he.generateKey({ set }) }
}

/** Noise budget of an answer by the key owner's own SEAL. */
function budgetOf(key: KeyMaterial, answer: Uint8Array, shape: WireShape): number {
  using set = new SealSet(library, key.set)
  const secret = parseWire(key.secretWire as Uint8Array, secretKeyShape(set.set), set.parmsIds)
  using loaded = set.loadKey(parseWire(key.publicWire, publicKeyShape(set.set), set.parmsIds), secret)
  using cipher = set.loadCiphertext(parseWire(answer, shape, set.parmsIds))
  return set.noiseBudget(loaded, cipher)
}

describe('headroom', () => {
  test('the largest sums leave at least 4 bits in every answer of slots', () => {
    const key = newKey('score')
    const [ct] = [he.encrypt({ key, values: uniform('v') })]
    const accumulators = he.multiplySlots({
      key,
      cts: [ct],
      outputs: [[uniform('w')], [new Float64Array(N).fill((T - 1) / 2)]],
    })
    for (const bits of [floodBits(setNamed('score'), slotNoise(256)), maxFloodBits(setNamed('score'))]) {
      const answer = he.protectSlots({ key, accumulators, mask: uniform('m'), floodBits: bits })
      expect(budgetOf(key, answer, slotAnswerShape(setNamed('score'), key.id))).toBeGreaterThanOrEqual(4)
    }
  })

  test('the largest flooding leaves at least 4 bits in every answer of inner products', () => {
    const key = newKey('gradient')
    const prepared = he.prepare({ key, cts: [he.encrypt({ key, values: new Float64Array(N).fill(T - 1) })] })
    const columns = Array.from({ length: N }, () => Int32Array.of(2 ** 20))
    const bits = floodBits(setNamed('gradient'), multiplierNoise(MAX_ONE_NORM))
    const masks = uniform('m')
    const [answer] = he.innerProducts({
      key,
      prepared,
      answers: [columns],
      rowsPerBlock: 1,
      masks,
      floodBits: bits,
      oneNormBound: MAX_ONE_NORM,
    })
    const shape = innerProductShape(setNamed('gradient'), key.id, N, 1) // all coefficients released, so SEAL sees the whole c0
    expect(budgetOf(key, answer as Uint8Array, shape)).toBeGreaterThanOrEqual(4)
  })

  test('an owner refuses an answer whose features are larger than the bound its flooding came from', () => {
    const key = newKey('gradient')
    const prepared = he.prepare({ key, cts: [he.encrypt({ key, values: Float64Array.of(1, 1) })] })
    const work = {
      key,
      prepared,
      answers: [[Int32Array.of(600, -401)]],
      rowsPerBlock: 2,
      masks: Float64Array.of(0),
      floodBits: 80,
    }
    expect(() => he.innerProducts({ ...work, oneNormBound: 1000 })).toThrow(refused('he.noise'))
    expect(he.innerProducts({ ...work, oneNormBound: 1001 }).length).toBe(1)
  })
})

describe('handles', () => {
  test('every operation gives back what it took, also when it refuses', () => {
    const score = newKey('score')
    const gradient = newKey('gradient')
    const run = () => {
      const ct = he.encrypt({ key: score, values: uniform('v') })
      const accumulators = he.multiplySlots({ key: score, cts: [ct], outputs: [[uniform('w')], [uniform('x')]] })
      const answer = he.protectSlots({ key: score, accumulators, mask: uniform('m'), floodBits: 130 })
      he.decryptSlots({ key: score, wire: answer })
      const prepared = he.prepare({ key: gradient, cts: [he.encrypt({ key: gradient, values: uniform('d', 2) })] })
      const work = {
        key: gradient,
        prepared,
        answers: [[Int32Array.of(1, 2)], [Int32Array.of(3, 4)]],
        rowsPerBlock: 2,
        floodBits: 80,
        oneNormBound: 100,
      }
      he.innerProducts({ ...work, masks: Float64Array.of(1, 2) })
      const bad = Float64Array.of(T)
      expect(() => he.encrypt({ key: score, values: bad })).toThrow(refused('he.range'))
      expect(() => he.multiplySlots({ key: score, cts: [ct, ct], outputs: [[uniform('w'), bad]] })).toThrow(
        refused('he.range'),
      )
      expect(() => he.protectSlots({ key: score, accumulators, mask: bad, floodBits: 130 })).toThrow(
        refused('he.range'),
      )
      expect(() => he.decryptSlots({ key: score, wire: ct })).toThrow(refused('he.malformed'))
      expect(() => he.prepare({ key: gradient, cts: [ct] })).toThrow(refused('he.parameters'))
      expect(() => he.innerProducts({ ...work, masks: Float64Array.of(1, 2), oneNormBound: 1 })).toThrow(
        refused('he.noise'),
      )
      expect(() => he.innerProducts({ ...work, answers: [[Int32Array.of(2 ** 21, 0)]], masks: bad.fill(1) })).toThrow(
        refused('he.range'),
      )
    }
    run() // loads the keys that stay
    const before = liveHandles()
    run()
    expect(liveHandles()).toBe(before)
  })

  test('kept keys make room for new ones', () => {
    const use = (key: KeyMaterial) => he.encrypt({ key, values: Float64Array.of(1) })
    for (let i = 0; i < 9; i++) use({ ...newKey('score'), id: `${i}`.repeat(32) })
    const before = liveHandles()
    use({ ...newKey('score'), id: 'f'.repeat(32) })
    expect(liveHandles()).toBe(before)
  })

  test('what the library throws becomes he.seal with its text, and is counted', () => {
    using set = new SealSet(library, 'score')
    const before = { handles: liveHandles(), refusals: sealRefusals() }
    expect(() => set.loadCiphertext(new Uint8Array(200))).toThrow(refused('he.seal'))
    expect({ handles: liveHandles(), refusals: sealRefusals() }).toEqual({ ...before, refusals: before.refusals + 1 })
  })

  test('a parameter set that is not in the registry is refused', () => {
    expect(() => new SealSet(library, 'INSECURE_tiny' as SetName)).toThrow(refused('he.parameters'))
  })
})
