// A host of the task `select`: brings the columns that the guest asks for, and hears which of them stay.
import type { HePool } from '#crypto/he/pool.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { multiplyInformation } from './information.ts'
import { CHOICE } from './information-messages.ts'
import { planInformation } from './information-plan.ts'
import { openInformationParty } from './information-party.ts'
import { among, firstRows, type MomentsOutput, type MomentsState, only } from './moments.ts'
import { agreeAsHost, type LrInput, refuseTooManyColumns } from './training.ts'

export function openMomentsHost(pool: HePool): RoleProgram<LrInput, MomentsState, MomentsOutput> {
  return {
    async setup(task, input) {
      const guest = openRound(CHOICE, 'host', 'guest', task.channel(task.guest), 0)
      const flags = await guest.receive('candidate-columns')
      refuseUnless(flags.length === input.names.length && flags.includes(1), 'a flag for each column, one set')
      const candidates = Array.from(flags, (flag) => flag === 1)
      const own = only(input, candidates)
      const { widths } = await agreeAsHost(task, own)
      refuseTooManyColumns(own, widths)
      return { widths, candidates }
    },
    async round(task, input, { widths, candidates = [] }, round) {
      const few = firstRows(only(input, candidates))
      const plan = planInformation(few, widths)
      const at = await openInformationParty(task, pool, few, plan, round)
      await multiplyInformation(at.self === 1 ? { ...at, share: new Float64Array(plan.rows) } : at)
      const channel = openRound(CHOICE, 'host', 'guest', task.channel(task.guest), round)
      const flags = await channel.receive('chosen-columns')
      refuseUnless(flags.length === few.names.length, 'a flag for each candidate')
      return { state: { widths, candidates, chosen: [Array.from(flags, (flag) => flag === 1)] }, finished: true }
    },
    async finish(_task, _input, { candidates = [], chosen = [] }) {
      return { chosen: among(candidates, chosen[0] ?? []) }
    },
  }
}
