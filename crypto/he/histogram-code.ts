// The WebAssembly SIMD code of histogram-kernel.ts, made for one number of windows. A polynomial of n words modulo the
// kernel's prime lies as s rows of `windows` residues: row j, column k is coefficient j of the polynomial modulo
// X^s − ω_k. All layers of the transform below s then treat whole rows alike, without moving lanes.
import {
  ADD,
  ADD_32,
  ADD_64,
  advance,
  assembleModule,
  below,
  butterfly,
  type Code,
  EXTEND_HIGH,
  EXTEND_LOW,
  get,
  int,
  load16x4,
  load8,
  load32,
  loadV,
  MIN_32,
  MUL_32,
  pick,
  repeat,
  SHL,
  SPLAT,
  set,
  shoup,
  storeV,
  SUB,
  SUB_32,
  WIDE_HIGH,
  WIDE_LOW,
} from './assembler.ts'

/** Blocks of rows whose products are summed at once. 8 products below 2^60 on top of a folded sum stay below 2^64. */
export const BLOCKS_AT_ONCE = 8
/** Between two masks, and between two blocks, in bytes beyond their size: keeps them out of the same sets of the cache. */
export const MASK_PAD = 192
export const BLOCK_PAD = 320
/** Tables of `lookup`, windows + 1 rows of `windows` words each; the last row is zero: a row of the mask without a cell. */
export const LOOKUP_TABLES = 6

export interface HistogramCode {
  /** coefficients of a polynomial */
  readonly n: number
  /** windows of n / windows coefficients: a power of two from 4 */
  readonly windows: number
  /** digits of a coefficient of a ciphertext, an even number */
  readonly digits: number
}

export const reduceBy = (x: number, q: number): Code => [get(x), get(x), get(q), SUB_32, MIN_32, set(x)]
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** wide(x, end, stride, w, p, q): butterflies of the words at x … end with those `stride` bytes on, all by one root. */
function wide(inverse: boolean): Code {
  const [x, end, stride, w, p, q, y] = [0, 1, 2, 3, 4, 5, 6]
  const [X, Y, W, P, T, Q, Q2] = [7, 8, 9, 10, 11, 12, 13] as const
  return [
    [get(w), SPLAT, set(W), get(p), SPLAT, set(P), get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      [get(x), get(stride), ADD, set(y), get(x), loadV(), set(X), get(y), loadV(), set(Y)],
      inverse ? inverseButterfly(X, Y, W, P, T, Q, Q2) : butterfly([X, Y, W, P, T, Q, Q2]),
      [get(x), get(X), storeV(), get(y), get(Y), storeV()],
      advance(x, int(16)),
      below(x, get(end)),
    ),
  ]
}

/** X + Y below 2q to X, (X − Y)·W below 2q to Y, for X and Y below 2q. */
export function inverseButterfly(X: number, Y: number, W: number, P: number, T: number, Q: number, Q2: number): Code {
  return [
    [get(X), get(Y), SUB_32, get(Q2), ADD_32, set(T)],
    [get(X), get(Y), ADD_32, set(X), reduceBy(X, Q2)],
    [shoup(T, W, P, Q), set(Y)],
  ]
}

/**
 * pass2(a, stride, end, w, p, q): one layer; rows `stride` bytes apart are joined. w, p: roots and quotients, one row of
 * `windows` for each group of rows.
 */
