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
  store16Long,
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
 * cutFirst_j(from, to, end): residues at from … end, one window, to 16-bit digits as `gather` reads them: `to` is the
 * negated digit of the window in the first row, its positive twin `windows` words on.
 */
export function cutFirst(windows: number, all: number, digits: readonly Digit[], first: number): Code {
  const [from, to, end, v, low] = [0, 1, 2, 3, 4]
  return repeat(
    [get(from), loadLong(), set(v)],
    digits.map(({ bits }, d) => {
      const at = (first + d) * 4 * windows
      return [
        [get(v), long((1n << BigInt(bits)) - 1n), LONG.and, set(low), get(v), long(BigInt(bits)), LONG.shr, set(v)],
        [get(to), get(low), store16Long(at + 2 * windows), get(to), long(0n), get(low), LONG.sub, store16Long(at)],
      ]
    }),
    [advance(from, int(8)), advance(to, int(all * 4 * windows)), below(from, get(end))],
  )
}

/** x modulo p, between −p/2 and p/2, for |x · factor| below 2^77, |x| below 2^40: x · factor in wrapped 64 bits, quotient by doubles. */
function centred(x: number, factor: bigint, p: bigint): Code {
  const quotient: Code = [get(x), TO_DOUBLE, double(Number(factor) / Number(p)), DOUBLE.mul, DOUBLE.nearest, TO_LONG]
  const correct = (above: Code): Code => [get(x), above, long(63n), LONG.shrSigned, long(p), LONG.and]
  return [
    [get(x), long(factor), LONG.mul, quotient, long(p), LONG.mul, LONG.sub, set(x)],
    [correct([long(p >> 1n), get(x), LONG.sub]), LONG.sub, set(x)],
    [correct([get(x), long(p >> 1n), LONG.add]), LONG.add, set(x)],
  ]
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

/**
 * lower(from, noise, to, end): signed sums of digits (`from`: the words of one window, digits 4n bytes apart) plus noise
 * (bytes), switched down to the first prime as SEAL does: for i from the last prime, x ← (x − [x]_i) / p_i. Residues of
 * 64 bits below the first prime, at to … end.
 */
export function lower(n: number, windows: number, primes: readonly bigint[], digits: readonly Digit[]): Code {
  const [from, noiseAt, to, end] = [0, 1, 2, 3]
  const [e, word, sum] = [4, 5, 6]
  const estimate = 7 + primes.length
  const residue = (j: number) => 7 + j
  const p0 = primes[0] as bigint
  const [, ...others] = primes
  const each = (j: number) => digits.map((digit, d) => ({ ...digit, d })).filter(({ prime }) => prime === j)
  const load = (d: number): Code => [get(from), load32Long(d * 4 * n)]
  const composed = others.map((p, index): Code => {
    const j = index + 1
    return [
      [get(e), set(residue(j))],
      each(j).map(({ d, shift }) => [
        load(d),
        long(BigInt(shift)),
        LONG.shl,
        get(residue(j)),
        LONG.add,
        set(residue(j)),
      ]),
      centred(residue(j), 1n, p),
    ]
  })
  const drops = others.map((_, index) => others.length - index)
  const dropped = drops.map((i): Code => {
    const inner = range(i - 1).map((k) => k + 1)
    return inner.map((j) => [
      [get(residue(j)), get(residue(i)), LONG.sub, set(residue(j))],
      centred(residue(j), inverseModulo(primes[i] as bigint, primes[j] as bigint), primes[j] as bigint),
    ])
  })
  /** to the sum: local `word` times a constant modulo p0 */
  const addTimes = (factor: bigint): Code => [
    [get(word), long(factor), LONG.mul, get(sum), LONG.add, set(sum)],
    [get(word), TO_DOUBLE, double(Number(factor) / Number(p0)), DOUBLE.mul, get(estimate), DOUBLE.add, set(estimate)],
  ]
  const product = (upTo: number) =>
    primes.slice(1, upTo + 1).reduce((total, p) => (total * inverseModulo(p, p0)) % p0, 1n)
  const all = product(others.length)
  return repeat(
    [get(noiseAt), load8Long(), set(e), composed, dropped],
    [long(0n), set(sum), double(0), set(estimate)],
    each(0).map(({ d, shift }) => [
      [load(d), shift === 0 ? [get(e), LONG.add] : [], set(word)],
      addTimes(centre(all << BigInt(shift), p0)),
    ]),
    drops.map((i) => [[get(residue(i)), set(word)], addTimes(centre(-product(i), p0))]),
    [get(sum), get(estimate), DOUBLE.nearest, TO_LONG, long(p0), LONG.mul, LONG.sub, set(sum)],
    [get(to), get(sum), get(sum), long(63n), LONG.shrSigned, long(p0), LONG.and, LONG.add, storeLong()],
    [advance(from, int(4 * windows)), advance(noiseAt, int(1)), advance(to, int(8)), below(to, get(end))],
  )
}
