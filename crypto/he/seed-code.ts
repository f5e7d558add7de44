// The WebAssembly code of seed-kernel.ts: compression of BLAKE2b (RFC 7693) for two outputs at a time, one a lane, and the
// reduction of what comes out modulo a prime a little below 2^60.
import {
  ADD_64,
  advance,
  AND,
  AND_NOT,
  assembleModule,
  below,
  type Code,
  EXTEND_LONG,
  get,
  GREATER_64,
  int,
  loadLongSplat,
  loadV,
  longs,
  MUL_32,
  OR,
  pick,
  repeat,
  set,
  SHL_64,
  SHR_64,
  SPLAT_64,
  store32,
  storeV,
  SUB_64,
  SWIZZLE,
  TOP_BITS_64,
  XOR,
} from './assembler.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Which words of the message a round adds; rounds 10 and 11 are rounds 0 and 1 again. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const
const ROUNDS = 12

/** What the two halves of a round mix, four steps at a time: columns and diagonals of the 16 words. */
const MIXED = [
  [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
  ],
  [
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
  ],
] as const

/** Words of a message that may be other than zero. */
const MESSAGE_WORDS = 8

/** Bytes of two words that are turned right by 24 and by 16 bits. */
const TURNED_24 = [0x0201000706050403n, 0x0a09080f0e0d0c0bn] as const
const TURNED_16 = [0x0100070605040302n, 0x09080f0e0d0c0b0an] as const

/**
 * squeeze(state, message, to, end): hashes of 64 bytes at to … end, two at a time. state: the 16 words that compression starts
 * from, for number 0; number i is XORed into word 1. message: 8 words; the other 8 are zero.
 */
function squeeze(): Code {
  const [state, message, to, end, NUMBERS, T, BY_24, BY_16, V] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const word = (m: number): Code => (m < MESSAGE_WORDS ? [get(message), loadLongSplat(8 * m), ADD_64] : [])
  const by32: Code = [set(T), get(T), get(T), pick(1, 0, 3, 2)]
  const by63: Code = [set(T), get(T), get(T), ADD_64, get(T), int(63), SHR_64, OR]
  /** half of each of four steps; one instruction of all four before the next: they do not wait for each other */
  const half = (four: (typeof MIXED)[number], words: readonly number[], turnD: Code, turnB: Code): Code => [
    four.map(([a, b], i) => [get(V + a), word(words[i] as number), get(V + b), ADD_64, set(V + a)]),
    four.map(([a, , , d]) => [get(V + d), get(V + a), XOR, turnD, set(V + d)]),
    four.map(([, , c, d]) => [get(V + c), get(V + d), ADD_64, set(V + c)]),
    four.map(([, b, c]) => [get(V + b), get(V + c), XOR, turnB, set(V + b)]),
  ]
  const round = (index: number): Code =>
    MIXED.map((four, part) => {
      const words = (SIGMA[index % SIGMA.length] as (typeof SIGMA)[number]).slice(8 * part, 8 * part + 8)
      const [even, odd] = [0, 1].map((rest) => words.filter((_, i) => i % 2 === rest)) as [number[], number[]]
      return [half(four, even, by32, [get(BY_24), SWIZZLE]), half(four, odd, [get(BY_16), SWIZZLE], by63)]
    })
  const start = (i: number): Code => [get(state), loadLongSplat(8 * i), i === 1 ? [get(NUMBERS), XOR] : []]
  const result = (i: number): Code => [start(i), get(V + i), XOR, get(V + 8 + i), XOR, set(V + i)]
  return [
    [longs(0n, 1n), set(NUMBERS), longs(...TURNED_24), set(BY_24), longs(...TURNED_16), set(BY_16)],
    repeat(
      range(16).map((i) => [start(i), set(V + i)]),
      range(ROUNDS).map(round),
      range(8).map(result),
      [0, 2, 4, 6].map((i) => [
        [get(to), get(V + i), get(V + i + 1), pick(0, 1, 4, 5), storeV(8 * i)],
        [get(to), get(V + i), get(V + i + 1), pick(2, 3, 6, 7), storeV(8 * i + 64)],
      ]),
      [get(NUMBERS), longs(2n, 2n), ADD_64, set(NUMBERS)],
      [advance(to, int(128)), below(to, get(end))],
    ),
  ]
}

/**
 * reduce(at, end, delta, found): 64-bit words at at … end modulo p = 2^60 − delta, in place, for delta ≤ 2^28.
 * SEAL draws anew what is 16p − 1 or more; whether a word was becomes the word at `found`.
 * With w = 2^60 · k + low, w − k·p = low + k · delta is below p + 16 · delta ≤ 2p.
 */
function reduce(): Code {
  const [at, end, delta, found, DELTA, MARGIN, P, LAST, LOW, WRONG, W, R] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
  const both = (value: bigint): Code => longs(value, value)
  return [
    [get(delta), EXTEND_LONG, SPLAT_64, set(DELTA), both(1n << 60n), get(DELTA), SUB_64, set(P)],
    [get(P), both(1n), SUB_64, set(LAST), both((1n << 60n) - 1n), set(LOW)],
    [get(DELTA), int(4), SHL_64, both(1n), ADD_64, set(MARGIN)],
    repeat(
      [get(at), loadV(), set(W)],
      // 2^64 − MARGIN is that limit: a word from there on loses its top bit when MARGIN is added, and no other word does
      [get(WRONG), get(W), get(W), get(MARGIN), ADD_64, AND_NOT, OR, set(WRONG)],
      [get(W), get(LOW), AND, get(W), int(60), SHR_64, get(DELTA), MUL_32, ADD_64, set(R)],
      [get(at), get(R), get(R), get(LAST), GREATER_64, get(P), AND, SUB_64, storeV()],
      [advance(at, int(16)), below(at, get(end))],
    ),
    [get(found), get(WRONG), TOP_BITS_64, store32()],
  ]
}

/** The module: it depends on no parameter set. */
export function assembleSeeds(): Uint8Array<ArrayBuffer> {
  return assembleModule([
    { name: 'squeeze', parameters: 4, integers: 0, vectors: 20, code: squeeze() },
    { name: 'reduce', parameters: 4, integers: 0, vectors: 8, code: reduce() },
  ])
}
