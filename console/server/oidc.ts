// Signing in with an account at the configured OIDC provider, and linking one. Nobody is let in by an address or a name
// that the provider tells: the account has to be one that a person of here signed to be theirs.
import { oidcCalls, type ProviderAnswer } from '#console/api/oidc.ts'
import { identityOf } from '#crypto/people/link-keys.ts'
import { PlatformError } from '#runtime/errors.ts'
import { linkFacts, linkName } from './account.ts'
import { type Served, served } from './calls.ts'
import type { Entrance } from './entrance.ts'
import type { Account, OidcProvider } from './oidc-provider.ts'
import type { Browser } from './visitor.ts'

const FLOW_SECONDS = 600
const SIGN_IN = 'oidc-sign-in'
const LINK = 'oidc-link'
const PROOF = 'oidc-account'

interface Arrival {
  readonly flow: string
  readonly answer: ProviderAnswer
}

export function oidcServed(entrance: Entrance, provider: OidcProvider): Served {
  const { tokens } = entrance

  /** @param owner session that the flow belongs to; '' before a sign-in */
  const depart = async (kind: string, owner: string, { origin }: Browser) => {
    const { url, ...departure } = await provider.depart(origin)
    return { url, flow: tokens.seal(kind, { ...departure, origin, owner }, FLOW_SECONDS) }
  }

  const arrive = async (kind: string, owner: string, { flow, answer }: Arrival, browser: Browser): Promise<Account> => {
    const facts = tokens.spend(kind, flow)
    const { state = '', nonce = '', verifier = '', origin } = facts ?? {}
    const how = 'oidc' as const
    // a 401 would tell the page that the session has ended
    const code = kind === LINK ? 'console.provider' : 'console.sign-in'
    if (facts === undefined || facts['owner'] !== owner || origin !== browser.origin)
      return entrance.refuse({ how, browser, reason: 'flow', code })
    try {
      return await provider.arrive({ state, nonce, verifier }, answer, origin)
    } catch (cause) {
      if (cause instanceof PlatformError) throw cause
      return entrance.refuse({ how, browser, reason: reasonOf(cause), code, cause })
    }
  }

  return served(oidcCalls, {
    oidcDeparture: (_, { browser }) => depart(SIGN_IN, '', browser),

    oidcSignIn: async ({ body }, { browser }) => {
      const attempt = entrance.tryFrom('oidc', browser)
      const { issuer, claim, subject, acr, amr } = await arrive(SIGN_IN, '', body, browser).catch((thrown: unknown) => {
        // a provider that is away is nobody's guess
        if (thrown instanceof PlatformError && thrown.code === 'console.provider') attempt.succeeded()
        throw thrown
      })
      const wanted = identityOf({ kind: 'oidc', issuer, claim, subject })
      const link = await entrance.links.find((way) => identityOf(way) === wanted)
      const how = 'oidc' as const
      const code = 'console.not-linked'
      if (link === undefined) return entrance.refuse({ how, browser, reason: 'not linked', code })
      const { id, person, until, counter, isBackedUp } = link
      const whose = { how, browser, person: person.id, link: id }
      if (entrance.record.wasRemoved(id)) return entrance.refuse({ ...whose, reason: 'removed before', code })
      const now = new Date(entrance.now())
      if (now.toISOString() >= until)
        return entrance.refuse({ ...whose, reason: 'expired', code: 'console.link-expired' })
      const reader = await entrance.links.use(link, { counter, isBackedUp }, now)
      if (entrance.record.wasRemoved(id)) return entrance.refuse({ ...whose, reason: 'removed before', code })
      attempt.succeeded()
      const strength = { ...(acr === undefined ? {} : { acr }), ...(amr === undefined ? {} : { amr }) }
      return browser.open({ person, how, reader, link: id, ...strength })
    },

    accountDeparture: (_, { session, browser }) => depart(LINK, session, browser),

    accountArrival: async ({ body }, { session, browser }) => {
      const { issuer, claim, subject, label } = await arrive(LINK, session, body, browser)
      const proof = tokens.seal(PROOF, { issuer, claim, subject, owner: session }, FLOW_SECONDS)
      return { account: label, issuer, subject, proof }
    },

    linkAccount: async ({ body }, { visitor, session, browser }) => {
      const name = linkName(body.name)
      using signer = await entrance.people.authenticate(visitor.person.id, body.passphrase)
      const { owner, issuer = '', claim = '', subject = '' } = tokens.spend(PROOF, body.proof) ?? {}
      if (owner !== session) throw new PlatformError('console.request', { problems: ['/proof: it has ended'] })
      const way = { kind: 'oidc' as const, issuer, claim, subject }
      const use = { counter: 0, isBackedUp: false }
      const added = await entrance.links.add(signer, name, way, use, new Date(entrance.now()))
      const { address } = browser
      entrance.record.state({
        event: 'link-added',
        person: visitor.person.id,
        how: 'oidc',
        address,
        link: added.id,
        session,
      })
      return linkFacts({ ...added, usedAt: '' })
    },
  })
}

/** A word of the library or of the provider's answer; never what either says in full. */
function reasonOf(cause: unknown): string {
  const { code, error } = cause as { code?: unknown; error?: unknown }
  const word = [error, code].find((one) => typeof one === 'string' && /^[A-Za-z_-]{1,48}$/.test(one))
  return `provider: ${(word as string | undefined) ?? 'answer'}`
}
