// The WebAssembly SIMD code of kernel.ts, assembled here. Arithmetic modulo primes q < 2^30 on 32-bit words: forward
// transform (Harvey's lazy butterflies with Shoup quotients, SEAL's order of roots), lift of signed integers,
// multiply-accumulate into 64-bit words, reduction of those.
import {
  ADD,
  ADD_32,
  ADD_64,
  AND,
  advance,
  assembleModule,
  below,
  butterfly,
  type Code,
  get,
  int,
  LESS,
  LOAD_64_ZERO,
  load32,
  loadV,
  MIN_32,
  pick,
  repeat,
  SHL,
  SHR,
  SHR_SIGNED,
  SPLAT,
  SUB_32,
  set,
  storeV,
  WIDE_HIGH,
  WIDE_LOW,
} from './assembler.ts'

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
  return assembleModule([
    { name: 'transform', parameters: 4, integers: 5, vectors: 7, code: transform(n) },
    { name: 'lift', parameters: 4, integers: 0, vectors: 2, code: lift() },
    { name: 'accumulate', parameters: 4, integers: 0, vectors: 2, code: accumulate() },
    { name: 'settle', parameters: 3, integers: 0, vectors: 0, code: settle() },
  ])
}
