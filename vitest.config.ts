// Two suites from one place. Quick (`npm test`): every *.test.ts beside the code. Slow (`npm run test:slow`,
// which passes `--mode slow`): the *.slow.test.ts only, with whole jobs in real processes.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** Slow tests that compute in one process run two at a time; before those with processes, deadlines and memory, one at a time. */
const BESIDE = '{protocols,crypto,credit,console,experiments/log,experiments/synth}/**/*.slow.test.ts'
const NEVER = ['**/node_modules/**', '**/.*/**']

export default defineConfig(({ mode }) => {
  const slow = mode === 'slow'
  const group = (name: string, include: string, exclude: readonly string[], maxWorkers: number, groupOrder: number) => {
    return {
      extends: true as const,
      test: { name, include: [include], exclude: [...exclude], maxWorkers, sequence: { groupOrder } },
    }
  }
  return {
    resolve: { alias: [{ find: /^fast-check$/, replacement: here('tests/repeatable-properties.ts') }] },
    test: {
      globalSetup: './tests/one-temporary-folder.ts',
      ...(slow
        ? {
            projects: [
              group('beside', BESIDE, NEVER, 2, 0),
              group('alone', '**/*.slow.test.ts', [...NEVER, BESIDE], 1, 1),
            ],
          }
        : { include: ['**/*.test.ts'], exclude: [...NEVER, '**/*.slow.test.ts'], maxWorkers: 2 }),
      // processes, not threads: WASM instances, SQLite files and native modules of one file never meet those of another
      pool: 'forks',
      testTimeout: slow ? 600_000 : 30_000,
      hookTimeout: slow ? 120_000 : 30_000,
      teardownTimeout: 10_000,
      // processes that tests start find their modules compiled: half of what starting an agent takes
      env: { NODE_COMPILE_CACHE: here('node_modules/.cache/compiled') },
      reporters: ['default', './scripts/counts-reporter.ts'],
    },
  }
})
