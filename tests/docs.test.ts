// Documents: every link and picture is there, both languages have the same sections, and no claim is stronger than ours.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sourceFiles } from './imports.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = sourceFiles(root, (path) => path.endsWith('.md'))

test('every link to a file of the project leads somewhere', () => {
  const broken = [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)/g)]
      .map((match) => join(dirname(path), match[1] ?? ''))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${path}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('a document in Chinese has the sections and examples of its English twin', () => {
  const twins = [...documents].filter(([path]) => path.endsWith('.zh-CN.md'))
  expect(twins.length).toBeGreaterThan(3)
  for (const [path, text] of twins) {
    const twin = documents.get(path.replace('.zh-CN.md', '.md'))
    expect(twin, path).toBeDefined()
    expect(outline(text), path).toEqual(outline(twin ?? ''))
  }
})

/** Levels of the headings and languages of the code blocks, in order. Comments in shell examples count as headings. */
function outline(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(#+ |```\w+)/.exec(line)?.[0].trim() ?? [])
}

test('the security claim stands in its own words, and no document promises more', () => {
  const claim =
    'Semi-honest parties, with covert-style audit afterwards; identity, log, replay and format checks hold against malicious ones'
  for (const path of ['README.md', 'SECURITY.md', 'docs/threat-model.md', 'docs/guide/compliance.md'])
    expect(documents.get(path)?.replaceAll(/\s+/g, ' ').toLowerCase(), path).toContain(claim.toLowerCase())
  const boasts = [...documents].filter(([, text]) => /zero[- ]leakage|零泄[露漏]/i.test(text)).map(([path]) => path)
  expect(boasts).toEqual([])
})
