// The people of a party: who they are, which one role each has, and how one of them proves it and gets a signing key.
// Accounts with a passphrase live in files (local-people.ts); passkeys or OIDC can stand behind the same interface.
import type { Bilingual } from '#protocols/core/card.ts'

/** steward and compliance approve together; modeler, operator and auditor approve nothing. */
export const ROLES = ['steward', 'compliance', 'modeler', 'operator', 'auditor'] as const
export type PersonRole = (typeof ROLES)[number]

export const ROLE_NAMES: Readonly<Record<PersonRole, Bilingual>> = {
  steward: { en: 'data steward', zh: '数据管理员' },
  compliance: { en: 'compliance officer', zh: '合规官' },
  modeler: { en: 'modeler', zh: '建模人员' },
  operator: { en: 'operator', zh: '运维人员' },
  auditor: { en: 'auditor', zh: '审计员' },
}

/** What everybody at the party may know of a person. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: PersonRole
  readonly party: string
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array
  /** RFC 3339 UTC */
  readonly addedAt: string
}

/** A person who proved who they are. The private key stays inside. */
export interface PersonSigner extends Disposable {
  readonly person: Person
  /** Ed25519 over exactly these bytes, a pre-authentication encoding of DSSE: it carries its own context */
  readonly sign: (statement: Uint8Array) => Uint8Array
}

export interface PersonDirectory {
  list(): Promise<readonly Person[]>
  /** @throws PlatformError person.unknown, person.damaged */
  find(id: string): Promise<Person>
  /** @throws PlatformError person.unknown, person.damaged, keys.wrong-passphrase */
  authenticate(id: string, passphrase: string): Promise<PersonSigner>
}
