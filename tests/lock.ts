// What npm does not check when it writes a lock, and `npm ci` on another machine then refuses.

interface LockEntry {
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>
}
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One line per problem: a platform package that is not in the lock, an address of a registry, a version that floats. */
export function lockProblems(lock: Lock, manifest: Manifest): string[] {
  const problems: string[] = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved?.startsWith('http') === true) problems.push(`${path}: names the registry ${entry.resolved}`)
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!candidates(path, name).some((candidate) => candidate in lock.packages))
        problems.push(`${path || 'package.json'}: the lock lacks its optional package ${name}`)
    }
  }
  for (const group of [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]) {
    for (const [name, version] of Object.entries(group ?? {})) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) problems.push(`package.json: ${name} floats (${version})`)
    }
  }
  return problems
}

/** Where Node would look for `name` from the package at `path`: inside it, then in every folder above. */
function candidates(path: string, name: string): string[] {
  const found: string[] = []
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    found.push(`${at === '' ? '' : `${at}/`}node_modules/${name}`)
    if (at === '') return found
  }
}
