// Files that survive a power cut, and the lock that keeps a second process out of a home directory.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PlatformError } from './errors.ts'

/**
 * Writes a whole file so that a reader finds the old bytes or the new ones and never a mixture, also after a
 * power cut: temporary file, fsync, rename, fsync of the directory. The directory must exist.
 * @param options.mode permission bits of the file, 0600 unless given
 * @throws PlatformError storage.full
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const mode = options.mode ?? 0o600
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.chmod(mode) // the process umask may have taken bits away
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncDirectory(dirname(path))
  } catch (cause) {
    await rm(temporary, { force: true })
    throw storageError(cause, path)
  }
}

/** The bytes of a file, or undefined when there is no such file. */
export async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw cause
  }
}

/** Makes the names in a directory durable: a rename or a new file is on disk only after this. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A full disk or quota as `storage.full` naming the path; every other thrown value as it came. */
export function storageError(thrown: unknown, path: string): unknown {
  const errno = errnoOf(thrown)
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return new PlatformError('storage.full', { path }, thrown)
  return thrown
}

/**
 * Takes a home directory (made if absent) for this process until disposed. The lock is SQLite's exclusive lock on
 * `home.lock`: the kernel gives it up when its process dies, however it dies, so there are no stale locks and
 * no process ids to compare. `home.lock.pid` tells a person who holds it.
 * @throws PlatformError storage.locked when another live process, or this one, holds it
 */
export async function lockHome(directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const pidPath = join(directory, 'home.lock.pid')
  const database = new DatabaseSync(join(directory, 'home.lock'))
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause)) throw cause
    const pid = await readIfPresent(pidPath)
    throw new PlatformError(
      'storage.locked',
      { home: directory, pid: pid === undefined ? 'unknown' : Buffer.from(pid).toString('utf8', 0, 20) },
      cause,
    )
  }
  try {
    await writeFile(pidPath, String(process.pid), { mode: 0o600 })
  } catch (cause) {
    database.close()
    throw storageError(cause, pidPath)
  }
  let held = true
  return {
    async [Symbol.asyncDispose]() {
      if (!held) return
      held = false
      await rm(pidPath, { force: true })
      database.close()
    },
  }
}

function isBusy(thrown: unknown): boolean {
  const SQLITE_BUSY = 5
  return (thrown as { errcode?: unknown }).errcode === SQLITE_BUSY
}

function errnoOf(thrown: unknown): unknown {
  return thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
}
