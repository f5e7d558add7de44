// One frame of a message log: to bytes and back, and the scan of a file at start.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { PlatformError } from '#runtime/errors.ts'
import type { ReleaseRecord } from '#protocols/core/contract.ts'
import type { MessageKind } from '#protocols/core/schedule.ts'

/** What is known of a message without opening it. */
export interface FrameHeader {
  readonly seq: number
  readonly task: string
  readonly round: number
  readonly step: string
  readonly part: number
  readonly kind: MessageKind
  readonly keyId?: string
  /** of a released aggregate, at its sender */
  readonly release?: ReleaseRecord
  readonly payloadBytes: number
  readonly envelopeBytes: number
  /** SHA-256 of the body, which is the envelope, hex: the same on both sides */
  readonly digest: string
}

const MAGIC = Buffer.from([0xf7, 0x54, 0x52, 0x42])
const FRAME_PRELUDE_BYTES = 4 + 4 + 4 + 32
const MAX_HEADER_BYTES = 4096
const MAX_BODY_BYTES = 128 * 2 ** 20

interface WrittenHeader extends FrameHeader {
  /** so many bytes of the file were known to be on disk when this was written */
  readonly durableBytes: number
  /** the body was deleted */
  readonly released?: true
}

/** @param body undefined for a message whose body was released */
export function frameBuffers(
  header: FrameHeader,
  durableBytes: number,
  body: Uint8Array | undefined,
): readonly [prelude: Buffer, header: Buffer, ...body: Uint8Array[]] {
  const whole: WrittenHeader = { ...header, durableBytes, ...(body === undefined ? { released: true } : {}) }
  const headerBytes = Buffer.from(JSON.stringify(whole))
  const prelude = Buffer.alloc(FRAME_PRELUDE_BYTES)
  MAGIC.copy(prelude)
  prelude.writeUInt32BE(headerBytes.length, 4)
  prelude.writeUInt32BE(body?.length ?? 0, 8)
  createHash('sha256').update(headerBytes).digest().copy(prelude, 12)
  return body === undefined ? [prelude, headerBytes] : [prelude, headerBytes, body]
}

interface Frame {
  readonly header: WrittenHeader
  readonly bodyAt: number
  readonly bodyBytes: number
}

/** The frame that starts at `offset`, or undefined when there is no whole and undamaged one. */
async function readFrameAt(file: FileHandle, offset: number): Promise<Frame | undefined> {
  const prelude = await readExactly(file, offset, FRAME_PRELUDE_BYTES)
  if (prelude === undefined || !prelude.subarray(0, 4).equals(MAGIC)) return undefined
  const headerLength = prelude.readUInt32BE(4)
  const bodyBytes = prelude.readUInt32BE(8)
  if (headerLength > MAX_HEADER_BYTES || bodyBytes > MAX_BODY_BYTES) return undefined
  const headerBytes = await readExactly(file, offset + FRAME_PRELUDE_BYTES, headerLength)
  if (headerBytes === undefined) return undefined
  if (!createHash('sha256').update(headerBytes).digest().equals(prelude.subarray(12, 44))) return undefined
  const header = JSON.parse(headerBytes.toString('utf8')) as WrittenHeader
  const bodyAt = offset + FRAME_PRELUDE_BYTES + headerLength
  if (header.released === true) return bodyBytes === 0 ? { header, bodyAt, bodyBytes } : undefined
  const body = await readBody(file, bodyAt, bodyBytes, header.digest)
  return body === undefined ? undefined : { header, bodyAt, bodyBytes }
}

/** The bytes at a place, or undefined when they are not those of the digest. */
export async function readBody(
  file: FileHandle,
  at: number,
  bytes: number,
  digest: string,
): Promise<Uint8Array | undefined> {
  const body = await readExactly(file, at, bytes)
  return body !== undefined && createHash('sha256').update(body).digest('hex') === digest ? body : undefined
}

export interface ScannedFrame {
  readonly header: FrameHeader
  readonly bodyAt: number
  readonly bodyBytes: number
}

/**
 * All frames of a file in order. With `mayBeTorn` a tail that was never known to be on disk is cut off.
 * @throws PlatformError storage.damaged for damage before that
 */
export async function scanFrames(
  path: string,
  mayBeTorn: boolean,
): Promise<{ readonly frames: readonly ScannedFrame[]; readonly size: number }> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const frames: ScannedFrame[] = []
  let offset = 0
  while (offset < size) {
    const frame = await readFrameAt(file, offset)
    if (frame === undefined) break
    frames.push(frame)
    offset = frame.bodyAt + frame.bodyBytes
  }
  if (offset === size) return { frames, size }
  const proof = mayBeTorn ? await durableBytesClaimedAfter(file, offset, size) : size
  if (proof > offset) throw new PlatformError('storage.damaged', { file: path, offset })
  await file.truncate(offset)
  await file.sync()
  return { frames, size: offset }
}

/** The largest number of durable bytes that a whole frame after `from` speaks of; 0 when there is none. */
async function durableBytesClaimedAfter(file: FileHandle, from: number, size: number): Promise<number> {
  const window = 1 << 20
  let claimed = 0
  for (let start = from + 1; start < size; start += window - MAGIC.length + 1) {
    const bytes = await readExactly(file, start, Math.min(window, size - start))
    if (bytes === undefined) break
    for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
      const frame = await readFrameAt(file, start + at)
      if (frame !== undefined) claimed = Math.max(claimed, frame.header.durableBytes)
    }
  }
  return claimed
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length)
  let got = 0
  while (got < length) {
    const { bytesRead } = await file.read(bytes, got, length - got, position + got)
    if (bytesRead === 0) return undefined
    got += bytesRead
  }
  return bytes
}
