// `npm run check`: everything about the code that is not its behaviour. All checks run, also after one failed.
// `--fix` first writes what can be written: format, generated code, generated documents.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const tool = (name: string) => `${root}node_modules/.bin/${name}`

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const FIXES: readonly Check[] = [
  { name: 'generated code of protos/', command: [process.execPath, 'protos/generate.ts'] },
  { name: 'docs/errors.md', command: [process.execPath, 'scripts/errors-doc.ts'] },
  { name: 'docs/job.schema.json', command: [process.execPath, 'scripts/job-schema.ts'] },
  { name: 'docs/console-roles.md', command: [process.execPath, 'scripts/console-roles.ts'] },
  { name: 'message tables', command: [process.execPath, 'scripts/protocol-tables.ts'] },
  { name: 'docs/cards', command: [process.execPath, 'scripts/cards.ts'] },
  { name: 'verifier/verify.html', command: [process.execPath, 'scripts/embed-verifier.ts'] },
  { name: 'lint', command: [tool('oxlint'), '--type-aware', '--fix'] },
  { name: 'format', command: [tool('biome'), 'format', '--write'] },
]
const CHECKS: readonly Check[] = [
  { name: 'types', command: [tool('tsc'), '-p', '.'] },
  { name: 'format', command: [tool('biome'), 'format'] },
  { name: 'lint', command: [tool('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'generated code of protos/', command: [process.execPath, 'protos/check-generated.ts'] },
  { name: 'docs/job.schema.json', command: [process.execPath, 'scripts/job-schema.ts', '--check'] },
  // import rules, sizes, words, error documents, lock file
  { name: 'rules of the house', command: [tool('vitest'), 'run', 'tests/', '--reporter=dot'] },
]

/** @returns whether it succeeded; what it printed is shown only if it did not */
function run({ name, command: [program, ...args] }: Check): boolean {
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`
  console.log(`${status === 0 ? styleText('green', 'ok  ') : styleText('red', 'FAIL')} ${name} (${took})`)
  if (status !== 0) console.log([stdout, stderr, error?.message ?? ''].join('').trimEnd())
  return status === 0
}

const fixed = process.argv.includes('--fix') ? FIXES.map(run) : []
const results = CHECKS.map(run)
const failed = results.filter((ok) => !ok).length
console.log(`\n${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && fixed.every(Boolean) ? 0 : 1
