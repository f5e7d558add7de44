// The catalogue, its documents and its Chinese twin name the same codes.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { errorDocuments } from '../scripts/errors-doc.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'

const codes = Object.keys(ERROR_CODES)
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test.each(['docs/errors.md', 'docs/errors.zh-CN.md'])('%s names exactly the codes of the catalogue', (path) => {
  const text = read(path)
  expect([...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '').toSorted()).toEqual(codes.toSorted())
  expect(text).toBe(errorDocuments().get(path))
})

test('every code has its Chinese summary and mend, and no other code has', () => {
  expect(Object.keys(ERROR_CODES_ZH).toSorted()).toEqual(codes.toSorted())
})

test('a code is an area and a fact, and its texts are sentences without their full stop', () => {
  for (const [code, entry] of Object.entries(ERROR_CODES)) {
    expect(code).toMatch(/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/)
    for (const text of [entry.summary, entry.mend]) expect(text, code).toMatch(/^[^.\s].*[^.\s]$/)
  }
})
