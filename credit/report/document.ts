// The model document (模型开发文档): fourteen chapters from the pack and from facts that people and the platform give.
// What nobody gave is named as such, with who has to provide it: a document must not look complete when it is not.
import { PlatformError } from '#runtime/errors.ts'
import { type EvaluationPack, packTables } from '../evaluation/pack.ts'
import { columnKind, type Language, writtenCell } from './columns.ts'
import { ANNEXES, type Chapter, CHAPTERS, type DocumentItem, PROVIDERS, type Provider } from './document-chapters.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { page } from './report.ts'
import { numberOf, recordsOf, tableMarkup, textOf, titled, valuesOf } from './table-markup.ts'
import { cellWord, setTitle, tableTitle, text } from './words.ts'

/** Texts by the ids of the items of `CHAPTERS` and `ANNEXES`; one text for both languages, or one for each. */
export type DocumentFacts = Readonly<Record<string, string | { readonly zh: string; readonly en: string }>>

const MOST_LETTERS = 20_000
const MOST_DOCUMENT_ROWS = 200
/** a stability index from here on is watched, and above the second acted upon */
const [WATCH, ACT] = [0.1, 0.25]
const MOST_MOVED = 8
const ALL = [...CHAPTERS, ANNEXES]

/** Ids of all items that the document has, with who provides them. */
export function documentItems(): readonly DocumentItem[] {
  return ALL.flatMap(({ items }) => items)
}

/** Items that neither the facts nor the pack state. */
export function missingItems(pack: EvaluationPack, facts: DocumentFacts): readonly DocumentItem[] {
  const known = { ...factsOfPack(pack, 'zh'), ...facts }
  return documentItems().filter(({ id }) => statedIn(known, id, 'zh') === undefined)
}

/**
 * The document as one HTML page. Facts given win over what the pack says by itself.
 * @throws PlatformError evaluation.invalid for a fact that belongs to no item, is no text, or is too long
 */
export function renderModelDocument(pack: EvaluationPack, facts: DocumentFacts, language: Language): string {
  const ids = new Set(documentItems().map(({ id }) => id))
  for (const [id, fact] of Object.entries(facts)) {
    if (!ids.has(id))
      throw new PlatformError('evaluation.invalid', { what: 'a fact that the document does not ask for', id })
    const texts: readonly unknown[] = typeof fact === 'string' ? [fact] : [fact?.zh, fact?.en]
    if (!texts.every((one) => typeof one === 'string'))
      throw new PlatformError('evaluation.invalid', { what: 'a fact is no text, nor one for each language', id })
    if (texts.join('').length > MOST_LETTERS)
      throw new PlatformError('evaluation.invalid', { what: 'a fact is too long', id })
  }
  const known = { ...factsOfPack(pack, language), ...facts }
  const chapters = ALL.map((chapter, i) => chapterMarkup(pack, chapter, i, known, language))
  const content = html`<main>${completeness(pack, facts, language)}${chapters}</main>`
  return page(pack, text('document', language), language, content)
}

function chapterMarkup(
  pack: EvaluationPack,
  chapter: Chapter,
  index: number,
  facts: DocumentFacts,
  language: Language,
): Markup {
  const number = index < CHAPTERS.length ? `${index + 1} ` : ''
  const items = chapter.items.map((item) => {
    const stated = statedIn(facts, item.id, language)
    return html`<dt>${item[language]}</dt><dd>${stated ?? missing(item.provider, language)}</dd>\n`
  })
  const tables = chapter.tables.map((name) => {
    const table = packTables(pack).get(name)
    return titled(tableTitle(name, language), tableMarkup(pack, table, language, { most: MOST_DOCUMENT_ROWS }))
  })
  return html`<section id="chapter-${String(index + 1)}"><h2>${number}${chapter[language]}</h2><dl>${items}</dl>${tables}</section>\n`
}

function missing(provider: Provider, language: Language): Markup {
  const [zh, en] = PROVIDERS[provider]
  const who =
    language === 'zh'
      ? `${text('notProvided', 'zh')}（${text('by', 'zh')}：${zh}）`
      : `${text('notProvided', 'en')} (${text('by', 'en')} ${en})`
  return html`<span class="missing">${who}</span>`
}

/** How many items are stated, and how many each provider still owes. */
function completeness(pack: EvaluationPack, facts: DocumentFacts, language: Language): Markup {
  const all = documentItems()
  const open = missingItems(pack, facts)
  if (open.length === 0) return NOTHING
  const owing = [...new Set(open.map(({ provider }) => provider))].map((provider) => {
    const count = open.filter((item) => item.provider === provider).length
    return `${PROVIDERS[provider][language === 'zh' ? 0 : 1]} ${count}`
  })
  const stated = `${all.length - open.length} / ${all.length}`
  return html`<p class="synthetic">${
    language === 'zh'
      ? `已提供 ${stated} 项。待提供：${owing.join('，')}。`
      : `${stated} items are stated. Open: ${owing.join(', ')}.`
  }</p>`
}

