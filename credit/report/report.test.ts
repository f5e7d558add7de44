import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { PlatformError } from '#runtime/errors.ts'
import { buildEvaluation } from '../evaluation/build.ts'
import { type EvaluationPack, packTables } from '../evaluation/pack.ts'
import { testRun } from '../evaluation/test-run.ts'
import { logTicks, percent, roundTicks } from './axes.ts'
import { columnKind, columnTitle, writtenCell } from './columns.ts'
import { type DocumentFacts, documentItems, missingItems, renderModelDocument } from './document.ts'
import { factsTemplate } from './document-template.ts'
import { CHAPTERS } from './document-chapters.ts'
import { packFromJson, reportFiles, tableCsv } from './files.ts'
import { escapeText } from '#runtime/markup.ts'
import { wilson } from './performance-sections.ts'
import { renderReport } from './report.ts'

let pack: EvaluationPack
beforeAll(() => {
  pack = buildEvaluation(testRun(4000))
})

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (thrown) {
    return thrown instanceof PlatformError ? thrown.code : String(thrown)
  }
  return 'nothing refused'
}

const NO_NUMBER = /NaN|undefined|Infinity/g
const found = (page: string, pattern: RegExp): string[] => page.match(pattern) ?? []

/** Elements that are open at the end, or closed without being open. */
function unbalanced(page: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name, self] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (self === '/' || ['meta', 'br'].includes(name!)) continue
    if (slash === '') open.push(name!)
    else if (open.at(-1) === name) open.pop()
    else wrong.push(name!)
  }
  return [...open, ...wrong]
}

describe.each(['zh', 'en'] as const)('the report in %s', (language) => {
  test('is a page whose elements close, without scripts and without anything from elsewhere', () => {
    const page = renderReport(pack, language)
    expect(unbalanced(page)).toEqual([])
    expect(found(page, /<script|javascript:|@import|url\(|https?:\/\//g)).toEqual([])
    expect(page.includes('default-src &#39;none&#39;')).toBe(true)
    expect(found(page, NO_NUMBER)).toEqual([])
  })

  test('shows every plot and every section', () => {
    const page = renderReport(pack, language)
    const sections = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, name]) => name)
    expect(sections).toEqual([
      'overview',
      'value',
      'discrimination',
      'bands',
      'calibration',
      'stability',
      'segments',
      'champion',
      'variables',
      'card',
      'fidelity',
      'definitions',
    ])
    // ROC, KS, CAP, lift; bands, 3 histograms; 3 calibrations; vintage, score and feature stability; IV, IV by party,
    // 10 WOE; shares, deltas and ladder of two sets
    expect(page.match(/<svg /g)).toHaveLength(4 + 4 + 3 + 3 + 2 + 10 + 6)
  })

  test('of a run with nothing but scores has fewer sections and is still a page', () => {
    const { run, rows } = testRun(600)
    const { sets, scores, scoreKind, labels } = rows
    const bare = renderReport(buildEvaluation({ run, rows: { sets, scores, scoreKind, labels } }), language)
    expect(unbalanced(bare)).toEqual([])
    expect(found(bare, NO_NUMBER)).toEqual([])
    expect(bare.includes('id="value"')).toBe(false)
  })

  test('of rows without a single label still shows the stability', () => {
    const { run, rows } = testRun(600)
    const { sets, scores, scoreKind } = rows
    const page = renderReport(
      buildEvaluation({ run, rows: { sets, scores, scoreKind, labels: new Int8Array(600).fill(-1) } }),
      language,
    )
    expect(unbalanced(page)).toEqual([])
    expect(found(page, NO_NUMBER)).toEqual([])
    expect(page.includes('id="stability"')).toBe(true)
  })
})

test('every column of every table has a title of its own', () => {
  const columns = pack.tables.flatMap((table) => table.columns)
  expect(columns.filter((column) => columnTitle(column, 'zh') === column)).toEqual([])
})

test('names with markup stay text, in pages and documents', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&\u202e'
  const run = { ...pack.run, jobId: evil, title: { zh: evil, en: evil } }
  const tables = [...pack.tables, { name: 'selection_log', columns: ['feature', 'reason_zh'], rows: [[evil, evil]] }]
  for (const page of [
    renderReport({ ...pack, run, tables }, 'zh'),
    renderModelDocument({ ...pack, run }, { 'business.purpose': evil }, 'zh'),
  ]) {
    expect(found(page, /<img/g)).toEqual([])
    expect(unbalanced(page)).toEqual([])
    expect(page.includes('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\\u202e')).toBe(true)
  }
  expect(escapeText('a\u0000b')).toBe('a\\u0000b')
})

