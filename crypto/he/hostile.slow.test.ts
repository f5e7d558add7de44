// Hostile bytes against the strict parser: all refused before SEAL, by code, with no handle left behind.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { T } from '../ring.ts'
import { SHARED_PAGES } from './assembler.ts'
import { layoutOf } from './node-layout.ts'
import type { NodePlace } from './node-operations.ts'
import { type KeyMaterial, Operations } from './operations.ts'
import { packedWords } from './bits.ts'
import { N, setNamed } from './params.ts'
import { compileSeal, liveHandles, sealRefusals, startSeal } from './seal.ts'
import { HEADER_BYTES, wireBytes, freshShape } from './wire.ts'

let he: Operations
type Set = 'score' | 'gradient' | 'trees'
let keys: Record<Set, KeyMaterial>
let fresh: Record<Set, Uint8Array>
let answers: Record<Set, Uint8Array>
let nodes: NodePlace
const ID = 'ab'.repeat(16)

function floats(...values: number[]): Float64Array {
  return Float64Array.of(...values)
}

beforeAll(async () => {
  he = new Operations(await startSeal(await compileSeal()), 'kernel')
  keys = {
    score: { set: 'score', id: ID, ...he.generateKey({ set: 'score' }) },
    gradient: { set: 'gradient', id: ID, ...he.generateKey({ set: 'gradient' }) },
    trees: { set: 'trees', id: ID, ...he.generateKey({ set: 'trees' }) },
  }
  fresh = {
    score: he.encrypt({ key: keys.score, values: floats(1, 2) }),
    gradient: he.encrypt({ key: keys.gradient, values: floats(3, 4) }),
    trees: he.encrypt({ key: keys.trees, values: floats(5, 6) }),
  }
  const accumulators = he.multiplySlots({ key: keys.score, cts: [fresh.score], outputs: [[floats(1, T - 1)]] })
  const prepared = he.prepare({ key: keys.gradient, cts: [fresh.gradient] })
  const answered = he.innerProducts({
    key: keys.gradient,
    prepared,
    answers: [[Int32Array.of(2, 3), Int32Array.of(-5, 7)]],
    rowsPerBlock: 1024,
    masks: floats(0, 0),
    floodBits: 80,
    oneNormBound: 1000,
  })
  const shape = { set: 'trees' as const, windows: 8, nodes: 1, blocks: 1, groups: 1, columns: 1, slots: 1 }
  const pages = Math.ceil(layoutOf(shape).end / 65_536)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true })
  nodes = { key: { ...keys.trees, set: 'trees' }, shape, memory, slot: 0 }
  he.prepareNodeKey(nodes)
  he.prepareNodeBlocks({ ...nodes, blocks: [{ node: 0, block: 0, wire: fresh.trees }] })
  const columns = [{ cells: new Uint8Array(1024), count: 2 }]
  const summed = he.sumNodeColumns({ ...nodes, task: { keyId: ID, columns, windows: 8, floodBits: 77 } })
  answers = {
    score: he.protectSlots({ key: keys.score, accumulators, mask: floats(0), floodBits: 130 }),
    gradient: answered[0] as Uint8Array,
    trees: summed[0] as Uint8Array,
  }
})
afterAll(() => he[Symbol.dispose]())

const openers = {
  'fresh score': (wire: Uint8Array) => he.multiplySlots({ key: keys.score, cts: [wire], outputs: [[floats(1)]] }),
  'fresh gradient': (wire: Uint8Array) => he.prepare({ key: keys.gradient, cts: [wire] }),
  'answer score': (wire: Uint8Array) => he.decryptSlots({ key: keys.score, wire }),
  'answer gradient': (wire: Uint8Array) =>
    he.decryptInnerProducts({ key: keys.gradient, wire, rowsPerBlock: 1024, columnCount: 2 }),
  'fresh trees': (wire: Uint8Array) => he.prepareNodeBlocks({ ...nodes, blocks: [{ node: 0, block: 0, wire }] }),
  'answer trees': (wire: Uint8Array) => he.decryptCells({ key: keys.trees, wires: [wire], windows: 8, cells: 2 }),
  'public key': (wire: Uint8Array) => he.checkPublicKey({ set: 'score', wire }),
} as const
type Target = keyof typeof openers
const TARGETS = Object.keys(openers) as Target[]

