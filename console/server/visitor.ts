// Who is at the other end of a call.
import type { Session } from '#console/api/session.ts'
import type { StatementSigner } from '#crypto/log/ed25519.ts'
import type { Person } from '#crypto/people/people.ts'

export type SignInMethod = Session['how']

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
  /** id of the passkey or account that it began with */
  readonly link?: string
  /** how strongly an OIDC provider says that it checked */
  readonly acr?: string
  readonly amr?: readonly string[]
}

/** What a call knows of the browser that made it. */
export interface Browser {
  readonly address: string
  /** as it calls itself; at most 200 characters */
  readonly agent: string
  /** scheme://host:port under which the page was opened */
  readonly origin: string
  /** Signs in: a session under a new secret, its cookie on the answer. A session that was open before ends. */
  open(visitor: Visitor): Session
  /** Ends the session of this browser, if there is one. */
  close(): void
}

/** A call of somebody who signed in. */
export interface Visit {
  readonly visitor: Visitor
  /** of this session; names it to its owner and opens nothing */
  readonly session: string
  /** aborted when the caller is gone or the session ended */
  readonly signal: AbortSignal
  readonly browser: Browser
}

/** A call that needs no sign-in. */
export type OpenVisit = Partial<Visit> & Pick<Visit, 'signal' | 'browser'>
