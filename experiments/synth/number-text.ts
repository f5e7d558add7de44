// Numbers as the files spell them: six significant digits, which hides last-digit differences of Math.exp between
// machines, in a hurry: files have hundreds of millions of them.

const SCALES = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1] as const
/** Sizes below UPPER[k], and not below the one before, are scaled by SCALES[k] to six digits. */
const UPPER = [1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6] as const
const TIE_MARGIN = 1e-4

/** The same text as `String(Number(value.toPrecision(6)))`, a whole number from a million on, empty if missing. */
export function formatValue(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  const size = Math.abs(value)
  if (size >= 1e6) return String(Math.round(value))
  if (Number.isInteger(value)) return String(value)
  if (size < 1e-4) return exactly(value)
  // Digits after the point: 9 for 0.0001… down to 0 for 100000….
  let place = 0
  while (size >= UPPER[place]!) place += 1
  const scale = SCALES[place]!
  const scaled = size * scale
  const whole = Math.floor(scaled)
  const rest = scaled - whole
  // Near a tie, and at the ends of the range, the slow way decides.
  if (Math.abs(rest - 0.5) < TIE_MARGIN || whole < 99_999 || whole >= 999_999) return exactly(value)
  let digits = rest < 0.5 ? whole : whole + 1
  const integer = Math.floor(digits / scale)
  digits -= integer * scale
  const sign = value < 0 ? '-' : ''
  if (digits === 0) return `${sign}${integer}`
  // The leading 1 keeps the zeros behind the point; zeros at the end are cut.
  let tail = digits + scale
  while (tail % 10 === 0) tail /= 10
  return `${sign}${integer}.${String(tail).slice(1)}`
}

function exactly(value: number): string {
  return String(Number(value.toPrecision(6)))
}
