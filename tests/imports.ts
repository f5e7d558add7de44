// Reads the imports of the project and compares them with the table of the layers (docs: architecture, decision B3).
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Layers from the most specific path to the least; `true` means: anything. The layer itself is always allowed. */
const LAYERS: readonly (readonly [path: string, mayImport: readonly string[] | true])[] = [
  ['runtime', []],
  ['protos', ['runtime']],
  ['crypto', ['runtime']],
  ['credit', ['runtime']],
  ['protocols/core', ['protos', 'runtime']],
  ['protocols/group', ['protocols/core', 'crypto', 'credit', 'protos', 'runtime']],
  ['protocols/*', ['protocols/core', 'protocols/group', 'crypto', 'credit', 'protos', 'runtime']],
  ['coordinator/relay', ['protos', 'runtime']], // the relay cannot name a decryptor
  [
    'coordinator',
    [
      'coordinator/relay',
      'protocols/core',
      'protocols/group',
      'protocols/*',
      'crypto',
      'protos',
      'runtime',
      'console/api',
      'console/server',
      'console/sdk', // tests ask with it
      'console',
    ],
  ],
  [
    'party-agent',
    [
      'protocols/core',
      'protocols/group',
      'protocols/*',
      'crypto',
      'credit',
      'protos',
      'runtime',
      'console/api',
      'console/server',
      'console/sdk', // tests ask with it
      'console',
    ],
  ],
  ['console/api', ['crypto', 'runtime']],
  ['console/server', ['console/api', 'crypto', 'runtime']],
  // what runs in a browser; of the folders below only files that need no Node
  ['console/sdk', ['console/api', 'runtime']],
  // the second verifier shares no code with anything
  ['verifier', []],
  [
    'console/web',
    ['console/api', 'console/sdk', 'credit', 'protocols/core', 'protocols/*', 'crypto', 'runtime', 'verifier'],
  ],
  // the build of the pages, and tests of server and client together
  ['console', ['console/api', 'console/sdk', 'console/server', 'crypto', 'runtime']],
  ['cli', true],
  ['experiments', true],
  ['scripts', true],
  ['tests', true],
]
/** Packages with one door. */
const ONLY_IN: Readonly<Record<string, string>> = { 'node-seal': 'crypto/he/seal.ts' }
/** By the first word of the file name; the pivot and the dealers of a protocol are hosts. */
const ROLES: Readonly<Record<string, string>> = {
  guest: 'guest',
  host: 'host',
  pivot: 'host',
  dealer: 'host',
  coordinator: 'coordinator',
}

const SPECIFIERS = [
  /^[ \t]*(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?\s*|\{[^}]*\}\s*)?from\s*['"]([^'"]+)['"]/gm,
  /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.[cm]?[jt]s)['"]/g, // worker files
]

/** Every import of a source text: static, for side effects, dynamic, of types, re-exports, worker files. */
export function importsOf(source: string): string[] {
  return SPECIFIERS.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''))
}

/** The file an import names, as a path from the root; undefined for Node and npm packages. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return normalize(specifier.slice(1))
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined
}

function layerOf(file: string): string | undefined {
  const inside = (path: string) => file.startsWith(`${path}/`) || file === `${path}.ts`
  return LAYERS.find(([path]) =>
    path === 'protocols/*' ? /^protocols\/(?!core\/)[^/]+\//.test(file) : inside(path),
  )?.[0]
}

const isTest = (file: string) => /\.(test|bench)\.ts$/.test(file)
const roleOf = (file: string) => ROLES[/\/([a-z]+)[^/]*\.ts$/.exec(file)?.[1] ?? '']

/** One line per forbidden import. @param files path from the root → source text */
export function importViolations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (const [file, source] of files) {
    const layer = layerOf(file)
    const allowed = LAYERS.find(([path]) => path === layer)?.[1]
    for (const specifier of importsOf(source)) {
      const door = ONLY_IN[specifier.split('/')[0] ?? '']
      if (door !== undefined && door !== file) found.push(`${file}: ${specifier} is imported in ${door} only`)
      const target = targetOf(file, specifier)
      if (target === undefined || layer === undefined || allowed === undefined || allowed === true) continue
      const to = layerOf(target)
      const sibling = layer === 'protocols/*' && to === layer && target.split('/')[1] !== file.split('/')[1]
      if (to === undefined || (to !== layer && !allowed.includes(to)) || sibling)
        found.push(`${file}: ${layer} may not import ${target}`)
    }
    found.push(...roleViolations(files, file))
  }
  return found
}

/** A role of a protocol must not reach another role, also not through a third file of its folder. */
function roleViolations(files: ReadonlyMap<string, string>, file: string): string[] {
  const role = roleOf(file)
  if (role === undefined || layerOf(file) !== 'protocols/*' || isTest(file)) return []
  const reached = new Set([file])
  for (const at of reached) {
    for (const specifier of importsOf(files.get(at) ?? '')) {
      const target = targetOf(at, specifier)
      if (target !== undefined && dirname(target) === dirname(file)) reached.add(target)
    }
  }
  return [...reached]
    .filter((other) => roleOf(other) !== undefined && roleOf(other) !== role)
    .map((other) => `${file}: the ${role} may not reach ${other}`)
}

/** Source files of the project by path from the root. @param pick tells by path which files */
export function sourceFiles(root: string, pick: (path: string) => boolean): Map<string, string> {
  const files = new Map<string, string>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === 'bench-results') continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (pick(path)) files.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  walk('')
  return files
}
