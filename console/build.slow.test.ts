// What a browser has to fetch before it shows the first page, and that nothing of it comes from elsewhere or is inline.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { builtConsole } from './build.ts'

const MOST_SCRIPT = 300 * 1024
/** what the project holds itself to: the limit above is the promise */
const AIM = 200 * 1024

interface Part {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
}

let folder: string
beforeAll(async () => {
  folder = await builtConsole()
})

const files = (pattern: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))

/** The entry and all that it imports before it runs, each once. */
function firstLoad(): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, Part>
  const needed = new Set(Object.keys(manifest).filter((name) => manifest[name]?.isEntry === true))
  for (const name of needed) for (const other of manifest[name]?.imports ?? []) needed.add(other)
  return [...needed].map((name) => manifest[name]?.file ?? '')
}

test('the first load is below 300 KiB of compressed script, and below the 200 KiB aimed at', () => {
  const bytes = firstLoad()
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0)
  expect(bytes).toBeGreaterThan(50 * 1024)
  expect(bytes).toBeLessThan(MOST_SCRIPT)
  expect(bytes).toBeLessThan(AIM)
})

test('pages are fetched when they are opened: none is part of the first load', () => {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, Part>
  const loaded = new Set(firstLoad())
  const pages = Object.entries(manifest).filter(([name]) => /^pages\/.*\.tsx$/.test(name))
  expect(pages.filter(([, { file }]) => loaded.has(file)).map(([name]) => name)).toEqual([])
})

test('nothing is inline: no script, no style, no handler in the document', () => {
  const document = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(document.match(/<script\b[^>]*>[^<]+/g)).toBeNull()
  expect(document.match(/<style\b|\sstyle=|\son[a-z]+=/g)).toBeNull()
  const sources = [...document.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '')
  expect(sources.length).toBeGreaterThanOrEqual(3)
  expect(sources.filter((address) => !/^\.\/assets\/[\w.-]+$/.test(address))).toEqual([])
})

test('no style sheet and no script names another place to fetch from', () => {
  const fetched = /\b(?:url|import|fetch|importScripts|EventSource|WebSocket)\(\s*["'`]?(?:https?:)?\/\//
  const named = files(/\.(js|css|html)$/).filter(({ text }) => fetched.test(text))
  expect(named.map(({ path }) => path)).toEqual([])
})

test('the licence of each package in the pages is kept', () => {
  const notices = readFileSync(join(folder, 'licences.txt'), 'utf8')
  for (const name of [
    'react ',
    'react-dom ',
    'react-aria-components ',
    '@tanstack/react-query ',
    'wouter ',
    'typebox ',
  ])
    expect(notices, name).toMatch(new RegExp(`^${name}\\d+\\.`, 'm'))
  expect(notices).toContain('MIT License')
})