function sample(target: Target): Uint8Array<ArrayBuffer> {
  const source: Record<Target, Uint8Array> = {
    'fresh score': fresh.score,
    'fresh gradient': fresh.gradient,
    'answer score': answers.score,
    'answer gradient': answers.gradient,
    'fresh trees': fresh.trees,
    'answer trees': answers.trees,
    'public key': keys.score.publicWire,
  }
  return Uint8Array.from(source[target])
}

/** The code a target refuses these bytes with; 'accepted' when it does not. Nothing may reach SEAL or stay alive. */
function outcome(target: Target, wire: Uint8Array): string {
  const before = { handles: liveHandles(), refusals: sealRefusals() }
  let code = 'accepted'
  try {
    openers[target](wire)
  } catch (thrown) {
    code = thrown instanceof PlatformError ? thrown.code : String(thrown)
  }
  expect({ handles: liveHandles(), refusals: sealRefusals() }).toEqual(before)
  return code
}

type Mutation = readonly [name: string, code: string, mutate: (wire: Uint8Array<ArrayBuffer>) => Uint8Array]
const edit = (at: number, value: number) => (wire: Uint8Array<ArrayBuffer>) => {
  wire[at] = value
  return wire
}
const edit32 = (at: number, value: number) => (wire: Uint8Array<ArrayBuffer>) => {
  new DataView(wire.buffer).setUint32(at, value, true)
  return wire
}

const MUTATIONS: readonly Mutation[] = [
  ['empty', 'he.malformed', () => new Uint8Array()],
  ['8 bytes', 'he.malformed', (wire) => wire.subarray(0, 8)],
  ['header only', 'he.malformed', (wire) => wire.subarray(0, HEADER_BYTES)],
  ['half', 'he.malformed', (wire) => wire.subarray(0, wire.length >> 1)],
  ['50 bytes short', 'he.malformed', (wire) => wire.subarray(0, wire.length - 50)],
  ['one byte short', 'he.malformed', (wire) => wire.subarray(0, wire.length - 1)],
  ['one byte long', 'he.malformed', (wire) => new Uint8Array(Buffer.concat([wire, Buffer.alloc(1)]))],
  ['twice', 'he.malformed', (wire) => new Uint8Array(Buffer.concat([wire, wire]))],
  ['bad magic', 'he.malformed', edit(0, 0)],
  ['SEAL magic', 'he.malformed', (wire) => edit(1, 0xa1)(edit(0, 0x5e)(wire))],
  ['version 9', 'he.parameters', edit(2, 9)],
  ['version 0', 'he.parameters', edit(2, 0)],
  ['unknown set', 'he.parameters', edit(3, 7)],
  ['set 0', 'he.parameters', edit(3, 0)],
  ['unknown kind', 'he.malformed', edit(4, 9)],
  ['secret key kind', 'he.malformed', edit(4, 2)],
  ['level 0', 'he.malformed', edit(5, 0)],
  ['level 9', 'he.malformed', edit(5, 9)],
  ['level 16', 'he.malformed', edit(5, 16)],
  ['unknown form', 'he.malformed', edit(6, 3)],
  ['reserved byte', 'he.malformed', edit(7, 1)],
  ['no coefficients', 'he.malformed', edit32(8, 0)],
  ['2^31 coefficients', 'he.malformed', edit32(8, 2 ** 31)],
  ['one coefficient more', 'he.malformed', edit32(8, N + 1)],
  ['other rows a block', 'he.malformed', edit32(12, 512)],
  ['2^32 - 1 rows a block', 'he.malformed', edit32(12, 2 ** 32 - 1)],
  ['other key', 'he.wrong-key', edit(16, 1)],
  ['other key, last byte', 'he.wrong-key', edit(31, 1)],
  ['all residues at the top', 'he.malformed', (wire) => wire.fill(255, HEADER_BYTES + 64)],
  ['last residues at the top', 'he.malformed', (wire) => wire.fill(255, wire.length - 16)],
]

