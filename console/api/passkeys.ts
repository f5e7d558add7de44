// Passkeys (W3C Web Authentication level 3): adding one while signed in, and signing in with one.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'
import Type from 'typebox'
import { LinkName, OwnLink } from './account.ts'
import { calls } from './contract.ts'
import { Passphrase, Session } from './session.ts'

const closed = { additionalProperties: false } as const
const bytes = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9_-]*={0,2}$', maxLength })
const COMMON = {
  id: bytes(1400),
  rawId: bytes(1400),
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(Type.String({ maxLength: 32 })),
  clientExtensionResults: Type.Object({}, { maxProperties: 16, description: 'by extension; not looked at' }),
}

const Assertion = Type.Unsafe<AuthenticationResponseJSON>(
  Type.Object(
    {
      ...COMMON,
      response: Type.Object(
        {
          clientDataJSON: bytes(4096),
          authenticatorData: bytes(4096),
          signature: bytes(8192),
          userHandle: Type.Optional(bytes(128)),
        },
        closed,
      ),
    },
    closed,
  ),
)

const Attestation = Type.Unsafe<RegistrationResponseJSON>(
  Type.Object(
    {
      ...COMMON,
      response: Type.Object(
        {
          clientDataJSON: bytes(4096),
          attestationObject: bytes(16_384),
          authenticatorData: Type.Optional(bytes(8192)),
          transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 })),
          publicKeyAlgorithm: Type.Optional(Type.Integer()),
          publicKey: Type.Optional(bytes(8192)),
        },
        closed,
      ),
    },
    closed,
  ),
)

const described = { description: 'for navigator.credentials, binary members in base64url' }
const RequestOptions = Type.Unsafe<PublicKeyCredentialRequestOptionsJSON>(Type.Object({}, described))
const CreationOptions = Type.Unsafe<PublicKeyCredentialCreationOptionsJSON>(Type.Object({}, described))

export const passkeyCalls = calls({
  passkeyChallenge: {
    method: 'POST',
    path: '/session/passkey/challenge',
    summary: 'What a passkey signs to sign in; used once, within two minutes',
    who: 'anyone',
    reply: RequestOptions,
  },
  passkeySignIn: {
    method: 'POST',
    path: '/session/passkey',
    summary: 'Sign in with a passkey',
    who: 'anyone',
    body: Type.Object({ assertion: Assertion }, closed),
    reply: Session,
  },
  newPasskey: {
    method: 'POST',
    path: '/account/passkeys/challenge',
    summary: 'What a new passkey answers, after the passphrase; used once, within five minutes',
    who: 'signed-in',
    body: Type.Object({ passphrase: Passphrase }, closed),
    reply: CreationOptions,
  },
  addPasskey: {
    method: 'POST',
    path: '/account/passkeys',
    summary: 'Add a passkey: the person signs that it is theirs',
    who: 'signed-in',
    body: Type.Object({ name: LinkName, passphrase: Passphrase, attestation: Attestation }, closed),
    reply: OwnLink,
  },
})
