// Packing of residues at their true width, in WebAssembly: one load, shift and store of 64 bits a value.
import { PlatformError } from '#runtime/errors.ts'
import {
  ADD,
  advance,
  AND_32,
  assembleModule,
  below,
  type Code,
  EXTEND_LONG,
  get,
  int,
  loadLong,
  LONG,
  long,
  repeat,
  set,
  SHL,
  SHR,
  SUB,
  storeLong,
} from './assembler.ts'

const PAGE = 65_536
/** Largest number of values of one call: a polynomial of 8192 coefficients. */
const MOST = 8192
/** Memory: the bound and the finding of `unpack` | values of 64 bits | packed words, at most 60 bits a value. */
const VALUES_AT = 64
const PACKED_AT = VALUES_AT + 8 * MOST + 64
const PAGES = Math.ceil((PACKED_AT + 8 * MOST + 64) / PAGE)

/** byte of the running bit, and the bit inside it as a 64-bit integer */
const byteOf = (base: number, bit: number): Code => [get(base), get(bit), int(3), SHR, ADD]
const shiftOf = (bit: number): Code => [get(bit), int(7), AND_32, EXTEND_LONG]

/** pack(values, end, to, width): the bits of a byte not yet full are carried to the next value in a local. */
function packCode(): Code {
  const [values, end, to, width, bit, next, shift, word] = [0, 1, 2, 3, 4, 5, 6, 7]
  const carry = 8
  return repeat(
    [shiftOf(bit), set(shift), get(values), loadLong(), get(shift), LONG.shl, get(carry), LONG.or, set(word)],
    [byteOf(to, bit), get(word), storeLong()],
    [get(bit), get(width), ADD, set(next)],
    // bytes that are full now leave the word, in two shifts: there may be eight
    [get(word), get(next), int(3), SHR, get(bit), int(3), SHR, SUB, set(bit)],
    [get(bit), int(2), SHL, EXTEND_LONG, LONG.shr, get(bit), int(2), SHL, EXTEND_LONG, LONG.shr, set(carry)],
    [get(next), set(bit), advance(values, int(8)), below(values, get(end))],
  )
}

/** unpack(values, end, from, width): word 0 is the bound; word 1 becomes the number of values at or above it. */
function unpackCode(): Code {
  const [values, end, from, width, bit, mask, value, wrong] = [0, 1, 2, 3, 4, 5, 6, 7]
  return [
    [long(1n), get(width), EXTEND_LONG, LONG.shl, long(1n), LONG.sub, set(mask)],
    repeat(
      [byteOf(from, bit), loadLong(), shiftOf(bit), LONG.shr, get(mask), LONG.and, set(value)],
      [get(values), get(value), storeLong()],
      [get(wrong), get(value), int(0), loadLong(), LONG.notBelow, EXTEND_LONG, LONG.add, set(wrong)],
      [advance(bit, get(width)), advance(values, int(8)), below(values, get(end))],
    ),
    [int(8), get(wrong), storeLong()],
  ]
}

interface Exports {
  readonly memory: WebAssembly.Memory
  pack(values: number, end: number, to: number, width: number): void
  unpack(values: number, end: number, from: number, width: number): void
}

function start(): Exports {
  const code = assembleModule([
    { name: 'pack', parameters: 4, integers: 2, vectors: 0, longs: 3, code: packCode() },
    { name: 'unpack', parameters: 4, integers: 1, vectors: 0, longs: 3, code: unpackCode() },
  ])
  const exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports
  exports.memory.grow(PAGES - 1)
  return exports
}

const run = start()
const words = new Uint32Array(run.memory.buffer)
const bytes = new Uint8Array(run.memory.buffer)
const bounds = new BigUint64Array(run.memory.buffer, 0, 2)

/** 32-bit words that `count` values of `width` bits take. */
export function packedWords(count: number, width: number): number {
  return Math.ceil((count * width) / 32)
}

/**
 * Packs 64-bit words (at most 8192, as pairs or as bytes that begin anywhere) of `width` bits into `out` from word `at`;
 * returns the word after the last.
 */
export function pack(values: Uint32Array | Uint8Array, width: number, out: Uint32Array, at: number): number {
  const count = values.byteLength / 8
  const length = packedWords(count, width)
  check(count, width)
  if (count === 0) return at
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), VALUES_AT)
  const from = PACKED_AT / 4
  words.fill(0, from + Math.max(0, length - 4), from + length)
  run.pack(VALUES_AT, VALUES_AT + 8 * count, PACKED_AT, width)
  out.set(words.subarray(from, from + length), at)
  return at + length
}

/**
 * Unpacks `count` values of `width` bits into pairs. Returns the word after the last, or -1 when a value is not below
 * `limit` or a padding bit is set.
 */
export function unpack(
  packed: Uint32Array,
  at: number,
  count: number,
  width: number,
  limit: bigint,
  pairs: Uint32Array,
): number {
  const length = packedWords(count, width)
  check(count, width)
  if (count === 0) return at
  words.set(packed.subarray(at, at + length), PACKED_AT / 4)
  bounds[0] = limit
  run.unpack(VALUES_AT, VALUES_AT + 8 * count, PACKED_AT, width)
  pairs.set(words.subarray(VALUES_AT / 4, VALUES_AT / 4 + 2 * count))
  const used = (count * width) & 31
  const padding = used === 0 ? 0 : (packed[at + length - 1] as number) >>> used
  return bounds[1] === 0n && padding === 0 ? at + length : -1
}

/** A value and the bits before it in its byte fit 64 bits for these widths. @throws he.parameters */
function check(count: number, width: number): void {
  const fits = width >= 1 && (width <= 57 || width === 58 || width === 60) && count <= MOST
  if (!fits) throw new PlatformError('he.parameters', { width, count })
}