function statedIn(facts: DocumentFacts, id: string, language: Language): string | undefined {
  const fact = facts[id]
  const stated = typeof fact === 'string' ? fact : fact?.[language]
  return stated === undefined || stated.trim() === '' ? undefined : stated
}

/** What the pack itself can state. */
function factsOfPack(pack: EvaluationPack, language: Language): DocumentFacts {
  const { run } = pack
  const tables = packTables(pack)
  const zh = language === 'zh'
  const summary = recordsOf(tables.get('summary'))
  const coalition = summary[0]?.['coalition'] ?? ''
  const final = summary.filter((record) => record['coalition'] === coalition)
  const shown = (record: (typeof final)[number], column: string): string =>
    writtenCell(record[column] ?? null, columnKind(column), language)
  const sizes = final.map((record) => {
    const set = setTitle(textOf(record, 'set'), language)
    return zh
      ? `${set} ${shown(record, 'n')}（坏 ${shown(record, 'bad')}，${shown(record, 'bad_rate')}）`
      : `${set} ${shown(record, 'n')} (${shown(record, 'bad')} bad, ${shown(record, 'bad_rate')})`
  })
  const quality = final.map((record) => {
    return `${setTitle(textOf(record, 'set'), language)}: AUC ${shown(record, 'auc')}, KS ${shown(record, 'ks')}`
  })
  const checks = recordsOf(tables.get('acceptance')).filter(({ pass }) => pass !== null)
  const passed = checks.filter(({ pass }) => pass === true).length
  const failed = checks
    .filter(({ pass }) => pass === false)
    .map(
      (check) =>
        `${cellWord('check', textOf(check, 'check'), language)} ${shown(check, 'value')} (${textOf(check, 'threshold')})`,
    )
  const separator = zh ? '；' : '; '
  const facts: Record<string, string> = {
    'partners.list': run.parties.map(({ party, name }) => `${name[language]} (${party})`).join(zh ? '、' : ', '),
    'sample.sets': sizes.join(separator),
    'training.algorithm': run.algorithm,
    'training.software': run.software ?? '',
    'evaluation.verdict':
      checks.length === 0
        ? ''
        : [
            zh ? `验收检查 ${passed}/${checks.length} 通过` : `${passed} of ${checks.length} acceptance checks pass`,
            ...(failed.length === 0 ? [] : [`${zh ? '未通过' : 'failed'}: ${failed.join(zh ? '，' : ', ')}`]),
            ...quality,
          ].join(separator),
    'stability.verdict': stabilityVerdict(pack, language),
    'monitoring.thresholds': thresholds(pack, language),
  }
  return facts
}

/** Index of the score in each later set, and the columns of each party that moved, the worst first. */
function stabilityVerdict(pack: EvaluationPack, language: Language): string {
  const tables = packTables(pack)
  const psi = tables.get('psi')
  const sets = valuesOf(psi, 'set')
  if (sets.length === 0) return ''
  const separator = language === 'zh' ? '；' : '; '
  const score = sets.map((set) => {
    return `${setTitle(set, language)} ${(numberOf(recordsOf(psi, { set })[0], 'total') ?? 0).toFixed(4)}`
  })
  const moved = sets.flatMap((set) => {
    const byFeature = new Map(
      recordsOf(tables.get('csi'), { set }).map((record) => [
        `${textOf(record, 'party')} ${textOf(record, 'feature')}`,
        numberOf(record, 'csi') ?? 0,
      ]),
    )
    const above = [...byFeature].filter(([, value]) => value >= WATCH).toSorted(([, a], [, b]) => b - a)
    if (above.length === 0) return []
    const named = above.slice(0, MOST_MOVED).map(([feature, value]) => `${feature} ${value.toFixed(3)}`)
    const more = above.length > MOST_MOVED ? ' …' : ''
    return [`${setTitle(set, language)}: ${named.join(', ')}${more}`]
  })
  const columns = { zh: `稳定性指标不低于 ${WATCH} 的变量`, en: `columns with an index of ${WATCH} or more` }[language]
  const none = { zh: '无', en: 'none' }[language]
  return [
    `${text('stability', language)}: ${score.join(separator)}`,
    ...(tables.get('csi') === undefined ? [] : [`${columns}: ${moved.length === 0 ? none : moved.join(separator)}`]),
  ].join('\n')
}

/** The limits that the report itself applies, which monitoring begins with. */
function thresholds(pack: EvaluationPack, language: Language): string {
  const stability = {
    zh: `得分与各方特征的稳定性：< ${WATCH} 稳定，${WATCH}–${ACT} 关注，> ${ACT} 处置`,
    en: `stability of the score and of each party's columns: below ${WATCH} stable, to ${ACT} watch, above act`,
  }
  const checks = recordsOf(packTables(pack).get('acceptance')).map(
    (check) => `${cellWord('check', textOf(check, 'check'), language)} ${textOf(check, 'threshold')}`,
  )
  return [stability[language], ...checks].join('\n')
}
