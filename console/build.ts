// Builds the pages of the console into a folder of the cache, named by a digest of what they are made of: built once
// per state of the sources, never stored with them. `node console/build.ts` builds and prints the folder.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'vite'
import type { Logger } from '#runtime/log.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, 'node_modules/.cache/tributary-console')
/** What a page may import (tests/imports.ts), and so what the digest covers. */
const SOURCES = ['console/web', 'console/api', 'console/sdk', 'credit', 'protocols', 'crypto', 'runtime', 'verifier']
const KEPT_STATES = 8
/** The pages speak these; the widgets bring thirty more, a third of their weight. */
const LANGUAGES = new Set(['en-US', 'zh-CN'])

/**
 * The folder of the built pages: index.html, and assets/ under names that hold a digest of the content. Builds when it
 * is absent, in about two seconds and in a process of its own: what builds needs 300 MB for a moment, and looks at
 * NODE_ENV. Several processes may do so at once.
 */
export async function builtConsole(): Promise<string> {
  const folder = join(cache, digestOfSources())
  if (existsSync(join(folder, 'index.html'))) return folder
  const env = { ...process.env, NODE_ENV: 'production' }
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], { env })
  return stdout.trim()
}

/** The same for a program that has other work: without pages it runs on, and says why. */
export async function pagesIfBuilt(log: Logger): Promise<string | undefined> {
  try {
    return await builtConsole()
  } catch (error) {
    log.error('console.no-pages', error, { folder: cache })
    return undefined
  }
}

async function buildConsole(): Promise<string> {
  const folder = join(cache, digestOfSources())
  if (existsSync(join(folder, 'index.html'))) return folder
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    await buildInto(making)
    await compress(making)
    await putInPlace(making, folder)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return folder
}

async function buildInto(folder: string): Promise<void> {
  const { build } = await import('vite') // only where something is built: it is large
  const notices = new Map<string, string>()
  await build({
    configFile: false,
    root: join(root, 'console/web'),
    base: './',
    logLevel: 'error',
    plugins: [otherLanguagesLeftOut(), noticesKept(notices)],
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: ['chrome123', 'firefox128', 'safari17.5'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      manifest: 'manifest.json',
    },
  })
  const texts = [...notices].sort(([a], [b]) => a.localeCompare(b))
  const whole = texts.map(([name, text]) => `${name}\n\n${text.trim()}\n`).join('\n\n')
  await writeFile(join(folder, 'licences.txt'), whole)
}

/** A packed twin beside each text, which the server sends to who takes it. */
async function compress(folder: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const path of files.filter((name) => /\.(js|css|html|svg|txt)$/.test(name))) {
    const packed = await promisify(gzip)(await readFile(join(folder, path)), { level: 9 })
    await writeFile(join(folder, `${path}.gz`), packed)
  }
}

function digestOfSources(): string {
  const hash = createHash('sha256')
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  const counted = files.filter((path) => /\.(tsx?|js|css|html)$/.test(path) && !/\.(test|bench)\.tsx?$/.test(path))
  for (const path of [...counted, 'console/build.ts', 'package-lock.json'].sort()) {
    const bytes = readFileSync(join(root, path))
    hash.update(`${path.split(sep).join('/')} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex').slice(0, 20)
}

/** Whoever is first keeps the folder, the others leave it. The oldest states go. */
async function putInPlace(making: string, folder: string): Promise<void> {
  await rename(making, folder).catch(async (error: unknown) => {
    if (!existsSync(join(folder, 'index.html'))) throw error
  })
  const states = readdirSync(cache)
    .filter((name) => !name.startsWith('making-'))
    .flatMap((name) => {
      const path = join(cache, name)
      const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs
      return made === undefined ? [] : [{ path, made }]
    })
  const old = states.sort((a, b) => b.made - a.made).slice(KEPT_STATES)
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })))
}

/** The widgets import their words in all languages; those that the pages do not speak become empty. */
function otherLanguagesLeftOut(): Plugin {
  return {
    name: 'tributary-languages',
    enforce: 'pre',
    load(id) {
      const language = /[\\/]intl[\\/](?:.*[\\/])?([a-z]{2}-[A-Z]{2})\.mjs$/.exec(id)?.[1]
      return language === undefined || LANGUAGES.has(language) ? null : 'export default {}'
    },
  }
}

/** Collects the licence of each package that is part of the pages. */
function noticesKept(notices: Map<string, string>): Plugin {
  return {
    name: 'tributary-licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
      for (const id of modules) {
        const path = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id.replace(/^\0/, ''))?.[0]
        if (path === undefined || !existsSync(join(path, 'package.json'))) continue
        const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
          name: string
          version: string
          license?: string
        }
        const file = readdirSync(path).find((one) => /^(licen[cs]e|copying)/i.test(one))
        const text =
          file === undefined ? `Licence: ${license ?? 'see the package'}` : readFileSync(join(path, file), 'utf8')
        notices.set(`${name} ${version}`, text)
      }
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.env['NODE_ENV'] = 'production'
  process.stdout.write(`${await buildConsole()}\n`)
}
