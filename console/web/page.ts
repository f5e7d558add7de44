// What the shell has to know of a page, and of a card on the first page. Each area lists its own in pages/<area>/pages.ts.
import type { ComponentType } from 'react'
import type { PersonRole } from '#crypto/people/people.ts'
import type { Bilingual } from '#runtime/bilingual.ts'

type Load = () => Promise<{ readonly default: ComponentType }>
type Kind = 'agent' | 'coordinator' | 'both'

/** Parts of the menu, from top to bottom. */
export const MENU_PARTS = ['work', 'decide', 'record', 'operate', 'self'] as const

export interface Page {
  /** of wouter, below '#': '/jobs/:job'; the component reads it with useParams */
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
