// Tables of a pack as a reader sees them: words for codes, per cent for shares, and only the columns of interest.
import type { Cell, EvaluationPack, Table } from '../evaluation/pack.ts'
import { columnKind, columnTitle, type Language, writtenCell } from './columns.ts'
import { html, type Markup, NOTHING } from '#runtime/markup.ts'
import { cellWord, text } from './words.ts'

export interface TableView {
  /** columns to show, in this order; all when absent */
  readonly columns?: readonly string[]
  /** only rows with these values */
  readonly where?: Readonly<Record<string, Cell>>
  /** at most so many rows; a note says where the rest is */
  readonly most?: number
}

/** Rows of a table as objects, those that match. */
export function recordsOf(
  table: Table | undefined,
  where: Readonly<Record<string, Cell>> = {},
): Readonly<Record<string, Cell>>[] {
  if (table === undefined) return []
  const conditions = Object.entries(where).map(([column, value]) => [table.columns.indexOf(column), value] as const)
  return table.rows
    .filter((row) => conditions.every(([at, value]) => row[at] === value))
    .map((row) => Object.fromEntries(table.columns.map((column, i) => [column, row[i] ?? null])))
}

export function numberOf(record: Readonly<Record<string, Cell>> | undefined, column: string): number | null {
  const value = record?.[column]
  return typeof value === 'number' ? value : null
}

export function textOf(record: Readonly<Record<string, Cell>> | undefined, column: string): string {
  return String(record?.[column] ?? '')
}

/** Different values of a column, in the order of the table. */
export function valuesOf(table: Table | undefined, column: string): string[] {
  return [...new Set(recordsOf(table).map((record) => String(record[column])))]
}

/** Party codes with the names that the run gives them. */
export function partyName(pack: EvaluationPack, party: string, language: Language): string {
  return pack.run.parties.find((known) => known.party === party)?.name[language] ?? party
}

const NAMES = new WeakMap<EvaluationPack, ReadonlyMap<string, { readonly zh: string; readonly en: string }>>()

/** What a feature is, in the words of its owner; '' where nobody said. */
export function featureName(pack: EvaluationPack, party: string, feature: string, language: Language): string {
  const known =
    NAMES.get(pack) ??
    new Map(
      recordsOf(pack.tables.find(({ name }) => name === 'iv_ranking')).map((record) => {
        const zh = textOf(record, 'feature_name')
        return [
          `${textOf(record, 'party')} ${textOf(record, 'feature')}`,
          { zh, en: textOf(record, 'feature_name_en') || zh },
        ]
      }),
    )
  NAMES.set(pack, known)
  return known.get(`${party} ${feature}`)?.[language] ?? ''
}

/** Code and name of a feature. An alias such as `TAX.F01` names its party already. */
export function featureLabel(pack: EvaluationPack, party: string, feature: string, language: Language): string {
  const own = feature.toLowerCase().startsWith(`${party}.`) ? '' : `${partyName(pack, party, language)} `
  return `${own}${feature} ${featureName(pack, party, feature, language)}`.trimEnd()
}

/** `BANK+TAX` in names, the guest first. */
export function coalitionTitle(pack: EvaluationPack, coalition: string, language: Language): string {
  const members = coalition.split('+')
  if (members.length === 1 && members[0] === pack.run.guest) return text('bank', language)
  if (members.length === pack.run.parties.length) return text('all', language)
  return members.map((party) => partyName(pack, party, language)).join(' + ')
}

const WIDE = new Set(['reason_zh', 'reason_en', 'reject_reason', 'rule_name', 'feature_name', 'feature_name_zh'])
const NAME_COLUMNS = new Set(['feature_name', 'feature_name_zh'])
const MOST_ROWS = 400
/** Columns that are shown with their 95 % interval below them: the beginning of the names of its two ends. */
const INTERVALS: Readonly<Record<string, string>> = {
  auc: 'auc',
  ks: 'ks',
  delta_vs_bank_only: 'delta',
  shapley_auc: 'shapley',
  share_pct: 'share',
  shapley_ks: 'shapley_ks',
  delta_alone: 'delta_alone',
  delta_leave_one_out: 'delta_loo',
  delta_auc: 'delta_auc',
  delta_ks: 'delta_ks',
  rmse: 'rmse',
  poisson_deviance: 'poisson_deviance',
  gini: 'gini',
}
const ENDS = new Set(Object.values(INTERVALS).flatMap((name) => [`${name}_low`, `${name}_high`]))

export interface ShownColumn {
  readonly name: string
  readonly title: string
  /** numbers stand to the right */
  readonly isNumber: boolean
  /** long texts, which may be broken */
  readonly isWide: boolean
}

export type Mark = 'pass' | 'watch' | 'fail' | 'none'

/** A cell as a reader sees it. */
export interface ShownCell {
  readonly text: string
  /** what the text says of the value: it is never said by colour alone */
  readonly mark?: Mark
  /** the 95 % interval, '0.71 – 0.74' */
  readonly interval?: string
}

