// HTML and SVG from texts: whatever comes in stays text. Markup is only what the functions here make.

/** Markup that is safe to put into a page as it is. */
export interface Markup {
  readonly html: string
}
export type Content = string | number | Markup | readonly Content[]

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for content and for quoted attributes. Control characters and marks that turn the reading direction are shown. */
export function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? '')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
      sign === '\n' ? sign : `\\u${sign.codePointAt(0)?.toString(16).padStart(4, '0')}`,
    )
}

/** A template whose values are escaped unless they are markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { html: parts.reduce((text, part, i) => text + markupOf(values[i - 1] as Content) + part) }
}

function markupOf(content: Content): string {
  if (typeof content === 'string') return escapeText(content)
  // Coordinates: a tenth of a pixel is finer than any screen.
  if (typeof content === 'number') return escapeText(String(Math.round(content * 10) / 10))
  if (Array.isArray(content)) return (content as readonly Content[]).map(markupOf).join('')
  return (content as Markup).html
}

export const NOTHING: Markup = { html: '' }
