// Who is at the other end of a signed-in call.
import type { StatementSigner } from '#crypto/log/ed25519.ts'
import type { Person } from '#crypto/people/people.ts'

export type SignInMethod = 'passphrase' | 'passkey' | 'oidc'

/** The key that signs what a person reads: their own, or one that they delegated for reading. */
export interface ReaderKey extends Disposable {
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array
  readonly sign: StatementSigner
}

export interface Visitor {
  readonly person: Person
  readonly how: SignInMethod
  /** signs access records and nothing else: every other signature asks for the passphrase again */
  readonly reader: ReaderKey
}

/** One call of a visitor. */
export interface Visit {
  readonly visitor: Visitor
  /** aborted when the caller is gone or the session ended */
  readonly signal: AbortSignal
}
