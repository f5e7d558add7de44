// Two suites from one place. Quick (`npm test`): every *.test.ts beside the code. Slow (`npm run test:slow`,
// which passes `--mode slow`): the *.slow.test.ts only, with whole jobs in real processes.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig(({ mode }) => {
  const slow = mode === 'slow'
  const properties = fileURLToPath(new URL('tests/repeatable-properties.ts', import.meta.url))
  return {
    resolve: { alias: [{ find: /^fast-check$/, replacement: properties }] },
    test: {
      globalSetup: './tests/one-temporary-folder.ts',
      include: slow ? ['**/*.slow.test.ts'] : ['**/*.test.ts'],
      exclude: ['**/node_modules/**', '**/.*/**', ...(slow ? [] : ['**/*.slow.test.ts'])],
      // processes, not threads: WASM instances, SQLite files and native modules of one file never meet those of another
      pool: 'forks',
      maxWorkers: slow ? 1 : 2,
      testTimeout: slow ? 600_000 : 30_000,
      hookTimeout: slow ? 120_000 : 30_000,
      teardownTimeout: 10_000,
      // processes that tests start find their modules compiled: half of what starting an agent takes
      env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
      reporters: ['default', './scripts/counts-reporter.ts'],
    },
  }
})
