// Pseudo-random expansion of a seed: HKDF-SHA256 over a label gives the key and counter of an AES-256-CTR stream.
// The same seed and label always give the same values, so a re-run after a crash draws the same masks.
import { createCipheriv, hkdfSync } from 'node:crypto'
import { Secret } from '#runtime/secret.ts'
import { T } from './ring.ts'

const CHUNK_BYTES = 1 << 16
const ZEROS = new Uint8Array(CHUNK_BYTES)
const HIGH_BITS = 2 ** 18 - 1 // 32 + 18 = 50 bits, the width of T

/** n bytes of the stream of (seed, label). Distinct labels give independent streams. */
export function expandBytes(seed: Secret | Uint8Array, label: string, n: number): Uint8Array {
  const next = openStream(seed, label)
  const out = new Uint8Array(n)
  for (let at = 0; at < n; at += CHUNK_BYTES) out.set(next().subarray(0, Math.min(CHUNK_BYTES, n - at)), at)
  return out
}

/** n integers, uniform in [0, T): 50 bits each, refused and drawn again when not below T. */
export function expandUniform(seed: Secret | Uint8Array, label: string, n: number): Float64Array {
  const words = openWords(seed, label)
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let value = T
    while (value >= T) value = words() + (words() & HIGH_BITS) * 2 ** 32
    out[i] = value
  }
  return out
}

/** A uniform permutation of 0 … n-1 (Fisher–Yates with unbiased draws). */
export function permutation(seed: Secret | Uint8Array, label: string, n: number): Uint32Array {
  const words = openWords(seed, label)
  const out = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const limit = 2 ** 32 - (2 ** 32 % (i + 1)) // draws at or above it would favour small indices
    let draw = words()
    while (draw >= limit) draw = words()
    const j = draw % (i + 1)
    const moved = out[i] as number
    out[i] = out[j] as number
    out[j] = moved
  }
  return out
}

/** The stream as chunks of CHUNK_BYTES. */
export function openStream(seed: Secret | Uint8Array, label: string): () => Uint8Array {
  const derive = (bytes: Uint8Array) => new Uint8Array(hkdfSync('sha256', bytes, new Uint8Array(), label, 48))
  const keyed = seed instanceof Secret ? seed.reveal(derive) : derive(seed)
  const cipher = createCipheriv('aes-256-ctr', keyed.subarray(0, 32), keyed.subarray(32))
  keyed.fill(0)
  return () => cipher.update(ZEROS)
}

/** The stream as 32-bit words, little-endian. */
function openWords(seed: Secret | Uint8Array, label: string): () => number {
  const next = openStream(seed, label)
  let words = new Uint32Array(0)
  let at = 0
  return () => {
    if (at === words.length) {
      words = new Uint32Array(Uint8Array.from(next()).buffer)
      at = 0
    }
    return words[at++] as number
  }
}
