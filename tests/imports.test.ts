// The import direction is a test, and so is that this test can fail.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { importsOf, importViolations, sourceFiles } from './imports.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const from = (specifier: string, clause = '{ x }') => `import ${clause} from '${specifier}'\n`
const violations = (files: Record<string, string>) => importViolations(new Map(Object.entries(files)))

test('no file imports what its layer may not name', () => {
  const files = sourceFiles(root, (path) => /\.[cm]?[jt]sx?$/.test(path) && path !== 'tests/imports.test.ts')
  expect(files.size).toBeGreaterThan(10)
  expect(importViolations(files)).toEqual([])
})

test.each([
  ['runtime/a.ts', '#crypto/a.ts'],
  ['protos/a.ts', '#crypto/sealed.ts'],
  ['crypto/a.ts', '#protocols/psi/guest.ts'],
  ['crypto/he/a.ts', '../../protocols/core/contract.ts'],
  ['protocols/core/a.ts', '#crypto/he/seal.ts'],
  ['protocols/psi/a.ts', '#protocols/vertical-lr/params.ts'],
  ['protocols/psi/a.ts', '../vertical-lr/params.ts'],
  ['protocols/group/a.ts', '#protocols/psi/params.ts'],
  ['protocols/psi/a.ts', '#party-agent/data.ts'],
  ['coordinator/relay/a.ts', '#crypto/sealed-box.ts'],
  ['coordinator/relay/a.ts', '#protocols/core/contract.ts'],
  ['coordinator/relay/a.ts', '../store/sqlite.ts'],
  ['coordinator/a.ts', '#party-agent/agent.ts'],
  ['party-agent/a.ts', '#coordinator/scheduler.ts'],
  ['party-agent/a.ts', '../bin/tributary.mjs'],
])('%s may not import %s', (file, specifier) => {
  expect(violations({ [file]: from(specifier) })).toHaveLength(1)
})

test.each([
  ['crypto/he/a.ts', '#runtime/errors.ts'],
  ['protocols/psi/a.ts', '#protocols/core/schedule.ts'],
  ['protocols/psi/a.ts', './params.ts'],
  ['protocols/psi/a.ts', '#protocols/group/params.ts'],
  ['coordinator/relay/a.ts', '#protos/load.ts'],
  ['coordinator/scheduler.ts', './relay/relay.ts'],
  ['party-agent/a.ts', '#protocols/psi/guest.ts'],
  ['cli/a.ts', '#coordinator/main.ts'],
  ['cli/a.ts', '#experiments/synth/federation.ts'],
  ['experiments/a.ts', '#party-agent/agent.ts'],
  ['runtime/a.ts', 'node:fs'],
])('%s may import %s', (file, specifier) => {
  expect(violations({ [file]: from(specifier) })).toEqual([])
})

test('node-seal has one door, also for tests, types and dynamic imports', () => {
  const sources = [from('node-seal', 'SEAL'), from('node-seal', 'type { Seal }'), "const s = await import('node-seal')"]
  for (const source of sources) {
    expect(violations({ 'crypto/he/attack.test.ts': source })).toHaveLength(1)
    expect(violations({ 'crypto/he/seal.ts': source })).toEqual([])
  }
})

test('a role reaches no other role, not even through a third file', () => {
  const direct = { 'protocols/psi/guest.ts': from('./host.ts'), 'protocols/psi/host.ts': '' }
  expect(violations(direct)).toEqual(['protocols/psi/guest.ts: the guest may not reach protocols/psi/host.ts'])
  const through = {
    'protocols/psi/host.ts': from('./sets.ts'),
    'protocols/psi/sets.ts': from('./guest-points.ts', 'type { x }'),
    'protocols/psi/guest-points.ts': '',
  }
  expect(violations(through)).toEqual(['protocols/psi/host.ts: the host may not reach protocols/psi/guest-points.ts'])
  expect(violations({ 'protocols/psi/psi.test.ts': from('./guest.ts') + from('./host.ts') })).toEqual([])
})

test('every form of import is seen', () => {
  const source = [
    "import a from 'a'",
    "import b, { c } from 'b'",
    "import * as d from 'c'",
    "import {\n  e,\n  type F,\n} from 'd'",
    "export { g } from 'e'",
    "export * from 'f'",
    "import 'g'",
    "const h = await import('h')",
    "new Worker(new URL('./worker.ts', import.meta.url))",
    "// import i from 'not-this'",
  ].join('\n')
  expect(importsOf(source).toSorted()).toEqual(['./worker.ts', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
})
