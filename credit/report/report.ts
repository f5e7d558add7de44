// The evaluation report: one page that needs no network, drawn from a pack, in Chinese or English.
import type { EvaluationPack } from '../evaluation/pack.ts'
import { otherTables } from './chapters.ts'
import { DEFINITIONS } from './definitions.ts'
import type { Language } from './columns.ts'
import { cardSection, sampleSection, stabilitySection, valueSection, variableSection } from './feature-sections.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import {
  bandSection,
  calibrationSection,
  discriminationSection,
  fidelityVerdict,
  overviewSection,
  segmentSection,
} from './performance-sections.ts'
import { STYLE } from './style.ts'
import { tableMarkup, titled } from './table-markup.ts'
import { targetBandSection, targetOverview } from './target-sections.ts'
import { challengerSection, treeSection } from './tree-sections.ts'
import { tableTitle, type TextName, text } from './words.ts'

type Sections = readonly (readonly [TextName, (pack: EvaluationPack, language: Language) => Markup])[]

const SECTIONS: Sections = [
  ['overview', overviewSection],
  ['value', valueSection],
  ['discrimination', discriminationSection],
  ['bands', bandSection],
  ['calibration', calibrationSection],
  ['stability', stabilitySection],
  ['segments', segmentSection],
  ['champion', challengerSection],
  ['variables', variableSection],
  ['card', cardSection],
  ['trees', treeSection],
  ['samples', sampleSection],
  ['fidelity', fidelityVerdict],
  ['others', othersSection],
  ['definitions', definitions],
]

/** Of a run whose label is a number or a count. */
const TARGET_SECTIONS: Sections = [
  ['overview', targetOverview],
  ['bands', targetBandSection],
  ['stability', stabilitySection],
  ...SECTIONS.filter(([name]) => ['variables', 'trees', 'samples', 'others', 'definitions'].includes(name)),
]

/** The whole page as one HTML text. Sections without content are left out. */
export function renderReport(pack: EvaluationPack, language: Language): string {
  const all = pack.scoreUnit === 'expected' ? TARGET_SECTIONS : SECTIONS
  const sections = all
    .map(([name, render]) => ({ name, content: render(pack, language) }))
    .filter(({ content }) => content.html.replace(/<div class="plots">\s*<\/div>/g, '').trim() !== '')
  const links = sections.map(({ name }) => html`<a href="#${name}">${text(name, language)}</a>`)
  const other = html`<a class="language" href="report.${language === 'zh' ? 'en' : 'zh'}.html">${text('otherLanguage', language)}</a>`
  const body = sections.map(
    ({ name, content }) => html`<section id="${name}"><h2>${text(name, language)}</h2>\n${content}</section>\n`,
  )
  return page(pack, text('report', language), language, html`<nav>${links}${other}</nav><main>${body}</main>`)
}

/** Head, style and the facts of the run around the content. */
export function page(pack: EvaluationPack, kind: string, language: Language, content: Markup): string {
  const { run } = pack
  const title = run.title[language]
  const facts: [TextName, string | undefined][] = [
    ['job', run.jobId],
    ['guest', run.parties.find(({ party }) => party === run.guest)?.name[language] ?? run.guest],
    ['created', run.createdAt.slice(0, 16).replace('T', ' ')],
    ['algorithm', run.algorithm],
    ['version', run.modelVersion],
    ['software', run.software],
  ]
  const shown = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<span>${text(name, language)}: <b>${value}</b></span>`],
  )
  const synthetic = run.synthetic === true ? html`<p class="synthetic">${text('synthetic', language)}</p>` : NOTHING
  const policy = `default-src 'none'; style-src 'unsafe-inline'`
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer">
<title>${title} · ${kind}</title><style>${{ html: STYLE }}</style></head><body>
<header class="top"><h1>${title}<small>${kind}</small></h1><div class="facts">${shown}</div>${synthetic}</header>
${content}
</body></html>
`.html
}

function othersSection(pack: EvaluationPack, language: Language): Markup {
  return html`${otherTables(pack).map((table) => titled(tableTitle(table.name, language), tableMarkup(pack, table, language)))}`
}

function definitions(_pack: EvaluationPack, language: Language): Markup {
  const entries = DEFINITIONS.map(([term, zh, en]) => html`<dt>${term}</dt><dd>${language === 'zh' ? zh : en}</dd>`)
  return html`<dl>${entries}</dl><p class="note">${text('thinnedNote', language)}</p>`
}
