// Rules of the house that hold for every file: size, words, randomness, no test left out, nothing of one machine.
import { fileURLToPath } from 'node:url'
import { homedir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { sourceFiles } from './imports.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const own = 'tests/house-rules.test.ts'
const code = sourceFiles(root, (path) => /\.(ts|tsx|mjs)$/.test(path) && path !== own && !isMade(path))
const isTest = (path: string) => /\.(test|bench)\.ts$/.test(path)

function isMade(path: string): boolean {
  return path.includes('/gen/') || path.includes('/golden/')
}

function linesWith(pattern: RegExp, pick: (path: string) => boolean = () => true): string[] {
  return [...code]
    .filter(([path]) => pick(path))
    .flatMap(([path, text]) =>
      text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    )
}

test('a file has at most 400 lines, a role file at most 200', () => {
  const long = [...code].flatMap(([path, text]) => {
    const lines = text.split('\n').length - 1
    const most = /^protocols\/(?!core\/)[^/]+\/(guest|host|coordinator)\.ts$/.test(path) ? 200 : 400
    return lines > most && !isTest(path) ? [`${path}: ${lines} lines, at most ${most}`] : []
  })
  expect(long).toEqual([])
})

test('a file says at its top what it is for', () => {
  const mute = [...code]
    .filter(([path, text]) => !isTest(path) && !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(text))
    .map(([path]) => path)
  expect(mute).toEqual([])
})

describe('no line of the code', () => {
  test('promises work for later', () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|not implemented)\b/)).toEqual([])
  })

  test('leaves a test out or runs one alone', () => {
    expect(linesWith(/\b(?:it|test|describe)\.(?:skip|todo|only)\(/)).toEqual([])
  })

  test('draws from Math.random outside experiments', () => {
    const bound = /^(runtime|protos|crypto|credit|protocols|coordinator|party-agent|cli)\//
    expect(linesWith(/Math\.random/, (path) => bound.test(path) && !path.endsWith('.bench.ts'))).toEqual([])
  })

  test('needs syntax that type stripping cannot erase', () => {
    expect(linesWith(/^\s*(?:export\s+)?(?:const\s+)?enum\s|^\s*(?:export\s+)?namespace\s/)).toEqual([])
  })

  test('names a path of the machine it was written on', () => {
    const home = homedir()
    const here = (line: string) => line.includes(root) || (home.length > 1 && line.includes(`${home}/`))
    const found = [...code].flatMap(([path, text]) =>
      text.split('\n').flatMap((line, i) => (here(line) ? [`${path}:${i + 1}`] : [])),
    )
    expect(found).toEqual([])
  })
})

test('files are named by what they do', () => {
  const vague = [...code.keys()].filter((path) =>
    /\/(utils?|helpers?|misc|common|index)\.(ts|tsx|mjs)$/.test(`/${path}`),
  )
  expect(vague).toEqual([])
})
