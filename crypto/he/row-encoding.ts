// Puts the values of rows into c0 of a fresh encryption of zero: SEAL encrypts, this adds the plaintext, q·v/(t·2^shift) rounded
// at random to one of its two neighbours, without bias. SEAL's own encoding rounds to the nearest: rows of equal values, of
// which the first tree has only a few, would then all be off by the same part of ½, and a sum by that times their number, which
// answers would have to hide. What is off without bias adds up as the noise of a fresh encryption does (README).
import {
  advance,
  assembleModule,
  below,
  type Code,
  DOUBLE,
  get,
  int,
  loadDouble,
  loadLong,
  LONG,
  long,
  repeat,
  set,
  storeLong,
  TO_LONG,
} from './assembler.ts'
import { FRACTION_BITS, N, type NodeSet, rowFraction, rowScales, setNamed } from './params.ts'
import { RandomStream } from './random-stream.ts'

const PAGE = 65_536
/** Memory: the prime, the scale and their ratio, the fraction and its double | values of a row | what is rounded to | residues modulo one prime. */
const VALUES_AT = 64
const ROUNDED_AT = VALUES_AT + 8 * N
const RESIDUES_AT = ROUNDED_AT + 8 * N

/**
 * roundRows(values, end, rounded): value · fraction / 2^62, rounded to a neighbour by the random word that stands in
 * `rounded`, whose place it takes. |value| ≤ 2^49: doubles give an integer off by less than 0.7, and the rest is exact.
 */
function roundRows(): Code {
  const [values, end, to, fraction, near, rest, share, x] = [0, 1, 2, 3, 4, 5, 6, 7]
  const mask = long((1n << BigInt(FRACTION_BITS)) - 1n)
  const bits = long(BigInt(FRACTION_BITS))
  return [
    [int(0), loadLong(24), set(fraction), int(0), loadDouble(32), set(share)],
    repeat(
      [get(values), loadDouble(), set(x), get(x), get(share), DOUBLE.mul, DOUBLE.nearest, TO_LONG, set(near)],
      [get(x), TO_LONG, get(fraction), LONG.mul, get(near), bits, LONG.shl, LONG.sub, set(rest)],
      [get(to), get(rest), get(to), loadLong(), mask, LONG.and, LONG.add, bits, LONG.shrSigned],
      [get(near), LONG.add, storeLong()],
      [advance(values, int(8)), advance(to, int(8)), below(values, get(end))],
    ),
  ]
}

/**
 * addRows(values, end, rounded, residues): residues plus value · scale + rounded. |value| ≤ 2^49: the quotient by doubles is
 * off by less than 0.7, and what is rounded to is below 2^50.
 */
function addRows(): Code {
  const [values, end, rounded, to, prime, scale, v, sum, ratio, x] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  return [
    [int(0), loadLong(), set(prime), int(0), loadLong(8), set(scale), int(0), loadDouble(16), set(ratio)],
    repeat(
      [get(values), loadDouble(), set(x), get(x), TO_LONG, set(v)],
      [get(v), get(scale), LONG.mul, get(x), get(ratio), DOUBLE.mul, DOUBLE.nearest, TO_LONG, get(prime), LONG.mul],
      [LONG.sub, get(rounded), loadLong(), LONG.add, get(to), loadLong(), LONG.add, set(sum)],
      // from −p to 2p, to 0 … p − 1
      [get(sum), get(sum), long(63n), LONG.shrSigned, get(prime), LONG.and, LONG.add, get(prime), LONG.sub, set(sum)],
      [get(to), get(sum), get(sum), long(63n), LONG.shrSigned, get(prime), LONG.and, LONG.add, storeLong()],
      [advance(values, int(8)), advance(rounded, int(8)), advance(to, int(8)), below(values, get(end))],
    ),
  ]
}

interface Exports {
  readonly memory: WebAssembly.Memory
  roundRows(values: number, end: number, rounded: number): void
  addRows(values: number, end: number, rounded: number, residues: number): void
}

function start(): Exports {
  const code = assembleModule([
    { name: 'roundRows', parameters: 3, integers: 0, vectors: 0, longs: 3, doubles: 2, code: roundRows() },
    { name: 'addRows', parameters: 4, integers: 0, vectors: 0, longs: 4, doubles: 2, code: addRows() },
  ])
  const exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports
  exports.memory.grow(Math.ceil((RESIDUES_AT + 8 * N) / PAGE))
  return exports
}

const run = start()
const random = new RandomStream()

/**
 * Adds the values of rows (integers in [0, plain modulus), taken as between −t/2 and t/2) to c0.
 * residues: 64 bits each, prime by prime, written in place. values: by value of a row, one a row.
 */
export function encodeRows(name: NodeSet, residues: Uint8Array, values: readonly Float64Array[]): void {
  const { dataPrimes, plainModulus } = setNamed(name)
  const memory = new Uint8Array(run.memory.buffer)
  const longs = new BigInt64Array(run.memory.buffer, 0, 4)
  const numbers = new Float64Array(run.memory.buffer, 0, RESIDUES_AT / 8)
  for (const [value, rows] of values.entries()) {
    const centred = numbers.subarray(VALUES_AT / 8, VALUES_AT / 8 + rows.length)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      centred[i] = row >= plainModulus / 2 ? row - plainModulus : row
    }
    if (rows.length === 0) continue
    const fraction = rowFraction(name, value)
    longs[3] = fraction
    numbers[4] = Number(fraction) / 2 ** FRACTION_BITS
    memory.set(random.bytes(8 * rows.length), ROUNDED_AT)
    run.roundRows(VALUES_AT, VALUES_AT + 8 * rows.length, ROUNDED_AT)
    for (const [j, scale] of rowScales(name, value).entries()) {
      const prime = dataPrimes[j] as bigint
      const factor = scale > prime / 2n ? scale - prime : scale
      const words = residues.subarray(8 * N * j, 8 * (N * j + rows.length))
      longs[0] = prime
      longs[1] = factor
      numbers[2] = Number(factor) / Number(prime)
      memory.set(words, RESIDUES_AT)
      run.addRows(VALUES_AT, VALUES_AT + 8 * rows.length, ROUNDED_AT, RESIDUES_AT)
      words.set(memory.subarray(RESIDUES_AT, RESIDUES_AT + words.length))
    }
    centred.fill(0)
    memory.fill(0, ROUNDED_AT, ROUNDED_AT + 8 * rows.length)
  }
}
