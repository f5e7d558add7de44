import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatasetConfig, SourceConfig } from '../config.ts'
import { assertFingerprint, openDataset } from './dataset.ts'
import { collect, DatasetFolder, plainDataset } from './dataset-fixtures.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

const rowsOf = (...rows: number[]) => Uint32Array.from(rows)

async function valuesOf(config: DatasetConfig, names: string[], rows: Uint32Array) {
  await using dataset = await openDataset('loans', config)
  return Object.fromEntries(
    (await collect(dataset.columns(names, rows))).map(({ name, values }) => [name, [...values]]),
  )
}

describe('what a data set says of itself', () => {
  test('the id, the label and the order are never offered', async () => {
    const source = await folder.csv('offer.csv', 'id,y,as_of,a,b\n1,0,2024-01-01,1,2\n2,1,2024-01-01,3,4\n')
    const config = plainDataset(source, {
      ids: { column: 'id', kind: 'plain', duplicates: 'last', orderBy: 'as_of' },
      label: { column: 'y' },
    })
    await using dataset = await openDataset('loans', config)
    expect(await dataset.describe()).toEqual({
      name: 'loans',
      idKind: 'plain',
      rows: 2,
      columns: ['a', 'b'],
      label: 'y',
    })
  })

  test('dates and texts that are typed as such are not offered by `all`; a list is taken as it is', async () => {
    const source = await folder.parquet('typed.parquet', "SELECT 1 AS id, DATE '2024-01-01' AS d, 2.5 AS a, [1] AS l")
    await using all = await openDataset('loans', plainDataset(source))
    expect((await all.describe()).columns).toEqual(['a'])
    await using named = await openDataset('loans', plainDataset(source, { columns: ['d'] }))
    expect((await named.describe()).columns).toEqual(['d'])
  })

  test('a header with quotes, a byte order mark, CRLF and semicolons is understood', async () => {
    const source = await folder.csv('dialect.csv', '\ufeff"id";"net;margin"\r\nA;1\r\n"B";2')
    expect(await valuesOf(plainDataset(source), ['net;margin'], rowsOf(1, 0))).toEqual({ 'net;margin': [2, 1] })
  })
})

describe('rows', () => {
  // 30 MB of CSV, 25 row groups: threads share such sources, and must not mix their rows.
  const ROWS = 100_000
  const sources: Record<string, () => Promise<SourceConfig>> = {
    csv: () => {
      const lines = Array.from({ length: ROWS }, (_, i) => `K${i},${i},${'x'.repeat(i % 600)}`)
      return folder.csv('order.csv', `id,a,pad\n${lines.join('\n')}\n`)
    },
    parquet: () => folder.parquet('order.parquet', `SELECT 'K' || i AS id, i AS a FROM range(${ROWS}) t(i)`),
    sql: async () => {
      await folder.parquet('joined.parquet', `SELECT i % 1000 AS k, i FROM range(${ROWS}) t(i)`)
      const query = "SELECT 'K' || i AS id, i AS a, k FROM 'joined.parquet' -- every row"
      return { kind: 'sql', query, folder: folder.path }
    },
  }
  test.each(Object.keys(sources))('%s: ids, numbers and a second opening agree on row numbers', async (kind) => {
    const source = await (sources[kind] as () => Promise<SourceConfig>)()
    const config = plainDataset(source)
    await using dataset = await openDataset('loans', config)
    const { ids, rows, profile } = await dataset.usableIds()
    expect(ids).toHaveLength(ROWS)
    expect(profile).toMatchObject({ total: ROWS, valid: ROWS, duplicates: 0 })
    expect(ids.every((id, i) => id === `K${rows[i]}`)).toBe(true)
    const backwards = rows.toReversed()
    await using again = await openDataset('loans', config)
    const [column] = await collect(again.columns(['a'], backwards))
    expect(column?.values.every((value, i) => value === backwards[i])).toBe(true)
    expect(again.fingerprint).toBe(dataset.fingerprint)
  })

  test('a query that joins and groups gives the same rows in every scan and after a restart', async () => {
    await folder.parquet('left.parquet', 'SELECT i, hash(i) % 5000 AS k FROM range(50000) t(i)')
    await folder.parquet('right.parquet', 'SELECT k, k * 2 AS v FROM range(5000) t(k)')
    const query = `SELECT l.k AS id, count(*) AS n, sum(v) AS s
      FROM 'left.parquet' l JOIN 'right.parquet' r USING (k) GROUP BY l.k`
    const config = plainDataset({ kind: 'sql', query, folder: folder.path })
    await using before = await openDataset('loans', config)
    const { ids, rows } = await before.usableIds()
    await using after = await openDataset('loans', config)
    expect((await after.usableIds()).ids).toEqual(ids)
    const [n, s] = await collect(after.columns(['n', 's'], rows))
    expect(ids.every((id, i) => s?.values[i] === 2 * Number(id) * (n?.values[i] as number))).toBe(true)
  })

  test('any text comes back as it was written', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'aZ09"", ;\n\t|é汉😀'), maxLength: 8 })
    const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, fc.integer()), { minLength: 1, maxLength: 20 }), async (table) => {
        const lines = table.map(([id, value]) => `${quoted(id)},${value}`)
        await using dataset = await openDataset(
          'loans',
          plainDataset(await folder.csv('any.csv', `id,a\n${lines.join('\n')}\n`)),
        )
        const ids = (await collect(dataset.ids())).flatMap((chunk) => chunk.ids)
        expect(ids.map((id) => id ?? '')).toEqual(table.map(([id]) => id))
        const [column] = await collect(dataset.columns(['a'], Uint32Array.from(table.keys())))
        expect([...(column?.values ?? [])]).toEqual(table.map(([, value]) => value))
      }),
      { numRuns: 25 },
    )
  })

  test('two scans may overlap', async () => {
    const source = await folder.csv('overlap.csv', 'id,a\nA,1\nB,2\n')
    await using dataset = await openDataset('loans', plainDataset(source))
    const both = await Promise.all([
      dataset.usableIds(),
      collect(dataset.columns(['a'], rowsOf(0, 1))),
      dataset.describe(),
    ])
    expect(both[0].ids).toEqual(['A', 'B'])
    expect([...(both[1][0]?.values ?? [])]).toEqual([1, 2])
  })
})