describe('files', () => {
  test('are two pages, the pack, and one CSV for each table', () => {
    const files = reportFiles(pack)
    expect([...files.keys()].filter((path) => !path.startsWith('csv/'))).toEqual([
      'report.zh.html',
      'report.en.html',
      'evaluation.json',
    ])
    expect([...files.keys()].filter((path) => path.startsWith('csv/'))).toHaveLength(pack.tables.length)
    expect(packFromJson(files.get('evaluation.json')!)).toEqual(pack)
    expect(files.get('csv/psi.csv')!.split('\r\n')[0]).toBe(
      '\ufeffband,expected_pct,actual_pct,diff,ln_ratio,psi_i,total,set,flag',
    )
  })

  test('with facts for it the model document is among them', () => {
    expect([...reportFiles(pack, {}).keys()]).toEqual(
      expect.arrayContaining(['model-document.zh.html', 'model-document.en.html']),
    )
  })

  test('CSV quotes what must be quoted and defuses what a spreadsheet would run', () => {
    const rows = [
      ['a,"b"\n', null, -0.5, true],
      ['=1+1', '+x', 1e-9, '≥ 0.3'],
    ]
    expect(tableCsv({ name: 't', columns: ['w', 'x', 'y', 'z'], rows })).toBe(
      'w,x,y,z\r\n"a,""b""\n",,-0.5,true\r\n\'=1+1,\'+x,1e-9,≥ 0.3\r\n',
    )
  })

  test('a name that is no file name, a table twice and a pack of another kind are refused', () => {
    const named = (name: string) => ({ ...pack, tables: [{ name, columns: [], rows: [] }] })
    expect(codeOf(() => reportFiles(named('../x')))).toBe('evaluation.invalid')
    expect(codeOf(() => reportFiles({ ...pack, tables: [...pack.tables, pack.tables[0]!] }))).toBe('evaluation.invalid')
    for (const json of ['', 'null', '{}', '{"format":"tributary/evaluation/1"}'])
      expect(codeOf(() => packFromJson(json))).toBe('evaluation.invalid')
    const ragged = { ...pack, tables: [{ name: 't', columns: ['a'], rows: [[1, 2]] }] }
    expect(codeOf(() => packFromJson(JSON.stringify(ragged)))).toBe('evaluation.invalid')
  })
})

test('names of columns are in the language of the page, beside the codes that hide them', () => {
  const run = testRun(2000)
  const [first, ...rest] = run.features ?? []
  const named = { ...first!, feature: 'TAX.F01', party: 'tax', name: '最长断票天数', nameEn: 'longest gap' }
  const own = buildEvaluation({ ...run, features: [named, ...rest] })
  const [zh, en] = [renderReport(own, 'zh'), renderReport(own, 'en')]
  expect(zh).toContain('TAX.F01 最长断票天数')
  expect(zh).not.toContain('longest gap')
  expect(en).toContain('TAX.F01 longest gap')
  expect(en).not.toContain('最长断票天数')
})

