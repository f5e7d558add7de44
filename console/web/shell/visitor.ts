// Who looks, and at which program: what every page may rely on.
import { createContext, useContext } from 'react'
import type { PersonRole } from '#crypto/people/people.ts'
import type { About, Session } from '#console/api/session.ts'

export interface Visitor {
  readonly about: About
  readonly session: Session
  readonly role: PersonRole
}

export const VisitorContext = createContext<Visitor | undefined>(undefined)

/** @throws Error outside of a page: nobody is signed in there */
export function useVisitor(): Visitor {
  const visitor = useContext(VisitorContext)
  if (visitor === undefined) throw new Error('a page is drawn for a visitor only')
  return visitor
}
