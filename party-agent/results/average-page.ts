// The page of a job over the rows of all parties, in Chinese and English, without network. It holds what this party was
// told of all rows, and, under a heading of their own, its own hold-out rows.
import { type Axis, plain } from '#credit/report/axes.ts'
import { fixed, tile } from '#credit/report/performance-sections.ts'
import { curvePlot } from '#credit/report/plots.ts'
import { STYLE } from '#credit/report/style.ts'
import type { ColumnStatistics } from '#protocols/fedavg/params.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import type { StoredAverageResult } from './average-facts.ts'

export type PageLanguage = 'zh' | 'en'

const WORDS = {
  kind: ['横向联邦训练报告', 'Report of training by averaging'],
  party: ['本方', 'party'],
  job: ['作业', 'job'],
  algorithm: ['算法', 'algorithm'],
  other: ['English', '中文'],
  federated: ['全部参与方的留出样本', 'Hold-out rows of all parties'],
  federatedNote: [
    '由各方合计得出，任何一方都无法拆分。AUC 由得分直方图计算，真值在 ± 范围内。',
    'From sums over all parties that nobody could take apart. The AUC is that of a histogram of scores: the exact one lies within ±.',
  ],
  own: ['仅本方的留出样本', 'Held-out rows of this party alone'],
  ownNote: ['未告知任何其他方。', 'Told to nobody else.'],
  rounds: ['各轮', 'Rounds'],
  statistics: ['各列统计（全部参与方的训练样本）', 'Columns over the training rows of all parties'],
  model: ['模型', 'Model'],
  digest: ['模型摘要（各方一致）', 'digest of the model, the same at all parties'],
  engine: ['本方训练引擎', 'engine that trained here'],
  weights: ['权重个数', 'weights'],
  best: ['取自轮次', 'taken from round'],
  stopped: ['提前停止', 'stopped early'],
  round: ['轮次', 'round'],
  opener: ['开启方', 'opened by'],
  loss: ['损失', 'loss'],
  ownLoss: ['本方训练损失', 'own training loss'],
  leftOut: ['缺席的参与方', 'parties left out'],
  cut: ['被截断', 'cut off'],
  rows: ['行', 'rows'],
  bad: ['坏样本', 'bad'],
  training: ['训练行数', 'training rows'],
  held: ['留出行数', 'held-out rows'],
  parties: ['个参与方', 'parties'],
  alone: ['仅用本方样本训练', 'trained on its own rows alone'],
  allModel: ['联合模型', 'model of all parties'],
  personal: ['本方最后一层微调后', 'with its own last layer'],
  column: ['列', 'column'],
  mean: ['均值', 'mean'],
  deviation: ['标准差', 'standard deviation'],
  missing: ['缺失', 'missing'],
  few: ['少于下限', 'too few to tell'],
} as const
type Word = keyof typeof WORDS

/** Quantiles that the table shows; the CSV has all. */
const SHOWN = ['0.05', '0.5', '0.95'] as const

