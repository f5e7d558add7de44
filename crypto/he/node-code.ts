// The WebAssembly code of node-kernel.ts: what histogram-code.ts has, for a memory shared by threads, and whole steps
// around it that would be slow in JavaScript: cutting residues into digits, the layers of the transform across windows,
// noise, and the way back from sums of digits to residues at the level of answers. Layout of a polynomial:
// histogram-code.ts; word (row j, window k) of a polynomial is its coefficient k · rows + j before the layers across windows.
import {
  ADD,
  ADD_32,
  ADD_8,
  ADD_64,
  AND,
  advance,
  assembleModule,
  BELOW_8,
  below,
  butterfly,
  type Code,
  COUNT_BITS_8,
  DOT_16,
  FILL,
  GREATER_32,
  get,
  int,
  LESS,
  longs,
  long,
  load8,
  load32,
  loadV,
  MUL_32,
  pick,
  repeat,
  SELECT,
  SELECT_32,
  SHL,
  SHR_64,
  SPLAT,
  SPLAT_64,
  SPLAT_8,
  SUB,
  set,
  store32,
  storeV,
  SUB_8,
  SUB_32,
  vector,
} from './assembler.ts'
import { fold, inverseButterfly, lookup, pass2, pass4, products, reduceBy } from './histogram-code.ts'
import { cutsOf, type Digit } from './node-layout.ts'
import { NODE_SETS, type NodeSet, setNamed } from './params.ts'
import { cutFirst, cutSecond, lower } from './residue-code.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Where `across` finds the roots of its next step: a vector of roots, a vector of quotients, from `table` on. */
function rootReader(table: number, W: number, P: number): () => Code {
  let at = 0
  return () => {
    at += 32
    return [get(table), loadV(at - 32), set(W), get(table), loadV(at - 16), set(P)]
  }
}

/** Vectors that `head` and `tail` take at once: those of a row, or of two rows where one vector is a whole row. */
function vectorsAtOnce(windows: number): number {
  return Math.max(2, windows / 4)
}

/** Steps of the layers across windows, in the order of `head`: pairs of vectors, then lanes of two neighbours. */
export function acrossSteps(windows: number): {
  readonly pairs: readonly [number, number, number][]
  readonly lanes: number
} {
  const vectors = vectorsAtOnce(windows)
  const pairs: [number, number, number][] = []
  for (let half = windows / 8, groups = 1; half >= 1; half /= 2, groups *= 2) {
    for (const g of range(groups)) {
      for (const i of range(half)) pairs.push([2 * g * half + i, 2 * g * half + i + half, groups + g])
    }
  }
  return { pairs, lanes: vectors / 2 }
}

/** head(a, end, table, q): the layers across windows, in place; words below 4q. */
export function head(windows: number): Code {
  const [a, end, table, q] = [0, 1, 2, 3]
  const [Q, Q2, W, P, T, X, Y, V0] = [4, 5, 6, 7, 8, 9, 10, 11] as const
  const vectors = vectorsAtOnce(windows)
  const { pairs, lanes } = acrossSteps(windows)
  const roots = rootReader(table, W, P)
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      range(vectors).map((i) => [get(a), loadV(16 * i), set(V0 + i)]),
      pairs.map(([x, y]) => [roots(), butterfly([V0 + x, V0 + y, W, P, T, Q, Q2])]),
      range(lanes).map((l) => {
        const [A, B] = [V0 + 2 * l, V0 + 2 * l + 1]
        return [
          [get(A), get(B), pick(0, 1, 4, 5), set(X), get(A), get(B), pick(2, 3, 6, 7), set(Y)],
          [roots(), butterfly([X, Y, W, P, T, Q, Q2])],
          [get(X), get(Y), pick(0, 4, 2, 6), set(A), get(X), get(Y), pick(1, 5, 3, 7), set(B)],
          [roots(), butterfly([A, B, W, P, T, Q, Q2])],
          [get(A), get(B), pick(0, 4, 1, 5), set(X), get(A), get(B), pick(2, 6, 3, 7), set(B), get(X), set(A)],
        ]
      }),
      range(vectors).map((i) => [get(a), get(V0 + i), storeV(16 * i)]),
      [advance(a, int(16 * vectors)), below(a, get(end))],
    ),
  ]
}