describe('hostile bytes', () => {
  test.each(TARGETS)('the %s as made is accepted', (target) => {
    expect(outcome(target, sample(target))).toBe('accepted')
  })

  test.each(TARGETS)('every mutation of the %s is refused before SEAL', (target) => {
    const refusedWith = MUTATIONS.map(([name, , mutate]) => [name, outcome(target, mutate(sample(target)))])
    expect(refusedWith).toEqual(MUTATIONS.map(([name, code]) => [name, code]))
  })

  test.each(['fresh score', 'fresh gradient', 'fresh trees', 'public key'] as const)(
    'a zero seed in the %s is refused',
    (target) => {
      expect(outcome(target, sample(target).fill(0, HEADER_BYTES, HEADER_BYTES + 64))).toBe('he.malformed')
    },
  )

  test('an answer with c1 = 0 (transparent) is refused', () => {
    expect(outcome('answer score', sample('answer score').fill(0, HEADER_BYTES + 59_392))).toBe('he.malformed')
    expect(outcome('answer gradient', sample('answer gradient').fill(0, HEADER_BYTES + 4 + 8 + 8))).toBe('he.malformed')
    expect(outcome('answer trees', sample('answer trees').fill(0, HEADER_BYTES + 16))).toBe('he.malformed')
  })

  test('a set padding bit after the released coefficients is refused', () => {
    const wire = sample('answer gradient')
    const end = HEADER_BYTES + 4 * packedWords(2, 7)
    wire[end - 1] = 0x80
    expect(outcome('answer gradient', wire)).toBe('he.malformed')
  })

  test('one kind disguised as another is refused', () => {
    expect(outcome('answer score', sample('fresh score'))).toBe('he.malformed')
    expect(outcome('fresh score', sample('answer score'))).toBe('he.malformed')
    expect(outcome('fresh score', sample('fresh gradient'))).toBe('he.parameters')
    expect(outcome('public key', sample('fresh score'))).toBe('he.malformed')
    expect(wireBytes(freshShape(setNamed('score'), ID))).toBe(sample('fresh score').length)
  })

  test('any bit flip ends in acceptance or a refusal by code, never in SEAL', () => {
    const flips = fc.tuple(fc.constantFrom(...TARGETS), fc.nat(), fc.integer({ min: 0, max: 7 }), fc.boolean())
    fc.assert(
      fc.property(flips, ([target, position, bit, inHeader]) => {
        const wire = sample(target)
        const at = position % (inHeader ? HEADER_BYTES : wire.length)
        wire[at] = (wire[at] as number) ^ (1 << bit)
        const code = outcome(target, wire)
        expect(['accepted', 'he.malformed', 'he.parameters', 'he.wrong-key']).toContain(code)
        if (at < HEADER_BYTES) expect(code).not.toBe('accepted')
      }),
      { numRuns: 150 },
    )
  })

  test('any bytes of the right length behind a right header never reach a SEAL exception', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TARGETS),
        fc.uint8Array({ minLength: 200, maxLength: 200 }),
        fc.nat(),
        (target, noise, position) => {
          const wire = sample(target)
          const at = HEADER_BYTES + (position % (wire.length - HEADER_BYTES - noise.length))
          wire.set(noise, at)
          expect(['accepted', 'he.malformed']).toContain(outcome(target, wire))
        },
      ),
      { numRuns: 60 },
    )
  })
})
