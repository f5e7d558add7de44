// A small WebAssembly assembler: just enough to write the SIMD kernels of this folder in TypeScript, so that the
// repository needs no compiler. Opcodes: WebAssembly core specification 2.0, sections 5.4 and 5.4.7 (vectors).

export type Code = readonly (number | Code)[]

export const I32 = 0x7f
export const I64 = 0x7e
export const F64 = 0x7c
export const V128 = 0x7b

export const get = (local: number): Code => [0x20, leb(local)]
export const set = (local: number): Code => [0x21, leb(local)]
export const int = (value: number): Code => [0x41, signedLeb(value)]
export const ADD = 0x6a
export const SUB = 0x6b
export const SHL = 0x74
export const SHR = 0x76
export const LESS = 0x49
export const AND_32 = 0x71
/** the first of two integers where a third is not zero, else the second */
export const SELECT_32 = 0x1b
/** an unsigned 32-bit integer to 64 bits */
export const EXTEND_LONG = 0xad
/** memory instructions: alignment hint 0, byte offset */
export const load8 = (offset = 0): Code => [0x2d, 0, leb(offset)]
export const store32 = (offset = 0): Code => [0x36, 0, leb(offset)]
export const load32 = (offset = 0): Code => [0x28, 0, leb(offset)]
export const vector = (opcode: number): Code => [0xfd, leb(opcode)]
export const loadV = (offset = 0): Code => [vector(0x00), 0, leb(offset)]
export const storeV = (offset = 0): Code => [vector(0x0b), 0, leb(offset)]
/** four 16-bit words, widened to 32 bits */
export const load16x4 = (offset = 0): Code => [vector(0x04), 0, leb(offset)]
/** one 64-bit word in both lanes */
export const loadLongSplat = (offset = 0): Code => [vector(0x0a), 0, leb(offset)]
export const SPLAT = vector(0x11)
export const AND = vector(0x4e)
export const AND_NOT = vector(0x4f)
export const OR = vector(0x50)
export const XOR = vector(0x51)
/** bytes of the first vector, those that the second numbers */
export const SWIZZLE = vector(0x0e)
export const SHR_SIGNED = vector(0xac)
export const ADD_32 = vector(0xae)
export const SUB_32 = vector(0xb1)
export const MUL_32 = vector(0xb5)
export const MIN_32 = vector(0xb7)
export const ADD_64 = vector(0xce)
export const SUB_64 = vector(0xd1)
export const SHL_64 = vector(0xcb)
export const SHR_64 = vector(0xcd)
/** comparison of signed 64-bit words; the top bits of both words as an integer */
export const GREATER_64 = vector(0xd9)
export const TOP_BITS_64 = vector(0xc4)
export const SPLAT_64 = vector(0x12)
/** two of four 32-bit words, widened to 64 bits */
export const EXTEND_LOW = vector(0xc9)
export const EXTEND_HIGH = vector(0xca)
export const WIDE_LOW = vector(0xde)
export const WIDE_HIGH = vector(0xdf)

/** comparison of signed 32-bit words; sums of two products of signed 16-bit words; bytes */
export const GREATER_32 = vector(0x3b)
export const DOT_16 = vector(0xba)
export const ADD_8 = vector(0x6e)
export const SUB_8 = vector(0x71)
export const COUNT_BITS_8 = vector(0x62)
export const SPLAT_8 = vector(0x0f)
/** comparison of unsigned bytes; bits of the first of two vectors where the third has ones, of the second elsewhere */
export const BELOW_8 = vector(0x26)
export const SELECT = vector(0x52)

/** 64-bit integers and doubles */
export const long = (value: bigint): Code => [0x42, signedLongLeb(value)]
export const double = (value: number): Code => [0x44, [...new Uint8Array(Float64Array.of(value).buffer)]]
export const loadLong = (offset = 0): Code => [0x29, 0, leb(offset)]
export const loadDouble = (offset = 0): Code => [0x2b, 0, leb(offset)]
export const storeLong = (offset = 0): Code => [0x37, 0, leb(offset)]
/** signed words of 8 and of 32 bits, widened to 64 */
export const load8Long = (offset = 0): Code => [0x30, 0, leb(offset)]
export const load32Long = (offset = 0): Code => [0x34, 0, leb(offset)]
export const store32Long = (offset = 0): Code => [0x3e, 0, leb(offset)]
export const LONG = {
  notBelow: 0x5a,
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  and: 0x83,
  or: 0x84,
  shl: 0x86,
  shrSigned: 0x87,
  shr: 0x88,
} as const
export const DOUBLE = { add: 0xa0, mul: 0xa2, nearest: 0x9e } as const
export const TO_DOUBLE = 0xb9
/** from a double to a 64-bit integer, without a trap */
export const TO_LONG: Code = [0xfc, 6]
/** address, byte, length: a run of memory, far faster than a typed array over memory that is shared */
export const FILL: Code = [0xfc, 11, 0]

