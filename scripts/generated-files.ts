// Documents made from code: written, or compared with what is there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Paths of the documents that are missing or not as generated. */
export function outdated(documents: ReadonlyMap<string, string>): string[] {
  return [...documents].flatMap(([path, text]) =>
    existsSync(root + path) && readFileSync(root + path, 'utf8') === text ? [] : [path],
  )
}

/** Writes what differs, or with `check` only says so. @returns the exit code */
export function syncFiles(documents: ReadonlyMap<string, string>, check: boolean): number {
  const paths = outdated(documents)
  if (check) {
    for (const path of paths) console.error(`${path} is not up to date: npm run check:fix`)
    return paths.length === 0 ? 0 : 1
  }
  for (const path of paths) {
    writeFileSync(root + path, documents.get(path) ?? '')
    console.log(`wrote ${path}`)
  }
  return 0
}
