// The WebAssembly SIMD code of kernel.ts. Arithmetic modulo primes q < 2^30 on 32-bit words: forward transform (Harvey's
// lazy butterflies with Shoup quotients, SEAL's roots) with words by row and window, so that lanes need not move; lift of
// signed integers, multiply-accumulate into 64-bit words, reduction of those.
import {
  ADD_32,
  ADD_64,
  AND,
  advance,
  assembleModule,
  below,
  type Code,
  EXTEND_HIGH,
  EXTEND_LOW,
  get,
  int,
  loadV,
  MUL_32,
  pick,
  repeat,
  SHR_SIGNED,
  SPLAT,
  set,
  storeV,
  WIDE_HIGH,
  WIDE_LOW,
} from './assembler.ts'
import { fold, pass4, reduceBy } from './histogram-code.ts'
import { head } from './node-code.ts'

/** Windows of a polynomial: word (row j, window k) stands at j · WINDOWS + k and is word k · rows + j in SEAL's order. */
export const WINDOWS = 8

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

/**
 * settle(acc, end, q, e): every 64-bit word at acc … end modulo q, for e = 2^32 mod q below 2^21. Three folds leave less
 * than 2^33: the high word is 0 or 1.
 */
function settle(): Code {
  const [acc, end, q, e] = [0, 1, 2, 3]
  const [L, H, A, B, E, Q, Q2] = [4, 5, 6, 7, 8, 9, 10] as const
  return [
    [get(e), SPLAT, set(E), get(q), SPLAT, set(Q), get(Q), get(Q), ADD_32, set(Q2)],
    repeat(
      [get(acc), loadV(), set(L), get(acc), loadV(16), set(H)],
      [fold(L, H, A, B, E), fold(L, H, A, B, E), fold(L, H, A, B, E)],
      [get(L), get(H), pick(1, 3, 5, 7), set(A), get(L), get(H), pick(0, 2, 4, 6), set(B)],
      [reduceBy(B, Q2), reduceBy(B, Q)],
      [get(A), get(E), MUL_32, get(B), ADD_32, set(B), reduceBy(B, Q)],
      [get(acc), get(B), EXTEND_LOW, storeV(), get(acc), get(B), EXTEND_HIGH, storeV(16)],
      [advance(acc, int(32)), below(acc, get(end))],
    ),
  ]
}

/** The module. Exports memory, the layers of the transform (histogram-code.ts, node-code.ts), lift, accumulate, settle. */
export function assembleKernel(): Uint8Array<ArrayBuffer> {
  return assembleModule([
    { name: 'head', parameters: 4, integers: 0, vectors: 7 + WINDOWS / 4, code: head(WINDOWS) },
    { name: 'pass4', parameters: 8, integers: 6, vectors: 13, code: pass4(WINDOWS, 'lazy') },
    { name: 'pass4Last', parameters: 8, integers: 6, vectors: 13, code: pass4(WINDOWS, 'last') },
    { name: 'lift', parameters: 4, integers: 0, vectors: 2, code: lift() },
    { name: 'accumulate', parameters: 4, integers: 0, vectors: 2, code: accumulate() },
    { name: 'settle', parameters: 4, integers: 0, vectors: 7, code: settle() },
  ])
}
