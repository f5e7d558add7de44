// The people of a party or of a coordinator: who they are, which one role each has, and how one of them proves it and gets
// a signing key.
//
// Everything that a person does goes through PersonDirectory.authenticate: approving, refusing, withdrawing, reading.
// There is one implementation, accounts in files with a passphrase of their own (local-people.ts). Another one has to
// keep what the callers rely on:
// - one person has one role, and it cannot be changed without the party's signing key (the card is signed by it);
// - the signer that authenticate gives signs with a key that nobody else at the party can use, and the card names its
//   public half, so a signature says years later who gave it;
// - `proof` is whatever the method needs: a passphrase here. Passkeys and accounts elsewhere let a person in to read, under
//   a key of their own for that (links.ts), and sign nothing else.
import type { Bilingual } from '#runtime/bilingual.ts'

/** steward and compliance approve together; modeler, operator and auditor approve nothing. */
export const ROLES = ['steward', 'compliance', 'modeler', 'operator', 'auditor'] as const
export type PersonRole = (typeof ROLES)[number]
/** At a coordinator nothing is approved and nothing modelled: people run it, or look after its logs. */
export const COORDINATOR_ROLES: readonly PersonRole[] = ['operator', 'compliance', 'auditor']

export const ROLE_NAMES: Readonly<Record<PersonRole, Bilingual>> = {
  steward: { en: 'data steward', zh: '数据管理员' },
  compliance: { en: 'compliance officer', zh: '合规官' },
  modeler: { en: 'modeler', zh: '建模人员' },
  operator: { en: 'operator', zh: '运维人员' },
  auditor: { en: 'auditor', zh: '审计员' },
}

/** A passkey or an account elsewhere stands for a person so long, then they sign it anew. */
export const LINK_DAYS = 90

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
  /**
   * @param proof that it is this person; of local accounts their passphrase
   * @throws PlatformError person.unknown, person.damaged, keys.wrong-passphrase
   */
  authenticate(id: string, proof: string): Promise<PersonSigner>
}
