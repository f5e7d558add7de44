import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secret } from '#runtime/secret.ts'
import { DiskVault, destroyVaults } from './vault.ts'

let folder: string
let storageKey: Secret
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-'))
  storageKey = new Secret('storage-key', new Uint8Array(randomBytes(32)))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (scope = 'align', job = 'job-1', key = storageKey) => DiskVault.open(key, folder, job, scope)
const hex = (secret: Secret) => secret.reveal((bytes) => Buffer.from(bytes).toString('hex'))

test('a seed is drawn once under its label and is the same after a restart', async () => {
  const first = await open()
  const [a, b] = [hex(await first.seed('mask')), hex(await first.seed('order'))]
  expect(a).not.toBe(b)
  expect(hex(await first.seed('mask'))).toBe(a)
  expect(hex(await (await open()).seed('mask'))).toBe(a)
})

test('what `once` makes is made once, also when asked for twice at the same time', async () => {
  let made = 0
  const make = async () => {
    made += 1
    return new Uint8Array([made])
  }
  const vault = await open()
  expect(await Promise.all([vault.once('key', make), vault.once('key', make)])).toEqual([
    Uint8Array.of(1),
    Uint8Array.of(1),
  ])
  expect(await (await open()).once('key', make)).toEqual(Uint8Array.of(1))
  expect(made).toBe(1)
})

test('what could not be made is made at the next try', async () => {
  const vault = await open()
  await expect(vault.once('key', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await vault.once('key', async () => Uint8Array.of(7))).toEqual(Uint8Array.of(7))
})

test('a caller that changes or disposes what it got changes nothing in the vault', async () => {
  const vault = await open()
  const bytes = await vault.once('key', async () => Uint8Array.of(7))
  bytes.fill(0)
  expect(await vault.once('key', async () => Uint8Array.of(8))).toEqual(Uint8Array.of(7))
  const seed = await vault.seed('mask')
  const before = hex(seed)
  seed[Symbol.dispose]()
  expect(hex(await vault.seed('mask'))).toBe(before)
})

test('files do not show what they hold', async () => {
  const secret = randomBytes(64)
  await (await open()).once('key', async () => new Uint8Array(secret))
  const [name] = await readdir(join(folder, 'vault/align'))
  const stored = await readFile(join(folder, 'vault/align', name as string))
  expect(stored.includes(secret.subarray(0, 8))).toBe(false)
  expect(name).not.toContain('key')
})

test.each([
  ['a changed byte', async (path: string) => writeFile(path, flip(await readFile(path)))],
  ['a cut file', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 20))],
  ['an empty file', async (path: string) => writeFile(path, '')],
])('%s is storage.damaged, and nothing new is drawn in its place', async (_, damage) => {
  await (await open()).seed('mask')
  const [name] = await readdir(join(folder, 'vault/align'))
  await damage(join(folder, 'vault/align', name as string))
  await expect((await open()).seed('mask')).rejects.toMatchObject({ code: 'storage.damaged' })
})

test('a file of another job, task or party does not open', async () => {
  await (await open()).seed('mask')
  const other = new Secret('storage-key', new Uint8Array(randomBytes(32)))
  await expect((await open('align', 'job-2')).seed('mask')).rejects.toMatchObject({ code: 'storage.damaged' })
  await expect((await open('align', 'job-1', other)).seed('mask')).rejects.toMatchObject({ code: 'storage.damaged' })
})

test('destroyed vaults are gone', async () => {
  await (await open()).seed('mask')
  await destroyVaults(folder)
  expect(existsSync(join(folder, 'vault'))).toBe(false)
})

function flip(bytes: Buffer): Buffer {
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
  return bytes
}
