import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PlatformError } from './errors.ts'
import { lockHome, readIfPresent, storageError, writeDurably } from './files.ts'

const MODULE = new URL('./files.ts', import.meta.url).href

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('writeDurably', () => {
  test('writes, replaces, and leaves no temporary file', async () => {
    const path = join(folder, 'state')
    await writeDurably(path, Buffer.from('old'))
    await writeDurably(path, 'new')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await readdir(folder)).toEqual(['state'])
  })

  test('gives the mode that was asked for, 0600 when none was', async () => {
    await writeDurably(join(folder, 'secret'), 'x')
    await writeDurably(join(folder, 'public'), 'x', { mode: 0o644 })
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'public'))).mode & 0o777).toBe(0o644)
  })

  test('a failed write leaves the old file and no temporary one', async () => {
    const path = join(folder, 'taken')
    await writeDurably(join(folder, 'old'), 'old')
    await mkdir(path) // a file cannot be renamed onto a directory
    await expect(writeDurably(path, 'x')).rejects.toMatchObject({ code: 'EISDIR' })
    expect((await readdir(folder)).sort()).toEqual(['old', 'taken'])
  })

  test('many writers at once leave one whole file', async () => {
    const path = join(folder, 'race')
    const bodies = Array.from({ length: 16 }, (_, i) => String.fromCharCode(97 + i).repeat(10_000))
    await Promise.all(bodies.map((body) => writeDurably(path, body)))
    expect(bodies).toContain(await readFile(path, 'utf8'))
    expect(await readdir(folder)).toEqual(['race'])
  })
})

test('a full device is storage.full with the path', async () => {
  const thrown = await writeFile('/dev/full', 'x').catch((error: unknown) => error)
  const translated = storageError(thrown, '/home/agent/outbox')
  expect(translated).toBeInstanceOf(PlatformError)
  expect(translated).toMatchObject({ code: 'storage.full', detail: { path: '/home/agent/outbox' } })
})

test('other errors pass through storageError unchanged', () => {
  const error = new Error('other')
  expect(storageError(error, 'x')).toBe(error)
})

test('readIfPresent tells a missing file from an unreadable one', async () => {
  expect(await readIfPresent(join(folder, 'nothing'))).toBeUndefined()
  await expect(readIfPresent(folder)).rejects.toMatchObject({ code: 'EISDIR' })
})

describe('lockHome', () => {
  test('a second lock of the same process is refused until the first is given up', async () => {
    const first = await lockHome(folder)
    await expect(lockHome(folder)).rejects.toMatchObject({ code: 'storage.locked' })
    await first[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    await using _second = await lockHome(folder)
  })

  test('a refused attempt in this process does not open the lock to another one', async () => {
    await using _held = await lockHome(folder)
    await expect(lockHome(folder)).rejects.toMatchObject({ code: 'storage.locked' })
    const script = `import { lockHome } from ${JSON.stringify(MODULE)}
      console.log(await lockHome(process.argv[1]).then(() => 'taken', (error) => error.code))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(line.toString().trim()).toBe('storage.locked')
    await once(child, 'exit')
  })

  test('a lock of a live process is refused with its pid; a killed process leaves none behind', async () => {
    const script = `import { lockHome } from ${JSON.stringify(MODULE)}
      const lock = await lockHome(process.argv[1]); console.log('locked'); setInterval(() => lock, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await expect(lockHome(folder)).rejects.toMatchObject({
      code: 'storage.locked',
      detail: { home: folder, pid: String(child.pid) },
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using _taken = await lockHome(folder)
    expect(await readFile(join(folder, 'home.lock.pid'), 'utf8')).toBe(String(process.pid))
  })
})
