// Many ciphertexts in few messages.
import { refuseUnless } from '#protocols/core/codec.ts'

/** Ciphertexts in one message. */
const CIPHERTEXTS_PER_PART = 8

/**
 * Sends `count` ciphertexts in messages of up to eight.
 * @param send sends message `part`, which holds the ciphertexts some[0] … some[1] − 1
 */
export async function sendParts(
  count: number,
  send: (part: number, some: readonly [number, number]) => Promise<void>,
): Promise<void> {
  for (let part = 0; part * CIPHERTEXTS_PER_PART < count; part++) await send(part, rangeOf(part, count))
}

/** Receives `count` ciphertexts that were sent with `sendParts`. @throws PlatformError protocol.malformed */
export async function receiveParts(
  count: number,
  receive: (part: number) => Promise<readonly Uint8Array[]>,
): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for (let part = 0; part * CIPHERTEXTS_PER_PART < count; part++) {
    const [from, to] = rangeOf(part, count)
    const some = await receive(part)
    refuseUnless(some.length === to - from, `${to - from} ciphertexts in part ${part}`)
    all.push(...some)
  }
  return all
}

/** First and last + 1 ciphertext of a part. */
export function rangeOf(part: number, count: number): readonly [number, number] {
  return [part * CIPHERTEXTS_PER_PART, Math.min(count, (part + 1) * CIPHERTEXTS_PER_PART)]
}