/** Which columns of a table are shown, and how: ends of intervals stand below their value, texts in one language. */
export function shownColumns(
  table: Table,
  records: readonly Readonly<Record<string, Cell>>[],
  language: Language,
  wanted: readonly string[] = table.columns,
): ShownColumn[] {
  const other = language === 'zh' ? 'reason_en' : 'reason_zh'
  return wanted
    .filter(
      (column) =>
        table.columns.includes(column) && column !== other && column !== 'feature_name_en' && !ENDS.has(column),
    )
    .map((name) => ({
      name,
      title: columnTitle(name, language),
      isNumber: columnKind(name) !== 'text' && records.some((of) => typeof of[name] === 'number'),
      isWide: WIDE.has(name),
    }))
}

/** @param columns of the whole table: one without names of features has them beside the codes */
export function shownCell(
  pack: EvaluationPack,
  record: Readonly<Record<string, Cell>>,
  column: string,
  columns: readonly string[],
  language: Language,
): ShownCell {
  const unnamed = !columns.some((name) => NAME_COLUMNS.has(name))
  const cell = named(pack, record, column, unnamed, language) ?? record[column] ?? null
  const interval = intervalOf(record, column, language)
  return { ...written(pack, column, cell, language), ...(interval === undefined ? {} : { interval }) }
}

export function tableMarkup(
  pack: EvaluationPack,
  table: Table | undefined,
  language: Language,
  view: TableView = {},
): Markup {
  const records = recordsOf(table, view.where)
  if (table === undefined || records.length === 0) return NOTHING
  const columns = shownColumns(table, records, language, view.columns)
  const heads = columns.map(({ title, isNumber }) => html`<th${rightClass(isNumber)}>${title}</th>`)
  const shown = records.slice(0, view.most ?? MOST_ROWS)
  const rows = shown.map((record) => {
    const cells = columns.map(({ name, isNumber, isWide }) => {
      const classes = isNumber ? ' class="right"' : isWide ? ' class="wide"' : ''
      const { text: said, mark, interval } = shownCell(pack, record, name, table.columns, language)
      const content = mark === undefined ? said : html`<span class="mark ${mark}">${said}</span>`
      const below = interval === undefined ? NOTHING : html`<small>${interval}</small>`
      return html`<td${{ html: classes }}>${content}${below}</td>`
    })
    return html`<tr>${cells}</tr>\n`
  })
  const rest = shown.length < records.length ? html`<p class="note">${text('thinnedNote', language)}</p>` : NOTHING
  return html`<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>\n${rows}</tbody></table></div>${rest}`
}

/** The cell of a feature with its name, where the table has no column for names; the name itself in the page's language. */
function named(
  pack: EvaluationPack,
  record: Readonly<Record<string, Cell>>,
  column: string,
  unnamed: boolean,
  language: Language,
): string | undefined {
  const feature = textOf(record, 'feature') || textOf(record, 'feature_code')
  if (feature === '' || (!NAME_COLUMNS.has(column) && !(unnamed && column === 'feature'))) return undefined
  const name = featureName(pack, textOf(record, 'party'), feature, language)
  if (name === '') return undefined
  return column === 'feature' ? `${feature} ${name}` : name
}

function intervalOf(record: Readonly<Record<string, Cell>>, column: string, language: Language): string | undefined {
  const name = INTERVALS[column]
  const [low, high] = [numberOf(record, `${name}_low`), numberOf(record, `${name}_high`)]
  if (name === undefined || low === null || high === null || low === high) return undefined
  const [from, to] = [low, high].map((end) => writtenCell(end, columnKind(column), language))
  return `${from} – ${to}`
}

const rightClass = (right: boolean): Markup => (right ? html` class="right"` : NOTHING)

function written(pack: EvaluationPack, column: string, cell: Cell, language: Language): ShownCell {
  if (column === 'pass') return verdictOf(cell, language)
  if (column === 'party') return { text: partyName(pack, String(cell ?? ''), language) }
  if (column === 'coalition') return { text: coalitionTitle(pack, String(cell ?? ''), language) }
  if (column === 'flag' && cell !== null && cell !== '')
    return { text: cellWord(column, String(cell), language), mark: 'watch' }
  if ((column === 'total' || column === 'csi' || column === 'psi') && typeof cell === 'number')
    return { text: cell.toFixed(4), mark: stabilityClass(cell) }
  if (typeof cell === 'string') return { text: cellWord(column, cell, language) }
  return { text: writtenCell(cell, columnKind(column), language) }
}

/** Below .10 stable, .25 to be watched, above to be acted on. */
export function stabilityClass(value: number): 'pass' | 'watch' | 'fail' {
  if (value < 0.1) return 'pass'
  return value <= 0.25 ? 'watch' : 'fail'
}

export function passMark(pass: Cell, language: Language): Markup {
  const { text: said, mark } = verdictOf(pass, language)
  return html`<span class="mark ${mark}">${said}</span>`
}

function verdictOf(pass: Cell, language: Language): Required<Omit<ShownCell, 'interval'>> {
  if (pass === null) return { text: text('notMeasured', language), mark: 'none' }
  return pass === true
    ? { text: text('passed', language), mark: 'pass' }
    : { text: text('failed', language), mark: 'fail' }
}

/** A heading and a table under it; nothing when the table is empty. */
export function titled(title: string, content: Markup): Markup {
  return content.html === '' ? NOTHING : html`<h3>${title}</h3>\n${content}`
}

/** A table that opens when asked for. */
export function folded(title: string, content: Markup): Markup {
  return content.html === '' ? NOTHING : html`<details><summary>${title}</summary>${content}</details>\n`
}