export function pass2(windows: number, inverse: boolean): Code {
  const [a, stride, end, w, p, q, x, y, stop, column] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const [X, Y, W, P, T, Q, Q2] = [10, 11, 12, 13, 14, 15, 16] as const
  const row = 4 * windows
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      [int(0), set(column)],
      repeat(
        [get(w), get(column), ADD, loadV(), set(W), get(p), get(column), ADD, loadV(), set(P)],
        [get(a), get(column), ADD, set(x), get(x), get(stride), ADD, set(stop)],
        repeat(
          [get(x), get(stride), ADD, set(y), get(x), loadV(), set(X), get(y), loadV(), set(Y)],
          inverse ? inverseButterfly(X, Y, W, P, T, Q, Q2) : butterfly([X, Y, W, P, T, Q, Q2]),
          [get(x), get(X), storeV(), get(y), get(Y), storeV()],
          advance(x, int(row)),
          below(x, get(stop)),
        ),
        advance(column, int(16)),
        below(column, int(row)),
      ),
      [advance(w, int(row)), advance(p, int(row)), get(a), get(stride), ADD, get(stride), ADD, set(a)],
      below(a, get(end)),
    ),
  ]
}

/**
 * pass4(a, stride, end, w, p, v, u, q): two layers at once; v, u: roots and quotients of the second layer, two rows a
 * group. lazy: leaves words below 4q; last: below q; back: the inverse, from the second layer up, words below 2q.
 */
export function pass4(windows: number, mode: 'lazy' | 'last' | 'back'): Code {
  const [a, stride, end, w, p, v, u, q, x, y, z, t, stop, column] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
  const [A, B, C, D, W, P, V0, U0, V1, U1, T, Q, Q2] = [14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]
  const row = 4 * windows
  const root = (table: number, into: number, offset = 0): Code => [
    get(table),
    get(column),
    ADD,
    loadV(offset),
    set(into),
  ]
  const join = (x: number, y: number, w: number, p: number): Code =>
    mode === 'back' ? inverseButterfly(x, y, w, p, T, Q, Q2) : butterfly([x, y, w, p, T, Q, Q2])
  const outer = [join(A, C, W, P), join(B, D, W, P)]
  const inner = [join(A, B, V0, U0), join(C, D, V1, U1)]
  const finish = (word: number): Code => (mode === 'last' ? [reduceBy(word, Q2), reduceBy(word, Q)] : [])
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      [int(0), set(column)],
      repeat(
        [root(w, W), root(p, P), root(v, V0), root(u, U0), root(v, V1, row), root(u, U1, row)],
        [get(a), get(column), ADD, set(x), get(x), get(stride), ADD, set(stop)],
        repeat(
          [get(x), get(stride), ADD, set(y), get(y), get(stride), ADD, set(z), get(z), get(stride), ADD, set(t)],
          [get(x), loadV(), set(A), get(y), loadV(), set(B), get(z), loadV(), set(C), get(t), loadV(), set(D)],
          mode === 'back' ? [inner, outer] : [outer, inner],
          [finish(A), finish(B), finish(C), finish(D)],
          [get(x), get(A), storeV(), get(y), get(B), storeV(), get(z), get(C), storeV(), get(t), get(D), storeV()],
          advance(x, int(row)),
          below(x, get(stop)),
        ),
        advance(column, int(16)),
        below(column, int(row)),
      ),
      [advance(w, int(row)), advance(p, int(row)), advance(v, int(2 * row)), advance(u, int(2 * row))],
      [get(a), get(stride), int(2), SHL, ADD, set(a)],
      below(a, get(end)),
    ),
  ]
}

/**
 * lookup(to, cells, tables, q): the mask Σ_r X^(s·cells[r] + s − 1 − r) after the layers above s and two more, below 4q.
 * A row of the mask has one term, so these layers are sums of table rows: ω^b, w·ω^b, w1·ω^b, w1·w·ω^b, w2·ω^b, −w2·w·ω^b.
 */
