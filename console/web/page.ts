// What the shell has to know of a page, and of a card on the first page. Each area lists its own in pages/<area>/pages.ts.
import type { ComponentType } from 'react'
import type { PersonRole } from '#crypto/people/people.ts'
import type { Bilingual } from '#runtime/bilingual.ts'

type Load = () => Promise<{ readonly default: ComponentType }>
type Kind = 'agent' | 'coordinator' | 'both'

/** Parts of the menu, from top to bottom. */
export const MENU_PARTS = ['work', 'decide', 'record', 'operate', 'self'] as const

export interface Page {
  /**
   * of wouter, below '#': '/jobs/:job'; the component reads it with useParams. A page is drawn anew when its address
   * changes, but for a last part that is optional, '/results/:job/:chapter?'
   */
  readonly path: `/${string}`
  readonly title: Bilingual
  /** which program serves what the page asks for */
  readonly kind: Kind
  /** who sees it; the server decides again, at each call */
  readonly roles: 'all' | readonly PersonRole[]
  /** the part of the menu; a page without one is reached from another page */
  readonly menu?: (typeof MENU_PARTS)[number]
  /** the module's default export is the page */
  readonly load: Load
}

/** A card on the first page: what waits for this person, what was last. Small, and quick to ask for. */
export interface Card {
  readonly name: string
  readonly title: Bilingual
  readonly kind: Kind
  readonly roles: 'all' | readonly PersonRole[]
  readonly load: Load
}

/** Keeps a page to the shape above. */
export const page = (one: Page): Page => one
/** Keeps a card to the shape above. */
export const card = (one: Card): Card => one

/** Whether a page or card is for this person at this program. */
export function isFor(one: Page | Card, kind: 'agent' | 'coordinator', role: PersonRole): boolean {
  return (one.kind === 'both' || one.kind === kind) && (one.roles === 'all' || one.roles.includes(role))
}

/** Whether an address is one of this page. @param path of a page, '/jobs/:job' @param address '/jobs/job-7' */
export function leadsTo(path: string, address: string): boolean {
  const parts = path.split('/').slice(1)
  const pattern = parts.map((part) =>
    part.startsWith(':') ? (part.endsWith('?') ? '(?:/[^/]+)?' : '/[^/]+') : `/${part}`,
  )
  return new RegExp(`^${pattern.join('')}$`).test(address)
}

/** The address without what is optional in it: what a page may change without being drawn anew. */
export function placeOf(pages: readonly Page[], address: string): string {
  const path = pages.find((one) => leadsTo(one.path, address))?.path ?? address
  const needed = path.split('/').filter((part) => !part.endsWith('?')).length
  return address.split('/').slice(0, needed).join('/')
}