/** tail(a, end, table, q): undoes `head` (words below 2q) and leaves signed words between −q/2 and q/2. */
function tail(windows: number): Code {
  const [a, end, table, q] = [0, 1, 2, 3]
  const [Q, Q2, W, P, T, X, Y, H, V0] = [4, 5, 6, 7, 8, 9, 10, 11, 12] as const
  const vectors = vectorsAtOnce(windows)
  const { pairs, lanes } = acrossSteps(windows)
  const roots = rootReader(table, W, P)
  return [
    [get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2), get(Q), int(1), vector(0xad), set(H)],
    repeat(
      range(vectors).map((i) => [get(a), loadV(16 * i), set(V0 + i)]),
      range(lanes).map((l) => {
        const [A, B] = [V0 + 2 * l, V0 + 2 * l + 1]
        return [
          [get(A), get(B), pick(0, 2, 4, 6), set(X), get(A), get(B), pick(1, 3, 5, 7), set(Y)],
          [roots(), inverseButterfly(X, Y, W, P, T, Q, Q2)],
          [get(X), get(Y), pick(0, 4, 2, 6), set(A), get(X), get(Y), pick(1, 5, 3, 7), set(B)],
          [roots(), inverseButterfly(A, B, W, P, T, Q, Q2)],
          [get(A), get(B), pick(0, 1, 4, 5), set(X), get(A), get(B), pick(2, 3, 6, 7), set(B), get(X), set(A)],
        ]
      }),
      pairs.toReversed().map(([x, y]) => [roots(), inverseButterfly(V0 + x, V0 + y, W, P, T, Q, Q2)]),
      range(vectors).map((i) => {
        const V = V0 + i
        return [reduceBy(V, Q), [get(a), get(V), get(V), get(H), GREATER_32, get(Q), AND, SUB_32, storeV(16 * i)]]
      }),
      [advance(a, int(16 * vectors)), below(a, get(end))],
    ),
  ]
}

/** settle(sums, to, end, q, e): sums of one digit, 64 bits, among those of all digits, to words below q. */
function settle(digits: number): Code {
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
      [advance(sums, int(32 * digits)), advance(to, int(16)), below(to, get(end))],
    ),
  ]
}

/** spread(from, to, end): the words of one digit to their places among those of all digits, four at a time. */
function spread(digits: number): Code {
  const [from, to, end] = [0, 1, 2]
  return repeat(
    [get(to), get(from), loadV(), storeV()],
    [advance(from, int(16)), advance(to, int(16 * digits)), below(from, get(end))],
  )
}

/** add(to, from, end, q2): words below 4q, reduced below 2q and added. */
function add(): Code {
  const [to, from, end, q2] = [0, 1, 2, 3]
  const [A, B, Q2] = [4, 5, 6] as const
  return [
    [get(q2), SPLAT, set(Q2)],
    repeat(
      [get(to), loadV(), set(A), reduceBy(A, Q2), get(from), loadV(), set(B), reduceBy(B, Q2)],
      [get(to), get(A), get(B), ADD_32, storeV()],
      [advance(from, int(16)), advance(to, int(16)), below(to, get(end))],
    ),
  ]
}

/** Blocks that one call of `products` takes: any number of blocks is a sum of these. */
export const PRODUCT_SIZES = [8, 4, 2, 1] as const

/** Vectors that `gather` adds up at once: with what it needs beside, as many as V8 has registers for. */
const GATHERED = 12
/** Residues of 60 bits, or what one lacks of its prime, whose sum stays below 2^64. */
const TERMS = 16

/** place(cells, end, lowest, span, window, none): bytes lowest … lowest + span − 1 become window …, all others `none`. */
function place(): Code {
  const [cells, end, lowest, span, window, none, x] = [0, 1, 2, 3, 4, 5, 6]
  const splat = (local: number): Code => [get(local), SPLAT_8]
  return repeat(
    [get(cells), get(cells), loadV(), splat(lowest), SUB_8, set(x)],
    [get(x), splat(window), ADD_8, splat(none), get(x), splat(span), BELOW_8, SELECT, storeV()],
    [advance(cells, int(16)), below(cells, get(end))],
  )
}

