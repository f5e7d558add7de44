// The few bytes of ustar (POSIX.1-1988) that an evidence bundle needs: plain files, in order, nothing of the machine or
// the hour in them. What the writer would not have written the reader refuses, so equal contents are equal bytes.
import { PlatformError } from '#runtime/errors.ts'

export const BLOCK_BYTES = 512
/** the size field has 11 octal digits */
export const MAX_FILE_BYTES = 8 ** 11 - 1
const MAX_FILES = 2000
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/
const NAME_CHARS = 100
const SIZE_AT = 124
const CHECKSUM_AT = 148
/** two zero blocks */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK_BYTES)

export interface TarFile {
  readonly name: string
  readonly size: number
  /** of the first byte of its contents */
  readonly at: number
}

/** Bytes at a place, from a file or from memory. */
export interface ByteSource {
  readonly size: number
  /** exactly `length` bytes, or fewer at the end */
  read(at: number, length: number): Promise<Uint8Array>
}

/** mode 0644, owner 0, time 0, and nothing else but name and size. */
export function tarHeader(name: string, size: number): Uint8Array {
  if (!NAME.test(name) || name.length > NAME_CHARS) throw new RangeError(`no name for a bundle: ${name}`)
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_FILE_BYTES) throw new RangeError(`${size} bytes do not fit`)
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write(name, 0, 'ascii')
  block.write('0000644\x000000000\x000000000\x00', NAME_CHARS, 'ascii')
  block.write(`${size.toString(8).padStart(11, '0')}\0`, SIZE_AT, 'ascii')
  block.write('00000000000\0', 136, 'ascii') // mtime
  block.write('        0', CHECKSUM_AT, 'ascii') // the sum is taken over spaces in its place; then type 0, a file
  block.write('ustar\x0000', 257, 'ascii')
  block.write('0000000\x000000000\x00', 329, 'ascii') // device
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT, 'ascii')
  return block
}

/** Zero bytes after a file of this size. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES)
}

/**
 * The files of an archive, in order. Contents are not read.
 * @throws PlatformError log.malformed for anything that the writer does not write: links, other fields, names out of
 *   order or twice, bytes between or after
 */
export async function readTarIndex(source: ByteSource): Promise<readonly TarFile[]> {
  const files: TarFile[] = []
  let at = 0
  for (;;) {
    const block = Buffer.from(await source.read(at, BLOCK_BYTES))
    if (block.length < BLOCK_BYTES) throw malformed('cut off')
    if (block[0] === 0) break
    const name = block.toString('latin1', 0, Math.min(block.indexOf(0), NAME_CHARS))
    const size = Number.parseInt(block.toString('latin1', SIZE_AT, SIZE_AT + 11), 8)
    if (!NAME.test(name) || !Number.isSafeInteger(size) || !block.equals(tarHeader(name, size)))
      throw malformed('header')
    const last = files.at(-1)
    if (last !== undefined && last.name >= name) throw malformed('order of files')
    if (files.length === MAX_FILES) throw malformed('too many files')
    files.push({ name, size, at: at + BLOCK_BYTES })
    const padded = size + tarPadding(size).length
    at += BLOCK_BYTES + padded
    if (at > source.size) throw malformed('cut off')
    const padding = await source.read(at - (padded - size), padded - size)
    if (padding.some((byte) => byte !== 0)) throw malformed('padding')
  }
  const end = await source.read(at, TAR_END.length + 1)
  if (Buffer.compare(end, TAR_END) !== 0) throw malformed('end')
  return files
}

function malformed(problem: string): PlatformError {
  return new PlatformError('log.malformed', { what: 'bundle', problem })
}
