// Puts the values of rows into c0 of a fresh encryption of zero: SEAL encrypts, this adds the plaintext, v · scale modulo
// each prime (params.ts, rowScales). SEAL's own encoding rounds every row by itself, and that rounding would be noise that
// answers have to hide.
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
import { N, type NodeSet, rowScales, setNamed } from './params.ts'

const PAGE = 65_536
/** Memory: the prime, the scale and their ratio | values of a row | residues modulo one prime. */
const VALUES_AT = 64
const RESIDUES_AT = VALUES_AT + 8 * N

/** addRows(values, end, residues): residues plus value · scale. |value| ≤ 2^50: the quotient by doubles is off by less than 1. */
function addRows(): Code {
  const [values, end, to, prime, scale, v, sum, ratio, x] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  return [
    [int(0), loadLong(), set(prime), int(0), loadLong(8), set(scale), int(0), loadDouble(16), set(ratio)],
    repeat(
      [get(values), loadDouble(), set(x), get(x), TO_LONG, set(v)],
      [get(v), get(scale), LONG.mul, get(x), get(ratio), DOUBLE.mul, DOUBLE.nearest, TO_LONG, get(prime), LONG.mul],
      [LONG.sub, get(to), loadLong(), LONG.add, set(sum)],
      // from −p to 2p, to 0 … p − 1
      [get(sum), get(sum), long(63n), LONG.shrSigned, get(prime), LONG.and, LONG.add, get(prime), LONG.sub, set(sum)],
      [get(to), get(sum), get(sum), long(63n), LONG.shrSigned, get(prime), LONG.and, LONG.add, storeLong()],
      [advance(values, int(8)), advance(to, int(8)), below(values, get(end))],
    ),
  ]
}

interface Exports {
  readonly memory: WebAssembly.Memory
  addRows(values: number, end: number, residues: number): void
}

function start(): Exports {
  const code = assembleModule([
    { name: 'addRows', parameters: 3, integers: 0, vectors: 0, longs: 4, doubles: 2, code: addRows() },
  ])
  const exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports
  exports.memory.grow(Math.ceil((RESIDUES_AT + 8 * N) / PAGE))
  return exports
}

const run = start()

/**
 * Adds the values of rows (integers in [0, plain modulus), taken as between −t/2 and t/2) to c0.
 * residues: 64 bits each, prime by prime, written in place. values: by value of a row, one a row.
 */
export function encodeRows(name: NodeSet, residues: Uint8Array, values: readonly Float64Array[]): void {
  const { dataPrimes, plainModulus } = setNamed(name)
  const memory = new Uint8Array(run.memory.buffer)
  const longs = new BigInt64Array(run.memory.buffer, 0, 2)
  const numbers = new Float64Array(run.memory.buffer, 0, RESIDUES_AT / 8)
  for (const [value, rows] of values.entries()) {
    const centred = numbers.subarray(VALUES_AT / 8, VALUES_AT / 8 + rows.length)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      centred[i] = row >= plainModulus / 2 ? row - plainModulus : row
    }
    for (const [j, scale] of rowScales(name, value).entries()) {
      if (rows.length === 0) continue
      const prime = dataPrimes[j] as bigint
      const factor = scale > prime / 2n ? scale - prime : scale
      const words = residues.subarray(8 * N * j, 8 * (N * j + rows.length))
      longs[0] = prime
      longs[1] = factor
      numbers[2] = Number(factor) / Number(prime)
      memory.set(words, RESIDUES_AT)
      run.addRows(VALUES_AT, VALUES_AT + 8 * rows.length, RESIDUES_AT)
      words.set(memory.subarray(RESIDUES_AT, RESIDUES_AT + words.length))
    }
    centred.fill(0)
  }
}
