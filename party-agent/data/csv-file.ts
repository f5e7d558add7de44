// What must be known of a CSV file before the data engine reads it: its header, and that its lines have an end.
import { type FileHandle, open } from 'node:fs/promises'
import { PlatformError } from '#runtime/errors.ts'

/** No line of an honest table is longer; beyond it the quoting or the line ends are broken. */
export const MAX_LINE_BYTES = 1024 * 1024

export interface CsvHeader {
  readonly delimiter: string
  /** in file order; a column without a name is called column1, column2 … by its place */
  readonly columns: readonly string[]
}

const DELIMITERS = [',', '\t', ';', '|'] as const

/**
 * Reads the header line (UTF-8, a byte order mark is allowed).
 * @throws PlatformError data.empty, data.line-too-long, data.unreadable
 */
export async function readCsvHeader(path: string, dataset: string): Promise<CsvHeader> {
  await using file = await open(path, 'r')
  const buffer = Buffer.alloc(MAX_LINE_BYTES)
  const length = await fill(file, buffer, 0)
  if (length === 0) throw new PlatformError('data.empty', { dataset, problem: 'the file has no bytes' })
  const end = buffer.subarray(0, length).indexOf(0x0a)
  if (end < 0 && length === buffer.length) {
    throw new PlatformError('data.line-too-long', { dataset, line: 1, limitBytes: MAX_LINE_BYTES })
  }
  const line = decodeLine(buffer.subarray(0, end < 0 ? length : end), dataset)
  if (line.includes('\r'))
    throw new PlatformError('data.unreadable', { dataset, line: 1, problem: 'lines end in CR alone' })
  const delimiter = DELIMITERS.reduce((best, next) => (line.split(next).length > line.split(best).length ? next : best))
  const columns = splitHeader(line, delimiter).map((name, i) => name.trim() || `column${i + 1}`)
  const seen = new Set<string>()
  for (const name of columns) {
    // The data engine compares names without case.
    if (seen.has(name.toLowerCase())) {
      throw new PlatformError('data.unreadable', { dataset, problem: 'two columns have the same name', column: name })
    }
    seen.add(name.toLowerCase())
  }
  return { delimiter, columns }
}

/**
 * Reads the file once and refuses what the engine would choke on or misread in silence: a line without an end, NUL bytes.
 * Constant memory; stops at the first problem.
 * @throws PlatformError data.line-too-long naming the line, data.unreadable
 */
export async function checkCsvBytes(path: string, dataset: string): Promise<void> {
  await using file = await open(path, 'r')
  const buffer = Buffer.alloc(MAX_LINE_BYTES)
  let sinceLineEnd = 0
  for (let offset = 0; ; ) {
    const length = await fill(file, buffer, offset)
    if (length === 0) return
    const bytes = buffer.subarray(0, length)
    if (bytes.includes(0)) {
      throw new PlatformError('data.unreadable', { dataset, problem: 'NUL bytes: this is not a UTF-8 text file' })
    }
    const first = bytes.indexOf(0x0a)
    if (first < 0 ? sinceLineEnd + length > MAX_LINE_BYTES : sinceLineEnd + first > MAX_LINE_BYTES) {
      const line = (await countLines(file, offset - sinceLineEnd)) + 1
      throw new PlatformError('data.line-too-long', { dataset, line, limitBytes: MAX_LINE_BYTES })
    }
    sinceLineEnd = first < 0 ? sinceLineEnd + length : length - 1 - bytes.lastIndexOf(0x0a)
    offset += length
  }
}

async function countLines(file: FileHandle, until: number): Promise<number> {
  const buffer = Buffer.alloc(MAX_LINE_BYTES)
  let lines = 0
  for (let offset = 0; offset < until; ) {
    const length = Math.min(await fill(file, buffer, offset), until - offset)
    if (length === 0) break
    for (let at = buffer.indexOf(0x0a); at >= 0 && at < length; at = buffer.indexOf(0x0a, at + 1)) lines += 1
    offset += length
  }
  return lines
}

/** Reads until the buffer is full or the file ends. */
async function fill(file: FileHandle, buffer: Buffer, offset: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

function decodeLine(bytes: Uint8Array, dataset: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '')
  } catch {
    throw new PlatformError('data.unreadable', { dataset, line: 1, problem: 'the file is not UTF-8' })
  }
}

/** Fields of one line, with quotes taken off (RFC 4180). */
function splitHeader(line: string, delimiter: string): string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i)
    if (quoted && character === '"' && line.charAt(i + 1) === '"') {
      field += '"'
      i += 1
    } else if (character === '"') quoted = !quoted
    else if (character === delimiter && !quoted) {
      fields.push(field)
      field = ''
    } else field += character
  }
  return [...fields, field]
}
