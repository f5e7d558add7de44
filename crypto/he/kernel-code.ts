// The WebAssembly SIMD code of kernel.ts, assembled here from a few helpers so that the repository needs no compiler.
// Arithmetic modulo primes q < 2^30 on 32-bit words: forward transform (Harvey's lazy butterflies with Shoup quotients,
// SEAL's order of roots), lift of signed integers, multiply-accumulate into 64-bit words, reduction of those.
// Opcodes: WebAssembly core specification 2.0, sections 5.4 and 5.4.7 (vector instructions).

type Code = readonly (number | Code)[]

const I32 = 0x7f
const V128 = 0x7b

const get = (local: number): Code => [0x20, leb(local)]
const set = (local: number): Code => [0x21, leb(local)]
const int = (value: number): Code => [0x41, signedLeb(value)]
const ADD = 0x6a
const SHL = 0x74
const SHR = 0x76
const LESS = 0x49
/** memory instructions: alignment hint 0, byte offset */
const load32 = (offset = 0): Code => [0x28, 0, leb(offset)]
const vector = (opcode: number): Code => [0xfd, leb(opcode)]
const loadV = (offset = 0): Code => [vector(0x00), 0, leb(offset)]
const storeV = (offset = 0): Code => [vector(0x0b), 0, leb(offset)]
const LOAD_64_ZERO: Code = [vector(0x5d), 0, 0]
const SPLAT = vector(0x11)
const AND = vector(0x4e)
const SHR_SIGNED = vector(0xac)
const ADD_32 = vector(0xae)
const SUB_32 = vector(0xb1)
const MUL_32 = vector(0xb5)
const MIN_32 = vector(0xb7)
const ADD_64 = vector(0xce)
const WIDE_LOW = vector(0xde)
const WIDE_HIGH = vector(0xdf)

/** Picks four 32-bit lanes out of two vectors (0-3 of the first, 4-7 of the second). */
const pick = (...lanes: number[]): Code => [
  vector(0x0d),
  lanes.flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + b)),
]

/** Repeats the body while the condition it ends with holds; runs at least once. */
const repeat = (...body: Code[]): Code => [0x03, 0x40, body, 0x0d, 0, 0x0b]
const advance = (local: number, by: Code): Code => [get(local), by, ADD, set(local)]
const below = (local: number, end: Code): Code => [get(local), end, LESS]

/** locals X, Y, W, P hold vectors; leaves X + Y·W in X and X - Y·W + 2q in Y, both below 4q, for X below 4q */
function butterfly([x, y, w, p, t, q, q2]: readonly [number, number, number, number, number, number, number]): Code {
  const quotient: Code = [get(y), get(p), WIDE_LOW, get(y), get(p), WIDE_HIGH, pick(1, 3, 5, 7)]
  return [
    [get(x), get(x), get(q2), SUB_32, MIN_32, set(x)],
    [get(y), get(w), MUL_32, quotient, get(q), MUL_32, SUB_32, set(t)],
    [get(x), get(t), SUB_32, get(q2), ADD_32, set(y)],
    [get(x), get(t), ADD_32, set(x)],
  ]
}