export function lookup(n: number, windows: number): Code {
  const [to, cells, tables, q, cell, end, r0, r1, r2, r3] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const [A, B, C, D, X, Q, Q2] = [10, 11, 12, 13, 14, 15, 16] as const
  const row = 4 * windows
  const table = (windows + 1) * row
  const rows = n / windows
  const quarter = rows / 4
  const tableRow = (position: number, into: number): Code => [
    [get(tables), get(cell), load8((3 - position) * quarter), int(Math.log2(row)), SHL, ADD, set(into)],
  ]
  const sums = range(windows / 4).map((kv): Code => {
    const from = (position: number, number: number): Code => [get(position), loadV(number * table + 16 * kv)]
    const out = (quarterOf: number, value: Code): Code => [get(to), value, storeV(quarterOf * quarter * row + 16 * kv)]
    return [
      [from(r0, 0), set(X), from(r2, 1), set(B), get(X), get(B), ADD_32, set(A)],
      [get(X), get(B), SUB_32, get(Q), ADD_32, set(B)],
      [from(r1, 2), from(r3, 3), ADD_32, set(C), from(r1, 4), from(r3, 5), ADD_32, set(D)],
      [out(0, [get(A), get(C), ADD_32]), out(1, [get(A), get(Q2), ADD_32, get(C), SUB_32])],
      [out(2, [get(B), get(D), ADD_32]), out(3, [get(B), get(Q2), ADD_32, get(D), SUB_32])],
    ]
  })
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    [get(cells), int(quarter - 1), ADD, set(cell), get(to), int(quarter * row), ADD, set(end)],
    repeat(
      [tableRow(0, r0), tableRow(1, r1), tableRow(2, r2), tableRow(3, r3)],
      sums,
      [advance(to, int(row)), get(cell), int(1), SUB, set(cell)],
      below(to, get(end)),
    ),
  ]
}

/** Folds sums of 64 bits in L and H: their high words times e = 2^32 mod q plus their low words. A, B are free. */
export function fold(L: number, H: number, A: number, B: number, E: number): Code {
  return [
    [get(L), get(H), pick(1, 3, 5, 7), set(A), get(L), get(H), pick(0, 2, 4, 6), set(B)],
    [get(A), get(E), WIDE_LOW, get(B), EXTEND_LOW, ADD_64, set(L)],
    [get(A), get(E), WIDE_HIGH, get(B), EXTEND_HIGH, ADD_64, set(H)],
  ]
}

/**
 * products(sums, masks, blocks, end, e): for each digit, sums (64 bits, folded below 2^50) plus Σ mask_g · block_g.
 * The digits of a block, and the sums, take turns every four words: what one step needs lies together.
 */
export function products({ n, digits }: HistogramCode, together = BLOCKS_AT_ONCE): Code {
  const [sums, masks, blocks, end, e] = [0, 1, 2, 3, 4]
  const M = range(together).map((g) => 5 + g)
  const [L, H, C, A, B, E] = [13, 14, 15, 16, 17, 18]
  return [
    [get(e), SPLAT, set(E)],
    repeat(
      M.map((mask, g) => [get(masks), loadV(g * (4 * n + MASK_PAD)), set(mask)]),
      range(digits).map((d) => [
        [get(sums), loadV(32 * d), set(L), get(sums), loadV(32 * d + 16), set(H)],
        M.map((mask, g) => [
          [get(blocks), loadV(g * (4 * n * digits + BLOCK_PAD) + 16 * d), set(C)],
          [get(L), get(mask), get(C), WIDE_LOW, ADD_64, set(L)],
          [get(H), get(mask), get(C), WIDE_HIGH, ADD_64, set(H)],
        ]),
        fold(L, H, A, B, E),
        [get(sums), get(L), storeV(32 * d), get(sums), get(H), storeV(32 * d + 16)],
      ]),
      [advance(sums, int(32 * digits)), advance(blocks, int(16 * digits)), advance(masks, int(16))],
      below(masks, get(end)),
    ),
  ]
}

