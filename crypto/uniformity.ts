// Pearson's test: do bytes, or values, look uniformly random? What is encrypted or masked does; text, counters, numbers
// and vectors of small values do not. One honest test in 10^9 fails.

/** Values of χ² with so many degrees of freedom that a uniform source exceeds once in 10^9. */
const LIMITS: Readonly<Record<16 | 256, number>> = { 16: 73.63, 256: 414.545 }
/** Below five expected a cell the statistic is no longer distributed as χ². */
const LEAST_EXPECTED = 5
/** Bytes looked at in a longer stretch. */
const SAMPLE = 2048
/** An odd number without pattern (2^32 over the golden ratio). */
const MIX = 0x9e3779b1

/** True where equally likely cells with these counts are plausible: p > 1e-9. */
export function plausible(counts: Uint32Array): boolean {
  const limit = counts.length === 256 ? LIMITS[256] : LIMITS[16]
  let total = 0
  for (let cell = 0; cell < counts.length; cell++) total += counts[cell] as number
  const expected = total / counts.length
  let squares = 0
  for (let cell = 0; cell < counts.length; cell++) {
    const off = (counts[cell] as number) - expected
    squares += off * off
  }
  return squares <= limit * expected
}

/** Largest χ² of 16 or 256 cells that passes. */
export function largestPlausible(cells: 16 | 256): number {
  return LIMITS[cells]
}

/**
 * Bytes from `from` to `to` − 1: at most 2,048 of them, evenly spread. Few bytes are taken as halves in 16 cells;
 * with fewer than 40 bytes nothing can be said and the answer is true.
 */
export function uniformBytes(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  const length = to - from
  const step = Math.max(1, Math.floor(length / SAMPLE))
  if (Math.floor(length / step) >= 256 * LEAST_EXPECTED) {
    const counts = new Uint32Array(256)
    // From each stretch of `step` bytes one, at a place that changes: a fixed one could fall into step with the values.
    for (let i = 0, at = from; i < SAMPLE && at + step <= to; i++, at += step)
      counts[bytes[at + ((Math.imul(i, MIX) >>> 8) % step)] as number]! += 1
    return plausible(counts)
  }
  if (2 * length < 16 * LEAST_EXPECTED) return true
  const counts = new Uint32Array(16)
  for (let at = from; at < to; at++) {
    counts[(bytes[at] as number) & 15]! += 1
    counts[(bytes[at] as number) >> 4]! += 1
  }
  return plausible(counts)
}

/** As uniformValues, for values of `bits` bits (4 … 31): integer arithmetic, for the way of every message. */
export function uniformBits(values: Uint32Array, bits: number): boolean {
  if (values.length < 16 * LEAST_EXPECTED) return true
  const counts = new Uint32Array(48)
  const [mask, shift] = [(1 << bits) - 1, bits - 4]
  let before = values[0] as number
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    counts[value >> shift]! += 1
    counts[16 + (value & 15)]! += 1
    if (i > 0) counts[32 + (((value - before) & mask) >> shift)]! += 1
    before = value
  }
  return [0, 16, 32].every((at) => plausible(counts.subarray(at, at + 16)))
}

/** Integers that should be uniform in [0, modulus): their size, their lowest four bits, and the steps between neighbours. */
export function uniformValues(values: ArrayLike<number>, modulus: number): boolean {
  if (values.length < 16 * LEAST_EXPECTED) return true
  const [size, low, steps] = [new Uint32Array(16), new Uint32Array(16), new Uint32Array(16)]
  const cell = (value: number) => Math.min(15, Math.floor((value / modulus) * 16))
  let before = values[values.length - 1] as number
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    size[cell(value)]! += 1
    low[value % 16]! += 1
    if (i > 0) steps[cell((value - before + modulus) % modulus)]! += 1
    before = value
  }
  return plausible(size) && plausible(low) && plausible(steps)
}