/** transform(a, w, p, q, bytes): the N words at a, below q, to their transform below q. w, p: roots and quotients. */
function transform(n: number): Code {
  const [a, w, p, q, stride, count, i, x, end] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const [X, Y, W, P, T, Q, Q2] = [9, 10, 11, 12, 13, 14, 15] as const
  const lanes = [X, Y, W, P, T, Q, Q2] as const
  const rootAt = (table: number): Code => [get(table), get(count), get(i), ADD, int(2), SHL, ADD, load32(), SPLAT]
  const tableFrom = (table: number, entry: number): Code => advance(table, int(4 * entry))
  const reduced = (v: number): Code => [
    [get(v), get(v), get(Q2), SUB_32, MIN_32, set(v)],
    [get(v), get(v), get(Q), SUB_32, MIN_32, set(v)],
  ]
  const wideLayers = repeat(
    [get(stride), int(1), SHR, set(stride), get(a), set(x), int(0), set(i)],
    repeat(
      [rootAt(w), set(W), rootAt(p), set(P), get(x), get(stride), ADD, set(end)],
      repeat(
        [get(x), loadV(), set(X), get(x), get(stride), ADD, loadV(), set(Y), butterfly(lanes)],
        [get(x), get(X), storeV(), get(x), get(stride), ADD, get(Y), storeV()],
        advance(x, int(16)),
        below(x, get(end)),
      ),
      [advance(x, get(stride)), advance(i, int(1)), below(i, get(count))],
    ),
    [get(count), int(1), SHL, set(count), int(16), get(stride), LESS],
  )
  const narrowLayer = (
    rootBytes: number,
    loadRoots: (table: number) => Code,
    split: Code[],
    join: Code[],
    last: boolean,
  ) => [
    [get(a), set(x), get(a), int(4 * n), ADD, set(end)],
    repeat(
      [loadRoots(w), set(W), loadRoots(p), set(P)],
      [
        get(x),
        loadV(),
        get(x),
        loadV(16),
        split[0] as Code,
        set(X),
        get(x),
        loadV(),
        get(x),
        loadV(16),
        split[1] as Code,
        set(Y),
      ],
      [butterfly(lanes), last ? [reduced(X), reduced(Y)] : []],
      [get(x), get(X), get(Y), join[0] as Code, storeV(), get(x), get(X), get(Y), join[1] as Code, storeV(16)],
      [advance(w, int(rootBytes)), advance(p, int(rootBytes)), advance(x, int(32)), below(x, get(end))],
    ),
  ]
  const pairRoots = (table: number): Code => [get(table), LOAD_64_ZERO, get(table), LOAD_64_ZERO, pick(0, 0, 1, 1)]
  const fourRoots = (table: number): Code => [get(table), loadV()]
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    [int(4 * n), set(stride), int(1), set(count)],
    wideLayers,
    // after the layers with strides of four words and more: stride two, then one, with lanes moved together
    [tableFrom(w, n / 4), tableFrom(p, n / 4)],
    narrowLayer(8, pairRoots, [pick(0, 1, 4, 5), pick(2, 3, 6, 7)], [pick(0, 1, 4, 5), pick(2, 3, 6, 7)], false),
    narrowLayer(16, fourRoots, [pick(0, 2, 4, 6), pick(1, 3, 5, 7)], [pick(0, 4, 1, 5), pick(2, 6, 3, 7)], true),
  ]
}

/** lift(from, to, q, end): signed 32-bit integers |x| < q at from … end to residues at `to`. */
function lift(): Code {
  const [from, to, q, end, V, Q] = [0, 1, 2, 3, 4, 5]
  return [
    [get(q), SPLAT, set(Q)],
    repeat(
      [get(from), loadV(), set(V)],
      [get(to), get(V), get(V), int(31), SHR_SIGNED, get(Q), AND, ADD_32, storeV()],
      [advance(from, int(16)), advance(to, int(16)), below(from, get(end))],
    ),
  ]
}

/** accumulate(acc, a, b, end): 64-bit words acc[i] += a[i] · b[i] for the 32-bit words at a … end. */
function accumulate(): Code {
  const [acc, a, b, end, A, B] = [0, 1, 2, 3, 4, 5]
  const half = (offset: number, product: Code): Code => [
    get(acc),
    get(acc),
    loadV(offset),
    get(A),
    get(B),
    product,
    ADD_64,
    storeV(offset),
  ]
  return repeat(
    [get(a), loadV(), set(A), get(b), loadV(), set(B), half(0, WIDE_LOW), half(16, WIDE_HIGH)],
    [advance(acc, int(32)), advance(a, int(16)), advance(b, int(16)), below(a, get(end))],
  )
}

/** settle(acc, end, q): every 64-bit word at acc … end modulo q. */
function settle(): Code {
  const [acc, end, q] = [0, 1, 2]
  const [load64, store64, widen, remainder] = [[0x29, 0, 0], [0x37, 0, 0], 0xad, 0x82]
  return repeat(
    [get(acc), get(acc), load64, get(q), widen, remainder, store64],
    [advance(acc, int(8)), below(acc, get(end))],
  )
}

/** The module, for transforms of n words. Exports memory, transform, lift, accumulate and settle. */
export function assembleKernel(n: number): Uint8Array<ArrayBuffer> {
  const functions: readonly { name: string; parameters: number; vectors: number; integers: number; code: Code }[] = [
    { name: 'transform', parameters: 4, integers: 5, vectors: 7, code: transform(n) },
    { name: 'lift', parameters: 4, integers: 0, vectors: 2, code: lift() },
    { name: 'accumulate', parameters: 4, integers: 0, vectors: 2, code: accumulate() },
    { name: 'settle', parameters: 3, integers: 0, vectors: 0, code: settle() },
  ]
  const types = functions.map(({ parameters }) => [0x60, leb(parameters), Array(parameters).fill(I32), 0])
  const bodies = functions.map(({ integers, vectors, code }) =>
    sized([2, leb(integers), I32, leb(vectors), V128, code, 0x0b]),
  )
  const exports = [[text('memory'), 2, 0], ...functions.map(({ name }, index) => [text(name), 0, leb(index)])]
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      section(
        3,
        functions.map((_, index) => leb(index)),
      ),
      section(5, [[0, 1]]), // one memory, one page to begin with
      section(7, exports),
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

function flat(code: Code): number[] {
  return code.flatMap((item) => (typeof item === 'number' ? [item] : flat(item)))
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
