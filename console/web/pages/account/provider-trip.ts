// The way to the OIDC provider and back, in this tab: what is kept meanwhile, and what the provider appended to the
// address. That is read once and taken out of the address bar and the history before anything is drawn or sent.
import type { ProviderAnswer } from '#console/api/oidc.ts'

const KEPT_UNDER = 'tributary.provider-trip'
const MEMBERS = ['code', 'state', 'iss', 'error', 'error_description', 'session_state'] as const

export interface Return {
  readonly flow: string
  readonly answer: ProviderAnswer
}

interface Trip {
  readonly aim: 'sign-in' | 'link'
  readonly flow: string
  /** the page to come back to */
  readonly hash: string
}

let returned: { readonly trip: Trip; readonly answer: ProviderAnswer } | undefined

export function leaveFor(url: string, trip: Trip): void {
  sessionStorage.setItem(KEPT_UNDER, JSON.stringify(trip))
  location.assign(url)
}

/** To be called first of all. */
export function readReturn(): void {
  const given = new URLSearchParams(location.search)
  const kept = sessionStorage.getItem(KEPT_UNDER)
  const state = given.get('state')
  if (state === null || kept === null) return
  sessionStorage.removeItem(KEPT_UNDER)
  const trip = JSON.parse(kept) as Trip
  const members = MEMBERS.flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : []))
  returned = { trip, answer: Object.fromEntries(members) as ProviderAnswer }
  history.replaceState(null, '', `${location.pathname}${trip.hash}`)
}

/** Once. */
export function takeReturn(aim: Trip['aim']): Return | undefined {
  if (returned?.trip.aim !== aim) return undefined
  const { trip, answer } = returned
  returned = undefined
  return { flow: trip.flow, answer }
}
