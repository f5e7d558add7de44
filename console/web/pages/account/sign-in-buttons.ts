// Ways to sign in besides a passphrase; the sign-in page shows those that the server offers (about.methods). A button
// signs in by itself and hands the session to keepSession (client.ts).
import type { ComponentType } from 'react'

export interface SignInButton {
  readonly method: 'passkey' | 'oidc'
  readonly load: () => Promise<{ readonly default: ComponentType<{ readonly person: string }> }>
}

export const SIGN_IN_BUTTONS: readonly SignInButton[] = [
  { method: 'passkey', load: () => import('./passkey-button.tsx') },
  { method: 'oidc', load: () => import('./oidc-button.tsx') },
]