describe('duplicates and nulls', () => {
  const CSV = 'id,as_of,a\nA,2024-03-31,1\nB,2024-01-31,2\nＡ,2024-01-31,3\n,2024-01-31,4\nB ,2024-06-30,5\n'
  const cases: [DatasetConfig['ids']['duplicates'], string | undefined, number[]][] = [
    ['first', undefined, [0, 1]],
    ['last', undefined, [2, 4]],
    ['first', 'as_of', [2, 1]],
    ['last', 'as_of', [0, 4]],
  ]
  test.each(cases)('rule %s by %s keeps its row', async (duplicates, orderBy, kept) => {
    const source = await folder.csv('duplicates.csv', CSV)
    const ids = { column: 'id', kind: 'plain', duplicates, ...(orderBy === undefined ? {} : { orderBy }) } as const
    await using dataset = await openDataset('loans', plainDataset(source, { ids }))
    const usable = await dataset.usableIds()
    expect(usable.ids).toEqual(['A', 'B'])
    expect([...usable.rows]).toEqual(kept)
    expect(usable.profile).toMatchObject({ total: 5, valid: 4, empty: 1, duplicates: 2 })
  })

  test.each(['DOUBLE', 'DECIMAL(18, 1)'])('whole numbers stored as %s are ids without a point', async (type) => {
    const source = await folder.parquet('double.parquet', `SELECT unnest([42, NULL, 7.5]::${type}[]) AS id, 1 AS a`)
    await using dataset = await openDataset('loans', plainDataset(source))
    expect((await dataset.usableIds()).ids).toEqual(['42', '7.5'])
  })
})

describe('numbers', () => {
  test('missing values are NaN, in the order of the rows asked for', async () => {
    const source = await folder.csv('missing.csv', 'id,a,b\n1,,NA\n2, 3.5 ,-999.0\n3,-1e3,0\n')
    const missing = { default: 'mean', values: ['NA', '-999'], columns: {} } as const
    expect(await valuesOf(plainDataset(source, { missing }), ['b', 'a'], rowsOf(2, 0, 1))).toEqual({
      b: [0, Number.NaN, Number.NaN],
      a: [-1000, Number.NaN, 3.5],
    })
  })

  test('typed columns: nulls and NaN are missing, decimals and booleans are numbers', async () => {
    const query = `SELECT * FROM (VALUES (1, 'nan'::DOUBLE, 1.25::DECIMAL(9, 2), true), (2, 1.5, NULL, false)) t(id, a, b, c)`
    const source = await folder.parquet('types.parquet', query)
    expect(await valuesOf(plainDataset(source), ['a', 'b', 'c'], rowsOf(0, 1))).toEqual({
      a: [Number.NaN, 1.5],
      b: [1.25, Number.NaN],
      c: [1, 0],
    })
  })

  test('a label may be a number or a count, and is no class then', async () => {
    const source = await folder.csv('targets.csv', 'id,amount,claims\n1,-2.5,0\n2,,3\n3,1e3,12\n')
    const open = (column: string, kind: 'number' | 'count') =>
      openDataset('loans', plainDataset(source, { label: { column, kind, indeterminate: [''] } }))
    await using amounts = await open('amount', 'number')
    expect([...(await amounts.targets(rowsOf(2, 1, 0)))]).toEqual([1000, Number.NaN, -2.5])
    await using claims = await open('claims', 'count')
    expect([...(await claims.targets(rowsOf(0, 1, 2)))]).toEqual([0, 3, 12])
    await expect(claims.labels(rowsOf(0))).rejects.toMatchObject({ code: 'data.label-kind' })
    await using wrong = await open('amount', 'count')
    await expect(wrong.targets(rowsOf(0, 1, 2))).rejects.toMatchObject({ code: 'data.bad-label' })
  })

  test('labels come in the order of the rows asked for', async () => {
    const source = await folder.csv('label.csv', 'id,y\n1,0\n2,1\n3,1.0\n')
    await using dataset = await openDataset('loans', plainDataset(source, { label: { column: 'y' } }))
    expect([...(await dataset.label(rowsOf(2, 0)))]).toEqual([1, 0])
  })
})

describe('a source that changes', () => {
  test('is refused in the middle of a job and after a restart', async () => {
    const source = await folder.csv('changes.csv', 'id,a\n1,1\n2,2\n')
    await using before = await openDataset('loans', plainDataset(source))
    await before.usableIds()
    await writeFile(join(folder.path, 'changes.csv'), 'id,a\n2,2\n1,1\n')
    await utimes(join(folder.path, 'changes.csv'), new Date(), new Date(Date.now() + 5000))
    await expect(before.usableIds()).rejects.toMatchObject({ code: 'data.changed' })
    await using after = await openDataset('loans', plainDataset(source))
    expect(() => assertFingerprint(after, before.fingerprint)).toThrowError(/^data\.changed/)
    expect(() => assertFingerprint(after, after.fingerprint)).not.toThrow()
  })
})
