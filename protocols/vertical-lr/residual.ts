// The residual d = p(z) − y on shares z = a + b: the pivot's characters of b, the guest's weights of them.
import { T } from '#crypto/he/params.ts'
import { SHARE_MODULUS } from './params.ts'
import type { Series } from './fourier.ts'

/** A signed integer as its residue modulo T. */
export function residue(value: number): number {
  return value < 0 ? value + T : value
}

/** A residue as the signed integer nearest to zero. */
export function centred(value: number): number {
  return value > T / 2 ? value - T : value
}

/**
 * The pivot's side: cos(kθ), sin(kθ), θ = 2π·share / SHARE_MODULUS, for k = 1 … harmonics, in 2^-bits,
 * as residues. 2·harmonics vectors of the length of `shares`, cosine before sine.
 */
export function characters(shares: Uint16Array, harmonics: number, bits: number): Float64Array[] {
  const table = turnTable(bits)
  const vectors: Float64Array[] = []
  for (let k = 1; k <= harmonics; k++) {
    const cosine = new Float64Array(shares.length)
    const sine = new Float64Array(shares.length)
    for (const [i, share] of shares.entries()) {
      const angle = (k * share) % SHARE_MODULUS
      cosine[i] = residue(table.cosine[angle]!)
      sine[i] = residue(table.sine[angle]!)
    }
    vectors.push(cosine, sine)
  }
  return vectors
}

/**
 * The guest's side: what to multiply each character with, so that Σ character·weight = f(a + b) − f.constant,
 * in 2^-(bits of the characters + bits), as residues. `seriesOf(i)` is the function wanted at row i, or undefined where
 * the row does not count.
 */
export function characterWeights(
  shares: Uint16Array,
  harmonics: number,
  seriesOf: (row: number) => Series | undefined,
  bits: number,
): Float64Array[] {
  const vectors = Array.from({ length: 2 * harmonics }, () => new Float64Array(shares.length))
  const scale = 2 ** bits
  for (const [i, share] of shares.entries()) {
    const series = seriesOf(i)
    if (series === undefined) continue
    for (let k = 1; k <= harmonics; k++) {
      const angle = (2 * Math.PI * ((k * share) % SHARE_MODULUS)) / SHARE_MODULUS
      const cos = Math.cos(angle)
      const sin = Math.sin(angle)
      const a = series.cosines[k - 1]!
      const b = series.sines[k - 1]!
      vectors[2 * k - 2]![i] = residue(Math.round((a * cos + b * sin) * scale))
      vectors[2 * k - 1]![i] = residue(Math.round((b * cos - a * sin) * scale))
    }
  }
  return vectors
}

/**
 * The guest's share of the residuals: (constant − y)·2^bits − mask, without the first term where a row does not
 * count (weight 0). The pivot's share is what it decrypts.
 */
export function guestResidualShare(
  constant: number,
  labels: Uint8Array,
  mask: Float64Array,
  bits: number,
  weights?: Uint8Array,
): Float64Array {
  const scale = 2 ** bits
  return Float64Array.from(labels, (label, i) => {
    const counts = weights === undefined || weights[i] === 1
    const value = (counts ? residue(Math.round((constant - label) * scale)) : 0) - mask[i]!
    return value < 0 ? value + T : value
  })
}

interface Turns {
  readonly cosine: Int16Array
  readonly sine: Int16Array
}

const turns = new Map<number, Turns>()

/** One turn in SHARE_MODULUS steps: both tables take 256 KiB and save two transcendental calls a row and harmonic. */
function turnTable(bits: number): Turns {
  let table = turns.get(bits)
  if (table === undefined) {
    const scale = 2 ** bits
    const at = (f: (angle: number) => number) =>
      Int16Array.from({ length: SHARE_MODULUS }, (_, i) => Math.round(f((2 * Math.PI * i) / SHARE_MODULUS) * scale))
    turns.set(bits, (table = { cosine: at(Math.cos), sine: at(Math.sin) }))
  }
  return table
}
