// Codecs of message bodies: protobuf at the wire, checked plain values inside.
import { messageType } from '#protos/load.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Codec } from './schedule.ts'

/**
 * A codec over a protobuf message. `open` turns the decoded message into a plain value and is the one place
 * where foreign bytes are trusted or refused: it checks lengths, ranges and finite numbers with `refuseUnless`.
 */
export function messageCodec<Wire, Body>(
  fullName: string,
  wrap: (body: Body) => Wire,
  open: (wire: Wire) => Body,
): Codec<Body> {
  // Looked up at first use, so that importing a schedule reads no files.
  let type: ReturnType<typeof messageType<Wire>> | undefined
  const load = () => (type ??= messageType<Wire>(fullName))
  return {
    encode: (body) => load().encode(wrap(body)),
    decode: (bytes) => open(load().decode(bytes)),
  }
}

/** @throws PlatformError protocol.malformed with what was expected */
export function refuseUnless(holds: boolean, expected: string): void {
  if (!holds) throw new PlatformError('protocol.malformed', { expected })
}

/** Names of columns outside their owner's walls. */
export const ALIAS_PATTERN = '^[A-Za-z][A-Za-z0-9_.-]{0,63}$'
const ALIAS = new RegExp(ALIAS_PATTERN)

/** @throws PlatformError protocol.malformed */
export function refuseUnlessAlias(alias: string): void {
  refuseUnless(ALIAS.test(alias), 'an alias of letters, digits, dot and dash')
}

/** A public key as wire bytes. @param fullName a protobuf message with the one field `key` */
export function keyCodec(fullName: string): Codec<Uint8Array> {
  return messageCodec<{ key: Buffer }, Uint8Array>(
    fullName,
    (body) => ({ key: bufferOf(body) }),
    (wire) => wire.key,
  )
}

/**
 * Ciphertexts as wire bytes: `crypto/he/parse.ts` decides whether they are any.
 * @param fullName a protobuf message with the one field `ciphertexts`
 */
export function ciphertextsCodec(fullName: string, most: number): Codec<readonly Uint8Array[]> {
  const { decode } = messageCodec<{ ciphertexts: Buffer[] }, readonly Uint8Array[]>(
    fullName,
    (body) => ({ ciphertexts: body.map(bufferOf) }),
    ({ ciphertexts }) => {
      refuseUnless(ciphertexts.length >= 1 && ciphertexts.length <= most, `1 to ${most} ciphertexts`)
      return ciphertexts
    },
  )
  return { encode: encodeParts, decode }
}

/** What protobuf makes of `repeated bytes` as field 1, copied once: its own encoder doubles its buffer as megabytes come. */
function encodeParts(parts: readonly Uint8Array[]): Uint8Array {
  const heads = parts.map(({ length }) => [0x0a, ...varint(length)])
  const out = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }, i) => sum + heads[i]!.length + length, 0))
  let at = 0
  for (const [i, part] of parts.entries()) {
    out.set(heads[i]!, at)
    out.set(part, at + heads[i]!.length)
    at += heads[i]!.length + part.length
  }
  return out
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [128 + (value % 128), ...varint(Math.floor(value / 128))]
}

/** The same bytes as a Buffer, not copied. */
export function bufferOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