/** Picks four 32-bit lanes out of two vectors (0-3 of the first, 4-7 of the second). */
export const pick = (...lanes: number[]): Code => [
  vector(0x0d),
  lanes.flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + b)),
]

/** A vector of two 64-bit words. */
export const longs = (low: bigint, high: bigint): Code => [
  vector(0x0c),
  [...new Uint8Array(BigUint64Array.of(low, high).buffer)],
]

/** Repeats the body while the condition it ends with holds; runs at least once. */
export const repeat = (...body: Code[]): Code => [0x03, 0x40, body, 0x0d, 0, 0x0b]
export const advance = (local: number, by: Code): Code => [get(local), by, ADD, set(local)]
export const below = (local: number, end: Code): Code => [get(local), end, LESS]

/** Leaves y·w modulo q on the stack, below 2q; p: Shoup's quotient of w. All are locals that hold vectors. */
export function shoup(y: number, w: number, p: number, q: number): Code {
  const quotient: Code = [get(y), get(p), WIDE_LOW, get(y), get(p), WIDE_HIGH, pick(1, 3, 5, 7)]
  return [get(y), get(w), MUL_32, quotient, get(q), MUL_32, SUB_32]
}

/** locals X, Y, W, P hold vectors; leaves X + Y·W in X and X - Y·W + 2q in Y, both below 4q, for X below 4q */
export function butterfly([x, y, w, p, t, q, q2]: readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]): Code {
  return [
    [get(x), get(x), get(q2), SUB_32, MIN_32, set(x)],
    [shoup(y, w, p, q), set(t)],
    [get(x), get(t), SUB_32, get(q2), ADD_32, set(y)],
    [get(x), get(t), ADD_32, set(x)],
  ]
}

/** One exported function: parameters are i32, then come integer locals, vector locals, 64-bit integers, doubles. */
export interface AssembledFunction {
  readonly name: string
  readonly parameters: number
  readonly integers: number
  readonly vectors: number
  readonly longs?: number
  readonly doubles?: number
  readonly code: Code
}

/** Pages of a memory that is imported and shared between threads: 2 GiB at most. */
export const SHARED_PAGES = 32_768

/** A module that exports these functions. Its memory: one page of its own, or a shared one imported as `of.memory`. */
export function assembleModule(functions: readonly AssembledFunction[], shared = false): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, leb(parameters), Array(parameters).fill(I32), 0])
  // locals of a type that is not used are not declared: a module without vectors runs where there are none
  const bodies = functions.map(({ integers, vectors, longs = 0, doubles = 0, code }) => {
    const locals = (
      [
        [integers, I32],
        [vectors, V128],
        [longs, I64],
        [doubles, F64],
      ] as const
    ).filter(([many]) => many > 0)
    return sized([leb(locals.length), locals.map(([many, type]) => [leb(many), type]), code, 0x0b])
  })
  const exports = functions.map(({ name }, index): Code => [text(name), 0, leb(index)])
  const imported: Code = [text('of'), text('memory'), 2, 3, leb(1), leb(SHARED_PAGES)]
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      shared ? section(2, [imported]) : [],
      section(
        3,
        functions.map((_, index) => leb(index)),
      ),
      shared ? [] : section(5, [[0, 1]]), // one memory, one page to begin with
      section(7, shared ? exports : [[text('memory'), 2, 0], ...exports]),
      section(10, bodies),
    ]),
  )
}

function section(id: number, entries: readonly Code[]): Code {
  return [id, sized([leb(entries.length), ...entries])]
}

function sized(code: Code): Code {
  const bytes = flat(code)
  return [leb(bytes.length), bytes]
}

function text(name: string): Code {
  return [leb(name.length), [...Buffer.from(name)]]
}

function flat(code: Code, into: number[] = []): number[] {
  for (const item of code) {
    if (typeof item === 'number') into.push(item)
    else flat(item, into)
  }
  return into
}

function leb(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, leb(value >>> 7)]
}

function signedLeb(value: number): Code {
  const byte = value & 0x7f
  const rest = value >> 7
  const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)
  return done ? [byte] : [byte | 0x80, signedLeb(rest)]
}

function signedLongLeb(value: bigint): Code {
  const byte = Number(value & 0x7fn)
  const rest = value >> 7n
  const done = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)
  return done ? [byte] : [byte | 0x80, signedLongLeb(rest)]
}
