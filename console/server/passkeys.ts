// Passkeys: @simplewebauthn/server checks what an authenticator signed; here is what it is held against. A passkey is
// for the host name under which the console is open, its user is verified each time, and a challenge is good once.
import { isIP } from 'node:net'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { passkeyCalls } from '#console/api/passkeys.ts'
import type { OpenLink } from '#crypto/people/link-keys.ts'
import type { Way } from '#crypto/people/links.ts'
import { type ErrorCode, PlatformError } from '#runtime/errors.ts'
import { linkFacts, linkName } from './account.ts'
import { type Served, served } from './calls.ts'
import type { Entrance } from './entrance.ts'

type Passkey = Extract<Way, { readonly kind: 'passkey' }>
type PasskeyLink = OpenLink & { readonly way: Passkey }
type Given = Parameters<typeof verifyAuthenticationResponse>[0]['response']

const SIGN_IN = 'passkey-sign-in'
const REGISTRATION = 'passkey-registration'
const SIGN_IN_SECONDS = 120
const REGISTRATION_SECONDS = 300
/** Ed25519, ES256, RS256 */
const ALGORITHMS = [-8, -7, -257]

/** Browsers make passkeys for names, never for numbers. */
export function passkeysWorkAt(origin: string): boolean {
  const { hostname } = new URL(origin)
  return isIP(hostname) === 0 && !hostname.startsWith('[')
}

export function passkeyServed(entrance: Entrance): Served {
  return served(passkeyCalls, {
    passkeyChallenge: async (_, { browser }) => {
      const rpID = rpIdOf(browser.origin)
      const challenge = bytesOf(entrance.tokens.seal(SIGN_IN, { rpID }, SIGN_IN_SECONDS))
      const timeout = SIGN_IN_SECONDS * 1000
      return await generateAuthenticationOptions({ rpID, challenge, timeout, userVerification: 'required' })
    },

    passkeySignIn: async ({ body: { assertion } }, { browser }) => {
      const attempt = entrance.tryFrom('passkey', browser)
      const rpID = rpIdOf(browser.origin)
      const link = await linkOf(entrance, assertion.id, rpID)
      const whose = link === undefined ? {} : { person: link.person.id, link: link.id }
      const refuse = (reason: string, cause?: unknown, code: ErrorCode = 'console.sign-in') =>
        entrance.refuse({ how: 'passkey', browser, reason, ...whose, code, cause })
      if (link === undefined) return refuse('unknown passkey')
      if (entrance.record.wasRemoved(link.id)) return refuse('removed before')
      const checked = await check(entrance, assertion, link, { origin: browser.origin, rpID }).catch((cause: Error) =>
        refuse(cause.message.includes('counter') ? 'counter went back' : 'assertion', cause),
      )
      if (!checked.verified) return refuse('signature')
      const { newCounter, credentialDeviceType, credentialBackedUp } = checked.authenticationInfo
      if ((credentialDeviceType === 'multiDevice') !== link.way.syncs) return refuse('another kind of passkey')
      const { userHandle } = assertion.response
      const handle = Buffer.from(entrance.handleOf(link.person)).toString('base64url')
      if (userHandle !== undefined && userHandle !== '' && userHandle !== handle) return refuse('user handle')
      const now = new Date(entrance.now())
      const { id, person, until } = link
      if (now.toISOString() >= until) return refuse('expired', undefined, 'console.link-expired')
      const reader = await entrance.links.use(link, { counter: newCounter, isBackedUp: credentialBackedUp }, now)
      if (entrance.record.wasRemoved(id)) return refuse('removed before')
      attempt.succeeded()
      return browser.open({ person, how: 'passkey', reader, link: id })
    },

    newPasskey: async ({ body }, { visitor, session, browser }) => {
      const rpID = rpIdOf(browser.origin)
      const { person } = visitor
      using _ = await entrance.people.authenticate(person.id, body.passphrase)
      const own = (await entrance.links.list(person.id)).flatMap(({ way }) => (way.kind === 'passkey' ? [way] : []))
      const facts = { rpID, session, person: person.id }
      return await generateRegistrationOptions({
        rpName: `Tributary ${entrance.party}`,
        rpID,
        userName: person.id,
        userDisplayName: person.name,
        userID: entrance.handleOf(person),
        challenge: bytesOf(entrance.tokens.seal(REGISTRATION, facts, REGISTRATION_SECONDS)),
        timeout: REGISTRATION_SECONDS * 1000,
        attestationType: 'none',
        excludeCredentials: own
          .filter(({ rpId }) => rpId === rpID)
          .map(({ credential: id, transports }) => ({ id, transports: [...transports] })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      })
    },

    addPasskey: async ({ body }, { visitor, session, browser }) => {
      const name = linkName(body.name)
      const { origin } = browser
      const rpID = rpIdOf(origin)
      using signer = await entrance.people.authenticate(visitor.person.id, body.passphrase)
      const isOurs = (challenge: string) => {
        const facts = entrance.tokens.spend(REGISTRATION, challenge)
        return facts?.['session'] === session && facts['person'] === visitor.person.id && facts['rpID'] === rpID
      }
      const checked = await verifyRegistrationResponse({
        response: body.attestation,
        expectedChallenge: isOurs,
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch((cause) => {
        throw new PlatformError(
          'console.passkey',
          { problem: 'what the authenticator answered is not in order' },
          cause,
        )
      })
      if (!checked.verified) throw new PlatformError('console.passkey', { problem: 'the attestation does not hold' })
      const { credential, credentialDeviceType, credentialBackedUp } = checked.registrationInfo
      const way: Passkey = {
        kind: 'passkey',
        credential: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64'),
        rpId: rpID,
        syncs: credentialDeviceType === 'multiDevice',
        transports: [...(credential.transports ?? [])],
      }
      const use = { counter: credential.counter, isBackedUp: credentialBackedUp }
      const added = await entrance.links.add(signer, name, way, use, new Date(entrance.now()))
      const { address } = browser
      entrance.record.state({
        event: 'link-added',
        person: visitor.person.id,
        how: 'passkey',
        address,
        link: added.id,
        session,
      })
      return linkFacts({ ...added, usedAt: '' })
    },
  })
}

async function linkOf(entrance: Entrance, credential: string, rpID: string): Promise<PasskeyLink | undefined> {
  const isIt = (way: Way): way is Passkey =>
    way.kind === 'passkey' && way.credential === credential && way.rpId === rpID
  const link = await entrance.links.find(isIt)
  return link !== undefined && isIt(link.way) ? { ...link, way: link.way } : undefined
}

/** @throws Error of the library when anything about it is not in order */
async function check(
  entrance: Entrance,
  response: Given,
  { way, counter }: PasskeyLink,
  { origin, rpID }: { readonly origin: string; readonly rpID: string },
) {
  return await verifyAuthenticationResponse({
    response,
    expectedChallenge: (challenge) => entrance.tokens.spend(SIGN_IN, challenge)?.['rpID'] === rpID,
    expectedOrigin: origin,
    expectedRPID: rpID,
    credential: { id: way.credential, publicKey: new Uint8Array(Buffer.from(way.publicKey, 'base64')), counter },
    requireUserVerification: true,
  })
}

/** @throws PlatformError console.passkey */
function rpIdOf(origin: string): string {
  if (!passkeysWorkAt(origin)) throw new PlatformError('console.passkey', { origin, problem: 'passkeys are for names' })
  return new URL(origin).hostname
}

function bytesOf(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(token, 'base64url'))
}
