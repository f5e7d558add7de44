// Our own byte format of keys and ciphertexts. Residues are packed at the true width of their prime, fresh ciphertexts
// and public keys carry SEAL's 64-byte seed in the place of their second polynomial, and an answer to inner products
// carries only the coefficients of c0 that were asked for; answers are shortened by truncate.ts. All integers little-endian.
//
// header 32 bytes: magic u16 | version u8 | set u8 | kind u8 | primes u8 | form u8 | 0 | coefficients of c0 u32
//                  | rows a block u32 (inner products, else 0) | key id 16 bytes (zero in keys)
// body: seed 64 (fresh, public key) | c0, prime by prime | c1, prime by prime (answers); each padded to 32 bits
import { pack, packedWords, unpack } from './bits.ts'
import type { HeSet, SetName } from './params.ts'
import { keyPrimes, N } from './params.ts'
import { readDoubles, SEED_BYTES, writeDoubles } from './raw.ts'
import { truncate, untruncate } from './truncate.ts'

export const HEADER_BYTES = 32
export const MAGIC = 0x4854
export const VERSION = 1

export const KINDS = { publicKey: 1, secretKey: 2, fresh: 3, answer: 4 } as const
export const FORMS = { none: 0, slot: 1, coefficient: 2 } as const

export type Kind = keyof typeof KINDS
export type Form = keyof typeof FORMS

/** What a receiver expects, which decides every byte of the header and the exact length. */
export interface WireShape {
  readonly set: HeSet
  readonly kind: Kind
  readonly form: Form
  /** hex of 16 bytes; '' in keys */
  readonly keyId: string
  /** coefficients of c0: N, or the columns of an answer to inner products */
  readonly count: number
  readonly rowsPerBlock: number
}

export function publicKeyShape(set: HeSet): WireShape {
  return { set, kind: 'publicKey', form: 'none', keyId: '', count: N, rowsPerBlock: 0 }
}

export function secretKeyShape(set: HeSet): WireShape {
  return { set, kind: 'secretKey', form: 'none', keyId: '', count: N, rowsPerBlock: 0 }
}

export function freshShape(set: HeSet, keyId: string): WireShape {
  return { set, kind: 'fresh', form: formOf(set.name), keyId, count: N, rowsPerBlock: 0 }
}

export function slotAnswerShape(set: HeSet, keyId: string): WireShape {
  return { set, kind: 'answer', form: 'slot', keyId, count: N, rowsPerBlock: 0 }
}

/** Inner products of `columns` columns against blocks of `rowsPerBlock` rows. */
export function innerProductShape(set: HeSet, keyId: string, columns: number, rowsPerBlock: number): WireShape {
  return { set, kind: 'answer', form: 'coefficient', keyId, count: columns, rowsPerBlock }
}

/** Where the inner product of column `column` of an answer stands: the top of its window of rowsPerBlock coefficients. */
export function positionOf(column: number, rowsPerBlock: number): number {
  return column * rowsPerBlock + rowsPerBlock - 1
}

/** The primes whose residues an object of this shape carries. */
export function primesOf(shape: WireShape): readonly bigint[] {
  if (shape.kind === 'publicKey' || shape.kind === 'secretKey') return keyPrimes(shape.set)
  return shape.kind === 'fresh' ? shape.set.dataPrimes : shape.set.dataPrimes.slice(0, shape.set.answerPrimes)
}

export function isSeeded(shape: WireShape): boolean {
  return shape.kind === 'publicKey' || shape.kind === 'fresh'
}

/** Answers of sets that drop low bits carry digits of mixed radix, all others residues. */
function isTruncated({ kind, set }: WireShape): boolean {
  return kind === 'answer' && set.answerDrop.c1 > 0
}

/** How one polynomial is packed: for each prime (or digit, in answers) a width and the first value that is too large. */
export interface Field {
  readonly width: number
  readonly limit: bigint
}

export function fieldsOf(shape: WireShape, polynomial: 'c0' | 'c1'): readonly Field[] {
  return primesOf(shape).map((prime, j) => {
    const drop = shape.kind === 'answer' && j === 0 ? shape.set.answerDrop[polynomial] : 0
    return { width: widthOf(prime) - drop, limit: ((prime - 1n) >> BigInt(drop)) + 1n }
  })
}

/** The exact length of an object of this shape. */
export function wireBytes(shape: WireShape): number {
  const polynomial = (name: 'c0' | 'c1', count: number) =>
    fieldsOf(shape, name).reduce((words, { width }) => words + packedWords(count, width), 0)
  const second = shape.kind === 'answer' ? polynomial('c1', N) : 0
  return HEADER_BYTES + (isSeeded(shape) ? SEED_BYTES : 0) + 4 * (polynomial('c0', shape.count) + second)
}

/** The header that an object of this shape must carry, byte for byte. */
export function headerOf(shape: WireShape): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  view.setUint16(0, MAGIC, true)
  header.set([VERSION, shape.set.wireId, KINDS[shape.kind], primesOf(shape).length, FORMS[shape.form]], 2)
  view.setUint32(8, shape.count, true)
  view.setUint32(12, shape.rowsPerBlock, true)
  header.set(Buffer.from(shape.keyId, 'hex'), 16)
  return header
}

