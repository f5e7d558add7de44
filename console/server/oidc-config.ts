// The part `oidc` of the section `console`: a provider whose accounts people of this home can link to themselves.
import Type, { type Static } from 'typebox'
import type { ConfigProblem } from '#runtime/schema-problems.ts'

export const OidcSchema = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https?://[^?#\\s]+$',
      maxLength: 2048,
      description: 'address of the provider, exactly as it names itself in /.well-known/openid-configuration',
    }),
    clientId: Type.String({ minLength: 1, maxLength: 256, description: 'under which the provider knows this console' }),
    clientSecretFile: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'file with the secret, relative to this file; none for a public client, which has PKCE alone',
      }),
    ),
    claim: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9_:./-]{0,63}$',
        description: 'claim of the ID token that names an account for ever; sub unless given',
      }),
    ),
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 40, description: 'what people call the provider; its host unless given' }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'signing in with an account of this provider, once its owner linked it; the redirect address is <origin>/',
  },
)
export type OidcConfig = Static<typeof OidcSchema>

/** What one key alone cannot show. @param at JSON pointer of the part */
export function oidcProblems(at: string, { issuer }: OidcConfig): ConfigProblem[] {
  const { protocol, hostname } = new URL(issuer)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'https:' || isHere) return []
  return [{ path: `${at}/issuer`, message: 'expected https: tokens that travel in clear can be taken' }]
}
