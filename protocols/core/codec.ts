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
