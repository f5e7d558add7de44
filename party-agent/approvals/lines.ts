// Append-only files of JSON lines that survive a power cut. One process writes at a time; anybody may read.
import { open } from 'node:fs/promises'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, storageError } from '#runtime/files.ts'

/**
 * Appends one line and has it on disk when it resolves. What a crash left of a last line is cut off first: nobody was
 * told that it was written.
 * @throws PlatformError storage.full
 */
export async function appendLine(path: string, value: object): Promise<void> {
  try {
    await using file = await open(path, 'a+', 0o600)
    const { size } = await file.stat()
    const text = await file.readFile('utf8')
    const whole = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1))
    if (whole < size) await file.truncate(whole)
    try {
      await file.appendFile(`${JSON.stringify(value)}\n`)
      await file.datasync()
    } catch (cause) {
      await file.truncate(whole)
      throw cause
    }
  } catch (cause) {
    throw storageError(cause, path)
  }
}

/** Whole lines only; a last one without its end is being written, or never was. @throws PlatformError storage.damaged */
export async function readLines(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = Buffer.from((await readIfPresent(path)) ?? []).toString('utf8')
  const lines = text.split('\n').slice(0, -1)
  try {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  } catch (cause) {
    throw new PlatformError('storage.damaged', { file: path }, cause)
  }
}
