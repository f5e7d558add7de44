// For tests: honest messages of each class, and plain vectors dressed as them, from seeds.
import { randomBytes } from 'node:crypto'
import { pack, packedWords } from '#crypto/he/bits.ts'
import { N, setNamed } from '#crypto/he/params.ts'
import { SEED_BYTES } from '#crypto/he/raw.ts'
import {
  fieldsOf,
  freshShape,
  HEADER_BYTES,
  headerOf,
  innerProductShape,
  isSeeded,
  publicKeyShape,
  slotAnswerShape,
  type WireShape,
  wireBytes,
} from '#crypto/he/wire.ts'

export const OWN_KEY = 'a1'.repeat(16)
export const PEER_KEY = 'b2'.repeat(16)

/** Every shape that crosses between parties. */
export const SHAPES: readonly WireShape[] = [
  freshShape(setNamed('score'), OWN_KEY),
  freshShape(setNamed('gradient'), OWN_KEY),
  slotAnswerShape(setNamed('score'), PEER_KEY),
  innerProductShape(setNamed('gradient'), PEER_KEY, 5, 1024),
]
export const KEY_SHAPES: readonly WireShape[] = [
  publicKeyShape(setNamed('score')),
  publicKeyShape(setNamed('gradient')),
  freshShape(setNamed('trees'), OWN_KEY),
  innerProductShape(setNamed('trees'), PEER_KEY, 8, 1024),
  publicKeyShape(setNamed('trees')),
]

/** Numbers in [0, limit) for field `field` of a ciphertext. */
export type Filling = (count: number, limit: number, field: number) => Float64Array

/** Bytes of this shape whose residues are what `fill` says. Widths up to 53 bits. */
export function dressed(shape: WireShape, fill: Filling): Uint8Array {
  const out = new Uint8Array(wireBytes(shape))
  out.set(headerOf(shape))
  let at = HEADER_BYTES
  if (isSeeded(shape)) {
    out.set(randomBytes(SEED_BYTES), at)
    at += SEED_BYTES
  }
  const body = new Uint32Array(out.buffer, at)
  let word = 0
  let field = 0
  for (const name of shape.kind === 'answer' ? (['c0', 'c1'] as const) : (['c0'] as const)) {
    const count = name === 'c0' ? shape.count : N
    for (const { width, limit } of fieldsOf(shape, name)) {
      const values = fill(count, Number(limit), field)
      const most = Number(limit) - 1
      const pairs = new Uint32Array(2 * count)
      for (let i = 0; i < count; i++) {
        const value = Math.min(most, Math.max(0, Math.floor(values[i] as number)))
        pairs[2 * i] = value
        pairs[2 * i + 1] = value / 2 ** 32
      }
      pack(pairs, width, body, word)
      word += packedWords(count, width)
      field += 1
    }
  }
  return out
}

/** A ciphertext or key of this shape as the library makes them: residues of primes just below a power of two are random bits. */
export function honest(shape: WireShape): Uint8Array {
  const out = new Uint8Array(randomBytes(wireBytes(shape)))
  out.set(headerOf(shape))
  return out
}

/** Numbers in [0, 1) from a seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** As random as residues are. */
export const uniform: Filling = (count, limit) => {
  const bytes = randomBytes(6 * count + 2)
  return filled(count, (i) => (bytes.readUIntLE(6 * i, 6) / 2 ** 48) * limit)
}

type Plain = (next: () => number, size: number) => Filling

/** Plain vectors as a party has them: `next` draws, `size` varies their magnitude. */
const PLAIN: Readonly<Record<string, Plain>> = {
  zeros: () => (count) => new Float64Array(count),
  'small integers': (next, size) => (count) => filled(count, () => next() * (2 + size)),
  labels: (next) => (count) => filled(count, () => (next() < 0.2 ? 1 : 0)),
  'signed values in fixed point': (next, size) => (count, limit) =>
    filled(count, () => (limit + Math.round(normal(next) * 2 ** (size % 5))) % limit),
  'incomes over the whole range': (next) => (count, limit) =>
    filled(count, () => (Math.exp(normal(next) / 2) / 40) * limit),
  'a counter': (_, size) => (count, limit) => filled(count, (i) => (size * 1000 + i) % limit),
  'sorted values': () => (count, limit) => filled(count, (i) => (i / (count + 8)) * limit),
  identifiers: (next) => (count, limit) =>
    poured(count, limit, (i) => `11010519${49 + (i % 50)}0${Math.floor(next() * 9)}31${i}X`),
  'base64 text': (next) => (count, limit) =>
    poured(count, limit, (i) => Buffer.from(`${i}-row-${next()}`).toString('base64')),
  'one plain field among random ones': (next, size) => (count, limit, field) =>
    field === 3 ? filled(count, () => next() ** 2 * Math.min(100 + size, limit)) : uniform(count, limit, field),
  'a constant': (next) => (count, limit) => new Float64Array(count).fill(Math.floor(next() * limit)),
  'every second value plain': (next) => (count, limit, field) =>
    uniform(count, limit, field).map((value, i) => (i % 2 === 0 ? value : next() * 20)),
}
export const PLAIN_NAMES = Object.keys(PLAIN)

/** A plain vector of this kind dressed as a ciphertext of this shape. */
export function plainDressed(shape: WireShape, name: string, seed: number): Uint8Array {
  const plain = PLAIN[name] as Plain
  return dressed(shape, plain(numbersFrom(seed), seed % 1000))
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

/** A loop: with Float64Array.from ten thousand vectors take twice as long. */
function filled(count: number, valueAt: (i: number) => number): Float64Array {
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) values[i] = valueAt(i)
  return values
}

/** Text poured into residues, six bytes to one where they fit. */
function poured(count: number, limit: number, line: (i: number) => string): Float64Array {
  const text = Buffer.from(Array.from({ length: 512 }, (_, i) => line(i)).join('\n'))
  const take = limit >= 2 ** 48 ? 6 : limit >= 2 ** 24 ? 3 : 1
  const places = text.length - take
  return filled(count, (i) => text.readUIntLE((i * take) % places, take) % limit)
}
