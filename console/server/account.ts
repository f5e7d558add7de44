// What people see and change of their own ways in, and the record of all sign-ins for those who watch over them.
import { accountCalls, type OwnLink, type SignInEntry } from '#console/api/account.ts'
import { PAGE_LIMIT } from '#console/api/paging.ts'
import type { OpenLink } from '#crypto/people/link-keys.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Served, served } from './calls.ts'
import type { Entrance } from './entrance.ts'
import type { OpenSession, Sessions } from './sessions.ts'
import { Sittings } from './sittings.ts'

export function accountServed(entrance: Entrance, sessions: Sessions): Served {
  const { record, links } = entrance
  const sittings = new Sittings(entrance.now)
  const end = (session: OpenSession, address: string) => {
    sessions.end(session.id)
    entrance.closed(session, 'session-ended', address)
  }

  return served(accountCalls, {
    ownSessions: (_, { visitor, session }) => {
      const own = sessions.of(visitor.person.id).map((open) => sessionOf(open, session))
      return { items: own.toReversed() }
    },
    endSession: ({ params }, { visitor, browser }) => {
      const wanted = sessions.of(visitor.person.id).find(({ id }) => id === params.id)
      if (wanted === undefined) throw new PlatformError('console.unknown', { session: params.id })
      end(wanted, browser.address)
    },
    endOtherSessions: (_, { visitor, session, browser }) => {
      const others = sessions.of(visitor.person.id).filter(({ id }) => id !== session)
      for (const other of others) end(other, browser.address)
      return { ended: others.length }
    },

    ownLinks: async (_, { visitor }) => ({ items: (await links.list(visitor.person.id)).map(linkFacts).toReversed() }),
    renewLink: async ({ params, body }, { visitor, session, browser }) => {
      using signer = await entrance.people.authenticate(visitor.person.id, body.passphrase)
      const renewed = await links.renew(signer, params.id, new Date(entrance.now()))
      const { id: link, way } = renewed
      const stated = { person: visitor.person.id, how: way.kind, address: browser.address, session }
      record.state({ ...stated, event: 'link-renewed', link })
      record.state({ ...stated, event: 'link-removed', link: params.id, reason: 'renewed' })
      return linkFacts({ ...renewed, usedAt: '' })
    },
    removeLink: async ({ params }, { visitor, session, browser }) => {
      const { person } = visitor
      const { id: link, way } = await links.remove(person.id, params.id)
      const { address } = browser
      // a lost device is out before anything is written down, which can fail
      const opened = sessions.of(person.id).filter((open) => open.visitor.link === link)
      for (const { id } of opened) sessions.end(id)
      record.state({ event: 'link-removed', person: person.id, how: way.kind, address, link, session })
      for (const open of opened) entrance.closed(open, 'session-ended', address)
    },

    ownSignIns: ({ query: { limit = PAGE_LIMIT, after } }, { visitor }) =>
      pageOf(record.pageOf(visitor.person.id, limit + 1, numberOf(after)), limit),
    signIns: ({ query: { limit = PAGE_LIMIT, after } }, { visitor, session, browser }) => {
      const { address } = browser
      sittings.state(session, 'sign-ins', '', () =>
        record.state({ event: 'record-read', person: visitor.person.id, how: visitor.how, address, session }),
      )
      return pageOf(record.page(limit + 1, numberOf(after)), limit)
    },
  })
}

export function linkFacts({ id, name, way, from, until, usedAt }: Pick<OpenLink, Facts>): OwnLink {
  const common = { id, kind: way.kind, name, from, until, ...(usedAt === '' ? {} : { usedAt }) }
  if (way.kind === 'passkey') return { ...common, host: way.rpId, syncs: way.syncs }
  return { ...common, issuer: way.issuer, subject: way.subject }
}
type Facts = 'id' | 'name' | 'way' | 'from' | 'until' | 'usedAt'

/** As it is signed. @throws PlatformError console.request */
export function linkName(given: string): string {
  const name = given.normalize('NFC').trim()
  if (name === '' || name.length > 64 || !name.isWellFormed())
    throw new PlatformError('console.request', { problems: ['/name: 1 to 64 characters'] })
  return name
}

function sessionOf(open: OpenSession, current: string) {
  const { id, visitor, startedAt, lastSeen, endsAt, agent, address } = open
  const { how, acr, amr } = visitor
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id,
    how,
    startedAt: time(startedAt),
    lastSeenAt: time(lastSeen),
    endsAt: time(endsAt),
    agent,
    address,
    isThis: id === current,
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr: [...amr] }),
  }
}

function pageOf(found: SignInEntry[], limit: number): { items: SignInEntry[]; next?: string } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return found.length > limit && last !== undefined ? { items, next: String(last.seq) } : { items }
}

/** @throws PlatformError console.request */
function numberOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  if (!/^[1-9][0-9]{0,14}$/.test(after))
    throw new PlatformError('console.request', { problems: ['/after: no cursor of this list'] })
  return Number(after)
}
