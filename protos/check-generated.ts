// Fails, naming the files, when protos/gen is not what the .proto files generate: `node protos/check-generated.ts`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROTO_ROOT } from './files.ts'
import { generate } from './generate.ts'

/** Names of generated files that differ, are missing or should not be there. Empty when all is up to date. */
export function staleFiles(committed: string = join(PROTO_ROOT, 'gen')): string[] {
  const fresh = mkdtempSync(join(tmpdir(), 'tributary-gen-'))
  try {
    generate(fresh)
    const expected = readTree(fresh)
    const got = readTree(committed)
    return [...new Set([...expected.keys(), ...got.keys()])]
      .filter((name) => expected.get(name) !== got.get(name))
      .sort()
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function readTree(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

if (import.meta.main) {
  const stale = staleFiles()
  for (const name of stale) process.stderr.write(`protos/gen/${name} is not up to date: run npm run gen\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
}
