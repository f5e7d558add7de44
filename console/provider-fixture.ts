// A real OIDC provider (oidc-provider) on the loopback, whose people sign in and agree without pages.
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'

/** Who signs in where the request does not say it in the header x-login. */
export const USUAL_LOGIN = 'lw-7'

export class TestProvider implements AsyncDisposable {
  readonly issuer: string
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    this.issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  }

  static async open(): Promise<TestProvider> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new TestProvider(server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** @param redirect address that it sends browsers back to */
  serve(redirect: string, secret: string): void {
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'console', client_secret: secret, redirect_uris: [redirect], response_types: ['code'] }],
      pkce: { required: () => true },
      acrValues: ['urn:bank:mfa'],
      claims: { openid: ['sub', 'acr', 'amr'], email: ['email'], profile: ['preferred_username'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      cookies: { keys: ['a key for tests alone'] },
      jwks: {
        keys: [
          { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' },
        ],
      },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: 'li.wei@bank.example', preferred_username: `${id}@bank` }),
      }),
    })
    const answer = provider.callback()
    this.#server.on('request', (request, reply) => {
      const isPerson = request.url?.startsWith('/interaction/') === true
      void (isPerson ? interact(provider, request, reply) : answer(request, reply))
    })
  }
}

/** The pages of a real provider, as far as answers go: who it is, by what, and that they agree. */
async function interact(provider: Provider, request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, reply)
  if (prompt.name === 'login') {
    const accountId = decodeURIComponent(String(request.headers['x-login'] ?? USUAL_LOGIN))
    const login = { accountId, acr: 'urn:bank:mfa', amr: ['pwd', 'otp'] }
    return await provider.interactionFinished(request, reply, { login })
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) })
  grant.addOIDCScope('openid profile email')
  await provider.interactionFinished(request, reply, { consent: { grantId: await grant.save() } })
}
