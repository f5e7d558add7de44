// Codes of the console: signing in, what a browser may ask, and what it sent.
import type { ErrorEntry } from './entry.ts'

export const CONSOLE_CODES = {
  'console.sign-in': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'data partner',
    summary: 'this sign-in is not known here',
    mend: 'check person and passphrase; `tributary keys person list` lists who is here',
  },
  'console.signed-out': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'data partner',
    summary: 'nobody is signed in, or the session has ended',
    mend: 'sign in again',
  },
  'console.origin': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'operator',
    summary: 'the request does not come from a page of this console',
    mend: 'open the console under an address that its configuration names in `console.origins`',
  },
  'console.request': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'developer',
    summary: 'the request does not fit the interface',
    mend: 'mend what is named; /api/openapi.json says what each call takes',
  },
  'console.unknown': {
    grpc: 'NOT_FOUND',
    retry: 'never',
    who: 'developer',
    summary: 'there is no such call or page here',
    mend: '/api/openapi.json lists the calls; what belongs to a party is at the agent of that party',
  },
  'console.too-many': {
    grpc: 'RESOURCE_EXHAUSTED',
    retry: 'step',
    who: 'nobody',
    summary: 'too many requests',
    mend: 'wait as long as is named, then try again',
  },
  'console.passphrase': {
    grpc: 'PERMISSION_DENIED',
    retry: 'never',
    who: 'data partner',
    summary: 'this is not your passphrase; nothing was signed',
    mend: 'type the passphrase that you chose when you were entered here, not that of the party',
  },
  'console.link-expired': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'data partner',
    summary: 'this passkey or account has reached the end that its owner signed',
    mend: 'sign in with the passphrase and renew it under "Account"',
  },
  'console.not-linked': {
    grpc: 'UNAUTHENTICATED',
    retry: 'never',
    who: 'data partner',
    summary: 'this account stands for nobody here',
    mend: 'sign in with the passphrase and link the account under "Account"',
  },
  'console.passkey': {
    grpc: 'INVALID_ARGUMENT',
    retry: 'never',
    who: 'data partner',
    summary: 'this passkey cannot be used here',
    mend: 'try again, or take another device; passkeys need the console under a name such as localhost, not a number',
  },
  'console.provider': {
    grpc: 'UNAVAILABLE',
    retry: 'step',
    who: 'operator',
    summary: 'the OIDC provider does not answer as it should',
    mend: 'check `console.oidc` and the line to the provider; people can sign in with their passphrase meanwhile',
  },
} as const satisfies Record<string, ErrorEntry>
