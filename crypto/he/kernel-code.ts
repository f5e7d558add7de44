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
  get,
  int,
  loadV,
  repeat,
  SHR_SIGNED,
  SPLAT,
  set,
  storeV,
  WIDE_HIGH,
  WIDE_LOW,
} from './assembler.ts'
import { pass4 } from './histogram-code.ts'
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

/** settle(acc, end, q): every 64-bit word at acc … end modulo q. */
function settle(): Code {
  const [acc, end, q] = [0, 1, 2]
  const [load64, store64, widen, remainder] = [[0x29, 0, 0], [0x37, 0, 0], 0xad, 0x82]
  return repeat(
    [get(acc), get(acc), load64, get(q), widen, remainder, store64],
    [advance(acc, int(8)), below(acc, get(end))],
  )
}

/** The module. Exports memory, the layers of the transform (histogram-code.ts, node-code.ts), lift, accumulate, settle. */
export function assembleKernel(): Uint8Array<ArrayBuffer> {
  return assembleModule([
    { name: 'head', parameters: 4, integers: 0, vectors: 7 + WINDOWS / 4, code: head(WINDOWS) },
    { name: 'pass4', parameters: 8, integers: 6, vectors: 13, code: pass4(WINDOWS, 'lazy') },
    { name: 'pass4Last', parameters: 8, integers: 6, vectors: 13, code: pass4(WINDOWS, 'last') },
    { name: 'lift', parameters: 4, integers: 0, vectors: 2, code: lift() },
    { name: 'accumulate', parameters: 4, integers: 0, vectors: 2, code: accumulate() },
    { name: 'settle', parameters: 3, integers: 0, vectors: 0, code: settle() },
  ])
}
