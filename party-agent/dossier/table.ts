// Tables of the dossier.
import { type Content, html, type Markup } from '#runtime/markup.ts'

/** @param right numbers of columns that are set flush right */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  none: string,
  right: readonly number[] = [],
): Markup {
  if (rows.length === 0) return html`<p class="none">${none}</p>`
  const align = (i: number): Markup => (right.includes(i) ? html` class="right"` : html``)
  const head = heads.map((text, i) => html`<th${align(i)}>${text}</th>`)
  const body = rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${align(i)}>${cell}</td>`)}</tr>\n`)
  return html`<table><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`
}