/**
 * list(cells, end, lowest, span, first, step, to, ended): for each byte c of lowest … lowest + span − 1, in order, the word
 * first + step · its place − 8c at `to`, one after another; where they end to the word at `ended`. Without a branch: which
 * cell a row has is not to be foreseen. One word more than these may be written.
 */
function list(): Code {
  const [cells, end, lowest, span, value, step, to, ended, cell] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  return [
    repeat(
      [get(cells), load8(), set(cell), get(to), get(value), get(cell), int(3), SHL, SUB, store32()],
      [advance(to, [get(cell), get(lowest), SUB, get(span), LESS, int(2), SHL])],
      [advance(value, get(step)), advance(cells, int(1)), below(cells, get(end))],
    ),
    [get(ended), get(to), store32()],
  ]
}

/**
 * gather(sums, table, places, end): sums (two windows at a time, prime by prime: of the low halves of 32 bits, of the high
 * ones) plus the residues at table + place, for each place (words at places … end, at least one): the asked coefficients of
 * c0 that the rows of one block add.
 */
function gather(windows: number, primes: number): Code {
  const [sums, table, places, end, x, at, stop] = [0, 1, 2, 3, 4, 5, 6]
  const [LOW, V0] = [7, 8] as const
  const all = range(primes).flatMap((j) => range(windows / 2).map((pair) => ({ from: 16 * (j * windows + pair) })))
  return [
    [long((1n << 32n) - 1n), SPLAT_64, set(LOW)],
    range(Math.ceil(all.length / GATHERED)).map((p) => {
      const part = all.slice(p * GATHERED, (p + 1) * GATHERED)
      const to = (i: number) => 32 * (p * GATHERED + i)
      return [
        [get(places), set(x)],
        repeat(
          [get(x), int(4 * TERMS), ADD, set(stop)],
          [get(stop), get(end), get(stop), get(end), LESS, SELECT_32, set(stop)],
          part.map((_, i) => [longs(0n, 0n), set(V0 + i)]),
          repeat(
            [get(table), get(x), load32(), ADD, set(at)],
            part.map(({ from }, i) => [get(V0 + i), get(at), loadV(from), ADD_64, set(V0 + i)]),
            [advance(x, int(4)), below(x, get(stop))],
          ),
          part.map((_, i) => [
            [get(sums), get(sums), loadV(to(i)), get(V0 + i), get(LOW), AND, ADD_64, storeV(to(i))],
            [get(sums), get(sums), loadV(to(i) + 16), get(V0 + i), int(32), SHR_64, ADD_64, storeV(to(i) + 16)],
          ]),
          below(x, get(end)),
        ),
      ]
    }),
  ]
}

/** inner(u, end, table, to): for each digit, four partial sums of u (16 bits) times the digits at table, 4n bytes a digit. */
function inner(n: number, digits: number): Code {
  const [u, end, table, to, U] = [0, 1, 2, 3, 4]
  return [
    repeat(
      [get(u), loadV(), set(U)],
      range(digits).map((d) => [get(U), get(table), loadV(d * 4 * n), DOT_16, get(5 + d), ADD_32, set(5 + d)]),
      [advance(u, int(16)), advance(table, int(16)), below(u, get(end))],
    ),
    range(digits).map((d) => [get(to), get(5 + d), storeV(16 * d)]),
  ]
}

/** noise(random, to, end): the difference of two counts of 21 random bits, as bytes; six streams of n random bytes. */
function noise(n: number): Code {
  const [random, to, end, LOW] = [0, 1, 2, 3]
  const count = (stream: number, some = false): Code => [
    [get(random), loadV(stream * n), some ? [get(LOW), AND] : []],
    COUNT_BITS_8,
  ]
  return [
    [int(31), vector(0x0f), set(LOW)],
    repeat(
      [get(to), count(0), count(1), ADD_8, count(2, true), ADD_8],
      [count(3), count(4), ADD_8, count(5, true), ADD_8, SUB_8, storeV()],
      [advance(random, int(16)), advance(to, int(16)), below(to, get(end))],
    ),
  ]
}

