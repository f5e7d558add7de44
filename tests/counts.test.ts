// The closing line of a test run is right: a file that does not load and an error outside of tests are failures.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-counts-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function closingLine(files: Record<string, string>): { last: string | undefined; status: number | null } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const reporters = ['--reporter=default', `--reporter=${path('../scripts/counts-reporter.ts')}`]
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}')
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [path('../node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--globals', ...reporters],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  )
  expect(stdout, stderr).not.toBe('')
  return { last: stdout.trimEnd().split('\n').at(-1), status }
}

test('passed, failed and left out are counted, and a file that does not load is a failure', () => {
  const result = closingLine({
    'a.test.ts':
      "test('1', () => {}); test('2', () => {}); test('3', () => expect(1).toBe(2)); test.runIf(false)('4', () => {})",
    'b.test.ts': "throw new Error('does not load')",
  })
  expect(result).toEqual({ last: '2 passed, 2 failed, 1 skipped', status: 1 })
})

test('an error that no test waited for is a failure', () => {
  const result = closingLine({
    'a.test.ts':
      "test('1', async () => { Promise.reject(new Error('nobody waits')); await new Promise((r) => setTimeout(r, 50)) })",
  })
  expect(result).toEqual({ last: '1 passed, 1 failed, 0 skipped', status: 1 })
})
