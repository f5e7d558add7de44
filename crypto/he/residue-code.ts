// WebAssembly code between residues of 64 bits and the digits of node-code.ts: cutting, and the way back from sums of
// digits, plus noise, to residues at the level of answers. Scalar: products of 60-bit words have no vector form.
import {
  advance,
  below,
  type Code,
  DOUBLE,
  double,
  EXTEND_LONG,
  get,
  int,
  load32Long,
  load8Long,
  loadLong,
  LONG,
  long,
  repeat,
  set,
  store32Long,
  storeLong,
  TO_DOUBLE,
  TO_LONG,
} from './assembler.ts'
import type { Digit } from './node-layout.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** cutSecond_j(from, to, end, q): residues modulo prime j at from … end, one window, to balanced digits modulo q. */
export function cutSecond(n: number, windows: number, prime: bigint, digits: readonly Digit[], first: number): Code {
  const [from, to, end, q, v, low, mod] = [0, 1, 2, 3, 4, 5, 6]
  const store = (d: number): Code => [
    [get(to), get(low), get(low), long(63n), LONG.shrSigned, get(mod), LONG.and, LONG.add],
    store32Long((first + d) * 4 * n),
  ]
  return [
    [get(q), EXTEND_LONG, set(mod)],
    repeat(
      [get(from), loadLong(), set(v)],
      [get(v), long(prime >> 1n), get(v), LONG.sub, long(63n), LONG.shrSigned, long(prime), LONG.and, LONG.sub, set(v)],
      digits.map(({ bits }, d) => {
        const half = 1n << BigInt(bits - 1)
        if (d === digits.length - 1) return [get(v), set(low), store(d)]
        return [
          [get(v), long(half), LONG.add, long(2n * half - 1n), LONG.and, long(half), LONG.sub, set(low)],
          [get(v), get(low), LONG.sub, long(BigInt(bits)), LONG.shrSigned, set(v), store(d)],
        ]
      }),
      [advance(from, int(8)), advance(to, int(4 * windows)), below(from, get(end))],
    ),
  ]
}

/**
 * cutFirst_j(from, to, end): residues modulo prime j, those of the first window at from … end, to the table that `gather`
 * reads, row by row: by window what the residue lacks of the prime, then by window the residue.
 */
export function cutFirst(n: number, windows: number, primes: readonly bigint[], j: number): Code {
  const [from, to, end, v] = [0, 1, 2, 3]
  const at = (window: number) => 8 * (2 * j * windows + window)
  return repeat(
    range(windows).map((window) => [
      [get(from), loadLong((8 * n * window) / windows), set(v)],
      [get(to), long(primes[j] as bigint), get(v), LONG.sub, storeLong(at(window))],
      [get(to), get(v), storeLong(at(windows + window))],
    ]),
    [advance(from, int(8)), advance(to, int(16 * primes.length * windows)), below(from, get(end))],
  )
}

/** By the extended Euclid: a^-1 modulo p, between −p/2 and p/2. */
export function inverseModulo(a: bigint, p: bigint): bigint {
  let [r0, r1, s0, s1] = [p, ((a % p) + p) % p, 0n, 1n]
  while (r1 !== 0n) {
    const quotient = r0 / r1
    ;[r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1]
  }
  return centre(s0, p)
}

function centre(value: bigint, p: bigint): bigint {
  const rest = ((value % p) + p) % p
  return rest > p / 2n ? rest - p : rest
}

/** Bits of the lower part of a residue that is multiplied in two parts. */
const HALF = 30n

/**
 * lower(from, noise, to, end): signed sums of digits (`from`: the words of one window, digits 4n bytes apart) plus noise
 * (bytes), all times `factor`, switched down to the first prime as SEAL does: for i from the last prime,
 * x ← (x − [x]_i) / p_i. That is linear in the digits modulo p_j and in the [x]_i of the primes above, each below 2^31 or
 * taken in two parts below 2^30: products in wrapped 64 bits, the quotient of their sum estimated in doubles to 2^-17.
 * Residues of 64 bits below the first prime, at to … end.
 */
export function lower(
  n: number,
  windows: number,
  primes: readonly bigint[],
  digits: readonly Digit[],
  factor: bigint,
): Code {
  const [from, noiseAt, to, end] = [0, 1, 2, 3]
  const [e, word, sum] = [4, 5, 6]
  const estimate = 7 + primes.length
  const dropped = (j: number) => 7 + j
  const own = (j: number) => digits.map((digit, d) => ({ ...digit, d })).filter(({ prime }) => prime === j)
  /** to the sum: local `word` times a constant modulo p */
  const addTimes = (times: bigint, p: bigint): Code => [
    [get(word), long(centre(times, p)), LONG.mul, get(sum), LONG.add, set(sum)],
    [get(word), TO_DOUBLE, double(Number(centre(times, p)) / Number(p)), DOUBLE.mul],
    [get(estimate), DOUBLE.add, set(estimate)],
  ]
  /** modulo p_j: what divides by the primes above it, up to p_i */
  const inverses = (j: number, i: number) =>
    primes.slice(j + 1, i + 1).reduce((total, p) => total * inverseModulo(p, primes[j] as bigint), 1n)
  /** x at prime j after the primes above were dropped, between −p_j/2 and p_j/2 but for a rounding */
  const reduced = (j: number): Code => {
    const p = primes[j] as bigint
    const scale = factor * inverses(j, primes.length - 1)
    const above = range(primes.length - 1 - j).map((k) => j + 1 + k)
    return [
      [long(0n), set(sum), double(0), set(estimate)],
      own(j).map(({ d, shift }) => [
        [get(from), load32Long(d * 4 * n), shift === 0 ? [get(e), LONG.add] : [], set(word)],
        addTimes(scale << BigInt(shift), p),
      ]),
      above.map((i) => [
        [get(dropped(i)), long(HALF), LONG.shrSigned, set(word), addTimes(-inverses(j, i) << HALF, p)],
        [get(dropped(i)), long((1n << HALF) - 1n), LONG.and, set(word), addTimes(-inverses(j, i), p)],
      ]),
      [get(sum), get(estimate), DOUBLE.nearest, TO_LONG, long(p), LONG.mul, LONG.sub, set(sum)],
    ]
  }
  /** by p where `above` is negative */
  const corrected = (above: Code, p: bigint): Code => [get(sum), above, long(63n), LONG.shrSigned, long(p), LONG.and]
  const others = range(primes.length - 1).map((index) => primes.length - 1 - index)
  const p0 = primes[0] as bigint
  return repeat(
    [get(noiseAt), load8Long(), set(e)],
    others.map((i) => {
      const p = primes[i] as bigint
      return [
        [reduced(i), corrected([long(p >> 1n), get(sum), LONG.sub], p), LONG.sub, set(sum)],
        [corrected([get(sum), long(p >> 1n), LONG.add], p), LONG.add, set(dropped(i))],
      ]
    }),
    [reduced(0), get(to), corrected([get(sum)], p0), LONG.add, storeLong()],
    [advance(from, int(4 * windows)), advance(noiseAt, int(1)), advance(to, int(8)), below(to, get(end))],
  )
}