describe('the model document', () => {
  test('has the fourteen chapters of the guideline, in order', () => {
    expect(CHAPTERS.map(({ zh }) => zh)).toEqual([
      '业务背景与用途',
      '合作方与授权依据',
      '样本与目标定义',
      '数据质量',
      '样本对齐',
      '特征工程与分箱',
      '变量筛选',
      '模型训练',
      '评估',
      '稳定性与压力测试',
      '拒绝推断与策略建议',
      '安全与隐私评估',
      '部署与降级方案',
      '监控、回检、退出方案',
    ])
    const ids = documentItems().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('names what is missing and who must provide it, and takes what is given', () => {
    const page = renderModelDocument(pack, { 'business.purpose': '小微企业贷前准入' }, 'zh')
    expect(page.includes('小微企业贷前准入')).toBe(true)
    expect(page.includes('未提供（提供人：数据提供方）')).toBe(true)
    expect(page.includes('验收检查')).toBe(true)
    expect(unbalanced(page)).toEqual([])
    const open = missingItems(pack, { 'business.purpose': 'x' }).map(({ id }) => id)
    expect(open).not.toContain('business.purpose')
    expect(open).not.toContain('sample.sets')
    expect(open).toContain('annex.review')
  })

  test('states what the evaluation found: checks that failed, columns that moved, and the limits to watch', () => {
    const facts = (language: 'zh' | 'en') => {
      const page = renderModelDocument(pack, {}, language)
      return (title: string) => page.split(`<dt>${title}</dt>`)[1]?.split('</dd>')[0] ?? ''
    }
    const en = facts('en')
    const failed =
      packTables(pack)
        .get('acceptance')
        ?.rows.filter((row) => row.includes(false)) ?? []
    expect(en('verdict').includes('failed: ')).toBe(failed.length > 0)
    expect(en('stability of score and features')).toMatch(/stability: .*\ncolumns with an index of 0\.1 or more: /i)
    expect(en('limits of monitoring')).toContain('below 0.1 stable, to 0.25 watch, above act')
    expect(facts('zh')('监控阈值')).toContain('测试集 KS')
  })

  test('complete facts leave nothing open', () => {
    const facts = Object.fromEntries(documentItems().map(({ id }) => [id, { zh: '有', en: 'yes' }]))
    expect(missingItems(pack, facts)).toEqual([])
    expect(renderModelDocument(pack, facts, 'en').includes('class="missing"')).toBe(false)
  })

  test('what is open is a file to fill in, by who provides it; what is filled in is no longer open', () => {
    const template = factsTemplate(pack, { 'business.purpose': 'x' })
    const entries = parse(template) as Record<string, string>
    expect(Object.keys(entries).toSorted()).toEqual(
      missingItems(pack, { 'business.purpose': 'x' })
        .map(({ id }) => id)
        .toSorted(),
    )
    expect(template).toContain('# ==== 合规 · compliance')
    expect(missingItems(pack, entries)).toHaveLength(Object.keys(entries).length + 1)
    const filled = Object.fromEntries(Object.keys(entries).map((id) => [id, 'yes']))
    expect(factsTemplate(pack, { ...filled, 'business.purpose': 'x' })).not.toContain('""')
  })

  test('a fact that is no text is refused', () => {
    for (const fact of [null, 7, { zh: '有' }]) {
      const facts = { 'business.purpose': fact } as unknown as DocumentFacts
      expect(codeOf(() => renderModelDocument(pack, facts, 'zh'))).toBe('evaluation.invalid')
    }
  })

  test('a fact that no item asks for, and one that is too long, are refused', () => {
    expect(codeOf(() => renderModelDocument(pack, { 'busines.purpose': 'x' }, 'zh'))).toBe('evaluation.invalid')
    expect(codeOf(() => renderModelDocument(pack, { 'business.purpose': 'x'.repeat(20_001) }, 'zh'))).toBe(
      'evaluation.invalid',
    )
  })
})

describe('numbers for readers', () => {
  test('are written by the kind of their column', () => {
    const written = (column: string, value: number) => writtenCell(value, columnKind(column), 'en')
    expect(written('n', 1234567)).toBe('1,234,567')
    expect(written('bad_rate', 0.0328)).toBe('3.28%')
    expect(written('auc', 0.80912)).toBe('0.8091')
    expect(written('shapley_auc', -0.01)).toBe('−0.0100')
    expect(written('p_value', 1e-9)).toBe('<0.0001')
    expect(written('bytes', 45e6)).toBe('42.9 MiB')
    expect(writtenCell(null, 'share', 'en')).toBe('–')
  })

  test('ticks are round, and inside', () => {
    expect(roundTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(roundTicks(0.653, 0.842, 4)).toEqual([0.7, 0.75, 0.8])
    expect(roundTicks(3, 3, 4)).toEqual([3])
    expect(logTicks(0.004, 0.3)).toEqual([0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
    expect([0.005, 0.02, 0.1, 1].map(percent)).toEqual(['0.5%', '2%', '10%', '100%'])
  })

  test("Wilson's interval of a printed example", () => {
    // 15 of 148 (Newcombe 1998, table I): .0624 to .1605
    const { low, high } = wilson(15 / 148, 148)
    expect(low).toBeCloseTo(0.0624, 4)
    expect(high).toBeCloseTo(0.1605, 4)
  })
})
