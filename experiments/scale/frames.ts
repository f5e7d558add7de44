// Messages over a TCP connection of the averaging bench, cut in frames of 256 KiB as the platform's own link does:
//   frame = bytes u32 | kind u8 | last u8 | party u16 | payload
import type { Server, Socket } from 'node:net'

const HEADER_BYTES = 8
export const FRAME_BYTES = 262_144

/** In the place of a party: a copy to each of the others. */
export const EVERYBODY = 0

/** What a frame is part of. `party`: number of who it is for, or of whom it is from. */
export interface FrameHead {
  readonly kind: number
  readonly party: number
}

export const KIND = { hello: 1, update: 2, sum: 3, mean: 4, plainUpdate: 5, plainMean: 6, memory: 7 } as const

/** The port of a server that begins to listen on the loopback. */
export function listeningPort(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

/** One frame as it came, header included. */
export interface Frame extends FrameHead {
  readonly last: boolean
  readonly payload: Buffer
}

export async function writeFrame(socket: Socket, { kind, party, last, payload }: Frame): Promise<void> {
  const head = Buffer.alloc(HEADER_BYTES)
  head.writeUInt32LE(payload.length)
  head.set([kind, last ? 1 : 0], 4)
  head.writeUInt16LE(party, 6)
  socket.write(head)
  if (!socket.write(payload)) await drained(socket)
}

/** Resolves when the socket takes bytes again, or is gone. */
export async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return
  await new Promise<void>((resolve) => {
    const settled = () => {
      socket.off('drain', settled).off('close', settled)
      resolve()
    }
    socket.on('drain', settled).on('close', settled)
  })
}

/** Sends a message in frames, as fast as the socket takes them. */
export async function send(socket: Socket, head: FrameHead, message: Uint8Array): Promise<void> {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
  for (let at = 0; at < Math.max(1, bytes.length); at += FRAME_BYTES) {
    const last = at + FRAME_BYTES >= bytes.length
    await writeFrame(socket, { ...head, last, payload: bytes.subarray(at, at + FRAME_BYTES) })
  }
}

/** Bytes of a connection until it ends, or is destroyed at either end. */
export async function* bytesOf(socket: Socket): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of socket) yield bytes as Buffer
  } catch (error) {
    if (!socket.destroyed) throw error
  }
}

/** The frames of a connection, until it ends. */
export async function* framesOf(socket: Socket): AsyncGenerator<Frame> {
  let pieces: Buffer[] = []
  let held = 0
  for await (const piece of bytesOf(socket)) {
    pieces.push(piece)
    held += piece.length
    while (held >= HEADER_BYTES) {
      const all = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
      pieces = [all]
      const end = HEADER_BYTES + all.readUInt32LE(0)
      if (held < end) break
      yield {
        kind: all[4] as number,
        last: all[5] === 1,
        party: all.readUInt16LE(6),
        payload: all.subarray(HEADER_BYTES, end),
      }
      pieces = [all.subarray(end)]
      held -= end
    }
  }
}

/** Puts the frames of one sender together. */
export class Assembly {
  readonly #parts = new Map<number, Buffer[]>()

  /** @returns the message when this was its last frame */
  add({ kind, last, payload }: Frame): Buffer | undefined {
    const parts = this.#parts.get(kind) ?? []
    parts.push(Buffer.from(payload)) // a copy: the frame is a view of a larger piece
    this.#parts.set(kind, parts)
    if (!last) return undefined
    this.#parts.delete(kind)
    return Buffer.concat(parts)
  }
}