/** touch(from, end): reads a word of each line of the cache, in order: `gather` goes in leaps, which no core fetches ahead. */
function touch(): Code {
  const [from, end, sum] = [0, 1, 2]
  return repeat([get(sum), get(from), load32(), ADD, set(sum)], [advance(from, int(64)), below(from, get(end))])
}

/** The module for this layout, on a shared memory. */
export function assembleNodeSums(n: number, windows: number, set: NodeSet): Uint8Array<ArrayBuffer> {
  const primes = setNamed(set).dataPrimes
  const { second, first } = cutsOf(set)
  const digits = second.length
  const of = (all: readonly Digit[], j: number) => all.filter(({ prime }) => prime === j)
  const firstOf = (all: readonly Digit[], j: number) => all.findIndex(({ prime }) => prime === j)
  const code = { n, windows, digits }
  return assembleModule(
    [
      ...primes.flatMap((prime, j) => [
        {
          name: `cutSecond${j}`,
          parameters: 4,
          integers: 0,
          vectors: 0,
          longs: 3,
          code: cutSecond(n, windows, prime, of(second, j), firstOf(second, j)),
        },
        {
          name: `cutFirst${j}`,
          parameters: 3,
          integers: 0,
          vectors: 0,
          longs: 1,
          code: cutFirst(n, windows, primes, j),
        },
      ]),
      { name: 'head', parameters: 4, integers: 0, vectors: 7 + vectorsAtOnce(windows), code: head(windows) },
      { name: 'tail', parameters: 4, integers: 0, vectors: 8 + vectorsAtOnce(windows), code: tail(windows) },
      { name: 'pass2', parameters: 6, integers: 4, vectors: 7, code: pass2(windows, false) },
      { name: 'pass2Back', parameters: 6, integers: 4, vectors: 7, code: pass2(windows, true) },
      { name: 'pass4', parameters: 8, integers: 6, vectors: 13, code: pass4(windows, 'lazy') },
      { name: 'pass4Last', parameters: 8, integers: 6, vectors: 13, code: pass4(windows, 'last') },
      { name: 'pass4Back', parameters: 8, integers: 6, vectors: 13, code: pass4(windows, 'back') },
      { name: 'lookup', parameters: 4, integers: 6, vectors: 7, code: lookup(n, windows) },
      ...PRODUCT_SIZES.map((size) => ({
        name: `products${size}`,
        parameters: 5,
        integers: 0,
        vectors: 14,
        code: products(code, size),
      })),
      { name: 'settle', parameters: 5, integers: 0, vectors: 7, code: settle(digits) },
      { name: 'clear', parameters: 2, integers: 0, vectors: 0, code: [get(0), int(0), get(1), FILL] },
      { name: 'touch', parameters: 2, integers: 1, vectors: 0, code: touch() },
      { name: 'add', parameters: 4, integers: 0, vectors: 3, code: add() },
      { name: 'spread', parameters: 3, integers: 0, vectors: 0, code: spread(digits) },
      { name: 'place', parameters: 6, integers: 0, vectors: 1, code: place() },
      { name: 'list', parameters: 8, integers: 1, vectors: 0, code: list() },
      { name: 'gather', parameters: 4, integers: 3, vectors: 1 + GATHERED, code: gather(windows, primes.length) },
      { name: 'inner', parameters: 4, integers: 0, vectors: 1 + first.length, code: inner(n, first.length) },
      { name: 'noise', parameters: 3, integers: 0, vectors: 1, code: noise(n) },
      ...NODE_SETS[set].shifts.map((shift, value) => ({
        name: `lower${value}`,
        parameters: 4,
        integers: 0,
        vectors: 0,
        longs: 3 + primes.length,
        doubles: 1,
        code: lower(n, windows, primes, second, 1n << BigInt(shift)),
      })),
    ],
    true,
  )
}