export function averagePage(
  result: StoredAverageResult,
  columns: readonly ColumnStatistics[],
  language: PageLanguage,
): string {
  const w = (word: Word): string => WORDS[word][language === 'zh' ? 0 : 1]
  const sections: (readonly [Word, Markup])[] = [
    ['federated', federatedSection(result, w)],
    ['own', ownSection(result, w)],
    ['rounds', roundsSection(result, w)],
    ['model', modelSection(result, w)],
    ['statistics', statisticsSection(columns, w)],
  ]
  const shown = sections.filter(([, content]) => content !== NOTHING)
  const links = shown.map(([name]) => html`<a href="#${name}">${w(name)}</a>`)
  const other = html`<a class="language" href="report.${language === 'zh' ? 'en' : 'zh'}.html">${w('other')}</a>`
  const body = shown.map(([name, content]) => html`<section id="${name}"><h2>${w(name)}</h2>\n${content}</section>\n`)
  const facts = [
    [w('party'), result.party],
    [w('job'), result.job],
    [w('algorithm'), result.algorithm],
  ].map(([name = '', value = '']) => html`<span>${name}: <b>${value}</b></span>`)
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="referrer" content="no-referrer">
<title>${result.name} · ${w('kind')}</title><style>${{ html: STYLE }}</style></head><body>
<header class="top"><h1>${result.name}<small>${w('kind')}</small></h1><div class="facts">${facts}</div></header>
<nav>${links}${other}</nav><main>${body}</main>
</body></html>
`.html
}

type Words = (word: Word) => string

function federatedSection({ federated, rows, parties }: StoredAverageResult, w: Words): Markup {
  if (federated === undefined) return NOTHING
  const { auc, aucError, ks, loss, bad } = federated
  return html`<p class="note">${w('federatedNote')}</p><div class="tiles">
${tile('AUC', fixed(auc, 4), `± ${fixed(aucError, 4)}`)}${tile('KS', fixed(ks, 4), '')}${tile(w('loss'), fixed(loss, 4), '')}
${tile(w('held'), String(federated.rows), `${bad} ${w('bad')}`)}${tile(w('training'), String(rows.training), `${parties} ${w('parties')}`)}</div>`
}

function ownSection({ own, personal, alone }: StoredAverageResult, w: Words): Markup {
  if (own === undefined) return NOTHING
  const line = (name: string, one: NonNullable<typeof own>) => [
    name,
    String(one.rows),
    String(one.bad),
    fixed(one.auc, 4),
    fixed(one.ks, 4),
    fixed(one.loss, 4),
  ]
  const head = ['', w('rows'), w('bad'), 'AUC', 'KS', w('loss')]
  const lines = [
    ...(alone === undefined ? [] : [line(w('alone'), alone)]),
    line(w('allModel'), own),
    ...(personal === undefined ? [] : [line(w('personal'), personal)]),
  ]
  return html`<p class="note">${w('ownNote')}</p>${table(head, lines)}`
}

function roundsSection({ rounds }: StoredAverageResult, w: Words): Markup {
  const measured = rounds.flatMap(({ round, quality }) => (quality === undefined ? [] : [{ round, ...quality }]))
  const spent = rounds.some(({ epsilon }) => epsilon !== undefined)
  const curve = (title: string, value: (at: (typeof measured)[number]) => number): Markup => {
    const points = measured.map((at) => ({ x: at.round, y: value(at) }))
    const ys = points.map(({ y }) => y)
    const [low, high] = [Math.min(...ys), Math.max(...ys)]
    const room = Math.max(1e-4, (high - low) * 0.1)
    const x: Axis = {
      from: points[0]?.x ?? 0,
      to: Math.max((points[0]?.x ?? 0) + 1, points.at(-1)?.x ?? 1),
      title: w('round'),
      format: (at) => (Number.isInteger(at) ? String(at) : ''),
    }
    const y: Axis = { from: low - room, to: high + room, title, format: plain }
    return curvePlot({ title, x, y, curves: [{ name: w('federated'), colour: 1, points }] })
  }
  const plots =
    measured.length < 2
      ? NOTHING
      : html`<div class="plots">${curve(w('loss'), ({ loss }) => loss)}${curve('AUC', ({ auc }) => auc)}${curve('KS', ({ ks }) => ks)}</div>`
  const missed = rounds.some(({ leftOut }) => leftOut !== undefined)
  const first = [w('round'), w('opener'), w('loss'), 'AUC', 'KS', w('ownLoss'), w('cut')]
  const head = [...first, ...(spent ? ['ε'] : []), ...(missed ? [w('leftOut')] : [])]
  const lines = rounds.map(({ round, opener, quality, ownLoss, cut, epsilon, leftOut = [] }) => [
    String(round),
    opener,
    fixed(quality?.loss ?? null, 5),
    fixed(quality?.auc ?? null, 4),
    fixed(quality?.ks ?? null, 4),
    fixed(ownLoss ?? null, 5),
    cut === undefined ? '—' : `${(100 * cut).toFixed(2)} %`,
    ...(spent ? [fixed(epsilon ?? null, 3)] : []),
    ...(missed ? [leftOut.join(', ')] : []),
  ])
  return html`${plots}${table(head, lines)}`
}

function modelSection(result: StoredAverageResult, w: Words): Markup {
  const { parameters, bestRound, stoppedEarly, rounds, modelDigest, engine, privacy } = result
  const best = `${bestRound} / ${rounds.length}${stoppedEarly ? `, ${w('stopped')}` : ''}`
  const facts: (readonly [string, string])[] = [
    [w('weights'), String(parameters)],
    [w('best'), best],
    [w('digest'), modelDigest],
    [w('engine'), `${engine.name} ${engine.version}`],
    ...(privacy === undefined
      ? []
      : [['ε, δ', `≤ ${privacy.budget}, ${privacy.delta} (${privacy.unit}, ${privacy.noiseMultiplier} σ)`] as const]),
  ]
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function statisticsSection(columns: readonly ColumnStatistics[], w: Words): Markup {
  if (columns.length === 0) return NOTHING
  const head = [w('column'), w('rows'), w('missing'), w('mean'), w('deviation'), ...SHOWN.map((q) => `q${q}`)]
  const lines = columns.map(({ name, rows, cells, scale, quantiles }) => [
    name,
    String(rows),
    cells.missing === null ? w('few') : String(cells.missing),
    plain(scale.mean),
    plain(scale.deviation),
    ...SHOWN.map((q) => (quantiles[q] === undefined ? '–' : plain(quantiles[q]))),
  ])
  return table(head, lines)
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): Markup {
  const right = (i: number) => (i === 0 ? '' : 'right')
  const cells = (line: readonly string[]) => line.map((cell, i) => html`<td class="${right(i)}">${cell}</td>`)
  return html`<div class="scroll"><table><thead><tr>${head.map((name, i) => html`<th class="${right(i)}">${name}</th>`)}</tr></thead>
<tbody>${lines.map((line) => html`<tr>${cells(line)}</tr>\n`)}</tbody></table></div>`
}