/** settle(sums, to, end, q, e): sums of 64 bits to residues of 32 bits. Thrice folded, 2^32 goes in at most 31 times. */
function settle(): Code {
  const [sums, to, end, q, e] = [0, 1, 2, 3, 4]
  const [L, H, A, B, E, Q, Q2] = [5, 6, 7, 8, 9, 10, 11] as const
  return [
    [get(e), SPLAT, set(E), get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      [get(sums), loadV(), set(L), get(sums), loadV(16), set(H)],
      [fold(L, H, A, B, E), fold(L, H, A, B, E)],
      [get(L), get(H), pick(1, 3, 5, 7), set(A), get(L), get(H), pick(0, 2, 4, 6), set(B)],
      [reduceBy(B, Q2), reduceBy(B, Q)],
      [get(A), get(E), MUL_32, get(B), ADD_32, set(B), reduceBy(B, Q)],
      [get(to), get(B), storeV()],
      [advance(sums, int(32)), advance(to, int(16)), below(to, get(end))],
    ),
  ]
}

/** widen(from, sums, end): words of 32 bits to sums of 64 bits. */
function widen(): Code {
  const [from, sums, end, V] = [0, 1, 2, 3]
  return repeat(
    [get(from), loadV(), set(V)],
    [get(sums), get(V), EXTEND_LOW, storeV(), get(sums), get(V), EXTEND_HIGH, storeV(16)],
    [advance(from, int(16)), advance(sums, int(32)), below(from, get(end))],
  )
}

/**
 * gather(sums, table, places, end): the asked coefficients of one block. The table holds, for each digit and row r, the
 * digits (16 bits) of −c[r], −c[r + s] …, c[r], c[r + s] …: 2·windows words; cell b of row r adds those from windows − b
 * on. places … end: for each row that has a cell, one word: where in a digit those begin, in bytes. At least one row.
 */
function gather({ n, windows, digits }: HistogramCode): Code {
  const [sums, table, places, end, x, at] = [0, 1, 2, 3, 4, 5]
  const vectors = windows / 4
  const digitBytes = 4 * n
  return range(digits / 2).map((pair) => {
    const each = range(2).flatMap((half) => range(vectors).map((kv) => ({ digit: 2 * pair + half, kv })))
    const local = (i: number) => 6 + i
    const sumAt = ({ digit, kv }: { digit: number; kv: number }) => 4 * (digit * windows + 4 * kv)
    return [
      each.map((one, i) => [get(sums), loadV(sumAt(one)), set(local(i))]),
      [get(places), set(x)],
      repeat(
        [get(table), get(x), load32(), ADD, set(at)],
        each.map(({ digit, kv }, i) => [
          [get(at), load16x4(digit * digitBytes + 8 * kv)],
          [get(local(i)), ADD_32, set(local(i))],
        ]),
        [advance(x, int(4)), below(x, get(end))],
      ),
      each.map((one, i) => [get(sums), get(local(i)), storeV(sumAt(one))]),
    ]
  })
}

/** The module for this layout. */
export function assembleHistogram(code: HistogramCode): Uint8Array<ArrayBuffer> {
  const { n, windows } = code
  return assembleModule([
    { name: 'wide', parameters: 6, integers: 1, vectors: 7, code: wide(false) },
    { name: 'wideBack', parameters: 6, integers: 1, vectors: 7, code: wide(true) },
    { name: 'pass2', parameters: 6, integers: 4, vectors: 7, code: pass2(windows, false) },
    { name: 'pass2Back', parameters: 6, integers: 4, vectors: 7, code: pass2(windows, true) },
    { name: 'pass4', parameters: 8, integers: 6, vectors: 13, code: pass4(windows, 'lazy') },
    { name: 'pass4Last', parameters: 8, integers: 6, vectors: 13, code: pass4(windows, 'last') },
    { name: 'lookup', parameters: 4, integers: 6, vectors: 7, code: lookup(n, windows) },
    { name: 'products', parameters: 5, integers: 0, vectors: 14, code: products(code) },
    { name: 'settle', parameters: 5, integers: 0, vectors: 7, code: settle() },
    { name: 'widen', parameters: 3, integers: 0, vectors: 1, code: widen() },
    { name: 'gather', parameters: 4, integers: 2, vectors: windows / 2, code: gather(code) },
  ])
}
