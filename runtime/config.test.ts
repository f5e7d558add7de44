import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Type from 'typebox'
import { expect, test } from 'vitest'
import { checkConfig, parseYaml, readYaml, readYamlConfig } from './config.ts'
import { PlatformError } from './errors.ts'

const closed = { additionalProperties: false } as const
const Source = Type.Union([
  Type.Object({ kind: Type.Literal('csv'), path: Type.String({ minLength: 1 }) }, closed),
  Type.Object({ kind: Type.Literal('sql'), query: Type.String({ minLength: 1 }) }, closed),
])
const Schema = Type.Object(
  {
    home: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 7443 }),
    level: Type.Union([Type.Literal('debug'), Type.Literal('info')], { default: 'info' }),
    quotas: Type.Object({ jobBytes: Type.Integer({ minimum: 1, default: 5 }) }, { ...closed, default: {} }),
    sources: Type.Array(Source, { default: [] }),
  },
  closed,
)

const check = (text: string) => checkConfig(Schema, parseYaml(text, 'x.yaml'))
function problemsOf(text: string): unknown {
  try {
    check(text)
    return []
  } catch (error) {
    return (error as PlatformError).detail['problems']
  }
}

test('defaults are filled in and the result is frozen', () => {
  const config = check('home: /srv\n')
  expect(config).toEqual({ home: '/srv', port: 7443, level: 'info', quotas: { jobBytes: 5 }, sources: [] })
  expect(Object.isFrozen(config.quotas)).toBe(true)
})

test('every problem is named at once with line, column, key, what was expected and what was given', () => {
  const text = [
    'port: 70000',
    'level: loud',
    'quotas:',
    '  jobBytes: many',
    '  jobBites: 4',
    'sources:',
    '  - kind: csv',
    '    path: 7',
    '  - { kind: parquet, path: a }',
  ].join('\n')
  expect(problemsOf(text)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^x\.yaml:1:1 home: required: text/),
      'x.yaml:1:1 port: expected a whole number in [0, 65535], got 70000',
      'x.yaml:2:1 level: expected one of "debug", "info", got "loud"',
      'x.yaml:4:3 quotas.jobBytes: expected a whole number of at least 1, got "many"',
      'x.yaml:5:3 quotas.jobBites: unknown key; known here: jobBytes',
      'x.yaml:8:5 sources[0].path: expected text of at least 1 characters, got 7',
      expect.stringMatching(/^x\.yaml:9:5 sources\[1\]/),
    ]),
  )
})

test('more than eight problems are all reported', () => {
  const text = `home: a\nsources:\n${Array.from({ length: 20 }, () => '  - { kind: csv, path: 1 }').join('\n')}`
  expect(problemsOf(text)).toHaveLength(20)
})

test('an empty file is a configuration without keys', () => {
  expect(problemsOf('')).toEqual([expect.stringContaining('home: required')])
})

test('text that is no YAML is refused with its place', () => {
  expect(() => parseYaml('a: [1, 2\nb: }', 'x.yaml')).toThrowError(/^config\.unreadable.*x\.yaml:2:/)
  expect(() => parseYaml('a: 1\na: 2', 'x.yaml')).toThrowError(/^config\.unreadable.*x\.yaml:2:1/)
})

test('aliases that expand without end are refused', () => {
  const text = ['a: &a [x, x, x, x, x, x, x, x, x, x]', 'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]']
  text.push('c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]', 'd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]')
  expect(() => parseYaml(text.join('\n'), 'x.yaml')).toThrowError(/^config\.unreadable/)
})

test('a file that is absent is refused with its path', () => {
  expect(() => readYaml('/nowhere/x.yaml')).toThrowError(/^config\.unreadable.*\/nowhere\/x\.yaml/)
})

test('problems that need two keys to see are reported the same way', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'tributary-config-')), 'x.yaml')
  writeFileSync(path, 'home: /srv\nport: 1\n')
  const both = () => readYamlConfig(Schema, path, () => [{ path: '/port', message: 'must not be 1 with this home' }])
  expect(both).toThrowError(/^config\.invalid.*x\.yaml:2:1 port: must not be 1/)
})
