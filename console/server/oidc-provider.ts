// The OIDC provider of a console's configuration, spoken to by openid-client: authorization code with PKCE, state and
// nonce, the issuer compared everywhere it is named, the ID token's signature checked against the provider's keys.
import { readFile } from 'node:fs/promises'
import * as client from 'openid-client'
import type { ProviderAnswer } from '#console/api/oidc.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { OidcConfig } from './oidc-config.ts'

const TIMEOUT_S = 10
/** then keys and addresses are asked for again */
const METADATA_MS = 3_600_000
/** a provider that is away is not asked again before */
const AWAY_MS = 3000
const SCOPE = 'openid profile email'

/** What has to be remembered until the browser is back. */
export interface Departure {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface Account {
  readonly issuer: string
  readonly claim: string
  readonly subject: string
  /** as the provider calls it, for people */
  readonly label: string
  readonly acr?: string
  readonly amr?: readonly string[]
}

export class OidcProvider {
  readonly name: string
  readonly #config: OidcConfig
  readonly #now: () => number
  #found: { readonly metadata: Promise<client.Configuration>; until: number } | undefined

  constructor(config: OidcConfig, now: () => number = Date.now) {
    this.#config = config
    this.#now = now
    this.name = config.name ?? new URL(config.issuer).host
  }

  /** @param origin of the console, to whose first page the provider sends the browser back @throws PlatformError console.provider */
  async depart(origin: string): Promise<Departure & { readonly url: string }> {
    const configuration = await this.#configuration()
    const departure = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: `${origin}/`,
      scope: SCOPE,
      state: departure.state,
      nonce: departure.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(departure.verifier),
      code_challenge_method: 'S256',
    })
    return { ...departure, url: url.href }
  }

  /**
   * @throws PlatformError console.provider when the provider cannot be reached
   * @throws Error of openid-client when the answer is none to this departure, or the ID token is not in order
   */
  async arrive({ state, nonce, verifier }: Departure, answer: ProviderAnswer, origin: string): Promise<Account> {
    const configuration = await this.#configuration()
    const current = new URL(`${origin}/`)
    for (const [name, value] of Object.entries(answer)) current.searchParams.set(name, value)
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
    const claims = (await this.#reached(client.authorizationCodeGrant(configuration, current, checks))).claims()
    const { issuer, claim = 'sub' } = this.#config
    const subject = claims?.[claim]
    if (claims?.iss !== issuer || typeof subject !== 'string' || !isSubject(subject))
      throw new Error(`the ID token has no claim ${claim} of this issuer`)
    const label = [claims['preferred_username'], claims['email'], claims['name'], subject].find(
      (text) => typeof text === 'string' && text !== '',
    ) as string
    const { acr, amr } = claims as { acr?: unknown; amr?: unknown }
    return {
      issuer,
      claim,
      subject,
      label: plain(label),
      ...(typeof acr === 'string' ? { acr: plain(acr) } : {}),
      ...(Array.isArray(amr)
        ? { amr: amr.slice(0, 16).flatMap((one) => (typeof one === 'string' ? [plain(one)] : [])) }
        : {}),
    }
  }

  async #configuration(): Promise<client.Configuration> {
    if (this.#found === undefined || this.#now() >= this.#found.until)
      this.#found = { metadata: this.#discover(), until: this.#now() + METADATA_MS }
    const found = this.#found
    try {
      return await found.metadata
    } catch (cause) {
      found.until = Math.min(found.until, this.#now() + AWAY_MS)
      throw cause instanceof PlatformError ? cause : this.#away(cause)
    }
  }

  /** A provider that cannot be reached is not an answer that is not in order. */
  async #reached<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked
    } catch (cause) {
      const isAway = cause instanceof TypeError || (cause as { code?: unknown }).code === 'OAUTH_TIMEOUT'
      throw isAway ? this.#away(cause) : cause
    }
  }

  #away(cause: unknown): PlatformError {
    return new PlatformError('console.provider', { issuer: this.#config.issuer }, cause)
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecretFile } = this.#config
    const authentication =
      clientSecretFile === undefined ? client.None() : client.ClientSecretBasic(await readSecret(clientSecretFile))
    // oidc-config.ts lets http through for this machine alone
    const isClear = new URL(issuer).protocol === 'http:'
    const execute = [client.enableNonRepudiationChecks, ...(isClear ? [client.allowInsecureRequests] : [])]
    return await client.discovery(new URL(issuer), clientId, undefined, authentication, { execute, timeout: TIMEOUT_S })
  }
}

/** Compared byte by byte: what could be written in two ways names nobody. */
function isSubject(text: string): boolean {
  return text !== '' && text.length <= 255 && text.isWellFormed() && text === text.normalize('NFC')
}

/** For people and for records, which take canonical text only. */
function plain(text: string): string {
  return text.toWellFormed().normalize('NFC').slice(0, 200).toWellFormed()
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file, key: 'console.oidc.clientSecretFile' }, cause)
  }
}
