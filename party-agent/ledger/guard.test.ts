import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secret } from '#runtime/secret.ts'
import type { DisclosureFact } from './facts.ts'
import { DifferencingGuard, isTooNear } from './guard.ts'
import { differenceOf, packSet, rowSet, sizeOf, unpackSet } from './row-set.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'guard-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const TOTAL = 1000
const rowsUpTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, i) => from + i)
const open = (key = 7, least = 10) =>
  new DifferencingGuard(home, new Secret('storage-key', new Uint8Array(32).fill(key)), { leastFor: () => least })
const asked = (job: string, rows: readonly number[], fingerprint = 'v1') => ({
  dataset: 'filings',
  fingerprint,
  job,
  cells: [{ what: 'intersection', rows: rowSet(TOTAL, rows) }],
})
const codeOf = (done: Promise<void>) =>
  done.then(
    () => 'allowed',
    (error) => (error as { code: string }).code,
  )

test('the difference of bitmaps is that of sets', () => {
  const rows = fc.uniqueArray(fc.nat({ max: 299 }))
  fc.assert(
    fc.property(rows, rows, fc.integer({ min: 1, max: 40 }), (a, b, least) => {
      const [one, two] = [rowSet(300, a), rowSet(300, b)]
      const [inA, inB] = [new Set(a), new Set(b)]
      const difference = a.filter((row) => !inB.has(row)).length + b.filter((row) => !inA.has(row)).length
      const outside = rowsUpTo(300).filter((row) => !inB.has(row))
      const complement = new Set(outside)
      const fromComplement =
        a.filter((row) => !complement.has(row)).length + outside.filter((row) => !inA.has(row)).length
      expect(differenceOf(one, two)).toBe(difference)
      expect(sizeOf(one)).toBe(a.length)
      const near = (rowsApart: number) => rowsApart > 0 && rowsApart < least
      expect(isTooNear(one, two, least)).toBe(near(difference) || near(fromComplement))
      expect(unpackSet(300, packSet(one))).toEqual(one)
    }),
  )
})

test.each([
  ['the same rows', rowsUpTo(500), 'allowed'],
  ['three rows more', rowsUpTo(503), 'guard.differencing'],
  ['three rows less', rowsUpTo(497), 'guard.differencing'],
  ['one row for another', [...rowsUpTo(499), 700], 'guard.differencing'],
  ['nine rows more', rowsUpTo(509), 'guard.differencing'],
  ['ten rows more', rowsUpTo(510), 'allowed'],
  ['the complement', rowsUpTo(TOTAL, 500), 'allowed'],
  ['three rows off the complement', rowsUpTo(TOTAL, 503), 'guard.differencing'],
])('after the first 500 rows, %s', async (_, rows, verdict) => {
  const guard = open()
  await guard.release(asked('job-a', rowsUpTo(500)))
  expect(await codeOf(guard.release(asked('job-b', rows)))).toBe(verdict)
})

test('what was released holds over a restart, for its version of the data, and not against its own job', async () => {
  await open().release(asked('job-a', rowsUpTo(500)))
  expect(await codeOf(open().release(asked('job-a', rowsUpTo(500))))).toBe('allowed')
  expect(await codeOf(open().release(asked('job-b', rowsUpTo(503))))).toBe('guard.differencing')
  expect(await codeOf(open().release(asked('job-b', rowsUpTo(503), 'v2')))).toBe('allowed')
})

test('a threshold can be raised and not lowered', async () => {
  await open().release(asked('job-a', rowsUpTo(500)))
  expect(await codeOf(open(7, 1).release(asked('job-b', rowsUpTo(503))))).toBe('guard.differencing')
  expect(await codeOf(open(7, 50).release(asked('job-b', rowsUpTo(530))))).toBe('guard.differencing')
})

test('two jobs at once cannot both pass', async () => {
  const guard = open()
  const both = await Promise.all(
    [rowsUpTo(500), rowsUpTo(503)].map((rows, i) => codeOf(guard.release(asked(`job-${i}`, rows)))),
  )
  expect(both).toEqual(['allowed', 'guard.differencing'])
})

test('a refused job leaves nothing behind; a released one is listed and told', async () => {
  const told: DisclosureFact[] = []
  const guard = new DifferencingGuard(home, new Secret('storage-key', new Uint8Array(32)), {
    record: { tell: async (fact) => void told.push(fact) },
  })
  await guard.release(asked('job-a', rowsUpTo(505)))
  await codeOf(guard.release(asked('job-b', rowsUpTo(503))))
  expect(await guard.released('filings')).toMatchObject([
    { job: 'job-a', what: 'intersection', count: 505, total: TOTAL },
  ])
  expect(await guard.released('loans')).toEqual([])
  expect(told).toEqual([
    { fact: 'cell.released', job: 'job-a', dataset: 'filings', what: 'intersection', atLeast: 500, threshold: 10 },
  ])
})

test('the refusal does not say in how many rows the sets differ', async () => {
  await open().release(asked('job-a', rowsUpTo(500)))
  const refusal = await open()
    .release(asked('job-b', rowsUpTo(503)))
    .catch((error) => error)
  expect(refusal.detail).toEqual({
    dataset: 'filings',
    cell: 'intersection',
    earlier: 'job-a',
    as: 'intersection',
    least: 10,
  })
})

test('the sets are sealed: no other key opens them, and a changed file is named', async () => {
  await open().release(asked('job-a', rowsUpTo(500)))
  expect(await codeOf(open(8).release(asked('job-b', rowsUpTo(500))))).toBe('storage.damaged')
  const [folder] = await readdir(join(home, 'released-cells'))
  const at = join(home, 'released-cells', folder as string)
  const [file] = await readdir(at)
  const bytes = await readFile(join(at, file as string))
  bytes[40]! ^= 1
  await writeFile(join(at, file as string), bytes)
  expect(await codeOf(open().release(asked('job-b', rowsUpTo(500))))).toBe('storage.damaged')
})
