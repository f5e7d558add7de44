// What each role may read. Approving is for steward and compliance (approvals/stored-approval.ts); nobody else signs.
import { PlatformError } from '#runtime/errors.ts'
import type { Person, PersonRole } from '#crypto/people/people.ts'

/**
 * What can be read of a job at its party, and leaves an access record: measures of the result, this party's part of the
 * model, the round log, the disclosure ledger, sets of rows that stood behind results, an evidence bundle, the
 * record of who read what, and this party's update of one round, for a dispute.
 */
export const READABLE = ['result', 'model', 'log', 'ledger', 'released', 'export', 'access', 'update'] as const
export type Readable = (typeof READABLE)[number]

const MAY_READ: Readonly<Record<PersonRole, readonly Readable[]>> = {
  modeler: ['result', 'model', 'log'],
  steward: ['result', 'log', 'ledger', 'released', 'update'],
  compliance: ['result', 'log', 'ledger', 'released', 'export', 'access', 'update'],
  operator: ['log'],
  auditor: READABLE.filter((what) => what !== 'update'),
}

export function mayRead({ role }: Pick<Person, 'role'>, what: Readable): boolean {
  return MAY_READ[role].includes(what)
}

/** @throws PlatformError person.wrong-role naming the roles that may */
export function requireMayRead(person: Pick<Person, 'id' | 'role'>, what: Readable): void {
  if (mayRead(person, what)) return
  const roles = Object.entries(MAY_READ).filter(([, readable]) => readable.includes(what))
  const needed = roles.map(([role]) => role)
  throw new PlatformError('person.wrong-role', { person: person.id, role: person.role, read: what, needed })
}
