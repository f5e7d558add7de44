// The guest: hears what each host tells of its columns.
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { SETUP, TELLING } from './messages.ts'
import type { ProfiledColumn, ProfileGuestInput, ProfileGuestOutput } from './params.ts'
import { profileTerms } from './terms.ts'

interface GuestState {
  /** by host, in job order */
  readonly profiles: readonly (readonly ProfiledColumn[])[]
}

export const profileGuest: RoleProgram<ProfileGuestInput, GuestState, ProfileGuestOutput> = {
  async setup(task, { params }) {
    const terms = profileTerms(task, params)
    for (const party of task.hosts) {
      const host = openRound(SETUP, 'guest', 'host', task.channel(party), 0)
      await host.send('guest-terms', () => terms)
      compareTerms(terms, await host.receive('host-terms'), party)
    }
    return { profiles: [] }
  },
  async round(task, _input, _state, round) {
    const profiles = await Promise.all(
      task.hosts.map((party) => openRound(TELLING, 'guest', 'host', task.channel(party), round).receive('profiles')),
    )
    return { state: { profiles }, finished: true }
  },
  async finish(task, _input, { profiles }) {
    return { parties: Object.fromEntries(task.hosts.map((party, i) => [party, profiles[i] ?? []])) }
  },
}
