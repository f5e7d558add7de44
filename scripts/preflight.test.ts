import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tributary-preflight-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function check(locked: object, installed?: object): { status: number | null; said: string } {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...locked } }))
  if (installed !== undefined) {
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
  }
  const { status, stderr } = spawnSync(process.execPath, ['scripts/preflight.mjs', '--check', root], {
    encoding: 'utf8',
  })
  return { status, said: stderr }
}

const LOCKED = {
  'node_modules/a': { version: '1.0.0' },
  'node_modules/other-platform': { version: '2.0.0', optional: true },
}

test('a fresh checkout needs its packages', () => {
  expect(check(LOCKED)).toEqual({ status: 1, said: 'set-up: the packages are not installed yet\n' })
})

test('installed packages of the lock file pass, without those of other platforms', () => {
  expect(check(LOCKED, { 'node_modules/a': { version: '1.0.0' } })).toEqual({ status: 0, said: '' })
})

test('another version and an absent package are named', () => {
  expect(check(LOCKED, { 'node_modules/a': { version: '0.9.0' } }).said).toContain('a is 0.9.0 and should be 1.0.0')
  expect(check(LOCKED, {}).said).toContain('package a is not installed')
})