/** Wire bytes of an object from its residues (low and high halves, as in raw.ts) and its seed. */
export function writeWire(shape: WireShape, words: Uint32Array, seed: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(wireBytes(shape))
  out.set(headerOf(shape))
  if (isSeeded(shape)) out.set(seed, HEADER_BYTES)
  const body = new Uint32Array(out.buffer, HEADER_BYTES + (isSeeded(shape) ? SEED_BYTES : 0))
  const primes = primesOf(shape)
  const first = primes.map((_, j) => askedResidues(shape, words, j))
  const at = packAll(shape, 'c0', first, body, 0)
  if (shape.kind === 'answer') {
    const second = primes.map((_, j) => words.subarray(2 * N * (primes.length + j), 2 * N * (primes.length + j + 1)))
    packAll(shape, 'c1', second, body, at)
  }
  return out
}

/** Wire bytes of a fresh ciphertext. residues: of c0, 64 bits each, prime by prime; they may begin at any byte. */
export function writeFresh(shape: WireShape, residues: Uint8Array, seed: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(wireBytes(shape))
  out.set(headerOf(shape))
  out.set(seed, HEADER_BYTES)
  const body = new Uint32Array(out.buffer, HEADER_BYTES + SEED_BYTES)
  fieldsOf(shape, 'c0').reduce(
    (at, { width }, j) => pack(residues.subarray(8 * N * j, 8 * N * (j + 1)), width, body, at),
    0,
  )
  return out
}

/** Wire bytes of an answer at one prime: its asked coefficients of c0, and c1; residues of 64 bits. */
export function writeAnswer(shape: WireShape, first: Uint32Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(wireBytes(shape))
  out.set(headerOf(shape))
  const body = new Uint32Array(out.buffer, HEADER_BYTES)
  const { width } = fieldsOf(shape, 'c1')[0] as Field
  pack(second, width, body, pack(first, width, body, 0))
  return out
}

/** Packs one polynomial, truncated in answers; returns the word after it. */
function packAll(
  shape: WireShape,
  name: 'c0' | 'c1',
  residues: readonly Uint32Array[],
  body: Uint32Array,
  from: number,
): number {
  const digits = isTruncated(shape) ? truncatePairs(shape, name, residues) : residues
  return fieldsOf(shape, name).reduce((at, { width }, j) => pack(digits[j] as Uint32Array, width, body, at), from)
}

function truncatePairs(shape: WireShape, name: 'c0' | 'c1', residues: readonly Uint32Array[]): Uint32Array[] {
  const values = residues.map((pairs) => {
    const out = new Float64Array(pairs.length / 2)
    readDoubles(pairs, out)
    return out
  })
  return truncate(values, primesOf(shape), shape.set.answerDrop[name]).map(pairsOf)
}

/** The inverse of packAll: residues of `count` coefficients by prime, or the index of the field that is malformed. */
export function unpackAll(
  shape: WireShape,
  name: 'c0' | 'c1',
  count: number,
  body: Uint32Array,
  from: number,
): { readonly residues: readonly Uint32Array[]; readonly end: number; readonly zero: boolean } | number {
  let end = from
  const fields: Uint32Array[] = []
  for (const [j, { width, limit }] of fieldsOf(shape, name).entries()) {
    const pairs = new Uint32Array(2 * count)
    end = unpack(body, end, count, width, limit, pairs)
    if (end < 0) return j
    fields.push(pairs)
  }
  const zero = fields.every((pairs) => pairs.every((word) => word === 0))
  if (!isTruncated(shape)) return { residues: fields, end, zero }
  const digits = fields.map((pairs) => {
    const out = new Float64Array(count)
    readDoubles(pairs, out)
    return out
  })
  const residues = untruncate(digits, primesOf(shape), shape.set.answerDrop[name]).map(pairsOf)
  return { residues, end, zero }
}

function pairsOf(values: Float64Array): Uint32Array {
  const pairs = new Uint32Array(2 * values.length)
  writeDoubles(values, pairs)
  return pairs
}

/** c0 modulo prime j: all of it, or the coefficients asked for, gathered. */
export function askedResidues(shape: WireShape, words: Uint32Array, j: number): Uint32Array {
  const residues = words.subarray(2 * N * j, 2 * N * (j + 1))
  if (shape.rowsPerBlock === 0) return residues
  const asked = new Uint32Array(2 * shape.count)
  for (let column = 0; column < shape.count; column++) {
    const at = 2 * positionOf(column, shape.rowsPerBlock)
    asked.set(residues.subarray(at, at + 2), 2 * column)
  }
  return asked
}

/** Puts what askedResidues gathered back where it stood. */
export function restoreAsked(shape: WireShape, asked: Uint32Array, words: Uint32Array, j: number): void {
  if (shape.rowsPerBlock === 0) {
    words.set(asked, 2 * N * j)
    return
  }
  for (let column = 0; column < shape.count; column++) {
    const at = 2 * N * j + 2 * positionOf(column, shape.rowsPerBlock)
    words.set(asked.subarray(2 * column, 2 * column + 2), at)
  }
}

/** Bits of a residue. */
export function widthOf(prime: bigint): number {
  return prime.toString(2).length
}

function formOf(name: SetName): Form {
  return name === 'score' ? 'slot' : 'coefficient'
}
