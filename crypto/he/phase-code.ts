// The WebAssembly code of phase-kernel.ts: sums of products of residues with constants modulo a prime of 60 bits.
import {
  advance,
  assembleModule,
  below,
  type Code,
  DOUBLE,
  double,
  get,
  loadDouble,
  loadLong,
  LONG,
  long,
  repeat,
  set,
  storeLong,
  TO_DOUBLE,
  TO_LONG,
} from './assembler.ts'

/** Bits of the lower part of a residue, which is multiplied in two parts. */
export const HALF = 30n

/** Bytes of one constant: itself, itself times 2^30, both between −p/2 and p/2, and both by p as doubles. */
export const CONSTANT_BYTES = 32

/**
 * dot(values, end, constants, to): Σ value · constant modulo p at `to`, between 0 and 4p. At most 2^11 values below 2^60, or 64
 * below 2^62. Products in wrapped 64 bits, the quotient of their sum in doubles: it stays below 2^41, and each of its 2^12
 * additions rounds by 2^-12 at most, so with its own rounding it is off by less than 1.6.
 */
function dot(p: bigint): Code {
  const [values, end, constants, to, value, part, sum, quotient] = [0, 1, 2, 3, 4, 5, 6, 7]
  const addPart = (some: Code, at: number): Code => [
    [get(value), some, set(part)],
    [get(part), get(constants), loadLong(at), LONG.mul, get(sum), LONG.add, set(sum)],
    [get(part), TO_DOUBLE, get(constants), loadDouble(16 + at), DOUBLE.mul, get(quotient), DOUBLE.add, set(quotient)],
  ]
  return [
    [long(2n * p), set(sum), double(0), set(quotient)],
    repeat(
      [get(values), loadLong(), set(value)],
      addPart([long((1n << HALF) - 1n), LONG.and], 0),
      addPart([long(HALF), LONG.shr], 8),
      [advance(constants, [0x41, CONSTANT_BYTES]), advance(values, [0x41, 8]), below(values, get(end))],
    ),
    [get(to), get(sum), get(quotient), DOUBLE.nearest, TO_LONG, long(p), LONG.mul, LONG.sub, storeLong()],
  ]
}

/** The module for this prime. */
export function assemblePhases(p: bigint): Uint8Array<ArrayBuffer> {
  return assembleModule([{ name: 'dot', parameters: 4, integers: 0, vectors: 0, longs: 3, doubles: 1, code: dot(p) }])
}
