// A host: tells what its columns look like, and nothing of any row.
import { compareTerms } from '#protocols/core/agreement.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { SETUP, TELLING } from './messages.ts'
import { LEAST_ROWS, type ProfileHostInput } from './params.ts'
import { profileTerms } from './terms.ts'

export const profileHost: RoleProgram<ProfileHostInput, null, null> = {
  async setup(task, { params }) {
    refuseUnless(params.minimumRows >= LEAST_ROWS, `at least ${LEAST_ROWS} rows behind a number`)
    const terms = profileTerms(task, params)
    const guest = openRound(SETUP, 'host', 'guest', task.channel(task.guest), 0)
    await guest.send('host-terms', () => terms)
    compareTerms(terms, await guest.receive('guest-terms'), task.guest)
    return null
  },
  async round(task, { params, columns }, _state, round) {
    const rows = Math.min(...columns.map(({ n }) => n))
    const guest = openRound(TELLING, 'host', 'guest', task.channel(task.guest), round)
    await guest.send('profiles', () => columns, { rows, minimumRows: params.minimumRows })
    return { state: null, finished: true }
  },
  async finish() {
    return null
  },
}
